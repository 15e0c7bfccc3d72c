package org.permesso.desktop

import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.DisabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.time.Duration.Companion.seconds

/** Telling by a program of the desktop, as it is where there is no tray. */
@DisabledOnOs(OS.WINDOWS, disabledReason = "what stands in for notify-send is a shell script; Windows has a tray, and no notify-send")
internal class TellingTest {
    @TempDir
    lateinit var folder: File

    private val calls get() = File(folder, "calls")

    /** A program of that name which notes how it is called, and then does [then]. */
    private fun program(then: String): NotifySend {
        File(folder, "notify-send").apply {
            writeText("#!/bin/sh\necho \"$*\" >> ${calls.path}\n$then\n")
            setExecutable(true)
        }
        return checkNotNull(NotifySend.ifThere("/nowhere${File.pathSeparator}${folder.path}"))
    }

    private fun <T> soon(action: suspend () -> T): T = runBlocking { withTimeout(20.seconds) { action() } }

    @Test
    fun `a notification that is touched says so, and nothing in it is taken for an option or for a mark`() {
        assertNull(NotifySend.ifThere("/nowhere"))
        assertTrue(soon { program("echo default").tell("-Grace", "<b> & more", "Open") })
        assertEquals("--action=default=Open --app-name=Permesso -- -Grace &lt;b> &amp; more\n", calls.readText())
    }

    @Test
    fun `one that is not touched says so, and of an older program that knows no touch it is told as well`() {
        assertFalse(soon { program("exit 0").tell("Grace", "new", "Open") })
        assertEquals(1, calls.readLines().size)
        calls.delete()
        assertFalse(soon { program("case $1 in --action*) exit 1;; esac").tell("Grace", "new", "Open") })
        soon { while (calls.readLines().size < 2) delay(20) }
        assertEquals("--app-name=Permesso -- Grace new", calls.readLines().last())
    }

    @Test
    fun `one waits for a touch, and no longer than until the next is told`() =
        runBlocking {
            val program = program("exec sleep 60")
            withTimeout(20.seconds) {
                val first = async { program.tell("Grace", "new", "Open") }
                while (!calls.exists()) delay(20)
                val second = async { program.tell("Linus", "new", "Open") }
                assertFalse(first.await())
                while (calls.readLines().size < 2) delay(20)
                program.close()
                assertFalse(second.await())
                // Neither was told a second time.
                delay(200)
                assertEquals(2, calls.readLines().size)
            }
        }
}
