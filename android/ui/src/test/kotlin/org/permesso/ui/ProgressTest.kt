package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsEnabled
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.testing.LongWork
import java.io.File
import java.io.IOException

/** What takes long, as the user sees it: how far it is, its end, and what went wrong. */
@OptIn(ExperimentalTestApi::class)
internal class ProgressTest {
    private val work = LongWork(200uL)

    private fun SkikoComposeUiTest.isGone(text: String) = onNodeWithText(text, substring = true).assertDoesNotExist()

    private fun SkikoComposeUiTest.click(text: String) {
        onNodeWithText(text).performClick()
    }

    private fun SkikoComposeUiTest.export(world: World): File {
        world.ada.export = work
        world.app.show(Screen.Account)
        click("Export")
        for (field in listOf("Passphrase", "Once more, to be sure")) {
            onNodeWithContentDescription(field).performTextInput("four words are better")
        }
        click("Choose where")
        return File(world.platform.folder, "permesso.account")
    }

    private fun SkikoComposeUiTest.import(world: World) {
        world.opener.import = work
        onNodeWithText("Import a backup").performScrollTo().performClick()
        onNodeWithContentDescription("Passphrase of the file").performTextInput("right")
        click("Choose the file")
    }

    @Test
    fun `an export shows how far it is, step by step, and is there at its end`(): Unit =
        withApp { world ->
            val file = export(world)
            sees("0 % done")
            for (done in listOf(1, 84, 199)) {
                work.reach(done.toULong())
                sees("${done / 2} % done")
            }
            isGone("Export")
            work.reach(200uL)
            isGone("% done")
            sees("friends and contacts: 0")
            assertTrue(file.exists())
        }

    @Test
    fun `an export that is cancelled ends, leaves no file, and can be begun again`(): Unit =
        withApp { world ->
            val file = export(world)
            work.reach(84uL)
            sees("42 % done")
            assertTrue(file.exists())
            click("Cancel")
            work.reach(90uL)
            isGone("% done")
            assertFalse(file.exists())
            onNodeWithText("Export").assertIsEnabled()
            // It is what the user wanted.
            isGone("Nothing can be stored")
            val holder: AccountHolder = world.app.holderOf()
            assertEquals(null, holder.state.value.trouble)
        }

    @Test
    fun `an export that fails in the middle says what to do, and leaves no file`(): Unit =
        withApp { world ->
            val file = export(world)
            work.reach(84uL)
            work.fail(PermessoException.StorageUnavailable("the disk is full"))
            sees("Nothing can be stored: free some space")
            isGone("% done")
            assertFalse(file.exists())
            onNodeWithText("Export").assertIsEnabled()
        }

    @Test
    fun `a place that takes no file is told as storage, and does not end the app`(): Unit =
        withApp { world ->
            world.platform.cannotWrite = IOException("it was taken out")
            export(world)
            sees("Nothing can be stored: free some space")
            isGone("% done")
        }

    @Test
    fun `an export goes on while one is elsewhere, and is found as it stands when one comes back`(): Unit =
        withApp { world ->
            val grace = world.friend("Grace")
            val file = export(world)
            work.reach(20uL)
            onNodeWithContentDescription("Back").performClick()
            work.reach(84uL)
            world.app.show(Screen.Account)
            sees("42 % done")
            // As a touch on a notification does.
            world.app.showAlone(Screen.Conversation(grace.id))
            sees("No messages yet")
            work.reach(200uL)
            assertTrue(file.exists())
            world.app.showAlone(Screen.Account)
            sees("friends and contacts: 1")
            world.app.back()
            world.app.show(Screen.Account)
            isGone("friends and contacts: 1")
            isGone("% done")
        }

    @Test
    fun `an export that fails while one is elsewhere says why when one comes back, and one that is cancelled there ends`(): Unit =
        withApp { world ->
            val file = export(world)
            work.reach(84uL)
            world.app.back()
            work.fail(PermessoException.StorageUnavailable("the disk is full"))
            world.app.show(Screen.Account)
            sees("Nothing can be stored: free some space")
            assertFalse(file.exists())
            val second = LongWork(200uL).also { world.ada.export = it }
            world.app.export.begin(world.ada, "four words are better")
            second.reach(84uL)
            isGone("Nothing can be stored")
            world.app.back()
            world.app.show(Screen.Account)
            click("Cancel")
            second.reach(90uL)
            isGone("% done")
            assertFalse(file.exists())
        }

    @Test
    fun `how an export ends that was running when everything was erased is not told to the next account, which can begin its own`(): Unit =
        withApp { world ->
            val file = export(world)
            work.reach(84uL)
            sees("42 % done")
            world.app.erase()
            assertEquals(1, world.opener.erased)
            world.app.begin("Grace", Visibility.EVERYBODY)
            val next = LongWork(200uL).also { world.ada.export = it }
            work.fail(PermessoException.Stopped("the host was stopped"))
            assertFalse(file.exists())
            assertEquals(ExportState(), world.app.export.state.value)
            world.app.export.begin(world.ada, "four words are better")
            next.reach(84uL)
            assertEquals(ExportState(percent = 42), world.app.export.state.value)
        }

    @Test
    fun `an export that goes on beneath one of the next account neither moves nor ends it`(): Unit =
        withApp { world ->
            export(world)
            work.reach(84uL)
            world.app.erase()
            world.app.begin("Grace", Visibility.EVERYBODY)
            val next = LongWork(200uL).also { world.ada.export = it }
            world.platform.fileName = "next.account"
            world.app.export.begin(world.ada, "four words are better")
            next.reach(20uL)
            work.reach(120uL)
            assertEquals(ExportState(percent = 10), world.app.export.state.value)
            next.reach(200uL)
            val report = world.app.export.state.value.report
            assertEquals(0uL, report?.messages)
        }

    @Test
    fun `an import shows how far it is, and the host is there at its end`(): Unit =
        withApp(World(hostExists = false)) { world ->
            import(world)
            work.reach(84uL)
            sees("42 % done")
            assertFalse(world.opener.there)
            work.reach(200uL)
            sees("Nobody yet")
        }

    @Test
    fun `an import that is cancelled leaves no host, and asks for the file again`(): Unit =
        withApp(World(hostExists = false)) { world ->
            import(world)
            work.reach(84uL)
            sees("42 % done")
            click("Cancel")
            work.reach(90uL)
            isGone("% done")
            assertFalse(world.opener.there)
            onNodeWithText("Choose the file").assertIsEnabled()
        }

    @Test
    fun `an import that fails in the middle says what to do, and leaves no host`(): Unit =
        withApp(World(hostExists = false)) { world ->
            import(world)
            work.reach(84uL)
            work.fail(PermessoException.Damaged("its end is missing"))
            sees("The file or the data cannot be read")
            isGone("% done")
            assertFalse(world.opener.there)
            onNodeWithText("Choose the file").assertIsEnabled()
        }
}
