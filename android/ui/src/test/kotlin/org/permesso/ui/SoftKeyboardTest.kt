package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.Modifier
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.platform.LocalSoftwareKeyboardController
import androidx.compose.ui.platform.SoftwareKeyboardController
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.assertIsFocused
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performImeAction
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.pressKey
import androidx.compose.ui.test.runSkikoComposeUiTest
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.permesso.ui.words.EnglishStrings

/** The last key of a phone's keyboard, which covers half of the screen. */
@OptIn(ExperimentalTestApi::class)
internal class SoftKeyboardTest {
    private class Keyboard : SoftwareKeyboardController {
        var isShown = true

        override fun show() {
            isShown = true
        }

        override fun hide() {
            isShown = false
        }
    }

    private fun withKeyboard(
        world: World = World(),
        steps: SkikoComposeUiTest.(World, Keyboard) -> Unit,
    ): Unit =
        runSkikoComposeUiTest(PHONE) {
            val keyboard = Keyboard()
            setContent {
                CompositionLocalProvider(LocalSoftwareKeyboardController provides keyboard) {
                    Box(Modifier.undrawn()) { PermessoApp(world.app, EnglishStrings, dark = false) }
                }
            }
            steps(world, keyboard)
            world.scope.cancel()
        }

    @Test
    fun `the key that searches for people does so, and leaves the screen to whom it finds`(): Unit =
        withKeyboard { world, keyboard ->
            world.other("Linus")
            world.app.show(Screen.Find)
            onNode(hasSetTextAction()).performTextInput("lin")
            onNode(hasSetTextAction()).performImeAction()
            onNodeWithText("Linus").assertIsDisplayed()
            assertEquals(false, keyboard.isShown)
        }

    @Test
    fun `the key that searches in messages leaves the screen to those it found while one wrote`(): Unit =
        withKeyboard { world, keyboard ->
            val grace = world.friend("Grace")
            runBlocking { grace.send(world.ada.id, "Tickets at the door") }
            world.app.show(Screen.SearchMessages)
            onNode(hasSetTextAction()).performTextInput("tickets")
            assertEquals(true, keyboard.isShown)
            onNode(hasSetTextAction()).performImeAction()
            assertEquals(false, keyboard.isShown)
        }

    @Test
    fun `a field that is done puts the keyboard away, and does what its button does`(): Unit =
        withKeyboard(World(hostExists = false)) { world, keyboard ->
            onNode(hasSetTextAction()).performTextInput("Ada")
            onNode(hasSetTextAction()).performImeAction()
            waitForIdle()
            assertEquals(true, world.app.phase.value is Phase.Live)
            assertEquals(false, keyboard.isShown)
        }

    @Test
    fun `the first of two fields leads to the second, by the screen's keys and by real ones`() {
        for (isReal in listOf(false, true)) {
            withApp { world ->
                world.app.show(Screen.Account)
                onNodeWithText("Export").performScrollTo().performClick()
                val first = onNodeWithContentDescription("Passphrase")
                first.performClick()
                if (isReal) first.performKeyInput { pressKey(Key.Enter) } else first.performImeAction()
                onNodeWithContentDescription("Once more, to be sure").assertIsFocused()
            }
        }
    }
}
