package org.permesso.ui

import androidx.compose.ui.input.key.Key
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.hasAnyAncestor
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.onAllNodesWithText
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTextReplacement
import androidx.compose.ui.test.pressKey
import androidx.compose.ui.test.requestFocus
import kotlinx.coroutines.CompletableDeferred
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
import java.io.IOException

/** The doctor, the settings, the account, and what is under "more". */
@OptIn(ExperimentalTestApi::class)
internal class OtherScreensTest {
    private fun SkikoComposeUiTest.click(text: String) {
        onNodeWithText(text).performScrollTo().performClick()
    }

    private fun SkikoComposeUiTest.answer(text: String) {
        onNode(hasText(text) and hasAnyAncestor(isDialog())).performClick()
    }

    @Test
    fun `the doctor names what the device does, and opens the page where it is mended`(): Unit =
        withApp { world ->
            world.platform.found = setOf(Condition.NO_PERMISSION)
            world.app.show(Screen.Doctor)
            sees("The local network is not allowed")
            click("Open the settings")
            assertEquals(listOf(SystemPage.APP), world.platform.pages)
            // Not that the device is fine, as it is where nobody answers without a reason.
            sees("Others cannot find this device as it is")
            onNodeWithText("nobody answered", substring = true).assertDoesNotExist()
            world.platform.found = emptySet()
            click("Look again")
            sees("This device is fine, but nobody answered")
            world.other("Grace")
            click("Look again")
            sees("Others can be reached")
        }

    @Test
    fun `what is no fault of this device stands below what was found, and leads to its page`(): Unit =
        withApp { world ->
            world.platform.found = setOf(Condition.BATTERY_OPTIMISED)
            world.app.show(Screen.Doctor)
            sees("This device is fine, but nobody answered")
            val (hint, found) = listOf("If messages come late", "All ways").map { onNodeWithText(it, substring = true) }
            val (below, above) = listOf(hint, found).map { it.fetchSemanticsNode().positionInRoot.y }
            assertTrue(below > above, "$below is above $above")
            click("Open the settings")
            assertEquals(listOf(SystemPage.BATTERY), world.platform.pages)
        }

    @Test
    fun `a setting that could not be stored says so`(): Unit =
        withApp { world ->
            world.app.show(Screen.Settings)
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            click("Nobody")
            sees("Nothing can be stored")
            assertEquals(Visibility.EVERYBODY, runBlocking { world.ada.settings() }.visibility)
        }

    @Test
    fun `the server role opens the host again in that role`(): Unit =
        withApp { world ->
            world.app.show(Screen.Settings)
            click("Persistent server")
            waitForIdle()
            assertEquals("true", world.platform.kept[PreferenceName.SERVER])
            assertTrue(world.app.phase.value is Phase.Live)
            assertEquals(listOf(true, false), world.opener.roles.asReversed())
            // What a server does always is no choice of its user's.
            world.app.show(Screen.Settings)
            waitForIdle()
            onNodeWithText("Carry for others", substring = true).assertDoesNotExist()
            click("Persistent server")
            waitForIdle()
            world.app.show(Screen.Settings)
            waitForIdle()
            onNodeWithText("Carry for others", substring = true).assertExists()
        }

    @Test
    fun `everything is exported under a passphrase that was written twice, with a report`(): Unit =
        withApp { world ->
            world.friend("Grace")
            world.app.show(Screen.Account)
            click("Export")
            onNodeWithContentDescription("Passphrase").performTextInput("four words are better")
            onNodeWithContentDescription("Once more, to be sure").performTextInput("four words are bitter")
            sees("The two are not the same")
            onNodeWithText("Choose where").assertIsNotEnabled()
            onNodeWithContentDescription("Once more, to be sure").performTextReplacement("four words are better")
            onNodeWithText("Choose where").performClick()
            sees("friends and contacts: 1")
            assertTrue(File(world.platform.folder, "permesso.account").exists())
        }

