package org.permesso.desktop

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import org.permesso.ui.DesktopWords
import org.permesso.ui.isQuiet
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import java.awt.image.BufferedImage
import java.io.File
import java.io.IOException
import java.time.LocalTime
import java.util.concurrent.TimeUnit

internal class ProgramTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `arguments are read, and one that means nothing is named`() {
        assertEquals(Arguments.Open(null), Arguments.of(emptyList()))
        assertEquals(Arguments.Open(File("/a/b")), Arguments.of(listOf("--folder", "/a/b")))
        assertEquals(Arguments.Open(File("/a"), "permesso:x"), Arguments.of(listOf("permesso:x", "--folder=/a")))
        assertEquals(Arguments.Open(null, "Permesso:x"), Arguments.of(listOf("Permesso:x")))
        assertEquals(2_048, (Arguments.of(listOf("permesso:" + "x".repeat(5_000))) as Arguments.Open).uri?.length)
        assertEquals(Arguments.Help, Arguments.of(listOf("--folder", "/a", "--help")))
        assertEquals(Arguments.Wrong("--folder"), Arguments.of(listOf("--folder")))
        assertEquals(Arguments.Wrong("--fodler"), Arguments.of(listOf("--fodler", "/a")))
    }

    @Test
    fun `the usual folder is where each system keeps such things`() {
        val environment = mapOf("XDG_DATA_HOME" to "/data")
        assertEquals(File("/data/permesso-desktop"), Home.usual("Linux", "/home/ada", environment::get))
        assertEquals(File("/home/ada/.local/share/permesso-desktop"), Home.usual("Linux", "/home/ada") { "relative" })
        assertEquals(File("/Users/ada/Library/Application Support/permesso-desktop"), Home.usual("Mac OS X", "/Users/ada") { null })
        assertEquals(File("/u/AppData/Local/permesso-desktop"), Home.usual("Windows 11", "/u") { null })
    }

    @Test
    fun `a folder has one window`() {
        assertTrue(Home(folder).claim())
        assertFalse(Home(folder).claim())
    }

    @Test
    fun `preferences and screens come back, and broken ones stop nobody`() {
        val home = Home(folder)
        home.preferences["language"] = "it"
        home.saveScreens("screens")
        assertEquals("it", Home(folder).preferences["language"])
        assertEquals("screens", Home(folder).savedScreens())
        home.preferences["language"] = null
        assertNull(Home(folder).preferences["language"])
        File(folder, "preferences").writeText("a=\\uZZZZ")
        assertNull(Home(folder).preferences["language"])
    }

    @Test
    fun `a preference that must outlive the program is refused where it cannot be written, and the one before counts`() {
        val preferences = Home(folder).preferences
        runBlocking { preferences.keep("a", "1") }
        val obstacle = File(folder, "preferences.new").apply { mkdirs() }
        assertThrows<IOException> { runBlocking { preferences.keep("a", "2") } }
        assertThrows<IOException> { runBlocking { preferences.keep("b", "2") } }
        assertEquals("1" to null, preferences["a"] to preferences["b"])
        obstacle.delete()
        runBlocking { preferences.keep("b", "2") }
        assertEquals("1" to "2", Home(folder).preferences["a"] to Home(folder).preferences["b"])
    }

    @Test
    fun `the words say where a desktop keeps what opens the data, and what quiet hours are there`() {
        for (words in listOf(EnglishStrings, ItalianStrings)) {
            val here = DesktopWords(words)
            assertEquals(words.desktopPassphraseIsNot to words.desktopTroubleKey, here.passphraseIsNot to here.troubleKey)
            assertEquals(words.desktopQuietHoursHelp, here.quietHoursHelp)
            assertEquals(words.welcome, here.welcome)
        }
        val preferences = FilePreferences(File(folder, "preferences")).also { it["language"] = "it" }
        assertEquals(ItalianStrings.desktopTroubleKey, DesktopPlatform(preferences, { null }, {}).words.troubleKey)
    }

    @Test
    fun `quiet hours go over midnight, and what is none is not quiet`() {
        fun at(time: String) = LocalTime.parse(time)
        assertTrue(isQuiet("22:00-07:00", at("23:30")))
        assertTrue(isQuiet("22:00-07:00", at("06:59")))
        assertFalse(isQuiet("22:00-07:00", at("07:00")))
        assertTrue(isQuiet("13:00-14:00", at("13:00")))
        assertFalse(isQuiet("13:00-14:00", at("14:00")))
        for (none in listOf(null, "", "22-7", "nonsense")) assertFalse(isQuiet(none, at("23:00")))
    }

    @Test
    fun `a picture's brightness is read, and what is transparent is white`() {
        val picture = BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB)
        picture.setRGB(0, 0, 0xFF000000.toInt())
        picture.setRGB(1, 0, 0xFFFFFFFF.toInt())
        picture.setRGB(0, 1, 0x00000000)
        picture.setRGB(1, 1, 0xFFFF0000.toInt())
        val luminance = ChosenPictures.luminance(picture)
        assertEquals(listOf(0, 255, 255, 76), luminance.bytes.map { it.toInt() and 0xFF })
        assertEquals(listOf(2, 2, 2), listOf(luminance.stride, luminance.width, luminance.height))
    }

    @Test
    fun `the jar says how it is called and what is wrong`() {
        val (help, code) = run("--help")
        assertEquals(0, code, help)
        assertTrue("--folder" in help && "permesso:URI" in help, help)
        val (wrong, refused) = run("--fodler")
        assertEquals(2, refused, wrong)
        assertTrue("--fodler" in wrong, wrong)
        val (version, _) = run("--version")
        assertTrue(Regex("Permesso (\\d+\\.\\d+\\.\\d+) \\(\\1\\)").matches(version.trim()), version)
        val (noScreen, without) = run("--folder", folder.path)
        assertEquals(1, without, noScreen)
        assertTrue("no screen" in noScreen, noScreen)
    }

    private fun run(vararg arguments: String): Pair<String, Int> {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val call = listOf(java, "-Duser.language=en", "-Djava.awt.headless=true", "-jar", System.getProperty("permesso.jar")) + arguments
        val process = ProcessBuilder(call).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        return said to process.exitValue()
    }
}
