package org.permesso.ui

import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.hasScrollToIndexAction
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollToIndex
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTouchInput
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Message
import org.permesso.testing.FakePermesso

/** A conversation that is longer than the window, or than what is loaded of it at once. */
@OptIn(ExperimentalTestApi::class)
internal class LongChatTest {
    private fun SkikoComposeUiTest.scrollTo(row: Int) {
        onNode(hasScrollToIndexAction()).performScrollToIndex(row)
        waitForIdle()
    }

    private fun World.write(
        from: FakePermesso,
        to: FakePermesso,
        texts: IntRange,
    ): Unit = runBlocking { for (number in texts) from.send(to.id, "Message $number.") }

    private fun World.unread(friend: FakePermesso): Int? = runBlocking { ada.friend(friend.id)?.unread?.toInt() }

    /** Fifty messages fill several windows. */
    private fun withLongChat(
        window: ChangingWindow = ChangingWindow(),
        steps: SkikoComposeUiTest.(World, FakePermesso) -> Unit,
    ): Unit =
        withApp(window = window) { world ->
            val grace = world.friend("Grace")
            world.write(world.ada, grace, 1..50)
            world.app.show(Screen.Conversation(grace.id))
            waitForIdle()
            sees("Message 50.")
            steps(world, grace)
        }

    @Test
    fun `at the end of a long chat every answer is seen, and then counts as read`(): Unit =
        withLongChat { world, grace ->
            for (number in 51..60) {
                world.write(grace, world.ada, number..number)
                waitForIdle()
                sees("Message $number.")
                assertEquals(0, world.unread(grace))
                onNodeWithText(BELOW).assertDoesNotExist()
            }
        }

    @Test
    fun `what comes while one reads further up does not pull that away, is not read, and a button leads down to it`(): Unit =
        withLongChat { world, grace ->
            scrollTo(20)
            sees("Message 30.")
            onNodeWithText(BELOW).assertDoesNotExist()
            world.write(grace, world.ada, 51..53)
            waitForIdle()
            sees("Message 30.")
            assertEquals(3, world.unread(grace))
            onNodeWithText(BELOW).performClick()
            waitForIdle()
            sees("Message 53.")
            assertEquals(0, world.unread(grace))
            onNodeWithText(BELOW).assertDoesNotExist()
            // Who scrolls up afterwards has nothing new below.
            scrollTo(20)
            onNodeWithText(BELOW).assertDoesNotExist()
        }

    /** Whether the line before what is new stands right above that message. */
    private fun SkikoComposeUiTest.isNewFrom(text: String): Boolean {
        val line = onNodeWithText(NEW).fetchSemanticsNode().boundsInRoot
        val message = onNodeWithText(text, substring = true).fetchSemanticsNode().boundsInRoot
        return line.height > 0 && message.top - line.bottom in 0f..20f
    }

    @Test
    fun `what came while one read further up stands under a line of its own, also what came later and the next time`(): Unit =
        withLongChat { world, grace ->
            onNodeWithText(NEW).assertDoesNotExist()
            for (first in listOf(51, 54)) {
                scrollTo(20)
                world.write(grace, world.ada, first..first)
                waitForIdle()
                world.write(grace, world.ada, first + 1..first + 2)
                waitForIdle()
                onNodeWithText(BELOW).performClick()
                waitForIdle()
                assertTrue(isNewFrom("Message $first."))
            }
            // What comes where one sees it needs no line.
            world.write(grace, world.ada, 57..57)
            waitForIdle()
            assertTrue(isNewFrom("Message 54."))
            onNodeWithContentDescription("Write here").performTextInput("Here I am")
            onNodeWithContentDescription("Send").performClick()
            waitForIdle()
            onNodeWithText(NEW).assertDoesNotExist()
        }

    @Test
    fun `what came while nobody looked at the window stands under a line, and is read when somebody does`() {
        val window = ChangingWindow()
        withLongChat(window) { world, grace ->
            window.isWindowFocused = false
            waitForIdle()
            for (number in 51..53) {
                world.write(grace, world.ada, number..number)
                waitForIdle()
                assertTrue(isNewFrom("Message 51."))
            }
            assertEquals(3, world.unread(grace))
            window.isWindowFocused = true
            waitForIdle()
            assertEquals(0, world.unread(grace))
            assertTrue(isNewFrom("Message 51."))
            sees("Message 53.")
            // Somebody looks: it needs no line.
            world.write(grace, world.ada, 54..54)
            waitForIdle()
            assertTrue(isNewFrom("Message 51."))

            // As a phone that draws nothing meanwhile.
            window.isWindowFocused = false
            waitForIdle()
            runOnIdle {
                world.write(grace, world.ada, 55..56)
                window.isWindowFocused = true
            }
            waitForIdle()
            assertTrue(isNewFrom("Message 55."))
            assertEquals(0, world.unread(grace))
        }
    }

