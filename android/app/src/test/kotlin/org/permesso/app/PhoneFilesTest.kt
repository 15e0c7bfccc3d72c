package org.permesso.app

import android.content.ClipDescription
import android.content.Intent
import android.net.Uri
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Deferred
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.permesso.ffi.PermessoException
import org.permesso.ui.QrCode
import org.permesso.ui.QrReader
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowBitmapFactory
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import javax.imageio.ImageIO

/** Files and pictures that lie with another app. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], application = App::class)
internal class PhoneFilesTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val app = RuntimeEnvironment.getApplication() as App
    private val files = app.platform.files
    private val asking by lazy { Asking(app.platform) }
    private val place = Elsewhere.place("permesso.account")
    private lateinit var elsewhere: Elsewhere

    @Before
    fun install() {
        elsewhere = Robolectric.setupContentProvider(Elsewhere::class.java, Elsewhere.AUTHORITY)
        elsewhere.folder = folder.root
    }

    private val kept: File get() = elsewhere.file(place)

    private fun save(
        to: Uri? = place,
        write: suspend (File) -> Unit = { it.writeText("an account") },
    ): Result<Boolean> {
        val saving = asking.begin { files.save("permesso.account", "application/octet-stream", write) }
        val asked = asking.choose(to)
        assertEquals(Intent.ACTION_CREATE_DOCUMENT to "permesso.account", asked.action to asked.getStringExtra(Intent.EXTRA_TITLE))
        return asking.end(saving)
    }

    private fun open(
        from: Uri? = place,
        type: String = "text/vcard",
    ): Result<String?> {
        val opening: Deferred<String?> = asking.begin { files.open(type) { it.readText() } }
        val asked = asking.choose(from)
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, asked.action)
        val wanted = asked.getStringArrayExtra(Intent.EXTRA_MIME_TYPES).orEmpty()
        // What is of another type Android greys out.
        assertTrue("${elsewhere.type}", wanted.any { ClipDescription.compareMimeTypes(elsewhere.type, it) })
        return asking.end(opening)
    }

    private fun assertNothingInPassing() {
        assertEquals(emptyList<File>(), passing(app).listFiles().orEmpty().toList())
    }

    @Test
    fun `a file is saved where the user says and read from there, over what stood there, and nothing of it stays in passing`() {
        kept.writeText("an account of an earlier day, and a longer one")
        assertEquals(true, save().getOrThrow())
        assertEquals("an account", kept.readText())
        assertEquals("an account", open().getOrThrow())
        assertNothingInPassing()
    }

    @Test
    fun `what a process that ended in between left in passing is gone with the next`() {
        val rescued = File(passing(app).apply { mkdirs() }, "rescued").apply { writeText("Tea at five?") }
        app.onCreate()
        assertFalse(rescued.exists())
    }

    @Test
    fun `cards can be chosen by every name that their type goes by, and an account whatever its type`() {
        kept.writeText("chosen")
        for (type in listOf("text/vcard", "text/x-vcard", "text/directory")) {
            elsewhere.type = type
            assertEquals("chosen", open().getOrThrow())
        }
        for (type in listOf("application/octet-stream", "application/zip", "text/plain", "application/x-permesso")) {
            elsewhere.type = type
            assertEquals("chosen", open(type = "application/octet-stream").getOrThrow())
        }
    }

    @Test
    fun `who gives up the choosing gets nothing, and nothing is written`() {
        assertEquals(false, save(to = null) { error("nobody said where") }.getOrThrow())
        assertNull(open(from = null).getOrThrow())
    }

    @Test
    fun `a file that cannot be read is called that, whatever the other app says, and not a lack of room`() {
        kept.writeText("an account")
        val faults = listOf(FileNotFoundException("the card is out"), SecurityException("not for you"), IllegalStateException("a mistake"))
        for (fault in faults) {
            elsewhere.trouble = fault
            val trouble = open().exceptionOrNull()
            assertTrue("$trouble", trouble is PermessoException.Damaged)
        }
        elsewhere.trouble = null
        // Over the network, which ends in the middle.
        shadowOf(app.contentResolver).registerInputStreamSupplier(place) {
            object : InputStream() {
                var left = 100_000

                override fun read(): Int = if (left-- > 0) 1 else throw IOException("the network is gone")
            }
        }
        val trouble = open().exceptionOrNull()
        assertTrue("$trouble", trouble is PermessoException.Damaged)
        assertNothingInPassing()
    }

    @Test
    fun `what cannot be written is told as a lack of room, and a beginning of it does not stay for a backup`() {
        for (fault in listOf(FileNotFoundException("read-only"), SecurityException("not for you"))) {
            elsewhere.trouble = fault
            val trouble = save().exceptionOrNull()
            assertTrue("$trouble", trouble is IOException)
        }
        elsewhere.trouble = null
        kept.writeText("the beginning of an account")
        shadowOf(app.contentResolver).registerOutputStreamSupplier(place) {
            object : OutputStream() {
                override fun write(byte: Int): Unit = throw IOException("the card is full")
            }
        }
        assertTrue(save().exceptionOrNull() is IOException)
        assertFalse(kept.exists())
        assertNothingInPassing()
    }

    @Test
    fun `a backup that stands there stays if the new one comes to nothing before it began, and an empty file goes`() {
        kept.writeText("an account of an earlier day")
        assertTrue(save { throw PermessoException.Cancelled("the user ended it") }.exceptionOrNull() is PermessoException.Cancelled)
        assertEquals("an account of an earlier day", kept.readText())
        // As the system's chooser makes a new one.
        kept.writeText("")
        save { throw PermessoException.Cancelled("the user ended it") }
        assertFalse(kept.exists())
        assertNothingInPassing()
    }

    @Test
    fun `a question that another takes the place of ends, and the answer goes to the other`() {
        val first = asking.begin { files.open("text/vcard") { it.readText() } }
        val second = asking.begin { files.open("text/vcard") { it.readText() } }
        assertTrue(asking.end(first).isFailure)
        kept.writeText("an account")
        asking.choose(place)
        assertEquals("an account", asking.end(second).getOrThrow())
    }

    @Test
    fun `a phone whose maker left the chooser out says so`() {
        asking
        shadowOf(app).checkActivities(true)
        val actions = listOf<suspend () -> Any?>({ files.open("text/vcard") { it.readText() } }, { files.save("a", "text/plain") {} })
        for (action in actions) {
            val trouble = asking.end(asking.begin { action() }).exceptionOrNull()
            assertTrue("$trouble", trouble is PermessoException.System)
        }
    }

    @Test
    fun `without an activity there is nobody to ask`() {
        val platform = PhonePlatform(app)
        val waiting = CompletableDeferred<Unit>()
        assertEquals(false, asking.end(asking.begin { platform.files.save("a", "text/plain") { waiting.await() } }).getOrThrow())
    }

    private fun choosePicture() = asking.begin { app.platform.pictures.choose() }.also { asking.choose(place) }.let(asking::end)

    @Test
    fun `a code in a picture of the user's is read, and what is no picture is said to be none`() {
        kept.writeBytes(drawn("permesso:grace"))
        val seen = checkNotNull(choosePicture().getOrThrow())
        assertEquals("permesso:grace", QrReader.read(seen.bytes, seen.stride, seen.width, seen.height))
        ShadowBitmapFactory.setAllowInvalidImageData(false)
        kept.writeText("no picture")
        val trouble = choosePicture().exceptionOrNull()
        assertTrue("$trouble", trouble is PermessoException.Damaged)
    }

    private fun drawn(text: String): ByteArray {
        val code = QrCode.of(text)
        val picture = BufferedImage((code.side + 8) * 6, (code.side + 8) * 6, BufferedImage.TYPE_INT_ARGB)
        for (y in 0 until picture.height) {
            for (x in 0 until picture.width) {
                val isDark = code.isDark(x / 6 - 4, y / 6 - 4)
                picture.setRGB(x, y, if (isDark) 0xFF000000.toInt() else 0xFFFFFFFF.toInt())
            }
        }
        return ByteArrayOutputStream().also { ImageIO.write(picture, "png", it) }.toByteArray()
    }
}
