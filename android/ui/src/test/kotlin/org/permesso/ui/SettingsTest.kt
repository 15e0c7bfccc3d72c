package org.permesso.ui

import androidx.compose.foundation.layout.padding
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.luminance
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsNodeInteraction
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.assertIsOff
import androidx.compose.ui.test.assertIsOn
import androidx.compose.ui.test.assertIsSelected
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.getUnclippedBoundsInRoot
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.isSelectable
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextReplacement
import androidx.compose.ui.test.pressKey
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.unit.dp
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Settings
import org.permesso.SettingsChange
import org.permesso.Visibility
import org.permesso.ffi.Event
import org.permesso.ffi.Notice

/** Each setting is changed as a user changes it, arrives where it counts, and is seen again. */
@OptIn(ExperimentalTestApi::class)
internal class SettingsTest {
    /**
     * One setting.
     *
     * @property now What counts.
     */
    private class Tried(
        val label: String,
        val change: SkikoComposeUiTest.() -> Unit,
        val now: (World) -> Any?,
        val wanted: Any?,
        val seen: SkikoComposeUiTest.() -> Unit,
    )

    private fun SkikoComposeUiTest.line(label: String): SemanticsNodeInteraction =
        onNode(hasText(label, substring = true) and hasClickAction())

    private fun SkikoComposeUiTest.click(label: String) {
        line(label).performScrollTo().performClick()
        waitForIdle()
    }

    private fun ofHost(what: (Settings) -> Any?): (World) -> Any? = { world -> what(runBlocking { world.ada.settings() }) }

    private fun kept(name: String): (World) -> Any? = { it.platform.kept[name] }

    private fun switch(
        label: String,
        on: Boolean,
        wanted: Any?,
        now: (World) -> Any?,
    ) = Tried(label, { click(label) }, now, wanted) { if (on) line(label).assertIsOn() else line(label).assertIsOff() }

    private fun choice(
        label: String,
        wanted: Any?,
        now: (World) -> Any?,
    ) = Tried(label, { click(label) }, now, wanted) { line(label).assertIsSelected() }

    private fun typed(
        label: String,
        text: String,
        shown: String,
        wanted: Any?,
        now: (World) -> Any?,
    ) = Tried(
        label,
        {
            click(label)
            onNode(hasSetTextAction()).performTextReplacement(text)
            onNodeWithText("Save").performClick()
        },
        now,
        wanted,
    ) { line("$label, $shown").assertExists() }

    private val all =
        listOf(
            typed("Name", "Augusta", "Augusta", "Augusta", ofHost { it.alias }),
            choice("Friends only", Visibility.FRIENDS, ofHost { it.visibility }),
            choice("Nobody", Visibility.NOBODY, ofHost { it.visibility }),
            choice("Everybody", Visibility.EVERYBODY, ofHost { it.visibility }),
            switch("Read receipts", true, true, ofHost { it.readReceipts }),
            switch("Carry for others", false, false, ofHost { it.carry }),
            typed("Storage for others at most", "250", "250 MB", 250_000_000uL, ofHost { it.carryBytes }),
            switch("Persistent server", true, "true", kept(PreferenceName.SERVER)),
            typed("Messages kept per conversation", "500", "500 messages", 500u, ofHost { it.historyLimit }),
            typed("Messages waiting at most", "70", "70 messages to all friends together", 70u, ofHost { it.outboxLimit }),
            typed("A message waits at most", "3", "3 days", 3uL * 86_400_000uL, ofHost { it.outboxExpiryMs }),
            typed("Port", "20099", "UDP 20099", 20_099u.toUShort(), ofHost { it.port }),
            choice("Dark", "dark", kept(PreferenceName.THEME)),
            choice("Light", "light", kept(PreferenceName.THEME)),
            switch("Open links", true, "true", kept(PreferenceName.LINKS)),
            typed("Quiet hours", "22:00-07:00", "22:00-07:00", "22:00-07:00", kept(PreferenceName.QUIET_HOURS)),
            switch("Show messages on the lock screen", true, "true", kept(PreferenceName.CONTENT_WHEN_LOCKED)),
            switch("Start with the device", true, "true", kept(PreferenceName.START_WITH_DEVICE)),
        )

    /** A phone, which goes on in the background, and how often it was told that something changed. */
    private fun phone(): Pair<World, Told> {
        val told = Told()
        return World().apply { platform.background = told } to told
    }

    private class Told : Background {
        var times = 0
        override val startsWithDevice = true

        override fun preferencesChanged() {
            times++
        }
    }

