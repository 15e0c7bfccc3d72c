package org.permesso.ui

import androidx.compose.ui.input.key.Key
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.isFocused
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.pressKey
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

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

    private fun SkikoComposeUiTest.controls(): Set<String> =
        onAllNodes(hasClickAction())
            .fetchSemanticsNodes()
            .filter { SemanticsProperties.Disabled !in it.config || SemanticsActions.SetText in it.config }
            .map(::label)
            .toSet()

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
        for (screen in listOf(Screen.People, Screen.More, Screen.Find, Screen.MyCode, Screen.Scan(), Screen.Account, Screen.PassOn)) {
            withApp(
                size =
                    androidx.compose.ui.geometry
                        .Size(500f, 1_600f),
            ) { world ->
                val grace = world.friend("Grace")
                world.app.show(Screen.Person(grace.id))
                world.app.show(screen)
                waitForIdle()
                val controls = controls()
                assertTrue(controls.isNotEmpty())
                assertEquals(emptySet<String>(), controls - reached(presses = 2 * controls.size + 6), "$screen")
            }
        }
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
