package org.permesso.ui

import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.hasAnyAncestor
import androidx.compose.ui.test.hasAnyDescendant
import androidx.compose.ui.test.hasScrollAction
import androidx.compose.ui.test.hasScrollToIndexAction
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTouchInput
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.test.swipeDown
import androidx.compose.ui.test.swipeUp
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import org.permesso.ui.words.EnglishStrings

/** Rotation loses nothing, and neither does the end of the process. */
@OptIn(ExperimentalTestApi::class)
internal class RestoreTest {
    /** A screen as it was left, after a rotation (a new composition) and after the process has died. */
    private fun survives(
        world: World = World(),
        size: Size = PHONE,
        leave: SkikoComposeUiTest.(World) -> Unit,
        check: SkikoComposeUiTest.(World) -> Unit,
    ): Unit =
        runSkikoComposeUiTest(size) {
            var app by mutableStateOf<AppState?>(world.app)
            setContent { app?.let { PermessoApp(it, EnglishStrings, dark = false) } }
            leave(world)
            waitForIdle()
            app = null
            waitForIdle()
            app = world.app
            check(world)
            waitForIdle()
            app = null
            waitForIdle()
            val later = Later()
            val scope = CoroutineScope(later + Job())
            world.dieAndComeBack(scope)
            app = world.app
            repeat(FRAMES) {
                waitForIdle()
                later.come()
            }
            waitForIdle()
            check(world)
            scope.cancel()
            world.scope.cancel()
        }

    @Test
    fun `the first run keeps the name and the visibility`(): Unit =
        survives(
            World(hostExists = false),
            leave = {
                onNodeWithContentDescription("What should others call you?").performTextInput("Augusta")
                onNodeWithText("Friends only").performScrollTo().performClick()
            },
        ) { world ->
            onNode(hasSetTextAction()).assertTextContains("Augusta")
            assertEquals(
                org.permesso.Visibility.FRIENDS,
                world.app
                    .keptFor<StartHolder>("start") { error("none") }
                    .state.value.visibility,
            )
        }

    @Test
    fun `a conversation keeps its draft`(): Unit =
        survives(leave = { world ->
            world.app.show(Screen.Conversation(world.friend("Grace").id))
            onNodeWithContentDescription("Write here").performTextInput("Half a thou\n& = %")
        }) {
            onNode(hasSetTextAction()).assertTextContains("Half a thou\n& = %")
        }

    @Test
    fun `a conversation keeps the message that is looked at, and the question about it`(): Unit =
        survives(leave = { world ->
            val grace = world.friend("Grace")
            runBlocking {
                grace.leave()
                world.ada.send(grace.id, "Wait for me")
            }
            world.app.show(Screen.Conversation(grace.id))
            onNodeWithText("Wait for me", substring = true).performClick()
            onNodeWithText("Give it up").performClick()
        }) {
            onNodeWithText("It will not be sent", substring = true).assertIsDisplayed()
        }

    @Test
    fun `a conversation keeps its place`(): Unit =
        survives(leave = { world ->
            val grace = world.friend("Grace")
            runBlocking { repeat(60) { world.ada.send(grace.id, "Message $it") } }
            world.app.show(Screen.Conversation(grace.id))
            waitForIdle()
            onNode(
                androidx.compose.ui.test
                    .hasScrollToIndexAction(),
            ).performScrollToIndexOf(30)
        }) { world ->
            assertEquals(
                "30",
                world.app.stack.value
                    .last()
                    .saved["scroll"]
                    ?.substringBefore(','),
            )
            onNodeWithText("Message 29", substring = true).assertExists()
        }

    private fun androidx.compose.ui.test.SemanticsNodeInteraction.performScrollToIndexOf(index: Int) {
        fetchSemanticsNode().config[androidx.compose.ui.semantics.SemanticsActions.ScrollToIndex].action?.invoke(index)
    }

    @Test
    fun `a person's page keeps the greeting that is being written`(): Unit =
        survives(leave = { world ->
            world.app.show(Screen.Person(world.other("Grace").id))
            onNodeWithText("Ask for friendship").performClick()
            onNode(hasSetTextAction()).performTextInput("From the library")
        }) {
            onNodeWithText("Ask Grace").assertIsDisplayed()
            onNode(hasSetTextAction()).assertTextContains("From the library")
        }