    @Test
    fun `each setting is changed by a click or by typing, arrives, and is seen again`() {
        for (tried in all) {
            val (world, told) = phone()
            withApp(world) {
                world.app.show(Screen.Settings)
                waitForIdle()
                val before = tried.now(world)
                tried.change(this)
                waitForIdle()
                assertEquals(tried.wanted, tried.now(world), tried.label)
                if (before is String? && tried.wanted is String && tried.label != "Name") assertEquals(1, told.times, tried.label)
                world.app.show(Screen.Settings)
                waitForIdle()
                tried.seen(this)
                // Not what the page remembers, but what it reads.
                world.app.show(Screen.People)
                waitForIdle()
                world.app.show(Screen.Settings)
                waitForIdle()
                tried.seen(this)
            }
        }
    }

    @Test
    fun `each setting is off again, and none is left out here`() {
        val (world, _) = phone()
        withApp(world) {
            world.app.show(Screen.Settings)
            waitForIdle()
            for (label in listOf("Read receipts", "Open links", "Show messages on the lock screen", "Start with the device")) {
                click(label)
                line(label).assertIsOn()
                click(label)
                line(label).assertIsOff()
            }
            assertEquals(emptyMap<String, String>(), world.platform.kept)
            assertEquals(false, runBlocking { world.ada.settings() }.readReceipts)
            val labels = all.map { it.label } + listOf("As the system", "English", "Italiano", "Back", "Notification settings", "Account")
            val others =
                onAllNodes(hasClickAction()).fetchSemanticsNodes().map { node ->
                    (
                        node.config
                            .getOrNull(SemanticsProperties.Text)
                            .orEmpty()
                            .map { it.text } +
                            node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty()
                    ).joinToString(", ")
                }
            assertEquals(emptyList<String>(), others.filter { text -> labels.none { text.startsWith(it) } })
        }
    }

    @Test
    fun `what a field rounds stays as exact as it was, unless it is changed`() {
        val mebibyte = 1uL shl 20
        // The last of them is more than a field lets anybody write.
        for ((bytes, shown) in mapOf(64uL * mebibyte to "67", mebibyte to "1", (1uL shl 40) to "1099512")) {
            withApp { world ->
                runBlocking { world.ada.changeSettings(SettingsChange(carryBytes = bytes, outboxExpiryMs = 36uL * 3_600_000uL)) }
                val (before, changed) = runBlocking { world.ada.settings() to world.ada.changedSettings() }
                world.app.show(Screen.Settings)
                waitForIdle()
                for ((label, text) in mapOf("Storage for others at most" to shown, "A message waits at most" to "2", "Port" to "20071")) {
                    click(label)
                    onNode(hasSetTextAction()).assertTextContains(text)
                    onNodeWithText("Save").performClick()
                    waitForIdle()
                    onNode(isDialog()).assertDoesNotExist()
                }
                assertEquals(before, runBlocking { world.ada.settings() })
                assertEquals(changed, runBlocking { world.ada.changedSettings() })
            }
        }
    }

    @Test
    fun `the least that can be stored for others is what a host takes`(): Unit =
        withApp { world ->
            world.app.show(Screen.Settings)
            waitForIdle()
            click("Storage for others at most")
            onNode(hasSetTextAction()).performTextReplacement("1")
            onNodeWithText("Save").performClick()
            waitForIdle()
            line("Storage for others at most, 1 MB").assertExists()
            assertEquals(1uL shl 20, runBlocking { world.ada.settings() }.carryBytes)
        }

