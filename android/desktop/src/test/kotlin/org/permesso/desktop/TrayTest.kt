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

/** The program where its desktop has a tray, by a real mouse and real keys. */
internal class TrayTest {
    @TempDir
    lateinit var folder: File

    private val words = EnglishStrings
    private val loopback = Loopback()

    @Test
    fun `without its window the program stays in the tray, tells who asks, opens again by a click and ends by its menu`() {
        ScreenOfItsOwn.open("the program in a tray", "trayer").use { screen ->
            screen.start("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "32")
            val pictures = Pictures(screen, "tray-")
            Person(screen, "Ada", loopback.home(File(folder, "ada"), 1), 0, System.getProperty("permesso.jar")).use { ada ->
                ada.beginAs("Ada")
                ada.closeWindow()
                ada.seeNo(words.peopleTitle)
                askedByGrace {
                    ada.see(words.desktopAsksYou)
                    pictures.take("asked")
                    ada.clickTray(LEFT)
                    // Not in the list, but on the page of who asks.
                    ada.see(words.asksExplained)
                    ada.see(words.accept, "push button")
                }
                ada.clickTray(RIGHT)
                pictures.take("menu")
                // The last of its lines.
                ada.press("Up")
                ada.press("Return")
                ada.awaitEnd()
            }
        }
    }

    /** Somebody else, whose program needs no window. */
    private fun askedByGrace(then: () -> Unit) {
        val keys = FileKeyStore(File(folder, "grace-keys").apply { mkdirs() })
        val config = PermessoConfig(File(folder, "grace"), "Grace", keys, parameters = loopback.quick(2))
        runBlocking {
            Permesso.open(config).use { grace ->
                withTimeout(60.seconds) {
                    grace.start()
                    grace.askFriendship(
                        grace.nearby
                            .first { it.isNotEmpty() }
                            .single()
                            .id,
                    )
                }
                then()
                grace.stop()
            }
        }
    }

    private companion object {
        /** Buttons as X11 counts them. */
        const val LEFT = 1
        const val RIGHT = 3
    }
}
