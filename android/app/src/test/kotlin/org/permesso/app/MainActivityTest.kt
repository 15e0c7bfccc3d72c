package org.permesso.app

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.os.Parcel
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.permesso.Permesso
import org.permesso.ui.Phase
import org.permesso.ui.Saved
import org.permesso.ui.Screen
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The window of the app: what other apps send it, and what is left of it when Android ends it. */
internal class MainActivityTest : WithPhone() {
    private fun view(uri: String): Intent = Intent(Intent.ACTION_VIEW, Uri.parse(uri))

    private fun window(
        intent: Intent,
        state: Bundle? = null,
    ): ActivityController<MainActivity> {
        val window = Robolectric.buildActivity(MainActivity::class.java, intent).create(state).start()
        if (state != null) window.restoreInstanceState(state)
        return window.resume().visible()
    }

    /** What Android keeps of it. */
    private fun end(window: ActivityController<MainActivity>): Bundle {
        val state = Bundle()
        window.pause().stop()
        window.saveInstanceState(state).destroy()
        return state
    }

    private fun shown(): List<Screen> =
        app
            .screens(null)
            .stack.value
            .map { it.screen }

    private val drafts: Saved get() = app.screens(null).drafts

    private fun awaitHost(): Permesso {
        world.await("the host") { app.screens(null).phase.value is Phase.Live }
        return (app.screens(null).phase.value as Phase.Live).permesso
    }

    /** The phone's host, which is there already, and somebody else's code. */
    private suspend fun codeOfLinus(): Pair<Permesso, String> {
        val ada = world.soon { app.host.open("Ada", false) }
        val linus = world.open("Linus", 3)
        val code = linus.uri()
        linus.stop()
        return ada to code
    }

    @Test
    fun `a code that another app sends is shown as a question, and nothing is done by itself, whether the app was open or not`(): Unit =
        onPhone {
            val (ada, code) = codeOfLinus()
            val window = window(view(code))
            assertEquals(listOf(Screen.People, Screen.Scan(code)), shown())
            awaitHost()
            world.pass()
            assertEquals(listOf(Screen.People, Screen.Scan(code)), shown())
            app.screens(null).show(Screen.Settings)
            window.newIntent(view("permesso:abc"))
            assertEquals(listOf(Screen.People, Screen.Scan("permesso:abc")), shown())
            world.pass()
            assertTrue(ada.friendList().isEmpty())
            end(window)
        }

    @Test
    fun `nothing that another app sends opens more than a page, or ends the app`(): Unit =
        onPhone {
            codeOfLinus()
            val window = window(Intent(Intent.ACTION_MAIN))
            awaitHost()
            val strange =
                listOf(
                    Intent(Intent.ACTION_VIEW),
                    Intent("org.permesso.app.ERASE", Uri.parse("permesso:abc")),
                    view("https://example.org"),
                    view("permesso-friend:abc"),
                    view("file:///data/data/org.permesso.app/no_backup/host/permesso.db"),
                )
            for (intent in strange) {
                window.newIntent(intent)
                assertEquals("$intent", listOf(Screen.People), shown())
            }
            val hostile =
                listOf("", "//", "../../host", "%00", "\u202egnp", "a b&c=d\n", "x".repeat(300_000)).flatMap { text ->
                    val friend = Uri.fromParts("permesso-friend", text, null)
                    listOf(view("permesso:$text"), Intent(MainActivity.SHOW, friend), Intent(MainActivity.SHOW_REQUEST, friend))
                }
            for (intent in hostile) {
                window.newIntent(intent)
                assertEquals(2, shown().size)
                world.pass()
                assertTrue("${intent.dataString?.length}", app.screens(null).save().length < 20_000)
            }
            end(window)
        }

    @Test
    fun `a code that was shown is not shown again when the app is opened from the list of those that were open`() {
        val window = window(view("permesso:abc").addFlags(Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY))
        assertEquals(listOf(Screen.People), shown())
        end(window)
    }

    @Test
    fun `a turned screen and an ended process come back where they were, and a code from outside is not taken twice`(): Unit =
        onPhone {
            val (_, code) = codeOfLinus()
            val window = window(view(code))
            awaitHost()
            app.screens(null).replace(Screen.Settings)
            drafts["grace"] = "Half a thought"
            window.recreate()
            assertEquals(listOf(Screen.People, Screen.Settings), shown())
            val state = end(window)
            app.leave()
            val next = window(view(code), state)
            awaitHost()
            assertEquals(listOf(Screen.People, Screen.Settings), shown())
            assertEquals("Half a thought", drafts["grace"])
            end(next)
        }

    private fun asked(window: ActivityController<MainActivity>): Boolean = shadowOf(window.get()).nextStartedActivityForResult != null

    @Test
    fun `an export whose chooser of a place is swiped away with the app asks again when the app is opened again`(): Unit =
        onPhone {
            val (ada, _) = codeOfLinus()
            val window = window(Intent(Intent.ACTION_MAIN))
            awaitHost()
            val export = app.screens(null).export
            export.begin(ada, "correct horse battery")
            world.await("the chooser") { asked(window) }
            window.recreate()
            world.pass()
            // Who turns the screen is still asked.
            export.begin(ada, "correct horse battery")
            world.pass()
            assertFalse(asked(window))
            window.get().finish()
            end(window)
            val next = window(Intent(Intent.ACTION_MAIN))
            world.pass()
            export.begin(ada, "correct horse battery")
            world.await("the chooser again") { asked(next) }
            end(next)
        }

    private fun size(bundle: Bundle): Int = Parcel.obtain().run { writeBundle(bundle).let { dataSize() }.also { recycle() } }

    @Test
    fun `a draft as long as a book is more than Android takes of an app, and is there again all the same`(): Unit =
        onPhone {
            codeOfLinus()
            val window = window(Intent(Intent.ACTION_MAIN))
            awaitHost()
            val book = "All work and no play. ".repeat(50_000)
            drafts["grace"] = book
            val state = end(window)
            assertTrue("${size(state)}", size(state) < 300_000)
            app.leave()
            val next = window(Intent(Intent.ACTION_MAIN), state)
            awaitHost()
            assertEquals(book, drafts["grace"])
            end(next)
            assertNull(app.platform.activity)
        }
}
