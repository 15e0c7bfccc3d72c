package org.permesso.app

import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.Looper
import android.view.TextureView
import android.view.View
import android.view.ViewGroup
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.foundation.layout.size
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.permesso.ui.CameraSight
import org.permesso.ui.QrCode
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.ShadowCameraManager
import org.robolectric.shadows.ShadowImageReader
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.nio.ByteBuffer
import java.time.Duration

/** The phone's camera: when it runs, and what is read from its pictures. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = App::class, shadows = [ShadowCameras::class, ShadowPicture::class])
internal class CodeCameraTest {
    private val app = RuntimeEnvironment.getApplication() as App
    private val manager = app.getSystemService(CameraManager::class.java)
    private val cameras = Shadow.extract<ShadowCameras>(manager)
    private val read = mutableListOf<String>()
    private val told = mutableListOf<CameraSight>()
    private val camera = CodeCamera(app, told::add, read::add)

    private fun install(
        id: String,
        facing: Int,
    ) {
        val described = ShadowCameraCharacteristics.newCameraCharacteristics()
        shadowOf(described).set(CameraCharacteristics.LENS_FACING, facing)
        cameras.addCamera(id, described)
    }

    @Test
    fun `of the camera at the back it is known how its sensor lies`() {
        assertTrue("there is none", camera.liesAcross())
        for ((angle, isAcross) in listOf(90 to true, 270 to true, 0 to false, 180 to false)) {
            val described = ShadowCameraCharacteristics.newCameraCharacteristics()
            shadowOf(described).set(CameraCharacteristics.LENS_FACING, CameraCharacteristics.LENS_FACING_BACK)
            shadowOf(described).set(CameraCharacteristics.SENSOR_ORIENTATION, angle)
            cameras.addCamera("back", described)
            assertEquals("$angle", isAcross, camera.liesAcross())
            cameras.removeCamera("back")
        }
    }

    private fun installBoth() {
        install("front", CameraCharacteristics.LENS_FACING_FRONT)
        install("back", CameraCharacteristics.LENS_FACING_BACK)
    }

    @After
    fun close() {
        camera.close()
        assertTrue(threads().isEmpty())
    }

    /** Those that look at pictures and are not on their way out. */
    private fun threads(): List<Thread> {
        val end = System.nanoTime() + 5_000_000_000

        fun alive() = Thread.getAllStackTraces().keys.filter { it.name == "codes" && it.isAlive }
        while (alive().size > cameras.open.size && System.nanoTime() < end) Thread.sleep(10)
        return alive()
    }

    private fun idle(): Unit = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(100))

    private fun texture() = SurfaceTexture(1)

    /** What holds the pictures of the camera that runs. */
    private fun reader(of: CodeCamera = camera): ImageReader = ReflectionHelpers.getField(ReflectionHelpers.getField(of, "now"), "reader")

    /** The camera sees something. */
    private fun see(
        code: String?,
        by: ImageReader = reader(),
    ) {
        ShadowPicture.shown = code
        val surface = by.surface
        surface.unlockCanvasAndPost(surface.lockCanvas(null))
    }

    private fun await(
        what: String,
        isSo: () -> Boolean,
    ) {
        val end = System.nanoTime() + 20_000_000_000
        while (!isSo()) {
            assertTrue("$what does not come", System.nanoTime() < end)
            idle()
            Thread.sleep(10)
        }
    }

    @Test
    fun `the camera at the back runs from opening to closing, and the codes it sees are read although its rows are longer than wide`() {
        installBoth()
        camera.open(texture())
        camera.open(texture())
        idle()
        assertEquals(listOf("back"), cameras.open.map { it.id })
        see(null)
        see("permesso:grace")
        await("the code") { read.isNotEmpty() }
        assertEquals(listOf("permesso:grace"), read)
        camera.close()
        camera.close()
        assertTrue(cameras.open.isEmpty())
    }

    @Test
    fun `a phone with a camera at the front alone uses that, and one without any shows nothing`() {
        camera.open(texture())
        idle()
        assertTrue(cameras.open.isEmpty())
        camera.close()
        install("front", CameraCharacteristics.LENS_FACING_FRONT)
        camera.open(texture())
        idle()
        assertEquals(listOf("front"), cameras.open.map { it.id })
    }

    @Test
    fun `a code that was seen while the page closed is told nobody any more`() {
        installBoth()
        camera.open(texture())
        idle()
        val reader = reader()
        see("permesso:grace", reader)
        camera.close()
        see("permesso:grace", reader)
        repeat(20) {
            idle()
            Thread.sleep(10)
        }
        assertTrue(read.isEmpty())
    }

    @Test
    fun `a page that closes before the camera is open leaves it closed, also if it opens again at once`() {
        installBoth()
        camera.open(texture())
        camera.close()
        idle()
        assertTrue(cameras.open.isEmpty())
        camera.open(texture())
        camera.close()
        camera.open(texture())
        idle()
        assertEquals(1, cameras.open.size)
        see("permesso:grace")
        await("the code") { read.isNotEmpty() }
    }

    @Test
    fun `where the system refuses the camera nothing runs on, and it opens once it is allowed`() {
        installBoth()
        for (refusal in listOf(SecurityException("not allowed"), IllegalArgumentException("gone"), IllegalStateException("busy"))) {
            cameras.refusal = refusal
            camera.open(texture())
            idle()
            assertTrue(cameras.open.isEmpty())
            assertTrue(threads().isEmpty())
        }
        cameras.refusal = null
        camera.open(texture())
        idle()
        assertEquals(1, cameras.open.size)
    }

    @Test
    fun `a camera that another app took, or that fails, is let go, and opened anew when the page is looked at again`() {
        installBoth()
        camera.open(texture())
        idle()
        cameras.triggerDisconnect()
        idle()
        assertTrue(cameras.open.isEmpty())
        camera.open(texture())
        idle()
        assertEquals(1, cameras.open.size)
        cameras.fail()
        idle()
        assertTrue(cameras.open.isEmpty())
        camera.open(texture())
        idle()
        assertEquals(1, cameras.open.size)
    }

    /** What is told of the camera from now on. */
    private fun toldOf(action: () -> Unit): List<CameraSight> {
        told.clear()
        action()
        idle()
        return told.toList()
    }

    @Test
    fun `it says that it opens until its own first picture is there, and that it shows something from then on`() {
        installBoth()
        assertEquals(listOf(CameraSight.OPENS), toldOf { camera.open(texture()) })
        camera.close()
        camera.open(texture())
        // What the view still had of the time before.
        assertEquals(emptyList<CameraSight>(), toldOf { camera.drawn() } - CameraSight.OPENS)
        camera.drawn()
        assertEquals(listOf(CameraSight.SHOWS), told)
        assertEquals(emptyList<CameraSight>(), toldOf { repeat(3) { camera.drawn() } })
        // Long since.
        assertEquals(emptyList<CameraSight>(), toldOf { shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(60)) })
        assertEquals(1, cameras.open.size)
    }

    @Test
    fun `why there is no picture is told, by what the user can do`() {
        assertEquals(listOf(CameraSight.OPENS, CameraSight.FAILS), toldOf { camera.open(texture()) })
        installBoth()
        val refusals =
            mapOf(
                SecurityException("not allowed") to CameraSight.FORBIDDEN,
                CameraAccessException(CameraAccessException.CAMERA_DISABLED) to CameraSight.FORBIDDEN,
                CameraAccessException(CameraAccessException.CAMERA_IN_USE) to CameraSight.TAKEN,
                CameraAccessException(CameraAccessException.MAX_CAMERAS_IN_USE) to CameraSight.TAKEN,
                CameraAccessException(CameraAccessException.CAMERA_ERROR) to CameraSight.FAILS,
                IllegalStateException("busy") to CameraSight.FAILS,
            )
        for ((refusal, why) in refusals) {
            cameras.refusal = refusal
            assertEquals("$refusal", listOf(CameraSight.OPENS, why), toldOf { camera.open(texture()) })
        }
        cameras.refusal = null
        val ends =
            mapOf(
                CameraDevice.StateCallback.ERROR_CAMERA_IN_USE to CameraSight.TAKEN,
                CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE to CameraSight.TAKEN,
                CameraDevice.StateCallback.ERROR_CAMERA_DISABLED to CameraSight.FORBIDDEN,
                CameraDevice.StateCallback.ERROR_CAMERA_DEVICE to CameraSight.FAILS,
                CameraDevice.StateCallback.ERROR_CAMERA_SERVICE to CameraSight.FAILS,
            )
        for ((error, why) in ends) {
            assertEquals(listOf(CameraSight.OPENS), toldOf { camera.open(texture()) })
            assertEquals("$error", listOf(why), toldOf { cameras.fail(error) })
        }
        toldOf { camera.open(texture()) }
        assertEquals(listOf(CameraSight.TAKEN), toldOf { cameras.triggerDisconnect() })
        // One that was closed by the page is not missed.
        toldOf { camera.open(texture()) }
        assertEquals(emptyList<CameraSight>(), toldOf { camera.close() })
    }

    @Test
    fun `a camera that opens and shows nothing for long counts as failing, and is let go`() {
        installBoth()
        assertEquals(listOf(CameraSight.OPENS), toldOf { camera.open(texture()) })
        assertEquals(listOf(CameraSight.FAILS), toldOf { shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(11)) })
        assertTrue(cameras.open.isEmpty())
    }

    @Test
    fun `the page's view runs it while it is looked at, and not behind another app`() {
        installBoth()
        val window = Robolectric.buildActivity(ComponentActivity::class.java).create()
        val phone = PhoneCamera(app)
        window.get().setContent { phone.Finder(read::add, told::add, Modifier.size(300.dp)) }
        window.start().resume().visible()
        idle()
        val view = checkNotNull(finder(window.get().window.decorView))
        val listener = checkNotNull(view.surfaceTextureListener)
        assertTrue(cameras.open.isEmpty())
        listener.onSurfaceTextureAvailable(texture(), 300, 300)
        idle()
        assertEquals(1, cameras.open.size)
        listener.onSurfaceTextureUpdated(texture())
        assertEquals(listOf(CameraSight.OPENS, CameraSight.SHOWS), told)
        view.dispatchWindowVisibilityChanged(View.GONE)
        idle()
        assertTrue(cameras.open.isEmpty())
        view.dispatchWindowVisibilityChanged(View.VISIBLE)
        idle()
        assertEquals(1, cameras.open.size)
        listener.onSurfaceTextureDestroyed(texture())
        view.dispatchWindowVisibilityChanged(View.VISIBLE)
        idle()
        assertTrue(cameras.open.isEmpty())
        listener.onSurfaceTextureAvailable(texture(), 300, 300)
        idle()
        assertEquals(1, cameras.open.size)
        window.get().setContentView(View(app))
        idle()
        assertTrue(cameras.open.isEmpty())
        window.pause().stop().destroy()
    }

    private fun finder(view: View): TextureView? =
        when (view) {
            is TextureView -> view
            is ViewGroup -> (0 until view.childCount).firstNotNullOfOrNull { finder(view.getChildAt(it)) }
            else -> null
        }
}