    @Test
    fun `contacts go into the address book and are found from it again`(): Unit =
        withApp { world ->
            world.friend("Grace")
            world.app.show(Screen.Account)
            click("Save to the address book")
            onNodeWithText("1 contact was saved.").performScrollTo().assertIsDisplayed()
            world.other("Linus").let {
                world.platform.addressBookText +=
                    "BEGIN:VCARD\r\nFN:Linus\r\nIMPP:permesso:${it.id}\r\nEND:VCARD\r\n"
            }
            click("Find in the address book")
            onNodeWithText("1 new person was found.").performScrollTo().assertIsDisplayed()
        }

    @Test
    fun `an address book that is not allowed is said, with a way to the system's settings`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.platform.refused.add(Permission.CONTACTS)
            world.app.show(Screen.Account)
            click("Save to the address book")
            onNodeWithText("The address book is not allowed", substring = true).performScrollTo().assertIsDisplayed()
            click("Open the settings")
            assertEquals(listOf(SystemPage.APP), world.platform.pages)
            world.app.show(Screen.Person(grace.id))
            click("Save to the address book")
            onNodeWithText("The address book is not allowed", substring = true).performScrollTo().assertIsDisplayed()
            assertEquals("", world.platform.addressBookText)
        }

    @Test
    fun `an address book that takes new contacts into an account alone is said to, and a file is offered in its place`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            world.platform.bookNeedsAccount = true
            world.app.show(Screen.Account)
            click("Save to the address book")
            onNodeWithText("new contacts into an account alone", substring = true).performScrollTo().assertIsDisplayed()
            onNodeWithText("was saved", substring = true).assertDoesNotExist()
            onAllNodesWithText("Save as a file").onFirst().performScrollTo().performClick()
            onNodeWithText("1 contact was saved.").performScrollTo().assertIsDisplayed()
            assertTrue(grace.id in File(world.platform.folder, "permesso.vcf").readText())
            world.app.show(Screen.Person(grace.id))
            click("Save to the address book")
            onNodeWithText("new contacts into an account alone", substring = true).performScrollTo().assertIsDisplayed()
            assertEquals("", world.platform.addressBookText)
        }

    @Test
    fun `erasing everything asks first`(): Unit =
        withApp { world ->
            world.app.show(Screen.Account)
            click("Erase everything")
            onNodeWithText("Cancel").performClick()
            assertEquals(0, world.opener.erased)
            click("Erase everything")
            answer("Erase everything")
            assertEquals(1, world.opener.erased)
            sees("Welcome to Permesso")
        }

    @Test
    fun `a passphrase locks the app, and only the right one opens it`() {
        val world = World()
        val lock = TestLock()
        world.opener.lock = lock
        withApp(world) {
            world.app.show(Screen.Account)
            click("Set a passphrase")
            onNodeWithContentDescription("Passphrase").performTextInput("four words are better")
            onNodeWithContentDescription("Once more, to be sure").performTextInput("four words are better")
            onNodeWithText("Save").performClick()
            sees("A passphrase is asked for whenever Permesso starts")
        }
        withApp(locked(lock)) { world ->
            onNodeWithContentDescription("Passphrase").performTextInput("wrong")
            onNodeWithText("Unlock").performClick()
            sees("That is not the passphrase")
            onNodeWithContentDescription("Passphrase").performTextInput("four words are better")
            onNodeWithText("Unlock").performClick()
            waitForIdle()
            assertTrue(world.app.phase.value is Phase.Live)
        }
    }

    /** The app begins where that lock is closed. */
    private fun locked(lock: TestLock): World {
        lock.locked = true
        return World().apply {
            opener.lock = lock
            dieAndComeBack()
        }
    }

    /** The right passphrase was given, and trying it takes until the last argument is complete. */
    private fun whileItIsTried(steps: SkikoComposeUiTest.(World, TestLock, CompletableDeferred<Unit>) -> Unit) {
        val lock = TestLock().apply { passphrase = "four words are better" }
        val turning = CompletableDeferred<Unit>()
        withApp(locked(lock)) { world ->
            lock.turning = turning
            onNodeWithContentDescription("Passphrase").performTextInput("four words are better")
            onNodeWithText("Unlock").performClick()
            steps(world, lock, turning)
        }
    }

    @Test
    fun `while a passphrase is tried that is said, and neither the button nor the keyboard tries it again`(): Unit =
        whileItIsTried { world, lock, turning ->
            sees("Opening…")
            onNodeWithText("Unlock").assertIsNotEnabled()
            // The button that was clicked has the focus, where no key is held down.
            onNodeWithContentDescription("Passphrase").requestFocus()
            onNodeWithContentDescription("Passphrase").performKeyInput { pressKey(Key.Enter) }
            waitForIdle()
            assertEquals(1, lock.tried)
            assertEquals(Phase.Locked, world.app.phase.value)
            turning.complete(Unit)
            waitForIdle()
            assertTrue(world.app.phase.value is Phase.Live)
        }

    @Test
    fun `a lock that fails says so and can be tried again`(): Unit =
        whileItIsTried { world, lock, turning ->
            turning.completeExceptionally(PermessoException.KeyUnavailable("the key store is away"))
            sees("The key of the data is missing or locked")
            lock.turning = null
            onNodeWithText("Unlock").performClick()
            waitForIdle()
            assertTrue(world.app.phase.value is Phase.Live)
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
            sees("No message was waiting")
            // A link from elsewhere takes the place of what told of it.
            world.app.openUri("permesso:${grace.id}")
            onNodeWithText("No message was waiting").assertDoesNotExist()
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
            sees("No message was waiting")
            onNode(isDialog()).performKeyInput { pressKey(Key.Escape) }
            onNodeWithText("No message was waiting").assertDoesNotExist()
            assertEquals(false, world.app.present.value)
            assertEquals(emptyList<String>(), seenBy(grace))
            click("Off the network")
            sees("No message was waiting")
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

    @Test
    fun `the app is passed on`(): Unit =
        withApp { world ->
            onNodeWithContentDescription("More").performClick()
            click("Pass the app on")
            sees("9 MB")
            click("Pass it on")
            assertEquals(listOf("the app"), world.platform.shared)
            onNodeWithText("Nothing can be stored", substring = true).assertDoesNotExist()
            world.platform.cannotWrite = IOException("the disk is full")
            click("Pass it on")
            sees("Nothing can be stored")
            assertEquals(listOf("the app"), world.platform.shared)
        }

    @Test
    fun `an app that was made for some processors alone says so before it is passed on, and one for all does not`(): Unit =
        withApp { world ->
            world.app.show(Screen.PassOn)
            sees("9 MB")
            onNodeWithText("universal", substring = true).assertDoesNotExist()
            world.app.back()
            world.platform.processors = setOf(Processor.ARM_64)
            world.app.show(Screen.PassOn)
            sees("of the same kind: 64-bit ARM, as in most phones.")
            sees("universal")
            world.app.back()
            world.platform.processors = setOf(Processor.ARM_32, Processor.X86_64)
            world.app.show(Screen.PassOn)
            sees("32-bit ARM, as in older phones; 64-bit Intel or AMD.")
        }

    @Test
    fun `about shows the licences, and every way back leads to the page`(): Unit =
        withApp { world ->
            world.app.show(Screen.More)
            world.app.show(Screen.About)
            val ways =
                listOf<() -> Unit>(
                    { onNodeWithContentDescription("Back").performClick() },
                    {
                        // Where nothing has the focus, the desktop's window leads back.
                        for (key in listOf(Key.Tab, Key.Escape)) onAllNodes(isRoot()).onFirst().performKeyInput { pressKey(key) }
                    },
                    // As the system's gesture does.
                    { world.app.back() },
                )
            for (goBack in ways) {
                click("All licences")
                sees("A library (MIT)")
                goBack()
                waitForIdle()
                val screens = world.app.stack.value
                assertEquals(listOf(Screen.People, Screen.More, Screen.About), screens.map { it.screen })
                onNodeWithText("A library (MIT)").assertDoesNotExist()
            }
        }

    private class TestLock : Lock {
        var passphrase: String? = null
        var locked = false
        var tried = 0

        /** What trying a passphrase waits for; null: nothing. */
        var turning: CompletableDeferred<Unit>? = null

        override suspend fun isLocked() = locked

        override suspend fun isSet() = passphrase != null

        override suspend fun unlock(passphrase: String): Boolean {
            tried++
            turning?.await()
            return (passphrase == this.passphrase).also { if (it) locked = false }
        }

        override suspend fun change(passphrase: String?) {
            this.passphrase = passphrase
        }
    }
}
