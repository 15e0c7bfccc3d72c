package org.permesso.ui

import androidx.compose.ui.geometry.Size
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.click
import androidx.compose.ui.test.hasScrollToIndexAction
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.onAllNodesWithText
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performMouseInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performScrollToIndex
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTextInputSelection
import androidx.compose.ui.test.performTextReplacement
import androidx.compose.ui.test.pressKey
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.test.withKeyDown
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.text.TextRange
import androidx.compose.ui.unit.Density
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Holder
import org.permesso.MessageState
import org.permesso.Permesso
import org.permesso.ffi.PermessoException
import org.permesso.ui.samples.allSamples

/** A conversation and what is done with its messages. */
@OptIn(ExperimentalTestApi::class)
internal class ConversationTest {
    private val library = Holder("5c146b14-3c52-8afd-938a-375d0df1fbf6", "Library", emptyList(), true)
    private val carrier = Holder("5c146b14-3c52-8afd-938a-375d0df1fbf7", "Linus", emptyList(), false)
    private val stranger = Holder("5c146b14-3c52-8afd-938a-375d0df1fbf8", null, emptyList(), false)

    @Test
    fun `a screen reader hears of a message who wrote it, what, when, and what became of it`(): Unit =
        withAbsentGrace { world, grace ->
            write("Tickets at the door")
            onNode(hasContentDescription(Regex("You, Tickets at the door, \\d\\d:\\d\\d, Waiting"))).assertIsDisplayed()
            runBlocking {
                grace.start()
                grace.send(world.ada.id, "Coming")
            }
            onNode(hasContentDescription(Regex("Grace, Coming, \\d\\d:\\d\\d"))).assertIsDisplayed()
        }

    private fun hasContentDescription(wanted: Regex) =
        SemanticsMatcher("a description as $wanted") { node ->
            node.config
                .getOrNull(SemanticsProperties.ContentDescription)
                .orEmpty()
                .any(wanted::matches)
        }

    @Test
    fun `a picture goes where the cursor is`(): Unit =
        withAbsentGrace { _, _ ->
            val field = onNode(hasSetTextAction())
            field.performTextInput("Tea now?")
            field.performTextInputSelection(TextRange(4))
            onNodeWithContentDescription("Emoji").performClick()
            onNodeWithText("🥰").performClick()
            onNodeWithText("👍").performClick()
            field.assertTextContains("Tea 🥰👍now?")
        }

    @Test
    fun `a picture takes the place of what is chosen, also by the mouse`(): Unit =
        withAbsentGrace { _, _ ->
            val field = onNode(hasSetTextAction())
            field.performTextInput("Tea now?")
            field.performTextInputSelection(TextRange(0, 3))
            onNodeWithContentDescription("Emoji").performMouseInput { click() }
            onNodeWithText("🥰").performMouseInput { click() }
            field.assertTextContains("🥰 now?")
        }

    @Test
    fun `a message to who is away waits, is held, says by whom, and is delivered`(): Unit =
        withAbsentGrace { world, grace ->
            write("Tickets at the door")
            sees("Waiting")
            onNodeWithText("Tickets at the door", substring = true).performClick()
            sees("It leaves when you meet Grace, a server, or somebody who can carry it.")
            onNodeWithText("Close").performClick()
            val id =
                runBlocking {
                    world.ada
                        .messages(grace.id)
                        .single()
                        .id
                }
            listOf(library, carrier, stranger).forEach { world.ada.hold(id, it) }
            sees("Held by server Library and 2 others")
            onNodeWithText("Tickets at the door", substring = true).performClick()
            sees("Held by server Library and 2 others until Grace is here.")
            sees("Who has a copy")
            onNodeWithText("Linus").performScrollTo().assertIsDisplayed()
            onNodeWithText("Close").performClick()
            runBlocking { grace.start() }
            sees("Delivered")
        }

    @Test
    fun `a waiting message is given up after a question, and a failed one is sent again`(): Unit =
        withAbsentGrace { world, grace ->
            write("Too late")
            onNodeWithText("Too late", substring = true).performClick()
            onNodeWithText("Give it up").performClick()
            sees("It will not be sent")
            onNodeWithText("Give it up").performClick()
            sees("Not delivered")
            onNodeWithText("Too late", substring = true).performClick()
            sees("it was cancelled")
            onNodeWithText("Send again").performClick()
            sees("Waiting")
            assertEquals(
                MessageState.QUEUED,
                runBlocking {
                    world.ada
                        .messages(grace.id)
                        .single()
                        .state
                },
            )
        }

    @Test
    fun `whom one may not write to, nothing is offered to be sent again`(): Unit =
        withAbsentGrace { world, grace ->
            write("Too late")
            val id =
                runBlocking {
                    world.ada
                        .messages(grace.id)
                        .single()
                        .id
                }
            runBlocking { world.ada.cancel(id) }
            for ((number, isOffered) in listOf(true, false, false).withIndex()) {
                runBlocking {
                    when (number) {
                        0 -> Unit
                        1 -> world.ada.endFriendship(grace.id)
                        else -> world.ada.block(grace.id)
                    }
                }
                waitForIdle()
                onNodeWithText("Too late", substring = true).performClick()
                sees("it was cancelled")
                assertEquals(if (isOffered) 1 else 0, onAllNodesWithText("Send again").fetchSemanticsNodes().size)
                onNodeWithText("Close").performClick()
            }
        }