    /** It begins at the first that was not seen, and counts as read once its end was. */
    private fun SkikoComposeUiTest.beginsAtLine(
        world: World,
        grace: FakePermesso,
    ) {
        assertTrue(isNewFrom("Message 51."))
        assertEquals(40, world.unread(grace))
        onNodeWithText("Message 90.").assertDoesNotExist()
        onNodeWithText(BELOW).performClick()
        waitForIdle()
        sees("Message 90.")
        assertEquals(0, world.unread(grace))
    }

    @Test
    fun `more than the window shows begins at its line, whether one looked or not`() {
        for (isLookedAt in listOf(true, false)) {
            val window = ChangingWindow()
            withLongChat(window) { world, grace ->
                window.isWindowFocused = isLookedAt
                waitForIdle()
                runOnIdle { world.write(grace, world.ada, 51..90) }
                waitForIdle()
                window.isWindowFocused = true
                waitForIdle()
                beginsAtLine(world, grace)
            }
        }
    }

    @Test
    fun `a chat with more unread than the window shows opens at its line, and again until the end was seen`(): Unit =
        World().let { world ->
            val grace = world.friend("Grace")
            world.write(world.ada, grace, 1..50)
            world.write(grace, world.ada, 51..90)
            world.app.show(Screen.Conversation(grace.id))
            world.dieAndComeBack()
            withApp(world) {
                waitForIdle()
                assertTrue(isNewFrom("Message 51."))
                assertEquals(40, world.unread(grace))
                world.app.back()
                waitForIdle()
                world.app.show(Screen.Conversation(grace.id))
                waitForIdle()
                beginsAtLine(world, grace)
            }
        }

    @Test
    fun `what came while another screen was shown stands under a line when one comes back`(): Unit =
        withLongChat { world, grace ->
            world.app.show(Screen.Person(grace.id))
            waitForIdle()
            world.write(grace, world.ada, 51..90)
            waitForIdle()
            assertEquals(40, world.unread(grace))
            world.app.back()
            waitForIdle()
            beginsAtLine(world, grace)
        }

    @Test
    fun `what comes while a finger is on the chat is read once it is seen`(): Unit =
        withLongChat { world, grace ->
            val list = onNode(hasScrollToIndexAction())
            list.performTouchInput {
                down(center)
                moveBy(Offset(0f, 60f))
            }
            waitForIdle()
            world.write(grace, world.ada, 51..53)
            waitForIdle()
            assertEquals(3, world.unread(grace))
            list.performTouchInput { up() }
            waitForIdle()
            scrollTo(0)
            sees("Message 53.")
            assertEquals(0, world.unread(grace))
        }

