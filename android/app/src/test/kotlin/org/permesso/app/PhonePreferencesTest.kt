package org.permesso.app

import android.app.Application
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File
import java.io.IOException

/** Small choices, in Android's own place for them. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], manifest = Config.NONE, application = Application::class)
internal class PhonePreferencesTest {
    private val context = RuntimeEnvironment.getApplication()
    private val preferences = PhonePreferences(context)
    private val folder = File(context.applicationInfo.dataDir, "shared_prefs")

    private fun keep(
        name: String,
        value: String,
    ) = runCatching { runBlocking { preferences.keep(name, value) } }.exceptionOrNull()

    @Test
    fun `a choice that must outlive the process is refused where it cannot be written, and the one before counts`() {
        assertNull(keep("a", "1"))
        folder.deleteRecursively()
        folder.writeText("a file, where the folder should be")
        for (name in listOf("a", "b")) assertTrue(keep(name, "2") is IOException)
        assertEquals("1" to null, preferences["a"] to preferences["b"])
        folder.delete()
        assertNull(keep("b", "3"))
        assertTrue(">3<" in File(folder, "choices.xml").readText())
    }
}
