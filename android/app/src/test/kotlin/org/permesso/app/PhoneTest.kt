package org.permesso.app

import android.app.Application
import android.content.ComponentName
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Color
import android.provider.ContactsContract.CommonDataKinds.Note
import android.provider.ContactsContract.Data
import android.provider.ContactsContract.RawContacts
import android.view.Surface
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.permesso.ui.OwnPackage
import org.permesso.ui.Processor
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], manifest = Config.NONE, application = Application::class)
internal class PhoneTest {
    private val context: Application = RuntimeEnvironment.getApplication()

    @Test
    fun `a contact is made on the phone alone, with the code in its note`() {
        val operations = PhoneAddressBook.operations(BookCard("Grace", "permesso:abc"))
        assertEquals(listOf(RawContacts.CONTENT_URI, Data.CONTENT_URI, Data.CONTENT_URI), operations.map { it.uri })
        val account = operations[0].resolveValueBackReferences(emptyArray(), 0)
        assertNull(account?.getAsString(RawContacts.ACCOUNT_TYPE))
        val results = arrayOf(android.content.ContentProviderResult(android.net.Uri.parse("content://contacts/raw/7")))
        val note = operations[2].resolveValueBackReferences(results, 1)
        assertEquals(listOf("permesso:abc", "7"), listOf(note?.getAsString(Note.NOTE), note?.getAsString(Data.RAW_CONTACT_ID)))
    }

    @Test
    fun `what begins with the device is switched on and off`() {
        val part = ComponentName(context, BootReceiver::class.java)

        fun state() = context.packageManager.getComponentEnabledSetting(part)
        BootReceiver.set(context, true)
        assertEquals(PackageManager.COMPONENT_ENABLED_STATE_ENABLED, state())
        BootReceiver.set(context, false)
        assertEquals(PackageManager.COMPONENT_ENABLED_STATE_DISABLED, state())
    }

    @Test
    fun `an app that came in parts is not handed on`() {
        context.applicationInfo.sourceDir = "/data/app/base.apk"
        assertNotNull(InstalledPackage.of(context) { true })
        context.applicationInfo.splitSourceDirs = arrayOf("/data/app/split_config.it.apk")
        assertNull(InstalledPackage.of(context) { true })
    }

    /** An installed app with that in it. */
    private fun installed(vararg names: String): OwnPackage {
        val file = File.createTempFile("base", ".apk").apply { deleteOnExit() }
        ZipOutputStream(file.outputStream()).use { zip -> names.forEach { zip.putNextEntry(ZipEntry(it)) } }
        context.applicationInfo.sourceDir = file.path
        return checkNotNull(InstalledPackage.of(context) { true })
    }

    @Test
    fun `an app that is handed on says which processors alone it was made for`() {
        val (arm, old, computer) = listOf("arm64-v8a", "armeabi-v7a", "x86_64").map { "lib/$it/libpermesso.so" }
        assertEquals(setOf(Processor.ARM_64), installed("classes.dex", arm, "lib/arm64-v8a/libjnidispatch.so").processors)
        assertEquals(listOf(Processor.ARM_32, Processor.X86_64), installed(computer, old).processors.toList())
        assertEquals(emptySet<Processor>(), installed(computer, old, arm).processors)
        assertEquals(emptySet<Processor>(), installed("assets/$arm").processors)
    }

    @Test
    fun `a large photograph is shrunk before it is looked at, and what is transparent is white`() {
        assertEquals(listOf(1, 1, 4), listOf(100 to 100, 2_048 to 10, 6_000 to 4_000).map { (w, h) -> PhonePictures.shrinking(w, h) })
        val bitmap = Bitmap.createBitmap(2, 1, Bitmap.Config.ARGB_8888)
        bitmap.setPixel(0, 0, Color.BLACK)
        bitmap.setPixel(1, 0, Color.TRANSPARENT)
        assertEquals(listOf(0, 255), PhonePictures.brightness(bitmap).bytes.map { it.toInt() and 0xFF })
    }

    @Test
    fun `the camera's picture covers its view in its own proportions, however the phone is held`() {
        val turns = listOf(Surface.ROTATION_0, Surface.ROTATION_90, Surface.ROTATION_180, Surface.ROTATION_270)
        for ((turned, isAcross) in turns.flatMap { listOf(it to true, it to false) }) {
            val (width, height) = if (turned % 2 == 0) 300f to 500f else 500f to 300f
            val matrix = coveringTransform(width.toInt(), height.toInt(), turned, isAcross)
            // Where the corners of the view's whole texture come to lie.
            val corners = floatArrayOf(0f, 0f, width, 0f, 0f, height).also(matrix::mapPoints)
            val across = kotlin.math.hypot(corners[2] - corners[0], corners[3] - corners[1])
            val down = kotlin.math.hypot(corners[4] - corners[0], corners[5] - corners[1])
            // Upright the texture shows 480 × 640, or 640 × 480 of a sensor that lies along the device; turned, the other way round.
            val (shownAcross, shownDown) = if (isAcross) 480f to 640f else 640f to 480f
            assertEquals("$turned", shownAcross / shownDown, across / down, 0.01f)
            assertTrue("$turned: $across × $down", maxOf(across, down) >= maxOf(width, height) - 0.5f)
        }
    }
}
