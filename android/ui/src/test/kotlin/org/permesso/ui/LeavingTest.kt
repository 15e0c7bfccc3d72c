package org.permesso.ui

import androidx.compose.ui.input.key.Key
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.pressKey
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Departure
import org.permesso.Permesso
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.testing.FakePermesso
import java.io.File

/** Off the network on the user's own wish, and back. */
@OptIn(ExperimentalTestApi::class)
internal class LeavingTest {
    private fun SkikoComposeUiTest.click(text: String) {
        onNodeWithText(text).performScrollTo().performClick()
    }

    @Test
    fun `leaving asks, tells what became of the mail, and one can come back`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking {
                grace.leave()
                world.ada.send(grace.id, "Wait for me")
            }
            onNodeWithContentDescription("More").performClick()
            click("Leave the network")
            onNodeWithText("Leave").performClick()
            sees("1 message is on this device alone")
            onNodeWithText("Come back").performClick()
            runBlocking { grace.start() }
            runBlocking { assertEquals("Wait for me", grace.messages(world.ada.id).single().text) }
        }

    @Test
    fun `leaving that fails says why, and whether others shall reach it is known throughout`(): Unit =
        withApp { world ->
            assertEquals(true, world.app.present.value)
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            onNodeWithContentDescription("More").performClick()
            click("Leave the network")
            onNodeWithText("Leave").performClick()
            sees("Nothing can be stored")
            assertEquals(true, world.app.present.value)
            onNodeWithText("Got it").performClick()
            onNodeWithText("Nothing can be stored", substring = true).assertDoesNotExist()
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            world.app.leave()
            // Also to whom it brought elsewhere meanwhile.
            onNodeWithContentDescription("Back").performClick()
            sees("Nothing can be stored")
            onNodeWithContentDescription("More").performClick()
            click("Leave the network")
            onNodeWithText("Leave").performClick()
            waitForIdle()
            onNodeWithText("Nothing can be stored", substring = true).assertDoesNotExist()
            assertEquals(false, world.app.present.value)
            onNodeWithText("Come back").performClick()
            waitForIdle()
            assertEquals(true, world.app.present.value)
            world.app.erase()
            waitForIdle()
            assertEquals(null, world.app.present.value)
        }

    private fun seenBy(host: Permesso) = runBlocking { host.nearby.first() }.map { it.id }

    @Test
    fun `who has left is told so wherever one goes, and comes back by one's own wish alone`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            onNodeWithContentDescription("More").performClick()
            click("Leave the network")
            onNodeWithText("Leave").performClick()
            sees("No message waits on this device alone")
            // A link from elsewhere takes the place of what told of it.
            world.app.openUri("permesso:${grace.id}")
            onNodeWithText("No message waits on this device alone").assertDoesNotExist()
            world.app.back()
            sees("Off the network")
            onNodeWithText("Nobody yet", substring = true).assertDoesNotExist()
            // As the app comes to the front with a permission that it did not have.
            world.platform.lacking.add(Permission.LOCAL_NETWORK)
            world.app.lookForNetwork()
            onNodeWithText("Without this permission Permesso sees nobody", substring = true).assertDoesNotExist()
            world.platform.lacking.clear()
            world.app.lookForNetwork()
            sees("Off the network")
            onNodeWithContentDescription("More").performClick()
            sees("No message waits on this device alone")
            onNode(isDialog()).performKeyInput { pressKey(Key.Escape) }
            onNodeWithText("No message waits on this device alone").assertDoesNotExist()
            assertEquals(false, world.app.present.value)
            assertEquals(emptyList<String>(), seenBy(grace))
            click("Off the network")
            sees("No message waits on this device alone")
            onNode(isDialog()).performKeyInput { pressKey(Key.Escape) }
            onNodeWithContentDescription("Back").performClick()
            onNodeWithText("Come back").performClick()
            onNodeWithText("Off the network").assertDoesNotExist()
            assertEquals(listOf(world.ada.id), seenBy(grace))
        }

    @Test
    fun `neither the doctor nor another opening brings back who has left`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            world.app.leave()
            world.app.show(Screen.Doctor)
            sees("Off the network")
            assertEquals(emptyList<String>(), seenBy(grace))
            world.app.reopen()
            waitForIdle()
            assertTrue(world.app.phase.value is Phase.Live)
            sees("Off the network")
            assertEquals(emptyList<String>(), seenBy(grace))
            onNodeWithText("Come back").performClick()
            sees("Others can be reached")
            assertEquals(listOf(world.ada.id), seenBy(grace))
        }

    @Test
    fun `who has left is off the network in later processes too, is told so, and comes back by one's own wish alone`() {
        val world = World()
        val grace = world.friend("Grace")
        val linus = world.other("Linus")
        runBlocking {
            grace.leave()
            world.ada.send(grace.id, "Wait for me")
        }
        world.app.leave()
        repeat(2) { world.dieAndComeBack() }
        withApp(world) {
            sees("Off the network")
            assertEquals(false, world.app.present.value)
            assertEquals(emptyList<String>(), seenBy(linus))
            world.app.reopen()
            world.app.lookForNetwork()
            world.app.show(Screen.Doctor)
            waitForIdle()
            sees("Off the network")
            world.app.back()
            onNodeWithContentDescription("More").performClick()
            onNode(isDialog()).assertDoesNotExist()
            click("Off the network")
            sees("1 message is on this device alone")
            onNodeWithText("Come back").performClick()
            assertEquals(listOf(world.ada.id), seenBy(linus))
            world.dieAndComeBack(world.scope)
            assertEquals(true, world.app.present.value)
            assertEquals(listOf(world.ada.id), seenBy(linus))
        }
    }

    @Test
    fun `where the process ends while its user leaves, a later one stays off the network and tells what waits`() {
        val world = World()
        val grace = world.friend("Grace")
        runBlocking {
            grace.leave()
            world.ada.send(grace.id, "Wait for me")
        }
        world.opener.between = { ada ->
            object : Permesso by ada {
                override suspend fun leave(): Departure = awaitCancellation()
            }
        }
        world.dieAndComeBack()
        assertEquals(true, world.app.present.value)
        world.app.leave()
        world.opener.between = { it }
        world.dieAndComeBack()
        withApp(world) {
            assertEquals(false, world.app.present.value)
            onNodeWithContentDescription("More").performClick()
            click("Off the network")
            sees("1 message is on this device alone")
            world.dieAndComeBack(world.scope)
            assertEquals(Departure(0u, 0u, 1u), world.app.leaving.value.left)
        }
    }

    @Test
    fun `what another account did before keeps no new one off the network, and what cannot be read keeps its host off`() {
        val afresh = World(hostExists = false)
        afresh.platform.kept[PreferenceName.LEFT] = "0 0 1"
        afresh.dieAndComeBack()
        assertEquals(Phase.FirstRun, afresh.app.phase.value)
        afresh.app.begin("Ada", Visibility.EVERYBODY)
        assertEquals(true, afresh.app.present.value)

        val imported = World(hostExists = false)
        imported.platform.kept[PreferenceName.LEFT] = "0 0 1"
        imported.dieAndComeBack()
        runBlocking { imported.opener.importAccount(File("account"), "right") { _, _ -> true } }
        imported.app.open()
        assertEquals(true, imported.app.present.value)

        val strange = World()
        strange.platform.kept[PreferenceName.LEFT] = "yes"
        strange.dieAndComeBack()
        // It is there: who wanted to be away would rather be.
        assertEquals(Departure(0u, 0u, 0u), strange.app.leaving.value.left)
    }

    @Test
    fun `who leaves too slowly has left all the same`() {
        val world = World()
        world.ada.failNext(PermessoException.TimedOut("leaving took more than 2 s"))
        world.app.leave()
        assertEquals(false, world.app.present.value)
        assertEquals(Leaving(left = Departure(0u, 0u, 0u)), world.app.leaving.value)
    }

    /** Ada's app wants to go on the network where Grace is, and the system still asks whether it may, until the third is completed. */
    private fun whileAsked(then: (World, FakePermesso, CompletableDeferred<Unit>) -> Unit) {
        val world = World()
        val grace = world.other("Grace")
        val question = CompletableDeferred<Unit>()
        runBlocking { world.ada.leave() }
        world.platform.question = question
        world.app.start()
        then(world, grace, question)
    }

    @Test
    fun `who could not leave goes on waiting for the network`(): Unit =
        whileAsked { world, grace, question ->
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            world.app.leave()
            assertEquals(true, world.app.present.value)
            question.complete(Unit)
            assertEquals(listOf(world.ada.id), seenBy(grace))
        }

    @Test
    fun `who leaves while the system still asks for the network is not brought onto it by the answer`(): Unit =
        whileAsked { world, grace, question ->
            world.app.leave()
            question.complete(Unit)
            assertEquals(emptyList<String>(), seenBy(grace))
            assertEquals(false, world.app.present.value)
            world.app.start()
            assertEquals(listOf(world.ada.id), seenBy(grace))
        }

    @Test
    fun `that others can reach it is said of a host that is on the network and may be there, and of no other`(): Unit =
        whileAsked { world, _, question ->
            val reached = world.app.reached
            assertEquals(true to null, world.app.present.value to reached.value)
            question.complete(Unit)
            assertEquals(true, reached.value)
            // As the app comes to the front without a permission that it had.
            world.platform.lacking.add(Permission.LOCAL_NETWORK)
            world.app.lookForNetwork()
            assertEquals(false, reached.value)
            world.platform.lacking.clear()
            world.app.lookForNetwork()
            assertEquals(true, reached.value)
            world.app.leave()
            assertEquals(null, reached.value)
            world.platform.refused.add(Permission.LOCAL_NETWORK)
            world.app.start()
            assertEquals(false, reached.value)
            world.platform.refused.clear()
            runBlocking { world.ada.leave() }
            world.ada.failNext(PermessoException.NetworkUnavailable("the port is taken"))
            world.app.start()
            assertEquals(false, reached.value)
            world.app.start()
            assertEquals(true, reached.value)
            world.app.erase()
            assertEquals(null, reached.value)
        }
}
