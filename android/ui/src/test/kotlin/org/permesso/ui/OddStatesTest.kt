package org.permesso.ui

import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.getBoundsInRoot
import androidx.compose.ui.test.hasAnyAncestor
import androidx.compose.ui.test.hasScrollToNodeAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performScrollToNode
import androidx.compose.ui.test.runSkikoComposeUiTest
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Diagnosis
import org.permesso.ExaminedThing
import org.permesso.Ground
import org.permesso.Judgement
import org.permesso.Permesso
import org.permesso.ffi.PermessoException
import org.permesso.ui.words.EnglishStrings
import kotlin.time.Duration.Companion.days

/** What does not happen on most days. */
@OptIn(ExperimentalTestApi::class)
internal class OddStatesTest {
    @Test
    fun `of three hundred who are nearby the last is reached and can be asked`() {
        val world = World()
        val all = List(300) { world.other("Host ${it + 1}") }
        withApp(world) {
            sees("Nearby (300)")
            onNode(hasScrollToNodeAction()).performScrollToNode(hasText("Host 300"))
            onNodeWithText("Host 300").performClick()
            onNodeWithText("Ask for friendship").assertIsDisplayed()
            val top = world.app.stack.value
            assertEquals(Screen.Person(all.last().id), top.last().screen)
        }
    }