    @Test
    fun `who becomes a server loses nothing that is half written, no notice and no screen`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            onNode(hasSetTextAction()).performTextReplacement("Half written")
            world.ada.tell(Event.Notice(Notice.FriendAsksAgain(grace.id)))
            world.app.show(Screen.Settings)
            waitForIdle()
            val before = world.ada
            world.app.holderOf<SettingsHolder>().on(SettingsEvent.Serve(true))
            waitForIdle()
            assertEquals(listOf(false, true), world.opener.roles)
            assertTrue(world.ada !== before)
            val notices = world.app.notices
            assertEquals(listOf("Grace"), notices.list.value.map { it.name })
            line("Persistent server").assertIsOn()
            world.app.back()
            waitForIdle()
            onNode(hasSetTextAction()).assertTextContains("Half written")
            onNodeWithContentDescription("Send").performClick()
            val sent = runBlocking { world.ada.messages(grace.id) }
            assertEquals(listOf("Half written"), sent.map { it.text })
        }

    @Test
    fun `what becomes of mail for which there is no room is said as it is, for a server and for who carries`(): Unit =
        withApp { world ->
            world.app.show(Screen.Settings)
            waitForIdle()
            for (says in listOf("messages of strangers are dropped first", "this server takes no more")) {
                click("Storage for others at most")
                onNodeWithText(says, substring = true).assertExists()
                assertEquals(1, onAllNodes(hasText("In megabytes", substring = true)).fetchSemanticsNodes().size)
                onNodeWithText("Cancel").performClick()
                waitForIdle()
                world.app.set(PreferenceName.SERVER, "true")
                world.app.showAlone(Screen.More)
                waitForIdle()
                world.app.show(Screen.Settings)
                waitForIdle()
            }
        }

    @Test
    fun `the language is another at once and after the end of the process, and the system's again`() {
        val world = World()
        runSkikoComposeUiTest(PHONE) {
            setContent { PermessoApp(world.app, dark = false) }
            world.app.show(Screen.Settings)
            waitForIdle()
            click("Italiano")
            assertEquals("it", world.platform.kept[PreferenceName.LANGUAGE])
            line("Italiano").assertIsSelected()
            onNodeWithText("Impostazioni").assertExists()
        }
        world.dieAndComeBack()
        runSkikoComposeUiTest(PHONE) {
            setContent { PermessoApp(world.app, dark = false) }
            waitForIdle()
            onNodeWithText("Impostazioni").assertExists()
            click("English")
            onNodeWithText("Settings").assertExists()
            assertEquals("en", world.platform.kept[PreferenceName.LANGUAGE])
            onAllNodes(hasText("As the system") and isSelectable())[0].performScrollTo().performClick()
            waitForIdle()
            assertEquals(null, world.platform.kept[PreferenceName.LANGUAGE])
            click("Dark")
            onAllNodes(hasText("As the system") and isSelectable())[1].performScrollTo().performClick()
            waitForIdle()
            assertEquals(null, world.platform.kept[PreferenceName.THEME])
        }
        world.scope.cancel()
    }

    @Test
    fun `the chosen colours reach beneath what the system draws over the app, which is told of them`() {
        val world = World()
        val told = mutableListOf<Boolean>()
        runSkikoComposeUiTest(PHONE) {
            setContent { PermessoApp(world.app, edges = Modifier.padding(EDGE), onColours = { told.add(it) }) }
            for (theme in listOf("dark", "light", "dark")) {
                world.app.set(PreferenceName.THEME, theme)
                waitForIdle()
                assertEquals(theme == "dark", told.last())
                val edge = captureToImage().toPixelMap()
                for ((x, y) in listOf(1 to 1, 180 to 30, 1 to 320, 358 to 638)) {
                    assertEquals(theme == "dark", edge[x, y].luminance() < 0.5f, "$x, $y of $theme")
                }
            }
            assertTrue(onNodeWithText("People").getUnclippedBoundsInRoot().run { left >= EDGE && top >= EDGE })
        }
        world.scope.cancel()
    }

    @Test
    fun `once everything is erased the language is the system's again at once`() {
        val world = World()
        runSkikoComposeUiTest(PHONE) {
            setContent { PermessoApp(world.app, dark = false) }
            world.app.set(PreferenceName.LANGUAGE, "it")
            onNodeWithText("Persone").assertExists()
            world.app.erase()
            onNodeWithText("Welcome to Permesso").assertExists()
        }
        world.scope.cancel()
    }

    @Test
    fun `a limit that makes no sense cannot be saved, by a click or by Enter, and quiet hours end with an empty line`(): Unit =
        withApp { world ->
            world.app.show(Screen.Settings)
            val before = runBlocking { world.ada.settings() }
            val wrong =
                mapOf(
                    "Name" to listOf("", "x".repeat(65)),
                    "Storage for others at most" to listOf("0", "1000001", "many"),
                    "Messages kept per conversation" to listOf("0", "1000001"),
                    "Messages waiting at most" to listOf("0", "100000"),
                    "A message waits at most" to listOf("0", "366"),
                    "Port" to listOf("0", "65536"),
                    "Quiet hours" to listOf("24:00-07:00", "ten to seven"),
                )
            for ((label, texts) in wrong) {
                click(label)
                for (text in texts) {
                    onNode(hasSetTextAction()).performTextReplacement(text)
                    onNodeWithText("Save").assertIsNotEnabled()
                    onNode(hasSetTextAction()).performKeyInput { pressKey(androidx.compose.ui.input.key.Key.Enter) }
                    waitForIdle()
                    onNode(isDialog()).assertExists()
                }
                onNodeWithText("Cancel").performClick()
                waitForIdle()
            }
            assertEquals(before, runBlocking { world.ada.settings() })
            for (text in listOf("23:00-06:30", "")) {
                click("Quiet hours")
                onNode(hasSetTextAction()).performTextReplacement(text)
                onNodeWithText("Save").performClick()
                waitForIdle()
                assertEquals(text.ifEmpty { null }, world.platform.kept[PreferenceName.QUIET_HOURS])
            }
        }

    private companion object {
        val EDGE = 40.dp
    }
}
