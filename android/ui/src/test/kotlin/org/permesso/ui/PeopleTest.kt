package org.permesso.ui

import androidx.compose.ui.input.key.Key
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.assertIsEnabled
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.hasAnyAncestor
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.onAllNodesWithText
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.onRoot
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTextReplacement
import androidx.compose.ui.test.pressKey
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.FriendState
import org.permesso.Visibility
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import org.permesso.ui.samples.PeopleSamples
import org.permesso.ui.samples.friend
import org.permesso.ui.samples.host

/** The first run, the list of people, search, and somebody's page. */
@OptIn(ExperimentalTestApi::class)
internal class PeopleTest {
    private fun SkikoComposeUiTest.click(text: String) {
        onNodeWithText(text).performClick()
    }

    @Test
    fun `the first run wants a name, and the host has the chosen one and its visibility`(): Unit =
        withApp(World(hostExists = false)) { world ->
            click("Begin")
            sees("Write a name")
            onNodeWithContentDescription("What should others call you?").performTextInput("Augusta")
            click("Friends only")
            onNodeWithText("Begin").performScrollTo().performClick()
            sees("Nobody yet")
            runBlocking {
                assertEquals("Augusta", world.ada.settings().alias)
                assertEquals(Visibility.FRIENDS, world.ada.settings().visibility)
            }
        }

    @Test
    fun `who begins twice at once has one host, and begins no other when it is there`() {
        val world = World(hostExists = false)
        val holder = StartHolder(world.app, world.scope, Saved())
        holder.on(StartEvent.Alias("Augusta"))
        repeat(2) { holder.on(StartEvent.Begin) }
        world.app.open()
        assertEquals(listOf(false), world.opener.roles)
        assertTrue(world.app.phase.value is Phase.Live)
        world.scope.cancel()
    }

    @Test
    fun `a name that is too long is refused with the number of bytes`(): Unit =
        withApp(World(hostExists = false)) { world ->
            onNodeWithContentDescription("What should others call you?").performTextInput("é".repeat(33))
            sees("2 bytes too long")
            onNodeWithText("Begin").performScrollTo().performClick()
            assertEquals(Phase.FirstRun, world.app.phase.value)
        }