    @Test
    fun `the search keeps its word and looks again`(): Unit =
        survives(leave = { world ->
            world.other("Grace")
            world.app.show(Screen.Find)
            onNode(hasSetTextAction()).performTextInput("gra")
            onNodeWithText("Search").performClick()
        }) {
            onNode(hasSetTextAction()).assertTextContains("gra")
        }

    @Test
    fun `the search in messages keeps its word and its hits`(): Unit =
        survives(leave = { world ->
            val grace = world.friend("Grace")
            runBlocking { world.ada.send(grace.id, "The tickets") }
            world.app.show(Screen.SearchMessages)
            onNode(hasSetTextAction()).performTextInput("ticket")
        }) {
            onNode(hasSetTextAction()).assertTextContains("ticket")
            onNodeWithText("The tickets").assertIsDisplayed()
        }

    @Test
    fun `a scanned code keeps waiting to be accepted`(): Unit =
        survives(leave = { world -> world.app.openUri("permesso:${world.other("Grace").id}") }) {
            onNodeWithText("A code of Permesso").assertIsDisplayed()
        }

    @Test
    fun `settings keep the sheet and what is written in it`(): Unit =
        survives(leave = {
            it.app.show(Screen.Settings)
            onNodeWithText("Port").performScrollTo().performClick()
            onNode(hasSetTextAction()).performTextInput("9")
        }) {
            onNodeWithText("The UDP port of presence", substring = true).assertIsDisplayed()
            onNode(hasSetTextAction()).assertExists()
            assertTrue(
                it.app
                    .holderOf<SettingsHolder>()
                    .state.value.text
                    .contains('9'),
            )
        }

    @Test
    fun `every screen keeps its place`() {
        val tried = screens.map { screen -> screen("somebody")::class }.toSet()
        assertEquals(Screen::class.java.permittedSubclasses.toSet(), tried.map { it.java }.toSet())
        screens.forEach(::keepsItsPlace)
    }

    private val screens: List<(String) -> Screen> =
        listOf(
            { Screen.Settings },
            { Screen.Account },
            { Screen.About },
            { Screen.Licences },
            { Screen.More },
            { Screen.People },
            { Screen.Person(it) },
            { Screen.MyCode },
            { Screen.Scan() },
            { Screen.Notices },
            { Screen.Find },
            { Screen.SearchMessages },
            { Screen.Doctor },
            { Screen.PassOn },
            { Screen.Conversation(it) },
        )

    @Test
    fun `what is seen before there is a host keeps its place`() {
        val locked = World()
        locked.opener.lock =
            object : Lock by KnownLock(isSet = true) {
                override suspend fun isLocked() = true
            }
        locked.dieAndComeBack()
        val damaged = World()
        damaged.opener.failure = PermessoException.Damaged("page 3")
        damaged.dieAndComeBack()
        for (world in listOf(World(hostExists = false), locked, damaged)) {
            survives(world, SMALL, leave = { scrollsDown(it, "the start") }) { assertEquals(remembered, place(it)) }
        }
    }

    private fun keepsItsPlace(screen: (String) -> Screen): Unit =
        survives(size = PDA, leave = { world ->
            val grace = world.friend("Grace")
            world.platform.found = Condition.entries.toSet()
            repeat(20) { world.other("Graham $it") }
            repeat(20) { world.ada.tell(Event.Notice(Notice.FriendAsksAgain(grace.id))) }
            runBlocking { repeat(20) { world.ada.send(grace.id, "Letter $it") } }
            val shown = screen(grace.id)
            world.app.show(shown)
            if (shown == Screen.Find ||
                shown == Screen.SearchMessages
            ) {
                onNode(hasSetTextAction()).performTextInput("gra".takeIf { shown == Screen.Find } ?: "letter")
            }
            if (shown == Screen.Find) onNodeWithText("Search").performClick()
            waitForIdle()
            scrollsDown(world, "$shown")
        }) { world ->
            waitForIdle()
            assertEquals(remembered, place(world), "${world.app.stack.value.last().screen}")
        }

