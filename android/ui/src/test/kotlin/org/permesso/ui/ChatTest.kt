package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performTextInput
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** Two friends chat. */
@OptIn(ExperimentalTestApi::class)
internal class ChatTest {
    @Test
    fun `a message is written, sent and delivered, and the answer appears`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            onNodeWithText("Grace").performClick()
            onNodeWithContentDescription("Write here").performTextInput("Tea at five?")
            onNodeWithContentDescription("Send").performClick()
            onNodeWithText("Tea at five?", substring = true).assertIsDisplayed()
            onNodeWithText("Delivered", substring = true).assertIsDisplayed()
            runBlocking {
                assertEquals("Tea at five?", grace.messages(world.ada.id).single().text)
                grace.send(world.ada.id, "With pleasure")
            }
            onNodeWithText("With pleasure", substring = true).assertIsDisplayed()
            picture("chat")
        }
}
