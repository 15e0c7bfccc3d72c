package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.SettingsChange
import org.permesso.Visibility
import org.permesso.ffi.Event
import org.permesso.ffi.PermessoException
import java.io.IOException

/** Who may see a host is chosen before it is there: nobody else sees it then, whatever fails. */
@OptIn(ExperimentalTestApi::class)
internal class ChosenVisibilityTest {
    private val full = PermessoException.StorageUnavailable("the disk is full")

    private fun visibility(world: World): Visibility = runBlocking { world.ada.settings().visibility }

    @Test
    fun `a choice that could not be stored is told, and is in force once it could`(): Unit =
        withApp(World(hostExists = false)) { world ->
            world.opener.onOpen = { it.failNext(full) }
            onNodeWithContentDescription("What should others call you?").performTextInput("Ada")
            onNodeWithText("Friends only").performClick()
            onNodeWithText("Begin").performScrollTo().performClick()
            repeat(2) {
                onNodeWithText("Your choice of who sees you, “Friends only”, could not be stored", substring = true).assertIsDisplayed()
                onNodeWithText("Nothing can be stored", substring = true).assertIsDisplayed()
                if (it == 1) world.opener.onOpen = {}
                onNodeWithText("Try again").performScrollTo().performClick()
            }
            onNodeWithText("Nobody yet", substring = true).assertIsDisplayed()
            assertEquals(Visibility.FRIENDS, visibility(world))
        }

    @Test
    fun `no host is made while the choice cannot be kept, which is told, and trying again goes on with what was chosen`(): Unit =
        withApp(World(hostExists = false)) { world ->
            world.platform.cannotKeep = IOException("no room")
            onNodeWithContentDescription("What should others call you?").performTextInput("Grace")
            onNodeWithText("Friends only").performClick()
            onNodeWithText("Begin").performScrollTo().performClick()
            repeat(2) {
                onNodeWithText("Your choice of who sees you, “Friends only”, could not be stored", substring = true).assertIsDisplayed()
                assertEquals(null, world.opener.opened)
                if (it == 1) world.platform.cannotKeep = null
                onNodeWithText("Try again").performScrollTo().performClick()
            }
            onNodeWithText("Nobody yet", substring = true).assertIsDisplayed()
            assertEquals("Grace" to Visibility.FRIENDS, runBlocking { world.ada.settings() }.let { it.alias to it.visibility })
        }

    @Test
    fun `a choice outlives the process, and nobody sees the host before it is in force`() {
        val world = World(hostExists = false)
        val grace = world.other("Grace")
        val seen = mutableListOf<Event>()
        val watcher = CoroutineScope(Dispatchers.Unconfined + Job())
        watcher.launch { grace.events.collect { if (it is Event.HostChanged && it.host.online) seen.add(it) } }
        world.opener.onOpen = { it.failNext(full) }
        world.app.begin("Ada", Visibility.FRIENDS)
        repeat(2) {
            assertEquals(Phase.Stuck(full, Visibility.FRIENDS), world.app.phase.value)
            world.dieAndComeBack()
        }
        world.opener.onOpen = {}
        world.app.open()
        assertTrue(world.app.phase.value is Phase.Live)
        assertEquals(Visibility.FRIENDS, visibility(world))
        assertEquals(emptyList<Event>(), seen)
        assertEquals(null, world.platform.kept[PreferenceName.CHOSEN_VISIBILITY])
        // Else nothing would have been seen in any case.
        runBlocking { world.ada.changeSettings(SettingsChange(visibility = Visibility.EVERYBODY)) }
        assertTrue(seen.isNotEmpty())
        watcher.cancel()
        world.scope.cancel()
    }

    @Test
    fun `of two choices the one by which fewer see the host is in force, until another is made in the settings`() {
        val world = World()
        for ((chosen, stored) in listOf(Visibility.FRIENDS to Visibility.NOBODY, Visibility.NOBODY to Visibility.EVERYBODY)) {
            runBlocking { world.ada.changeSettings(SettingsChange(visibility = stored)) }
            world.platform.kept[PreferenceName.CHOSEN_VISIBILITY] = chosen.name
            world.dieAndComeBack()
            assertEquals(Visibility.NOBODY, visibility(world))
        }
        world.platform.kept[PreferenceName.CHOSEN_VISIBILITY] = Visibility.NOBODY.name
        SettingsHolder(world.ada, world.scope, world.app, Saved()).on(SettingsEvent.Visible(Visibility.EVERYBODY))
        world.dieAndComeBack()
        assertEquals(Visibility.EVERYBODY, visibility(world))
        world.scope.cancel()
    }
}