    private fun SkikoComposeUiTest.scrollsDown(
        world: World,
        where: String,
    ) {
        // A conversation begins at its end.
        val isBackwards = where.startsWith("Conversation")
        onNode(hasScrollAction() and !hasSetTextAction()).performTouchInput { if (isBackwards) swipeDown() else swipeUp() }
        waitForIdle()
        mainClock.advanceTimeBy(2_000)
        remembered = place(world)
        assertTrue(remembered.orEmpty().any { it in '1'..'9' }, "$where: $remembered")
    }

    private fun place(world: World): String? =
        world.app.stack.value
            .last()
            .saved["scroll"]

    private var remembered: String? = null

    @Test
    fun `the account keeps the question, and never a passphrase`(): Unit =
        survives(leave = {
            it.app.show(Screen.Account)
            onNodeWithText("Export").performClick()
            onNodeWithContentDescription("Passphrase").performTextInput("secret words")
        }) {
            onNodeWithText("Choose where").assertExists()
            assertTrue("secret" !in it.app.save())
        }

    @Test
    fun `whatever is asked or shown above a screen stays, and none is forgotten here`() {
        for (shown in Dialogs.all) {
            survives(shown.world(), leave = { shown.open(this, it) }) { assertShown(shown) }
        }
        assertEquals(emptyList<String>(), Dialogs.missing())
    }

    private fun SkikoComposeUiTest.assertShown(shown: ShownAbove) {
        val sheets = onAllNodes(isDialog()).fetchSemanticsNodes().size
        assertEquals(1, sheets, shown.name)

        fun isSaid(text: String) =
            onAllNodes(hasAnyAncestor(isDialog()) and hasText(text, substring = true)).fetchSemanticsNodes().isNotEmpty()
        assertTrue(isSaid(shown.says), shown.name)
        assertEquals(emptyList<String>(), shown.others.filter { isSaid(it.says) }.map { it.name }, shown.name)
    }

    @Test
    fun `a sheet keeps its place`(): Unit =
        survives(size = PDA, leave = { world ->
            val grace = world.friend("Grace")
            runBlocking { repeat(2) { world.ada.send(grace.id, "$it: " + "a long way to go. ".repeat(60)) } }
            world.app.show(Screen.Conversation(grace.id))
            waitForIdle()
            onNodeWithText("1: ", substring = true).performClick()
            waitForIdle()
            onNode(hasScrollAction() and hasAnyAncestor(isDialog())).performTouchInput { swipeUp() }
            waitForIdle()
            mainClock.advanceTimeBy(2_000)
            remembered = sheetPlace(world)
            assertTrue(remembered.orEmpty().any { it in '1'..'9' }, "$remembered")
        }) { world ->
            waitForIdle()
            assertEquals(remembered, sheetPlace(world))
            val scroll = onNode(hasScrollAction() and hasAnyAncestor(isDialog())).fetchSemanticsNode()
            assertEquals(remembered?.toFloat(), scroll.config[SemanticsProperties.VerticalScrollAxisRange].value())
        }

    @Test
    fun `another sheet begins at its top`(): Unit =
        withApp(size = PDA) { world ->
            world.app.show(Screen.Conversation(world.friend("Grace").id))
            waitForIdle()
            val saved =
                world.app.stack.value
                    .last()
                    .saved
            for (event in listOf(ConversationEvent.Look("m"), ConversationEvent.Ask(ConversationState.Asked.DELETE))) {
                saved[SHEET] = "40"
                world.app.holderOf<ConversationHolder>().on(event)
                assertEquals(null, saved[SHEET])
            }
        }

    private fun sheetPlace(world: World): String? =
        world.app.stack.value
            .last()
            .saved[SHEET]

    @Test
    fun `the little pictures stay open, and where they were`(): Unit =
        survives(leave = { world ->
            world.app.show(Screen.Conversation(world.friend("Grace").id))
            onNodeWithContentDescription("Emoji").performClick()
            waitForIdle()
            onNode(hasScrollToIndexAction() and hasAnyDescendant(hasText(EMOJI.first()))).performScrollToIndexOf(9)
            waitForIdle()
        }) { onNodeWithText(EMOJI[9]).assertIsDisplayed() }

