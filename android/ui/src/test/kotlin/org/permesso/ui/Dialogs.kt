package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.onAllNodesWithText
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.onLast
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import kotlinx.coroutines.runBlocking
import org.permesso.ffi.PermessoException
import org.permesso.testing.FakePermesso
import java.io.File

/**
 * Something that is asked or shown above a screen, and how a user comes to it.
 *
 * @property says What is read there, and above no other sheet of the same screen.
 * @property choice The entry of the enumeration behind it, if there is one.
 */
@OptIn(ExperimentalTestApi::class)
internal class ShownAbove(
    val name: String,
    val says: String,
    val choice: Enum<*>? = null,
    val world: () -> World = { World() },
    val open: SkikoComposeUiTest.(World) -> Unit,
) {
    /** The others that this screen could have opened instead. */
    val others: List<ShownAbove> get() = Dialogs.all.filter { it !== this && it.screen == screen }

    private val screen get() = name.substringBefore(' ')
}

@OptIn(ExperimentalTestApi::class)
private fun SkikoComposeUiTest.click(text: String) {
    waitForIdle()
    onAllNodesWithText(text).onFirst().performScrollTo().performClick()
    waitForIdle()
}

/** Every one that there is: [Dialogs.missing] tells of others. */
@OptIn(ExperimentalTestApi::class)
internal object Dialogs {
    private fun person(
        choice: PersonState.Sheets,
        says: String,
        button: String,
        who: (World) -> FakePermesso = { it.friend("Grace") },
    ) = ShownAbove("person ${choice.name}", says, choice) { world ->
        world.app.show(Screen.Person(who(world).id))
        click(button)
    }

    private fun account(
        choice: AccountState.Sheets,
        says: String,
        button: String,
        world: () -> World = { World() },
    ) = ShownAbove("account ${choice.name}", says, choice, world) {
        it.app.show(Screen.Account)
        click(button)
    }

    private fun settings(
        choice: SettingsState.Edited,
        says: String,
        button: String,
    ) = ShownAbove("settings ${choice.name}", says, choice) {
        it.app.show(Screen.Settings)
        click(button)
    }

    private fun message(
        name: String,
        says: String,
        choice: ConversationState.Asked?,
        button: String?,
    ) = ShownAbove("message $name", says, choice) { world ->
        val grace = world.friend("Grace")
        runBlocking {
            grace.leave()
            world.ada.send(grace.id, "Wait for me")
        }
        world.app.show(Screen.Conversation(grace.id))
        waitForIdle()
        // Beside the conversation the list of a wide window shows it, too.
        onAllNodesWithText("Wait for me", substring = true).onLast().performClick()
        waitForIdle()
        if (button != null) onNodeWithText(button).performClick()
        waitForIdle()
    }

    private fun locked(isSet: Boolean) = World().apply { opener.lock = KnownLock(isSet) }

    private fun stuck() =
        World().apply {
            opener.failure = PermessoException.Damaged("page 3")
            dieAndComeBack()
        }

    private fun asking(world: World) = world.other("Grace").also { runBlocking { it.askFriendship(world.ada.id) } }

