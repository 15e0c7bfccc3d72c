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
import org.permesso.Permesso
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
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
