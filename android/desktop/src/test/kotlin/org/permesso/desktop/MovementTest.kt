package org.permesso.desktop

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

internal class MovementTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `who switched animations off in the desktop's settings wants no movement, and who did not say is shown it`() {
        ScreenOfItsOwn.open("the wish for no movement", "xsettingsd").use { screen ->
            assertEquals("false", told(screen))
            val config = File(folder, "xsettings").apply { writeText("Gtk/EnableAnimations 0\n") }
            screen.start("xsettingsd", "-c", config.path)
            val end = System.nanoTime() + 20_000_000_000
            while (told(screen) == "false" && System.nanoTime() < end) Thread.sleep(200)
            assertEquals("true", told(screen))
        }
    }

    @Test
    fun `a Mac is asked for its own setting, and one that does not answer wants nothing`() {
        val asked = mutableListOf<List<String>>()

        fun onMac(answer: String?) =
            wantsNoMovement("Mac OS X", { error("no desktop of Linux") }) {
                asked.add(it)
                answer
            }
        assertTrue(onMac("1\n"))
        for (other in listOf("0\n", "", null)) assertFalse(onMac(other))
        assertEquals(setOf(listOf("defaults", "read", "com.apple.universalaccess", "reduceMotion")), asked.toSet())
    }

    @Test
    fun `where no movement is wanted the wheel does not let a page glide`() {
        val name = "compose.scrolling.smooth.enabled"
        try {
            setWheel(isStill = false)
            assertEquals(null, System.getProperty(name))
            setWheel(isStill = true)
            assertEquals("false", System.getProperty(name))
        } finally {
            System.clearProperty(name)
        }
    }

    /** What a program on that screen takes the user's wish for. */
    private fun told(screen: ScreenOfItsOwn): String {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val path = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val process = screen.builder(listOf(java, "-XX:TieredStopAtLevel=1", "-cp", path, Wish::class.java.name)).start()
        return process.inputStream
            .bufferedReader()
            .readText()
            .trim()
    }
}

/** Prints it. */
internal object Wish {
    @JvmStatic
    fun main(arguments: Array<String>) = println(wantsNoMovement())
}