    @Test
    fun `a request is accepted in the list, and one can write at once`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            runBlocking { grace.askFriendship(world.ada.id, "It's me") }
            sees("It's me")
            click("Accept")
            click("Grace")
            onNodeWithContentDescription("Write here").assertIsDisplayed()
            runBlocking { assertEquals(FriendState.FRIEND, grace.friend(world.ada.id)?.state) }
        }

    @Test
    fun `a screen reader hears of a friend the name, what is unread, who is here, the last line and its time`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking { grace.send(world.ada.id, "Tea at five?") }
            onNodeWithContentDescription("Grace, 1 unread, here · Tea at five?, ", substring = true).assertIsDisplayed()
            runBlocking {
                world.ada.setVerified(grace.id, true)
                grace.leave()
                world.ada.send(grace.id, "Where are you?")
            }
            onNodeWithContentDescription("Grace, verified, 1 unread, away, Waiting: Where are you?, ", substring = true).assertIsDisplayed()
        }

    @Test
    fun `a refusal is told only if one wants it`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            val linus = world.other("Linus")
            runBlocking { grace.askFriendship(world.ada.id) }
            click("Refuse")
            onNodeWithText("Refuse Grace?").assertIsDisplayed()
            click("Refuse and tell")
            runBlocking { assertEquals(FriendState.UNKNOWN, grace.friend(world.ada.id)?.state) }
            runBlocking { linus.askFriendship(world.ada.id) }
            click("Refuse")
            onNodeWithText("Cancel").assertIsDisplayed()
            world.app.holderOf<PeopleHolder>().on(PeopleEvent.Refuse(tell = false))
            runBlocking { assertEquals(FriendState.REQUEST_SENT, linus.friend(world.ada.id)?.state) }
        }

    @Test
    fun `somebody is found by a part of the name, asked, and becomes a friend`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            onNodeWithContentDescription("Find people").performClick()
            onNodeWithContentDescription("A part of a name, or a permesso: code").performTextInput("gra")
            click("Search")
            click("Grace")
            click("Ask for friendship")
            onNodeWithContentDescription("A few words", substring = true).performTextInput("From the library")
            onNode(
                hasText("Ask for friendship") and
                    androidx.compose.ui.test
                        .hasAnyAncestor(
                            androidx.compose.ui.test
                                .isDialog(),
                        ),
            ).performClick()
            sees("has not answered yet")
            runBlocking {
                assertEquals("From the library", grace.friend(world.ada.id)?.greeting)
                grace.acceptFriendship(world.ada.id)
            }
            click("Write")
            onNodeWithContentDescription("Write here").assertIsDisplayed()
        }

    @Test
    fun `a search without an answer says so and leads to the doctor`(): Unit =
        withApp {
            onNodeWithContentDescription("Find people").performClick()
            onNodeWithText("Search").assertIsNotEnabled()
            onNodeWithContentDescription("A part of a name, or a permesso: code").performTextInput("nobody")
            click("Search")
            sees("Nobody answers to that")
            click("Network doctor")
            sees("Look again")
        }

    @Test
    fun `who is off the network is told so where people are searched for, with the way back, and searches for nobody until then`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            val nobody = { onNodeWithText("Nobody answers to that", substring = true) }
            val field = { onNode(hasSetTextAction()) }
            world.app.show(Screen.Find)
            field().performTextInput("nobody")
            click("Search")
            nobody().assertIsDisplayed()
            world.app.leave()
            sees("Off the network")
            nobody().assertDoesNotExist()
            // The page looks again when it begins anew.
            world.app.reopen()
            sees("Off the network")
            field().performTextReplacement("gra")
            field().performKeyInput { pressKey(Key.Enter) }
            waitForIdle()
            onNodeWithText("Search").assertIsNotEnabled()
            nobody().assertDoesNotExist()
            click("Come back")
            click("Search")
            sees("Grace")
            onNodeWithText("Off the network").assertDoesNotExist()
            world.app.leave()
            field().performTextReplacement("permesso:${grace.id}")
            click("Search")
            sees("A code of Permesso")
        }

    @Test
    fun `where people are searched for it is said why the network cannot be had, and that its permission is lacking`(): Unit =
        withApp { world ->
            world.app.show(Screen.Find)
            onNode(hasSetTextAction()).performTextInput("gra")
            world.ada.failNext(PermessoException.NetworkUnavailable("no usable network address"))
            world.app.start()
            sees("Not on the network")
            onNodeWithText("Search").assertIsNotEnabled()
            click("Try again")
            onNodeWithText("Search").assertIsEnabled()
            onNodeWithText("Not on the network", substring = true).assertDoesNotExist()
            world.platform.refused.add(Permission.LOCAL_NETWORK)
            world.app.start()
            sees("Without this permission Permesso sees nobody")
            onNodeWithText("Search").assertIsNotEnabled()
        }

    @Test
    fun `the numbers are compared, a local name is given, the friendship ends, and the host is blocked`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Person(grace.id))
            onNodeWithText("The digits are the same").performScrollTo().performClick()
            runBlocking { assertTrue(world.ada.friend(grace.id)?.verified == true) }
            onNodeWithText("A name of your own").performScrollTo().performClick()
            onNodeWithContentDescription("Name (empty takes it away)").performTextInput("Gracie")
            click("Save")
            sees("calls itself “Grace”")
            onNodeWithText("End the friendship").performScrollTo().performClick()
            onNode(
                hasText("End the friendship") and
                    androidx.compose.ui.test
                        .hasAnyAncestor(
                            androidx.compose.ui.test
                                .isDialog(),
                        ),
            ).performClick()
            sees("friendship ended")
            onNodeWithText("Block").performScrollTo().performClick()
            onNode(
                hasText("Block") and
                    androidx.compose.ui.test
                        .hasAnyAncestor(
                            androidx.compose.ui.test
                                .isDialog(),
                        ),
            ).performClick()
            onNodeWithText("Unblock").performScrollTo().assertIsEnabled()
            runBlocking { assertTrue(world.ada.friend(grace.id)?.blocked == true) }
        }

    private fun SkikoComposeUiTest.answer(text: String) {
        onNode(hasText(text) and hasAnyAncestor(isDialog())).performClick()
    }

    @Test
    fun `a stranger who is near is blocked, found under the same name, also by searching, and unblocked`(): Unit =
        withApp { world ->
            val linus = world.other("Linus")
            click("Linus")
            onNodeWithText("Block").performScrollTo().performClick()
            answer("Block")
            sees("here · blocked")
            assertTrue(runBlocking { world.ada.friend(linus.id) }?.blocked == true)
            world.app.back()
            sees("Blocked or ended (1)")
            onNodeWithContentDescription("Find people").performClick()
            onNodeWithContentDescription("A part of a name, or a permesso: code").performTextInput("lin")
            click("Search")
            sees("blocked · ")
            world.app.back()
            // Also when it is not near to say its name.
            runBlocking { linus.leave() }
            click("Linus")
            onNodeWithText("calls itself", substring = true).assertDoesNotExist()
            click("Unblock")
            waitForIdle()
            assertTrue(runBlocking { world.ada.friend(linus.id) }?.blocked == false)
        }

    @Test
    fun `who asks is blocked from the question about refusing, in the list and on the page`(): Unit =
        withApp { world ->
            val linus = world.other("Linus")
            val margaret = world.other("Margaret")
            runBlocking { linus.askFriendship(world.ada.id) }
            click("Refuse")
            sees("If you block instead")
            answer("Block")
            sees("Blocked or ended (1)")
            runBlocking { margaret.askFriendship(world.ada.id) }
            world.app.show(Screen.Person(margaret.id))
            click("Refuse")
            answer("Block")
            sees("You hear nothing of this person")
            for (other in listOf(linus, margaret)) assertTrue(runBlocking { world.ada.friend(other.id) }?.blocked == true)
        }

    @Test
    fun `the conversation with a friend who was blocked can still be read, and says why it is no more than that`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            runBlocking {
                grace.send(world.ada.id, "Lend me money")
                world.ada.block(grace.id)
            }
            click("Grace")
            click("Read the conversation")
            sees("Lend me money")
            sees("You have blocked this person")
            onNodeWithContentDescription("Write here").assertDoesNotExist()
        }

    @Test
    fun `a friend is saved to the address book with the address in it`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.app.show(Screen.Person(grace.id))
            onNodeWithText("Save to the address book").performScrollTo().performClick()
            sees("Saved.")
            onNodeWithText("Save to the address book").performClick()
            sees("It is in the address book already.")
            assertTrue("permesso:${grace.id}" in world.platform.addressBookText)
        }

    @Test
    fun `without a network a banner says why and leads to the doctor`() {
        val world = World()
        world.ada.failNext(PermessoException.NetworkUnavailable("no usable network address"))
        world.app.start()
        withApp(world) {
            sees("Not on the network")
            onAllNodesWithText("Network doctor").onFirst().performClick()
            sees("Look again")
        }
    }

    private fun World.portIsTaken() {
        ada.diagnose(PeopleSamples.portTaken.diagnoses)
        ada.failNext(PermessoException.NetworkUnavailable("port 20071 is in use"))
    }

    @Test
    fun `a host that did not start says what keeps it from the network, and is tried again from there`() {
        val world = World()
        world.portIsTaken()
        world.app.start()
        withApp(world) {
            sees("Not on the network. Another program has UDP port 20071. Stop that program")
            world.portIsTaken()
            click("Try again")
            sees("Not on the network. Another program has UDP port 20071. Stop that program")
            click("Try again")
            onNodeWithText("Not on the network", substring = true).assertDoesNotExist()
            assertNull(world.app.offNetwork.value)
        }
    }

    @Test
    fun `a port that is taken is changed in the settings, and the host is on the network at once`() {
        val world = World()
        world.portIsTaken()
        world.app.start()
        withApp(world) {
            click("Settings")
            onNodeWithText("Port").performScrollTo().performClick()
            onNode(hasSetTextAction()).performTextReplacement("20072")
            click("Save")
            waitForIdle()
            assertEquals(20_072.toUShort(), runBlocking { world.ada.settings().port })
            assertNull(world.app.offNetwork.value)
        }
    }

    @Test
    fun `what the doctor has mended by looking is no trouble on the first screen any more`() {
        val world = World()
        world.ada.failNext(PermessoException.NetworkUnavailable("no usable network address"))
        world.app.start()
        withApp(world) {
            sees("Not on the network. The network cannot be used: connect to a Wi-Fi")
            onAllNodesWithText("Network doctor").onFirst().performClick()
            sees("Look again")
            onNodeWithContentDescription("Back").performClick()
            onNodeWithText("Not on the network", substring = true).assertDoesNotExist()
        }
    }

    @Test
    fun `without the permission for the local network the first screen says so, until it is there`() {
        val world = World()
        world.platform.lacking.add(Permission.LOCAL_NETWORK)
        world.platform.refused.add(Permission.LOCAL_NETWORK)
        world.app.start()
        withApp(world) {
            sees("Without this permission Permesso sees nobody")
            onAllNodesWithText("Network doctor").onFirst().performClick()
            sees("Look again")
            // In the system's settings.
            world.platform.lacking.clear()
            world.platform.refused.clear()
            onNodeWithContentDescription("Back").performClick()
            onNodeWithText("Without this permission Permesso sees nobody", substring = true).assertDoesNotExist()
        }
    }

    @Test
    fun `while the system asks for the local network the first screen does not say that it is missing`() {
        val world = World()
        val said = "Without this permission Permesso sees nobody"
        world.platform.lacking.add(Permission.LOCAL_NETWORK)
        world.platform.refused.add(Permission.LOCAL_NETWORK)
        val question = CompletableDeferred<Unit>()
        world.platform.question = question
        world.app.start()
        withApp(world) {
            // As the app comes to the front, behind the question.
            world.app.lookForNetwork()
            sees("Nobody yet")
            onNodeWithText(said, substring = true).assertDoesNotExist()
            question.complete(Unit)
            sees(said)
        }
    }

    @Test
    fun `a permission that was given in the system's settings is seen when the app comes to the front, and used`() {
        val world = World()
        val said = "Without this permission Permesso sees nobody"
        world.platform.lacking.add(Permission.LOCAL_NETWORK)
        world.platform.refused.add(Permission.LOCAL_NETWORK)
        world.ada.failNext(PermessoException.NetworkUnavailable("operation not permitted"))
        world.app.start()
        withApp(world) {
            sees(said)
            sees("Not on the network")
            world.app.lookForNetwork()
            sees(said)
            world.platform.lacking.clear()
            world.platform.refused.clear()
            world.app.lookForNetwork()
            onNodeWithText(said, substring = true).assertDoesNotExist()
            onNodeWithText("Not on the network", substring = true).assertDoesNotExist()
        }
    }

    @Test
    fun `what the user should know is counted, shown and then known`(): Unit =
        withApp { world ->
            world.ada.tell(Event.Notice(Notice.EncryptionReset(world.friend("Grace").id)))
            sees("1 new notice")
            click("Show")
            sees("The encryption with Grace was started afresh")
            assertEquals(0, world.app.notices.unseen.value)
        }

    @Test
    fun `notifications are asked for with the reason, once there is somebody to hear from`() {
        val world = World()
        world.platform.lacking.add(Permission.NOTIFICATIONS)
        withApp(world) {
            sees("Nobody yet")
            onNodeWithText("Allow notifications").assertDoesNotExist()
            val grace = world.other("Grace")
            runBlocking { grace.askFriendship(world.ada.id) }
            sees("tell you of messages and requests")
            click("Allow notifications")
            assertEquals(emptySet<Permission>(), world.platform.lacking)
            onNodeWithText("Allow notifications").assertDoesNotExist()
        }
    }

    @Test
    fun `who is known by a card and away stands in the list, can be asked, and is no stranger when here`(): Unit =
        withApp { world ->
            sees("Nobody yet")
            val linus = world.network.open("Linus")
            val card = "BEGIN:VCARD\r\nFN:Linus\r\nIMPP:permesso:${linus.id}\r\nEND:VCARD\r\n"
            runBlocking { world.ada.importContacts(card) }
            sees("Known, not here (1)")
            onNodeWithText("Nobody yet", substring = true).assertDoesNotExist()
            onNodeWithContentDescription("Linus, away").assertIsDisplayed()
            click("Linus")
            onNodeWithText("Ask for friendship").assertIsDisplayed()
            world.app.back()
            runBlocking { linus.start() }
            sees("Nearby (1)")
            onNodeWithText("Known, not here", substring = true).assertDoesNotExist()
            runBlocking { linus.leave() }
            click("Linus")
            click("Ask for friendship")
            answer("Ask for friendship")
            world.app.back()
            sees("You asked (1)")
            onNodeWithText("Known, not here", substring = true).assertDoesNotExist()
        }

    @Test
    fun `a first message that is read before the page hears of it is not overlooked there`(): Unit =
        runBlocking {
            val world = World()
            val grace = world.friend("Grace")
            val later = Later()
            val scope = CoroutineScope(later + Job())
            val holder = PersonHolder(world.ada, scope, grace.id, world.platform, Saved())
            later.comeWhole()
            assertEquals(true to false, holder.state.value.let { it.loaded to it.hasConversation })
            val message = grace.send(world.ada.id, "Tea at five?")
            world.ada.markRead(grace.id)
            later.comeWhole()
            assertTrue(holder.state.value.hasConversation)
            world.ada.deleteMessage(message)
            later.comeWhole()
            assertFalse(holder.state.value.hasConversation)
            scope.cancel()
            world.scope.cancel()
        }

    @Test
    fun `whatever there is between us, everybody who is known stands in one group`() {
        val kinds = FriendState.entries.flatMap { state -> listOf(false, true).map { state to it } }
        val people = List(2 * kinds.size) { kinds[it / 2].let { (state, blocked) -> friend("Ada", state, it + 1, blocked = blocked) } }
        // Of each two one is here.
        val state = PeopleState(loaded = true, friends = people, nearby = List(kinds.size) { host("Ada", 2 * it + 1) })
        val shown = with(state) { asks + talks + asked + known + others }.map { it.id } + state.strangers.map { it.id }
        assertEquals(people.map { it.id }.sorted(), shown.sorted())
    }

    @Test
    fun `who does not want notifications is not asked again`() {
        val world = World()
        world.platform.lacking.add(Permission.NOTIFICATIONS)
        world.friend("Grace")
        withApp(world) {
            click("Not now")
            onNodeWithText("Not now").assertDoesNotExist()
            assertEquals(setOf(Permission.NOTIFICATIONS), world.platform.lacking)
        }
        val later = World()
        later.platform.lacking.add(Permission.NOTIFICATIONS)
        later.platform.kept += world.platform.kept
        later.friend("Linus")
        withApp(later) {
            sees("Linus")
            onNodeWithText("Not now").assertDoesNotExist()
        }
    }

    @Test
    fun `data that cannot be opened says what to do, and starting afresh erases only after a question`() {
        val world = World()
        world.opener.failure = PermessoException.Damaged("its header was changed")
        world.app.reopen()
        withApp(world) {
            sees("is damaged")
            sees("its header was changed")
            onNodeWithText("Start afresh").performScrollTo().performClick()
            assertEquals(0, world.opener.erased)
            click("Erase everything")
            assertEquals(1, world.opener.erased)
            sees("Welcome to Permesso")
        }
    }

    @Test
    fun `a link that was opened before there is a host stays, whatever key says back`(): Unit =
        withApp(World(hostExists = false)) { world ->
            world.app.openUri("permesso:${world.other("Grace").id}")
            waitForIdle()
            onRoot().performKeyInput { pressKey(Key.Escape) }
            waitForIdle()
            assertFalse(world.app.back(), "as a window says it")
            assertTrue(
                world.app.stack.value
                    .last()
                    .screen is Screen.Scan,
            )
        }

    @Test
    fun `a backup is imported with the right passphrase, and a wrong one says so`(): Unit =
        withApp(World(hostExists = false)) { world ->
            onNodeWithText("Import a backup").performScrollTo().performClick()
            onNodeWithContentDescription("Passphrase of the file").performTextInput("wrong")
            click("Choose the file")
            sees("That is not the passphrase")
            world.app.keptFor<StartHolder>("start") { error("it has none") }.on(StartEvent.Passphrase("right"))
            click("Choose the file")
            assertTrue(world.opener.imported?.endsWith("chosen") == true)
            sees("Nobody yet")
        }
}

/** The state holder of the visible screen. */
internal fun <T : Any> AppState.holderOf(): T = keptFor<T>(stack.value.last()) { error("it has none") }
