package org.permesso.app

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.graphics.Matrix
import android.graphics.RectF
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Log
import android.view.Surface
import org.permesso.ui.Luminance
import org.permesso.ui.QrReader

/** Opens the camera at the back, shows what it sees, and looks at one picture after the other for a code. */
internal class CodeCamera(
    private val context: Context,
    private val onText: (String) -> Unit,
) : AutoCloseable {
    private val main = Handler(context.mainLooper)
    private var now: Looking? = null

    /** Begins, if the permission is there; shows itself on [surface]. */
    fun open(surface: SurfaceTexture) {
        if (now != null) return
        val looking = Looking(surface)
        now = looking
        if (!attempt { looking.begin() }) close()
    }

    override fun close() {
        now?.end()
        now = null
    }

    /** From one opening to the next closing; on the screens' thread, but for the pictures. */
    private inner class Looking(
        surface: SurfaceTexture,
    ) : CameraDevice.StateCallback() {
        private val thread = HandlerThread("codes").apply { start() }

        // One is looked at while the next comes in; those between are thrown away.
        private val reader = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2)
        private val preview = Surface(surface.apply { setDefaultBufferSize(WIDTH, HEIGHT) })
        private var device: CameraDevice? = null

        /** Guards the pictures, whose memory goes with the reader. */
        private val lock = Any()

        @Volatile private var isOver = false

        init {
            reader.setOnImageAvailableListener(::look, Handler(thread.looper))
        }

        @SuppressLint("MissingPermission") // The screen asks for it first; a refusal is caught.
        fun begin() {
            val manager = context.getSystemService(CameraManager::class.java)
            // What becomes of it is told on a thread that is still there when it was closed meanwhile.
            atTheBack(manager)?.let { manager.openCamera(it, this, main) }
        }

        fun end() {
            device?.close()
            synchronized(lock) {
                isOver = true
                reader.close()
            }
            preview.release()
            thread.quitSafely()
        }

        private fun look(reader: ImageReader) {
            val seen = synchronized(lock) { if (isOver) null else reader.acquireLatestImage()?.use(::brightness) }
            val text = seen?.let { QrReader.read(it.bytes, it.stride, it.width, it.height) } ?: return
            main.post { if (!isOver) onText(text) }
        }

        override fun onOpened(camera: CameraDevice) {
            if (isOver) return camera.close()
            device = camera
            if (!attempt { show(camera) }) lose(camera)
        }

        private fun show(camera: CameraDevice) {
            val surfaces = listOf(preview, reader.surface)
            val request =
                camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                    surfaces.forEach(::addTarget)
                    set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
                }
            val session =
                object : CameraCaptureSession.StateCallback() {
                    override fun onConfigured(session: CameraCaptureSession) {
                        attempt { session.setRepeatingRequest(request.build(), null, main) }
                    }

                    override fun onConfigureFailed(session: CameraCaptureSession): Unit = lose(camera)
                }
            @Suppress("DEPRECATION") // Its successor is of Android 9.
            camera.createCaptureSession(surfaces, session, main)
        }

        override fun onDisconnected(camera: CameraDevice): Unit = lose(camera)

        override fun onError(
            camera: CameraDevice,
            error: Int,
        ) {
            Log.w(TAG, "the camera fails: $error")
            lose(camera)
        }

        /** Another app took it, or it broke; it can be opened anew. */
        private fun lose(camera: CameraDevice) {
            camera.close()
            if (now === this) close()
        }
    }

    companion object {
        private const val TAG = "permesso"

        /** Enough for a code that fills half of it, and every camera has it. */
        const val WIDTH = 640

        /** See [WIDTH]. */
        const val HEIGHT = 480

        /** The brightness of a camera's picture; its rows may be longer than it is wide. */
        fun brightness(image: Image): Luminance {
            val plane = image.planes[0]
            val bytes = ByteArray(plane.buffer.remaining()).also(plane.buffer::get)
            return Luminance(bytes, plane.rowStride, image.width, image.height)
        }

        private fun atTheBack(manager: CameraManager): String? {
            fun facing(id: String) = manager.getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING)
            val ids = manager.cameraIdList
            return ids.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_BACK } ?: ids.firstOrNull()
        }

        /** The camera may be refused or taken at any moment, by the user, by another app or by us. Whether it went well. */
        private fun attempt(action: () -> Unit): Boolean {
            try {
                action()
                return true
            } catch (failure: CameraAccessException) {
                Log.w(TAG, failure)
            } catch (refusal: SecurityException) {
                Log.w(TAG, refusal)
            } catch (failure: IllegalStateException) {
                Log.w(TAG, failure)
            } catch (failure: IllegalArgumentException) {
                // A surface or a camera that has just gone.
                Log.w(TAG, failure)
            }
            return false
        }
    }
}

/**
 * How the camera's picture, which a view stretches over all of itself, comes to cover it in its own proportions instead.
 *
 * @param turned How the screen is turned, as [Surface.ROTATION_90].
 */
internal fun coveringTransform(
    width: Int,
    height: Int,
    turned: Int,
): Matrix {
    val matrix = Matrix()
    if (width == 0 || height == 0) return matrix
    val view = RectF(0f, 0f, width.toFloat(), height.toFloat())
    val (x, y) = view.centerX() to view.centerY()
    // A camera's sensor lies across the phone: upright, its picture is seen as 480 × 640.
    val picture = RectF(0f, 0f, CodeCamera.HEIGHT.toFloat(), CodeCamera.WIDTH.toFloat())
    when (turned) {
        Surface.ROTATION_90, Surface.ROTATION_270 -> {
            picture.offset(x - picture.centerX(), y - picture.centerY())
            matrix.setRectToRect(view, picture, Matrix.ScaleToFit.FILL)
            val scale = maxOf(height / picture.width(), width / picture.height())
            matrix.postScale(scale, scale, x, y)
            matrix.postRotate(90f * (turned - 2), x, y)
        }

        else -> {
            val scale = maxOf(width / picture.width(), height / picture.height())
            matrix.setScale(scale * picture.width() / width, scale * picture.height() / height, x, y)
            if (turned == Surface.ROTATION_180) matrix.postRotate(180f, x, y)
        }
    }
    return matrix
}