    @Test
    fun `a code that is being written stays`(): Unit =
        survives(leave = {
            it.app.show(Screen.Scan())
            onNode(hasSetTextAction()).performScrollTo().performTextInput("permesso:half")
        }) { onNode(hasSetTextAction()).assertTextContains("permesso:half") }

    @Test
    fun `the doctor keeps its details, about its licences`() {
        survives(leave = {
            it.app.show(Screen.Doctor)
            onNodeWithText("All ways").performScrollTo().performClick()
        }) {
            assertTrue(
                it.app
                    .holderOf<DoctorHolder>()
                    .state.value.details,
            )
        }
        survives(leave = {
            it.app.show(Screen.About)
            onNodeWithText("All licences").performScrollTo().performClick()
        }) { onNodeWithText("A library (MIT)").assertIsDisplayed() }
    }

    @Test
    fun `notices stay, and how many were not seen`(): Unit =
        survives(leave = { world ->
            val grace = world.friend("Grace")
            world.ada.tell(Event.Notice(Notice.FriendAsksAgain(grace.id)))
        }) { onNodeWithText("1 new notice").assertIsDisplayed() }

    @Test
    fun `what is asked before there is a host stays`() {
        val damaged = World()
        damaged.opener.failure = PermessoException.Damaged("page 3")
        damaged.dieAndComeBack()
        survives(damaged, leave = { onNodeWithText("Start afresh").performScrollTo().performClick() }) {
            onNodeWithText("Erase everything").assertIsDisplayed()
        }
        survives(World(hostExists = false), leave = { onNodeWithText("Import a backup").performScrollTo().performClick() }) {
            onNodeWithText("Choose the file").assertExists()
        }
    }

    @Test
    fun `every notice that matters later is written down and read again`() {
        val notices =
            listOf(
                Notice.AskExpired("a"),
                Notice.AskRefused("a"),
                Notice.CodeShared("a", "b"),
                Notice.CopyRestored,
                Notice.EncryptionReset("a"),
                Notice.FriendAsksAgain("a"),
                Notice.HeldDropped("a"),
                Notice.HistoryDropped("a", "m"),
                Notice.MessagesLost("a", 3uL),
                Notice.OutboxDropped("a", "m"),
                Notice.Restored,
            )
        val dated = notices.mapIndexed { index, notice -> DatedNotice(index.toLong(), notice, "A = & b", "B") }
        val passing = listOf(Notice.NoPort, Notice.StorageFailed("full")).map { DatedNotice(9, it) }
        val read = checkNotNull(Snapshot.decode(Snapshot(emptyList(), Saved(), dated + passing, unseen = 2).encode()))
        assertEquals(dated, read.notices)
        assertEquals(2, read.unseen)
    }

    @Test
    fun `every screen is written down and read again, and what is not ours begins afresh`() {
        val screens =
            listOf(
                Screen.People,
                Screen.More,
                Screen.Find,
                Screen.Person("a b"),
                Screen.MyCode,
                Screen.Scan(),
                Screen.Scan("permesso:x?alias=%20&y"),
                Screen.Conversation("c"),
                Screen.Conversation("c", "m"),
                Screen.SearchMessages,
                Screen.Doctor,
                Screen.Settings,
                Screen.Account,
                Screen.Notices,
                Screen.About,
                Screen.Licences,
                Screen.PassOn,
            )
        val snapshot = Snapshot(screens.map { Entry(it, Saved(mapOf("text" to "è\n= &"))) }, Saved(mapOf("id" to "draft")))
        val read = checkNotNull(Snapshot.decode(snapshot.encode()))
        assertEquals(screens, read.entries.map { it.screen })
        assertTrue(read.entries.all { it.saved["text"] == "è\n= &" })
        assertEquals("draft", read.drafts["id"])
        assertEquals(null, Snapshot.decode("something else"))
        assertEquals(null, Snapshot.decode(null))
        assertEquals(emptyList<Screen>(), Snapshot.decode("permesso-screens-1\nscreen Unheard of=x\nscreen")?.entries?.map { it.screen })
    }

    private companion object {
        /** More than come one after the other from what is stored to what is shown. */
        const val FRAMES = 12

        /** So that everything has to be scrolled. */
        val SMALL = Size(240f, 160f)
    }
}
