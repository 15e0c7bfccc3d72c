package org.permesso.desktop

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.permesso.Loopback
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import org.permesso.ui.words.Strings
import java.io.File
import java.util.concurrent.TimeUnit

/** The program that is begun once more, and that begins afresh: as its user sees it, on a screen with a tray. */
internal class BegunAgainTest {
    @TempDir
    lateinit var folder: File

    private val words = EnglishStrings
    private val jar = System.getProperty("permesso.jar")

    /** Ada's program on a screen with a tray. */
    private fun withAda(
        what: String,
        speech: Strings = words,
        steps: (ScreenOfItsOwn, Person, File) -> Unit,
    ) {
        ScreenOfItsOwn.open(what, "trayer").use { screen ->
            screen.start("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "32")
            val home = Loopback().home(File(folder, "ada"), 1)
            Person(screen, "Ada", home, 0, jar).use { ada ->
                ada.beginAs("Ada", speech)
                // Where there is none yet the program ends with its window.
                ada.seeInTray()
                steps(screen, ada, home)
            }
        }
    }

    /** The program, begun by a click on its sign or on a link. */
    private fun begin(
        screen: ScreenOfItsOwn,
        home: File,
        vararg links: String,
    ): Process {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val call = listOf(java, "-XX:TieredStopAtLevel=1", "-Duser.language=en", "-jar", jar, "--folder", home.path) + links
        return screen.builder(call).redirectError(File(folder, "said")).start()
    }

    private fun codeOf(process: Process): Int {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the second program does not end")
        return process.exitValue()
    }

    @Test
    fun `a program that is begun again comes out of the tray or from behind, with the link if there is one, and the second ends well`() {
        withAda("a program that is begun again") { screen, ada, home ->
            ada.closeWindow()
            ada.seeNo(words.peopleTitle)
            assertEquals(0, codeOf(begin(screen, home)), File(folder, "said").readText())
            ada.see(words.peopleTitle)
            ada.closeWindow()
            ada.seeNo(words.peopleTitle)
            assertEquals(0, codeOf(begin(screen, home, "permesso:${"ea".repeat(32)}?alias=Grace")), File(folder, "said").readText())
            ada.see(words.scanSeenTitle)
            ada.see(words.scanSeenNamed("Grace"))
            ada.click(words.cancel, "push button")
            ada.minimise()
            assertEquals(0, codeOf(begin(screen, home)), File(folder, "said").readText())
            ada.awaitShown()
        }
    }

    @Test
    fun `where the first program hangs the second one says that the folder is in use, and ends`() {
        withAda("a program that hangs") { screen, ada, home ->
            ada.hang(true)
            val second = begin(screen, home, "permesso:${"ea".repeat(32)}")
            try {
                awaitWindow(screen, second)
                screen.xdotool("key", "Return")
                assertEquals(1, codeOf(second))
                assertTrue(words.desktopFolderInUse(home.path) in File(folder, "said").readText())
            } finally {
                second.destroyForcibly()
                ada.hang(false)
            }
            ada.see(words.peopleTitle)
        }
    }

    private fun awaitWindow(
        screen: ScreenOfItsOwn,
        of: Process,
    ) {
        repeat(300) {
            val shown = screen.xdotool("search", "--all", "--onlyvisible", "--pid", "${of.pid()}", "--name", NAME)
            if (shown.isNotEmpty()) {
                screen.xdotool("windowactivate", "--sync", shown.lines().last())
                return
            }
            Thread.sleep(200)
        }
        throw AssertionError("the second program shows nothing")
    }

    @Test
    fun `after everything was erased the program speaks the language of the system again, and what opens the data is told as it is`() {
        val italian = ItalianStrings
        File(folder, "ada").mkdirs()
        File(folder, "ada/preferences").writeText("language=it\n")
        withAda("a program that begins afresh", italian) { _, ada, home ->
            ada.click(italian.moreTitle, "push button")
            ada.click(italian.accountTitle, "push button")
            ada.see(italian.desktopPassphraseIsNot)
            ada.tabTo(italian.eraseYes)
            ada.press("Return")
            ada.see(italian.eraseTitle)
            ada.click(italian.eraseYes, "push button")
            ada.see(words.welcome)
            assertFalse(File(home, "preferences").exists())
        }
    }
}