    @Test
    fun `a message of four thousand characters goes and arrives whole, and is copied whole`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            val text = List(500) { "line %02d".format(it % 100) }.joinToString("\n") + "."
            assertEquals(4_000, text.length)
            write(text)
            sees("Delivered")
            assertEquals(text, runBlocking { grace.messages(world.ada.id) }.single().text)
            onNodeWithText(text, substring = true).performClick()
            onNodeWithText("Copy").performClick()
            assertEquals(listOf(text), world.platform.copied)
        }

    @Test
    fun `text from right to left, and pictures made of several signs, arrive as they were written`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            for (text in listOf("مرحبا، نلتقي at 8?", "👩‍👩‍👧‍👦🏳️‍🌈👍🏽", "שלום")) {
                write(text)
                sees(text)
                assertEquals(text, runBlocking { grace.messages(world.ada.id) }.last().text)
            }
        }

    @Test
    fun `a gap is told where it is and beside the message, and no longer once it is filled`() {
        val world = World()
        val grace = world.friend("Grace")
        runBlocking { for (text in listOf("One", "Three")) grace.send(world.ada.id, text) }
        val isOpen = MutableStateFlow(true)
        val lossy =
            object : Permesso by world.ada {
                override fun conversation(
                    friend: String,
                    limit: Int,
                ) = world.ada.conversation(friend, limit).combine(isOpen) { messages, gap ->
                    messages.map { it.copy(gap = gap && it.text == "Three") }
                }
            }
        runSkikoComposeUiTest(PHONE) {
            val holder = ConversationHolder(lossy, world.scope, grace.id, Outgoing(world.scope, Saved()), Saved())
            setContent {
                val state by holder.state.collectAsState()
                PermessoTheme(dark = false) {
                    ConversationScreen(state, Saved(), ConversationMeans({}, null), {}, holder::on) { }
                }
            }
            waitForIdle()
            sees(EnglishStrings.gap)
            val (one, gap, three) =
                listOf(
                    "One",
                    EnglishStrings.gap,
                    "Three",
                ).map { onNodeWithText(it, substring = true).getBoundsInRoot().top }
            assertTrue(one < gap && gap < three, "$one $gap $three")
            onNodeWithText("Three", substring = true).performClick()
            waitForIdle()
            onNode(hasText(EnglishStrings.gap) and hasAnyAncestor(isDialog())).assertIsDisplayed()
            onNodeWithText("Close").performClick()
            isOpen.value = false
            waitForIdle()
            onNodeWithText(EnglishStrings.gap).assertDoesNotExist()
            sees("Three")
        }
        world.scope.cancel()
    }

    @Test
    fun `a clock that is wrong is named by the doctor, with the page where it is set`(): Unit =
        withApp { world ->
            world.ada.diagnose(listOf(wrong(ExaminedThing.CLOCK, Ground.CLOCK_DIFFERS, ahead = 3.days.inWholeMilliseconds)))
            world.app.show(Screen.Doctor)
            sees("3 days")
            onNodeWithText("Open the settings").performScrollTo().performClick()
            assertEquals(listOf(SystemPage.DATE), world.platform.pages)
        }

    @Test
    fun `a port that another program has is named by the doctor with its number`(): Unit =
        withApp { world ->
            world.ada.diagnose(listOf(wrong(ExaminedThing.BROADCAST, Ground.PORT_TAKEN)))
            world.app.show(Screen.Doctor)
            sees("Another program has UDP port 20071")
        }

    private fun wrong(
        thing: ExaminedThing,
        ground: Ground,
        ahead: Long? = null,
    ) = Diagnosis(thing, "wlan0", "192.168.1.7", Judgement.DOES_NOT_WORK, ground, 3u, null, null, null, ahead)

    @Test
    fun `a key that cannot be had says so, keeps the data, and goes on when it is back`() {
        val world = World()
        world.opener.failure = PermessoException.KeyUnavailable("the key store is locked")
        world.app.reopen()
        withApp(world) {
            sees("the key store is locked")
            world.opener.failure = null
            onNodeWithText("Try again").performScrollTo().performClick()
            sees("Nobody yet")
            assertEquals(0, world.opener.erased)
        }
    }

    @Test
    fun `data that another program has open says so, and opens once it is free`() {
        val world = World()
        world.opener.failure = PermessoException.AlreadyThere("another program has it open")
        world.app.reopen()
        withApp(world) {
            sees("Another Permesso has this data open. Close it, then try again.")
            onNodeWithText("Start afresh").assertDoesNotExist()
            world.opener.failure = null
            onNodeWithText("Try again").performScrollTo().performClick()
            sees("Nobody yet")
        }
    }

    @Test
    fun `a request that cannot be stored stays open, and says why`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            runBlocking { grace.askFriendship(world.ada.id) }
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            onNodeWithText("Accept").performClick()
            sees("Nothing can be stored")
            onNodeWithText("Got it").performClick()
            onNodeWithText("Accept").performClick()
            onNodeWithText("Accept").assertDoesNotExist()
            val shown = world.app.holderOf<PeopleHolder>().state
            assertNull(shown.value.trouble)
        }

    @Test
    fun `while nothing can be stored that stands on every screen with a list, and when it is over the lists go on by themselves`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking { world.ada.send(grace.id, "Are you there?") }
            world.ada.failStorage()
            sees(EnglishStrings.storageFails)
            runBlocking { grace.send(world.ada.id, "Here I am") }
            world.app.show(Screen.Person(grace.id))
            sees(EnglishStrings.storageFails)
            world.app.show(Screen.Conversation(grace.id))
            sees(EnglishStrings.storageFails)
            onNodeWithText("Are you there?", substring = true).assertDoesNotExist()
            world.ada.restoreStorage()
            sees("Are you there?")
            sees("Here I am")
            onNodeWithText(EnglishStrings.storageFails).assertDoesNotExist()
            world.app.back()
            sees("here · friend")
            onNodeWithText(EnglishStrings.storageFails).assertDoesNotExist()
            world.app.back()
            sees("Here I am")
            onNodeWithText(EnglishStrings.storageFails).assertDoesNotExist()
        }

    @Test
    fun `what was refused because nothing can be stored is told until it was seen, and the trouble beneath it until it is over`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Conversation(grace.id))
            onNodeWithContentDescription("Write here").assertIsDisplayed()
            world.ada.failStorage()
            write("Hello")
            sees(EnglishStrings.troubleStorage)
            onNodeWithText(EnglishStrings.storageFails).assertDoesNotExist()
            onNodeWithText("Got it").performClick()
            sees(EnglishStrings.storageFails)
            world.ada.restoreStorage()
            onNodeWithText(EnglishStrings.storageFails).assertDoesNotExist()
            onNodeWithContentDescription("Send").performClick()
            sees("Delivered")
        }

    @Test
    fun `a host that could not go on the network because nothing could be stored goes there when it is over`(): Unit =
        runBlocking {
            val world = World()
            val grace = world.friend("Grace")
            world.ada.leave()
            world.ada.failStorage()
            world.app.start()
            assertTrue(checkNotNull(world.app.offNetwork.value).trouble is PermessoException.StorageUnavailable)
            world.ada.restoreStorage()
            world.app.offNetwork.awaitOne { it == null }
            assertEquals(listOf(world.ada.id), grace.nearby.first().map { it.id })
            world.scope.cancel()
        }
}
