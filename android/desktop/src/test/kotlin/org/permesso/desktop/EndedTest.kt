package org.permesso.desktop

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.permesso.FileKeyStore
import org.permesso.Loopback
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.ui.words.EnglishStrings
import java.io.File
import kotlin.time.Duration.Companion.seconds

/** The program that the system ends, as others and its user see it. */
internal class EndedTest {
    @TempDir
    lateinit var folder: File

    private val words = EnglishStrings
    private val loopback = Loopback()

    private fun ada(
        screen: ScreenOfItsOwn,
        home: File,
        steps: (Person) -> Unit,
    ): Unit = Person(screen, "Ada", home, 0, System.getProperty("permesso.jar")).use(steps)

    @Test
    fun `at the end of a session the program says good-bye at once, and what was just being written is there the next time`() {
        ScreenOfItsOwn.open("a program that the system ends").use { screen ->
            val home = loopback.home(File(folder, "ada"), 1)
            withGrace { grace ->
                ada(screen, home) { ada ->
                    ada.beginAs("Ada")
                    befriend(ada, grace)
                    ada.click(words.writeHere, "text")
                    ada.type("Half a thought")
                    ada.see("Half a thought", "text")
                    ada.endBySystem()
                    runBlocking { withTimeout(AT_ONCE) { grace.nearby.first { it.isEmpty() } } }
                }
            }
            ada(screen, home) { ada ->
                ada.see("Half a thought", "text")
                ada.quit()
            }
        }
    }

    private fun befriend(
        ada: Person,
        grace: Permesso,
    ) {
        runBlocking {
            val here = withTimeout(PATIENCE) { grace.nearby.first { it.isNotEmpty() } }
            grace.askFriendship(here.single().id, "Ciao!")
        }
        ada.click("Grace", "push button")
        ada.click(words.accept, "push button")
        ada.click(words.write, "push button")
    }

    private fun withGrace(steps: (Permesso) -> Unit) {
        val keys = FileKeyStore(File(folder, "keys"))
        val grace = runBlocking { Permesso.open(PermessoConfig(File(folder, "grace"), "Grace", keys, parameters = loopback.quick(2))) }
        try {
            runBlocking { grace.start() }
            steps(grace)
        } finally {
            runBlocking { grace.stop() }
        }
    }

    private companion object {
        val PATIENCE = 60.seconds

        /** Far less than after which a host that says nothing counts as gone. */
        val AT_ONCE = 3.seconds
    }
}