/** The phone's cameras: which of them are open, and why none can be. */
@Implements(CameraManager::class)
internal class ShadowCameras : ShadowCameraManager() {
    var refusal: Exception? = null
    private var callback: CameraDevice.StateCallback? = null

    val open: List<CameraDevice>
        get() = createdCameras.filterNot { ReflectionHelpers.getField(Shadow.extract(it), "closed") }

    @Implementation
    protected fun openCamera(
        id: String,
        told: CameraDevice.StateCallback,
        handler: Handler?,
    ) {
        refusal?.let { throw it }
        callback = told
        Shadow.directlyOn<Unit, CameraManager>(
            ReflectionHelpers.getField(this, "realObject"),
            CameraManager::class.java,
            "openCamera",
            ClassParameter.from(String::class.java, id),
            ClassParameter.from(CameraDevice.StateCallback::class.java, told),
            ClassParameter.from(Handler::class.java, handler),
        )
    }

    /** The one that is open breaks. */
    fun fail(error: Int = CameraDevice.StateCallback.ERROR_CAMERA_DEVICE) {
        callback?.onError(open.single(), error)
    }
}

/** A picture as a camera gives it: its rows are longer than it is wide, but for the last. */
@Implements(className = "android.media.ImageReader\$SurfaceImage")
internal class ShadowPicture : ShadowImageReader.ShadowSurfaceImage() {
    @Implementation
    protected fun getPlanes(): Array<Image.Plane> = arrayOf(Brightness(shown))

    private class Brightness(
        code: String?,
    ) : Image.Plane() {
        private val pixels =
            ByteBuffer.allocateDirect(STRIDE * (CodeCamera.HEIGHT - 1) + CodeCamera.WIDTH).apply {
                val drawn = code?.let(QrCode::of)
                for (place in 0 until capacity()) {
                    val isDark = drawn != null && drawn.isDark(place % STRIDE / SQUARE - 8, place / STRIDE / SQUARE - 8)
                    put(place, if (isDark) 20 else 220.toByte())
                }
            }

        override fun getRowStride(): Int = STRIDE

        override fun getPixelStride(): Int = 1

        override fun getBuffer(): ByteBuffer = pixels
    }

    companion object {
        private const val STRIDE = 704
        private const val SQUARE = 6

        /** What the camera sees. */
        @Volatile var shown: String? = null
    }
}
