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
import org.permesso.ui.CameraSight
import org.permesso.ui.Luminance
import org.permesso.ui.QrReader

/** Opens the camera at the back, shows what it sees, and looks at one picture after the other for a code; [onSight] is told how it goes. */
internal class CodeCamera(
    private val context: Context,
    private val onSight: (CameraSight) -> Unit,
    private val onText: (String) -> Unit,
) : AutoCloseable {
    private val main = Handler(context.mainLooper)
    private var now: Looking? = null

    /** Begins, if the permission is there; shows itself on [surface]. */
    fun open(surface: SurfaceTexture) {
        if (now != null) return
        val looking = Looking(surface)
        now = looking
        onSight(CameraSight.OPENS)
        looking.attempt { looking.begin() }
    }

    /** Whether the sensor lies across a device that stands as it is meant to, as in phones; in some tablets and boxes it lies along it. */
    fun liesAcross(): Boolean {
        val manager = context.getSystemService(CameraManager::class.java)
        val angle =
            try {
                atTheBack(manager)?.let { manager.getCameraCharacteristics(it).get(CameraCharacteristics.SENSOR_ORIENTATION) }
            } catch (failure: CameraAccessException) {
                Log.w(TAG, failure)
                null
            }
        return angle == null || angle % HALF_TURN != 0
    }

    /** There is a picture on the surface. */
    fun drawn() {
        now?.drawn()
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
        private var isSeen = false

        /** Nothing came in all that time: nobody knows why. */
        private val silence = Runnable { lose(CameraSight.FAILS) }

        /** Guards the pictures, whose memory goes with the reader. */
        private val lock = Any()

        @Volatile private var isOver = false

        init {
            reader.setOnImageAvailableListener(::look, Handler(thread.looper))
        }

        @SuppressLint("MissingPermission") // The screen asks for it first; a refusal is caught.
        fun begin() {
            val manager = context.getSystemService(CameraManager::class.java)
            val id = atTheBack(manager) ?: return lose(CameraSight.FAILS)
            // What becomes of it is told on a thread that is still there when it was closed meanwhile.
            manager.openCamera(id, this, main)
            main.postDelayed(silence, PATIENCE)
        }

        /** The first picture after it was opened: what stood there before was none of its. */
        fun drawn() {
            if (isSeen || device == null) return
            isSeen = true
            main.removeCallbacks(silence)
            onSight(CameraSight.SHOWS)
        }

        fun end() {
            main.removeCallbacks(silence)
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
            attempt { show(camera) }
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

                    override fun onConfigureFailed(session: CameraCaptureSession): Unit = lose(CameraSight.FAILS)
                }
            @Suppress("DEPRECATION") // Its successor is of Android 9.
            camera.createCaptureSession(surfaces, session, main)
        }

        override fun onDisconnected(camera: CameraDevice) {
            camera.close()
            lose(CameraSight.TAKEN)
        }

        override fun onError(
            camera: CameraDevice,
            error: Int,
        ) {
            Log.w(TAG, "the camera fails: $error")
            camera.close()
            lose(
                when (error) {
                    ERROR_CAMERA_IN_USE, ERROR_MAX_CAMERAS_IN_USE -> CameraSight.TAKEN
                    ERROR_CAMERA_DISABLED -> CameraSight.FORBIDDEN
                    else -> CameraSight.FAILS
                },
            )
        }

        /** It is gone for a reason that the user is told; it can be opened anew. */
        private fun lose(why: CameraSight) {
            if (now !== this) return
            close()
            onSight(why)
        }

        /** The camera may be refused or taken at any moment, by the user, by another app or by us. */
        fun attempt(action: () -> Unit) {
            try {
                action()
            } catch (failure: CameraAccessException) {
                fail(failure, failure.sight())
            } catch (refusal: SecurityException) {
                fail(refusal, CameraSight.FORBIDDEN)
            } catch (failure: IllegalStateException) {
                fail(failure, CameraSight.FAILS)
            } catch (failure: IllegalArgumentException) {
                // A surface or a camera that has just gone.
                fail(failure, CameraSight.FAILS)
            }
        }

        private fun fail(
            failure: Exception,
            why: CameraSight,
        ) {
            Log.w(TAG, failure)
            lose(why)
        }
    }

    companion object {
        private const val TAG = "permesso"

        /** Milliseconds: a camera that opens shows something within two seconds, on an old phone too. */
        private const val PATIENCE = 10_000L

        /** Degrees. */
        private const val HALF_TURN = 180

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

        private fun CameraAccessException.sight(): CameraSight =
            when (reason) {
                CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE -> CameraSight.TAKEN
                CameraAccessException.CAMERA_DISABLED -> CameraSight.FORBIDDEN
                else -> CameraSight.FAILS
            }
    }
}

/**
 * How the camera's picture, which a view stretches over all of itself, comes to cover it in its own proportions instead.
 *
 * @param turned How the screen is turned, as [Surface.ROTATION_90].
 * @param isAcross See [CodeCamera.liesAcross].
 */
internal fun coveringTransform(
    width: Int,
    height: Int,
    turned: Int,
    isAcross: Boolean,
): Matrix {
    val matrix = Matrix()
    if (width == 0 || height == 0) return matrix
    val view = RectF(0f, 0f, width.toFloat(), height.toFloat())
    val (x, y) = view.centerX() to view.centerY()
    // Upright, the picture of a sensor that lies across is seen as 480 × 640.
    val (long, short) = CodeCamera.WIDTH.toFloat() to CodeCamera.HEIGHT.toFloat()
    val picture = if (isAcross) RectF(0f, 0f, short, long) else RectF(0f, 0f, long, short)
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