    val all: List<ShownAbove> =
        listOf(
            person(PersonState.Sheets.ASK, "Ask Grace", "Ask for friendship") { it.other("Grace") },
            person(PersonState.Sheets.RENAME, "A name for Grace", "A name of your own"),
            person(PersonState.Sheets.END, "It is told.", "End the friendship"),
            person(PersonState.Sheets.BLOCK, "You hear nothing more of them", "Block"),
            person(PersonState.Sheets.REFUSE, "Refuse Grace?", "Refuse", ::asking),
            person(PersonState.Sheets.CODE, "The code of Grace", "Show the code"),
            account(AccountState.Sheets.EXPORT, "Choose where", "Export"),
            account(AccountState.Sheets.ERASE, "Erase everything?", "Erase everything"),
            account(AccountState.Sheets.PASSPHRASE, "Set a passphrase", "Set a passphrase") { locked(isSet = false) },
            account(AccountState.Sheets.NO_PASSPHRASE, "The data then opens without a passphrase.", "Remove it") { locked(isSet = true) },
            settings(SettingsState.Edited.ALIAS, "it need not be unique", "Name"),
            settings(SettingsState.Edited.PORT, "The UDP port of presence", "Port"),
            settings(SettingsState.Edited.STORAGE, "In megabytes", "Storage for others at most"),
            settings(SettingsState.Edited.HISTORY, "The oldest goes first", "Messages kept per conversation"),
            settings(SettingsState.Edited.OUTBOX, "The oldest is given up", "Messages waiting at most"),
            settings(SettingsState.Edited.EXPIRY, "In days", "A message waits at most"),
            settings(SettingsState.Edited.QUIET_HOURS, "22:00-07:00", "Quiet hours"),
            message("looked at", "Written ", null, null),
            message("CANCEL", "Give this message up?", ConversationState.Asked.CANCEL, "Give it up"),
            message("DELETE", "Remove this message from this device?", ConversationState.Asked.DELETE, "Remove"),
            ShownAbove("a refusal on the first screen", "Refuse Grace?") {
                asking(it)
                click("Refuse")
            },
            ShownAbove("a code from outside", "A code of Permesso") { it.app.openUri("permesso:${it.other("Grace").id}") },
            ShownAbove("leaving", "Then this device is off the network") {
                it.app.show(Screen.More)
                click("Leave the network")
            },
            ShownAbove("an import", "Choose the file", world = { World(hostExists = false) }) { click("Import a backup") },
            ShownAbove("starting afresh", "Erase everything?", world = ::stuck) { click("Start afresh") },
        )

    /** What stands in the code and is not tried: of each enumeration of a screen's state, and of each place where a sheet is drawn. */
    fun missing(): List<String> {
        val tried = all.mapNotNull { it.choice }.toSet()
        val choices = states().filter { it.isEnum }.flatMap { it.enumConstants.toList() }
        val drawn =
            File("src/main/kotlin/org/permesso/ui").walk().filter { it.extension == "kt" }.associate { file ->
                file.name to file.readLines().count { line -> DRAWN.containsMatchIn(line) && "fun " !in line && "import" !in line }
            }
        return choices.filter { it !in tried }.map { "$it of ${it.javaClass.name}" } +
            (drawn.filterValues { it > 0 }.entries - known.entries).map { "a sheet in ${it.key} (${it.value})" }
    }

    /** How often a sheet is drawn in each file: whoever adds one also adds how a user comes to it, above. */
    private val known =
        mapOf(
            "AccountScreen.kt" to 3,
            "CodeScreens.kt" to 1,
            "MessageSheet.kt" to 3,
            // Two of them tell that one is leaving and has left: of that a new process has the banner, and the second at a touch.
            "OtherScreens.kt" to 3,
            // What the others are made of.
            "Parts.kt" to 2,
            "PeopleScreen.kt" to 1,
            "PersonScreen.kt" to 5,
            "SettingsScreen.kt" to 1,
            "StartScreen.kt" to 2,
        )

    private val DRAWN = Regex("""\b(Sheet|Question|Dialog|AlertDialog|BasicAlertDialog|Popup|DropdownMenu|ModalBottomSheet)\(""")

    private fun states(): List<Class<*>> =
        File("target/classes/org/permesso/ui")
            .list()
            .orEmpty()
            .filter { Regex("""\w+State\$\w+\.class""").matches(it) }
            .map { Class.forName("org.permesso.ui.${it.removeSuffix(".class")}") }
}

/** A lock that is open. */
internal class KnownLock(
    private val isSet: Boolean,
) : Lock {
    override suspend fun isLocked() = false

    override suspend fun isSet() = isSet

    override suspend fun unlock(passphrase: String) = true

    override suspend fun change(passphrase: String?) = Unit
}