    @Test
    fun `a first message that comes before somebody's eyes needs no line`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            waitForIdle()
            world.write(grace, world.ada, 1..1)
            waitForIdle()
            sees("Message 1.")
            assertEquals(0, world.unread(grace))
            onNodeWithText(NEW).assertDoesNotExist()
        }

    @Test
    fun `who scrolls down to what came has read it without the button`(): Unit =
        withLongChat { world, grace ->
            scrollTo(20)
            world.write(grace, world.ada, 51..51)
            waitForIdle()
            assertEquals(1, world.unread(grace))
            scrollTo(0)
            sees("Message 51.")
            assertEquals(0, world.unread(grace))
            onNodeWithText(BELOW).assertDoesNotExist()
        }

    @Test
    fun `one's own message is shown from however far up it was written`(): Unit =
        withLongChat { world, grace ->
            for (row in listOf(2, 20, 40)) {
                scrollTo(row)
                onNodeWithContentDescription("Write here").performTextInput("Written at $row.")
                onNodeWithContentDescription("Send").performClick()
                waitForIdle()
                sees("Written at $row.")
            }
            assertEquals(0, world.unread(grace))
        }

    @Test
    fun `a chat that comes back where it was left does not count as read what came below`(): Unit =
        World().let { world ->
            val grace = world.friend("Grace")
            world.write(world.ada, grace, 1..50)
            world.app.show(Screen.Conversation(grace.id))
            world.app.stack.value
                .last()
                .saved["scroll"] = "20,0"
            world.write(grace, world.ada, 51..51)
            withApp(world) {
                waitForIdle()
                sees("Message 31.")
                assertEquals(1, world.unread(grace))
                sees(BELOW)
            }
        }

    @Test
    fun `a message that was searched for is not a reason to count as read what came below it`(): Unit =
        World().let { world ->
            val grace = world.friend("Grace")
            world.write(world.ada, grace, 1..50)
            world.write(grace, world.ada, 51..51)
            val sought = runBlocking { world.ada.searchMessages("Message 20.").single() }
            world.app.show(Screen.Conversation(grace.id, sought.id))
            withApp(world) {
                waitForIdle()
                sees("Message 20.")
                assertEquals(1, world.unread(grace))
                sees(BELOW)
            }
        }

    /** The conversation without its screen; what the host tells comes when it may. */
    private fun withHolder(
        saved: Saved = Saved(),
        before: (World, FakePermesso) -> Unit,
        steps: (World, FakePermesso, ConversationHolder, come: () -> Unit) -> Unit,
    ) {
        val world = World()
        val grace = world.friend("Grace")
        before(world, grace)
        val later = Later()
        val scope = CoroutineScope(later + Job())
        val holder = ConversationHolder(world.ada, scope, grace.id, Outgoing(scope, Saved()), saved)
        val come = { repeat(100) { later.come() } }
        come()
        steps(world, grace, holder, come)
        scope.cancel()
        world.scope.cancel()
    }

    private val ConversationHolder.shown: List<Message> get() = state.value.messages
    private val ConversationHolder.texts: List<String> get() = shown.map { it.text }

    private fun messages(numbers: IntRange) = numbers.map { "Message $it." }

    @Test
    fun `a burst of more than a page leaves no hole, however many are loaded`() {
        for (burst in listOf(99, 100, 101, 250, 1_100, 1_250)) {
            withHolder(before = { world, grace -> world.write(world.ada, grace, 1..120) }) { world, grace, holder, come ->
                assertEquals(messages(21..120), holder.texts)
                world.write(grace, world.ada, 121..120 + burst)
                come()
                assertEquals(messages(21..120 + burst), holder.texts.takeLast(100 + burst), "$burst")
                holder.on(ConversationEvent.Older)
                come()
                assertEquals(messages(1..120 + burst), holder.texts, "$burst")
                assertFalse(holder.state.value.hasOlder)
            }
        }
    }

    @Test
    fun `after a burst that is too long to be joined the chat begins anew, and the older ones follow page by page`() {
        withHolder(before = { world, grace -> world.write(world.ada, grace, 1..50) }) { world, grace, holder, come ->
            assertFalse(holder.state.value.hasOlder)
            world.write(grace, world.ada, 51..3_400)
            come()
            assertEquals(messages(3_400 - holder.texts.size + 1..3_400), holder.texts)
            assertTrue("Message 50." !in holder.texts)
            while (holder.state.value.hasOlder) {
                holder.on(ConversationEvent.Older)
                come()
            }
            assertEquals(messages(1..3_400), holder.texts)
        }
    }

    @Test
    fun `what was removed while more than a page came is gone`() {
        withHolder(before = { world, grace -> world.write(world.ada, grace, 1..20) }) { world, grace, holder, come ->
            runBlocking { for (message in world.ada.messages(grace.id)) world.ada.deleteMessage(message.id) }
            world.write(grace, world.ada, 21..270)
            come()
            assertEquals(messages(21..270), holder.texts)
            assertFalse(holder.state.value.hasOlder)
        }
    }

    @Test
    fun `the line before what is new stands where it begins, also with more than a page of it, and after the end of the process`() {
        val saved = Saved()
        val begin = { world: World, grace: FakePermesso ->
            world.write(world.ada, grace, 1..30)
            world.write(grace, world.ada, 31..350)
        }
        withHolder(saved, begin) { world, _, holder, come ->
            val first = holder.state.value.firstUnread
            assertEquals("Message 31.", runBlocking { world.ada.message(checkNotNull(first)) }?.text)
            assertEquals(messages(1..350), holder.texts)
            holder.on(ConversationEvent.Read)
            come()
            assertFalse(holder.shown.any { it.unread })
            val again = ConversationHolder(world.ada, world.scope, holder.shown[0].host, Outgoing(world.scope, Saved()), saved)
            assertEquals(first, again.state.value.firstUnread)
            assertTrue(again.shown.any { it.id == first })
            again.on(ConversationEvent.Write("Good morning"))
            again.on(ConversationEvent.Send)
            assertNull(saved["unread"])
        }
    }

    private companion object {
        const val BELOW = "New messages below"
        const val NEW = "New from here"
    }
}
