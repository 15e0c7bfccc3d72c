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
import org.permesso.ui.QrReader

/** Opens the camera at the back, shows what it sees, and looks at one picture after the other for a code. */
internal class CodeCamera(
    private val context: Context,
    private val onText: (String) -> Unit,
) : AutoCloseable {
    private val main = Handler(context.mainLooper)
    private var thread: HandlerThread? = null
    private var device: CameraDevice? = null
    private var reader: ImageReader? = null
    private var preview: Surface? = null

    /** Begins, if the permission is there; shows itself on [surface]. */
    @SuppressLint("MissingPermission") // The screen asks for it first; a refusal is caught.
    fun open(surface: SurfaceTexture) {
        if (thread != null) return
        val thread = HandlerThread("codes").apply { start() }
        this.thread = thread
        val background = Handler(thread.looper)
        surface.setDefaultBufferSize(WIDTH, HEIGHT)
        preview = Surface(surface)
        // One is looked at while the next comes in; those between are thrown away.
        val reader = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2)
        reader.setOnImageAvailableListener({ it.acquireLatestImage()?.use(::look) }, background)
        this.reader = reader
        val manager = context.getSystemService(CameraManager::class.java)
        try {
            val camera = atTheBack(manager) ?: return
            manager.openCamera(camera, Opened(background), background)
        } catch (failure: CameraAccessException) {
            Log.w(TAG, failure)
        } catch (refusal: SecurityException) {
            Log.w(TAG, refusal)
        }
    }

    override fun close() {
        device?.close()
        device = null
        reader?.close()
        reader = null
        preview?.release()
        preview = null
        thread?.quitSafely()
        thread = null
    }

    private fun look(image: Image) {
        val plane = image.planes[0]
        val bytes = ByteArray(plane.buffer.remaining()).also(plane.buffer::get)
        val text = QrReader.read(bytes, plane.rowStride, image.width, image.height) ?: return
        main.post { if (thread != null) onText(text) }
    }

    private fun begin(
        camera: CameraDevice,
        background: Handler,
    ) {
        val surfaces = listOfNotNull(preview, reader?.surface)
        if (surfaces.size < 2) return camera.close()
        val request =
            camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                surfaces.forEach(::addTarget)
                set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            }
        val session =
            object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) {
                    attempt { session.setRepeatingRequest(request.build(), null, background) }
                }

                override fun onConfigureFailed(session: CameraCaptureSession): Unit = camera.close()
            }
        @Suppress("DEPRECATION") // Its successor is of Android 9.
        camera.createCaptureSession(surfaces, session, background)
    }

    private inner class Opened(
        private val background: Handler,
    ) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            main.post {
                if (thread == null) return@post camera.close()
                device = camera
                attempt { begin(camera, background) }
            }
        }

        override fun onDisconnected(camera: CameraDevice): Unit = camera.close()

        override fun onError(
            camera: CameraDevice,
            error: Int,
        ) {
            Log.w(TAG, "the camera fails: $error")
            camera.close()
        }
    }

    companion object {
        private const val TAG = "permesso"

        /** Enough for a code that fills half of it, and every camera has it. */
        const val WIDTH = 640

        /** See [WIDTH]. */
        const val HEIGHT = 480

        private fun atTheBack(manager: CameraManager): String? {
            fun facing(id: String) = manager.getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING)
            val ids = manager.cameraIdList
            return ids.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_BACK } ?: ids.firstOrNull()
        }

        /** The camera may be closed at any moment, by another app or by us. */
        private fun attempt(action: () -> Unit) {
            try {
                action()
            } catch (failure: CameraAccessException) {
                Log.w(TAG, failure)
            } catch (failure: IllegalStateException) {
                Log.w(TAG, failure)
            } catch (failure: IllegalArgumentException) {
                // A surface that has just gone.
                Log.w(TAG, failure)
            }
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
