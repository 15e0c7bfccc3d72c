package org.permesso.ui

import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTextReplacement
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.permesso.Permesso
import org.permesso.ffi.PermessoException
import org.permesso.testing.FakePermesso

/** What is written to a friend before it is sent: nothing of it is lost, and nothing is sent twice. */
@OptIn(ExperimentalTestApi::class)
internal class DraftsTest {
    @Test
    fun `a draft that could not be stored is not lost`(): Unit =
        withAbsentGrace { world, _ ->
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            write("Precious")
            sees("Nothing can be stored")
            onNode(hasSetTextAction()).assertTextContains("Precious")
        }

    /** Grace's page, where what is sent is taken only when the last argument is completed: a real host needs some frames for that. */
    private fun withSlowSending(steps: SkikoComposeUiTest.(World, FakePermesso, CompletableDeferred<Unit>) -> Unit) {
        val taken = CompletableDeferred<Unit>()
        val world = World()
        world.opener.between = { host ->
            object : Permesso by host {
                override suspend fun send(
                    friend: String,
                    text: String,
                ): String {
                    taken.await()
                    return host.send(friend, text)
                }
            }
        }
        world.dieAndComeBack()
        withApp(world) {
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            waitForIdle()
            steps(world, grace, taken)
        }
    }

    private val full = PermessoException.StorageUnavailable("the disk is full")

    private fun SkikoComposeUiTest.assertWritten(text: String) {
        waitForIdle()
        assertEquals(text, onNode(hasSetTextAction()).fetchSemanticsNode().config[SemanticsProperties.EditableText].text)
    }

    @Test
    fun `a field is empty after sending, whatever was written and erased there before`(): Unit =
        withAbsentGrace { world, grace ->
            val field = onNode(hasSetTextAction())
            for (text in listOf("x", "")) {
                field.performTextReplacement(text)
                waitForIdle()
            }
            write("Hello")
            assertWritten("")
            field.performTextInput("And more")
            assertWritten("And more")
            assertEquals("And more", world.app.drafts[grace.id])
        }

    @Test
    fun `a text that is refused some frames after it was sent stands in the field again`(): Unit =
        withSlowSending { world, grace, taken ->
            write("Precious")
            assertWritten("")
            taken.completeExceptionally(full)
            sees("Nothing can be stored")
            assertWritten("Precious")
            onNode(hasSetTextAction()).performTextInput("!")
            assertEquals("Precious!", world.app.drafts[grace.id])
        }

    @Test
    fun `a text that is refused after its page was left is a draft again, and the page says why until that was seen`() {
        for (isThereAgain in listOf(false, true)) {
            withSlowSending { world, grace, taken ->
                val linus = world.friend("Linus")
                val page = Screen.Conversation(grace.id)
                write("Precious")
                world.app.back()
                waitForIdle()
                if (isThereAgain) world.app.show(page)
                waitForIdle()
                taken.completeExceptionally(full)
                waitForIdle()
                world.app.showAlone(Screen.Conversation(linus.id))
                waitForIdle()
                onNodeWithText("Nothing can be stored", substring = true).assertDoesNotExist()
                world.app.showAlone(page)
                sees("Nothing can be stored")
                assertWritten("Precious")
                onNodeWithText("Got it").performClick()
                world.app.back()
                waitForIdle()
                world.app.show(page)
                waitForIdle()
                onNodeWithText("Nothing can be stored", substring = true).assertDoesNotExist()
                assertWritten("Precious")
            }
        }
    }

    @Test
    fun `what is still being sent when everything is erased is no draft afterwards`(): Unit =
        withSlowSending { world, grace, taken ->
            write("Precious")
            world.app.erase()
            taken.completeExceptionally(full)
            waitForIdle()
            assertEquals(Phase.FirstRun, world.app.phase.value)
            assertNull(world.app.drafts[grace.id])
        }

    @Test
    fun `what is sent to who was reached by a search is a draft nowhere, however one comes back`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking { world.ada.send(grace.id, "Tickets at the door") }
            world.app.show(Screen.SearchMessages)
            onNode(hasSetTextAction()).performTextInput("Tickets")
            onNodeWithText("Tickets at the door").performClick()
            onNode(hasSetTextAction()).performTextInput("Coming")
            onNodeWithContentDescription("About Grace").performClick()
            onNodeWithText("Write").performClick()
            onNode(hasSetTextAction()).assertTextContains("Coming")
            onNodeWithContentDescription("Send").performClick()
            waitForIdle()
            while (
                world.app.stack.value
                    .last()
                    .screen is Screen.Conversation
            ) {
                onNodeWithContentDescription("Send").assertIsNotEnabled()
                world.app.back()
                waitForIdle()
            }
            assertEquals(
                listOf(Screen.People, Screen.SearchMessages),
                world.app.stack.value
                    .map { it.screen },
            )
            assertEquals(2, runBlocking { grace.messages(world.ada.id).size })
        }

    @Test
    fun `a message that was found is shown in place of its open conversation, not above it`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            world.app.show(Screen.SearchMessages)
            val found = Screen.Conversation(grace.id, runBlocking { world.ada.send(grace.id, "Tickets at the door") })
            world.app.show(found)
            assertEquals(
                listOf(Screen.People, Screen.SearchMessages, found),
                world.app.stack.value
                    .map { it.screen },
            )
        }
}