    @Test
    fun `a message that failed so long ago that the host forgot it goes as a new one, and one that arrived after all does not`() {
        for (state in listOf(MessageState.FAILED, MessageState.DELIVERED)) {
            val world = World()
            val grace = world.friend("Grace")
            val id =
                runBlocking {
                    grace.leave()
                    world.ada.send(grace.id, "Too late").also { world.ada.cancel(it) }
                }
            val forgetful =
                object : Permesso by world.ada {
                    override suspend fun resend(message: String) = throw PermessoException.NotFound("it was given up long ago")

                    override suspend fun message(message: String) = world.ada.message(message)?.copy(state = state)
                }
            val holder = ConversationHolder(forgetful, world.scope, grace.id, Outgoing(world.scope, Saved()), Saved())
            holder.on(ConversationEvent.Look(id))
            holder.on(ConversationEvent.Resend)
            val isLate = state == MessageState.DELIVERED
            assertEquals(isLate, holder.state.value.trouble is PermessoException.NotFound)
            val states = runBlocking { world.ada.messages(grace.id) }.map { it.text to it.state }
            val again = listOf("Too late" to MessageState.QUEUED).drop(if (isLate) 1 else 0)
            assertEquals(listOf("Too late" to MessageState.FAILED) + again, states)
            world.scope.cancel()
        }
    }

    @Test
    fun `a message that expired says why`(): Unit =
        withAbsentGrace { world, grace ->
            write("Hurry")
            world.ada.expire(
                runBlocking {
                    world.ada
                        .messages(grace.id)
                        .single()
                        .id
                },
            )
            sees("Not delivered")
            onNodeWithText("Hurry", substring = true).performClick()
            sees("its time ran out")
        }

    @Test
    fun `a message is copied, and removed after a question`(): Unit =
        withAbsentGrace { world, grace ->
            write("A secret")
            onNodeWithText("A secret", substring = true).performClick()
            onNodeWithText("Copy").performClick()
            assertEquals(listOf("A secret"), world.platform.copied)
            onNodeWithText("A secret", substring = true).performClick()
            onNodeWithText("Remove").performClick()
            onNodeWithText("Remove").performClick()
            onAllNodesWithText("A secret", substring = true).assertNone()
            assertTrue(runBlocking { world.ada.messages(grace.id).isEmpty() })
        }

    @Test
    fun `a text beyond the limit is counted and cannot be sent`(): Unit =
        withAbsentGrace { _, _ ->
            onNodeWithContentDescription("Write here").performTextInput("x".repeat(4_097))
            sees("1 byte too long")
            onNodeWithContentDescription("Send").assertIsNotEnabled()
        }

