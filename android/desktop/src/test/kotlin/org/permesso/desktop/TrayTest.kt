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

/** The program while nobody looks at it, by a real mouse and real keys: in a desktop's tray, and where there is none. */
internal class TrayTest {
    @TempDir
    lateinit var folder: File

    private val words = EnglishStrings
    private val loopback = Loopback()

    @Test
    fun `without its window the program stays in the tray, tells who asks, opens again by a click and ends by its menu`() {
        ScreenOfItsOwn.open("the program in a tray", "trayer").use { screen ->
            val pictures = Pictures(screen, "tray-")
            Person(screen, "Ada", loopback.home(File(folder, "ada"), 1), 0, System.getProperty("permesso.jar")).use { ada ->
                ada.beginAs("Ada")
                // A program that starts by itself may be there before the desktop's panel.
                screen.start("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "32")
                ada.seeInTray()
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

    @Test
    fun `without a tray the desktop's own notifications tell who asks, and a touch on one opens the window where it is answered`() {
        ScreenOfItsOwn.open("notifications of a desktop", "dbus-daemon", "dunst", "notify-send").use { screen ->
            val bus = screen.builder(listOf("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")).start()
            try {
                val environment = mapOf("DBUS_SESSION_BUS_ADDRESS" to bus.inputStream.bufferedReader().readLine())
                val settings = File(folder, "dunstrc").apply { writeText("[global]\nmouse_left_click = do_action, close_current\n") }
                screen.start("dunst", "-config", settings.path, environment = environment)
                val home = loopback.home(File(folder, "ada"), 1)
                Person(screen, "Ada", home, 0, System.getProperty("permesso.jar"), environment).use { ada ->
                    ada.beginAs("Ada")
                    ada.minimise()
                    askedByGrace {
                        val shown = shownBy("dunst", screen)
                        Pictures(screen, "notification-").take("asked")
                        screen.xdotool("mousemove", "--sync", "--window", shown, "20", "20", "click", "$LEFT")
                        ada.see(words.asksExplained)
                        ada.see(words.accept, "push button")
                    }
                }
            } finally {
                bus.destroy()
            }
        }
    }

    /** The window of a program, once it is there. */
    private fun shownBy(
        program: String,
        screen: ScreenOfItsOwn,
    ): String {
        repeat(300) {
            screen.xdotool("search", "--onlyvisible", "--class", program).let { if (it.isNotEmpty()) return it }
            Thread.sleep(200)
        }
        throw AssertionError("$program shows nothing")
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
