package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performTextInput
import kotlinx.coroutines.runBlocking
import org.permesso.testing.FakePermesso

/** That stands there, in whole or in part. */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.sees(text: String) {
    onNodeWithText(text, substring = true).assertIsDisplayed()
}

/** Sends it in the open conversation. */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.write(text: String) {
    onNodeWithContentDescription("Write here").performTextInput(text)
    onNodeWithContentDescription("Send").performClick()
}

/** The conversation with a friend who is away. */
@OptIn(ExperimentalTestApi::class)
internal fun withAbsentGrace(steps: SkikoComposeUiTest.(World, FakePermesso) -> Unit): Unit =
    withApp { world ->
        val grace = world.friend("Grace")
        runBlocking { grace.leave() }
        world.app.show(Screen.Conversation(grace.id))
        waitForIdle()
        steps(world, grace)
    }