    @Test
    fun `what came since is marked, and then counts as read`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking {
                world.ada.send(grace.id, "One")
                grace.send(world.ada.id, "Two")
            }
            world.app.show(Screen.Conversation(grace.id))
            sees("New from here")
            waitForIdle()
            assertEquals(0u, runBlocking { world.ada.friend(grace.id)?.unread })
        }

    @Test
    fun `links are inert until the settings say otherwise`(): Unit =
        withAbsentGrace { world, _ ->
            write("See https://example.org/a.")
            onNodeWithText("See https", substring = true).performClick()
            sees("Links do nothing here")
            onNodeWithText("Close").performClick()
            world.app.set(PreferenceName.LINKS, "true")
            world.app.back()
            world.app.show(
                Screen.Conversation(
                    runBlocking {
                        world.ada
                            .friendList()
                            .single()
                            .id
                    },
                ),
            )
            onNodeWithText("See https", substring = true).performClick()
            onNodeWithText("Open https://example.org/a").performScrollTo().performClick()
            assertEquals(listOf("https://example.org/a"), world.platform.opened)
        }

    @Test
    fun `where no link can be opened nobody is sent to a setting that is not there`(): Unit =
        withAbsentGrace { world, _ ->
            world.platform.openLink = null
            write("See https://example.org/a.")
            onNodeWithText("See https", substring = true).performClick()
            sees("Links do nothing here: Permesso cannot open them on this system.")
            onNodeWithText("settings", substring = true).assertDoesNotExist()
        }

    @Test
    fun `older messages are loaded page by page up to the beginning`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking { repeat(450) { world.ada.send(grace.id, "Message $it") } }
            world.app.show(Screen.Conversation(grace.id))
            val holder = { world.app.holderOf<ConversationHolder>() }
            waitForIdle()
            while (holder().state.value.hasOlder) {
                val before =
                    holder()
                        .state.value.messages.size
                holder().on(ConversationEvent.Older)
                assertTrue(
                    holder()
                        .state.value.messages.size > before || !holder().state.value.hasOlder,
                )
            }
            assertEquals(
                List(450) { "Message $it" },
                holder()
                    .state.value.messages
                    .map { it.text },
            )
            onNode(
                androidx.compose.ui.test
                    .hasScrollToIndexAction(),
            ).performScrollToIndex(451)
            sees("Message 0")
            sees("The beginning")
        }

    @Test
    fun `a message that was found is opened in its place, marked, and the screen then stays where it is left`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking { repeat(450) { world.ada.send(grace.id, "Message $it.") } }
            val sought =
                runBlocking {
                    world.ada
                        .searchMessages("Message 37.")
                        .single()
                        .id
                }
            world.app.show(Screen.Conversation(grace.id, sought))
            waitForIdle()
            for (near in 36..38) sees("Message $near.")
            sees("found, You, Message 37.")
            onNode(
                androidx.compose.ui.test
                    .hasScrollToIndexAction(),
            ).performScrollToIndex(0)
            waitForIdle()
            sees("Message 449.")
            world.app.show(Screen.Settings)
            waitForIdle()
            world.app.back()
            waitForIdle()
            sees("Message 449.")
        }

    @Test
    fun `everything works from the keyboard`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            val field = onNode(hasSetTextAction())
            field.performTextInput("By keys")
            field.performKeyInput {
                withKeyDown(Key.ShiftLeft) { pressKey(Key.Enter) }
            }
            assertEquals(0, runBlocking { grace.messages(world.ada.id).size })
            field.performKeyInput { pressKey(Key.Enter) }
            assertEquals("By keys", runBlocking { grace.messages(world.ada.id).single().text })
            field.performKeyInput { pressKey(Key.Escape) }
            waitForIdle()
            assertEquals(
                Screen.People,
                world.app.stack.value
                    .single()
                    .screen,
            )
        }

    @Test
    fun `on a wide window the list stays beside the conversation`(): Unit =
        withApp(size = Size(1280f, 800f)) { world ->
            val grace = world.friend("Grace")
            sees("Choose somebody in the list")
            onNodeWithText("Grace").performClick()
            onNodeWithContentDescription("Write here").assertIsDisplayed()
            sees("Friends (1)")
            assertEquals(
                listOf(Screen.People, Screen.Conversation(grace.id)),
                world.app.stack.value
                    .map { it.screen },
            )
        }

    @Test
    fun `a word is found in all conversations`(): Unit =
        withAbsentGrace { world, _ ->
            write("The tickets are at the door")
            world.app.show(Screen.SearchMessages)
            onNodeWithContentDescription("A word of a message").performTextInput("TICKETS")
            sees("The tickets are at the door")
            world.app.holderOf<SearchMessagesHolder>().write("nothing like it")
            sees("No message contains that")
            assertNull(
                world.app
                    .holderOf<SearchMessagesHolder>()
                    .state.value.trouble,
            )
        }

    @Test
    fun `of more messages than a search gives the newest are shown, and below them what to do`(): Unit =
        withAbsentGrace { world, grace ->
            val more = "Only the newest 1000 are here: write more of the word"
            runBlocking { repeat(999) { world.ada.send(grace.id, "Ticket $it") } }
            world.app.show(Screen.SearchMessages)
            val found = {
                waitForIdle()
                world.app
                    .holderOf<SearchMessagesHolder>()
                    .state.value.found
                    .orEmpty()
                    .map { it.text.substringAfter(' ').toInt() }
            }
            onNode(hasSetTextAction()).performTextInput("ticket")
            assertEquals((0..998).reversed().toList(), found())
            onNode(hasScrollToIndexAction()).performScrollToIndex(999)
            sees("Ticket 0")
            onNodeWithText(more).assertDoesNotExist()
            runBlocking { repeat(2) { world.ada.send(grace.id, "Ticket ${999 + it}") } }
            onNode(hasScrollToIndexAction()).performScrollToIndex(0)
            onNode(hasSetTextAction()).performTextReplacement("ticket ")
            assertEquals((1..1_000).reversed().toList(), found())
            onNode(hasScrollToIndexAction()).performScrollToIndex(1_001)
            onNodeWithText(more).assertIsDisplayed()
        }

    private fun androidx.compose.ui.test.SemanticsNodeInteractionCollection.assertNone() {
        assertEquals(0, fetchSemanticsNodes().size)
    }

    @Test
    fun `who has a message is shown whole, however small the screen`(): Unit =
        runSkikoComposeUiTest(PDA) {
            setContent { Shown(Look(allSamples.single { it.screen == "conversation" && it.state == "held by three" })) }
            val fate = onNodeWithText("Held by server Library and 2 others", useUnmergedTree = true).fetchSemanticsNode()
            val layouts = mutableListOf<TextLayoutResult>()
            fate.config[SemanticsActions.GetTextLayoutResult].action?.invoke(layouts)
            assertFalse(layouts.single().hasVisualOverflow)
        }

    @Test
    fun `what went wrong is seen whole on a phone with large letters, with the way to put it away`(): Unit =
        runSkikoComposeUiTest(PHONE, Density(1f, fontScale = 2f)) {
            setContent { Shown(Look(allSamples.single { it.screen == "conversation" && it.state == "storage full" })) }
            onNodeWithText("Got it").assertIsDisplayed()
        }
}
