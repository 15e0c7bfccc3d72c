package org.permesso.ui

import androidx.compose.ui.geometry.Size
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.hasAnyAncestor
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.isFocused
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.pressKey
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException

/** Without a pointer every control can be reached and used. */
@OptIn(ExperimentalTestApi::class)
internal class KeyboardTest {
    private fun SkikoComposeUiTest.press(key: Key) {
        onAllNodes(isRoot()).onFirst().performKeyInput { pressKey(key) }
        waitForIdle()
    }

    /** Every control that Tab comes to, by its label. */
    private fun SkikoComposeUiTest.reached(presses: Int): Set<String> =
        buildSet {
            repeat(presses) {
                press(Key.Tab)
                onAllNodes(isFocused()).fetchSemanticsNodes().forEach { add(label(it)) }
            }
        }

    /** All that can be used now: what lies below a question cannot. */
    private fun SkikoComposeUiTest.controls(): Set<String> =
        onAllNodes(if (onAllNodes(isDialog()).fetchSemanticsNodes().isEmpty()) hasClickAction() else hasClickAction() and inQuestion)
            .fetchSemanticsNodes()
            .filter { SemanticsProperties.Disabled !in it.config || SemanticsActions.SetText in it.config }
            .map(::label)
            .toSet()

    private val inQuestion = hasAnyAncestor(isDialog())

    private fun label(node: androidx.compose.ui.semantics.SemanticsNode): String =
        (
            node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty() +
                node.config
                    .getOrNull(SemanticsProperties.Text)
                    .orEmpty()
                    .map { it.text }
        ).joinToString(" ")

    @Test
    fun `every control of every screen is reached by Tab`() {
        val seen = mutableSetOf<Screen>()
        for (screen in screens) {
            withApp(size = Size(500f, 2_400f)) { world ->
                val grace = world.friend("Grace")
                val linus = world.other("Linus")
                runBlocking {
                    linus.askFriendship(world.ada.id)
                    grace.leave()
                    world.ada.send(grace.id, "Wait for me")
                }
                world.ada.tell(Event.Notice(Notice.FriendAsksAgain(grace.id)))
                val shown = screen(grace.id)
                world.app.show(Screen.More)
                world.app.show(shown)
                seen.add(shown)
                waitForIdle()
                assertReached("$shown")
            }
        }
        // One that is added must stand in the list above.
        assertEquals(Screen::class.java.permittedSubclasses.size, seen.distinctBy { it::class }.size)
    }

    /** Each screen, given somebody's id. */
    private val screens: List<(String) -> Screen> =
        listOf(
            { Screen.People },
            { Screen.More },
            { Screen.Find },
            { Screen.Person(it) },
            { Screen.MyCode },
            { Screen.Scan() },
            { Screen.Scan("permesso:$it") },
            { Screen.Conversation(it) },
            { Screen.SearchMessages },
            { Screen.Doctor },
            { Screen.Settings },
            { Screen.Account },
            { Screen.Notices },
            { Screen.About },
            { Screen.PassOn },
        )

    private fun SkikoComposeUiTest.assertReached(where: String) {
        val controls = controls()
        assertTrue(controls.isNotEmpty(), where)
        assertEquals(emptySet<String>(), controls - reached(presses = 2 * controls.size + 6), where)
    }

    @Test
    fun `before there is a host every control is reached by Tab, too`() {
        withApp(World(hostExists = false), size = Size(500f, 1_600f)) { assertReached("the first run") }
        val locked = World()
        locked.opener.lock = ShutLock
        withApp(locked.again(), size = Size(500f, 1_600f)) {
            onNode(hasSetTextAction()).performTextInput("anything")
            assertReached("the passphrase")
        }
        val damaged = World()
        damaged.opener.failure = PermessoException.Damaged("page 3")
        withApp(damaged.again(), size = Size(500f, 1_600f)) { assertReached("a damaged database") }
    }

    private fun World.again(): World = apply { dieAndComeBack() }

    private object ShutLock : Lock {
        override suspend fun isLocked() = true

        override suspend fun isSet() = true

        override suspend fun unlock(passphrase: String) = false

        override suspend fun change(passphrase: String?) = Unit
    }

    @Test
    fun `a request is accepted by keys alone`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            runBlocking { grace.askFriendship(world.ada.id) }
            waitForIdle()
            repeat(20) {
                if (onAllNodes(isFocused()).fetchSemanticsNodes().none { label(it) == "Accept" }) press(Key.Tab)
            }
            press(Key.Enter)
            assertEquals(org.permesso.FriendState.FRIEND, runBlocking { grace.friend(world.ada.id)?.state })
        }
}
