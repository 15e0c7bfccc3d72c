package org.permesso.ui

import androidx.compose.ui.geometry.Size
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.isDialog
import androidx.compose.ui.test.isFocused
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.performKeyInput
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.pressKey
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import java.io.File

/** Without a pointer every control can be reached and used. */
@OptIn(ExperimentalTestApi::class)
internal class KeyboardTest {
    private fun SkikoComposeUiTest.press(key: Key) {
        onAllNodes(isRoot()).onFirst().performKeyInput { pressKey(key) }
        waitForIdle()
    }

    /**
     * Goes round with Tab, until a whole round brings nothing new: every control must get the focus, each by itself, and be in view with it.
     * What a long list shows only further down counts, too, once it is shown.
     */
    private fun SkikoComposeUiTest.assertReached(where: String) {
        val controls = mutableMapOf<Int, String>()
        val reached = mutableSetOf<Int>()
        var sinceNew = 0
        while (sinceNew <= controls.size + 6) {
            press(Key.Tab)
            val now = controls()
            now.forEach { controls[it.id] = label(it) }
            val focused = now.filter { it.config.getOrNull(SemanticsProperties.Focused) == true }
            focused.forEach { assertInView(it, where) }
            if (reached.addAll(focused.map { it.id })) sinceNew = 0 else sinceNew++
        }
        assertTrue(controls.isNotEmpty(), where)
        assertEquals(emptyList<String>(), (controls - reached).values.toList(), where)
    }

    /** As much of it as there is room for. */
    private fun assertInView(
        node: SemanticsNode,
        where: String,
    ) {
        val seen = node.boundsInRoot
        val whole = node.size
        val most = generateSequence(node) { it.parent }.last().size.height
        val isWhole = seen.height >= whole.height - 1 && seen.width >= whole.width - 1
        val isTall = whole.height > most / 2 && seen.height >= TALL
        assertTrue(isWhole || isTall, "$where: ${label(node)} has the focus, and of $whole only $seen is seen")
    }

    /** All that can be used now: what lies below a question cannot. */
    private fun SkikoComposeUiTest.controls(): List<SemanticsNode> =
        all(onAllNodes(isRoot()).fetchSemanticsNodes().last()).filter {
            SemanticsActions.OnClick in it.config && (SemanticsProperties.Disabled !in it.config || SemanticsActions.SetText in it.config)
        }

    private fun label(node: SemanticsNode): String =
        (
            node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty() +
                node.config
                    .getOrNull(SemanticsProperties.Text)
                    .orEmpty()
                    .map { it.text }
        ).joinToString(" ")

    @Test
    fun `every control of every screen is reached by Tab and then in view, and Escape leads back`() {
        val seen = mutableSetOf<Screen>()
        for (size in sizes) {
            for (screen in screens) {
                withApp(size = size) { world ->
                    val shown = screen(fill(world))
                    world.app.show(Screen.More)
                    world.app.show(shown)
                    seen.add(shown)
                    waitForIdle()
                    assertReached("$shown, $size")
                    if (shown is Screen.Scan && shown.code != null) {
                        press(Key.Escape)
                        // Where nothing has the focus, the desktop's window leads back.
                        press(Key.Tab)
                    }
                    val before = world.app.stack.value.size
                    press(Key.Escape)
                    assertEquals(maxOf(1, before - 1), world.app.stack.value.size, "$shown, $size")
                }
            }
        }
        // One that is added must stand in the list above.
        assertEquals(Screen::class.java.permittedSubclasses.toSet(), seen.map { it::class.java }.toSet())
    }

    @Test
    fun `every control of whatever is asked above a screen is reached by Tab and then in view, and Escape closes it`() {
        for (size in sizes) {
            for (shown in Dialogs.all) {
                val world = shown.world()
                withApp(world, size = size) {
                    shown.open(this, world)
                    waitForIdle()
                    val screens = world.app.stack.value
                    assertReached("${shown.name}, $size")
                    press(Key.Escape)
                    // From a question about a message back to the message.
                    if (shown.choice is ConversationState.Asked) press(Key.Escape)
                    assertEquals(0, onAllNodes(isDialog()).fetchSemanticsNodes().size, "${shown.name}, $size")
                    assertEquals(screens, world.app.stack.value, "${shown.name}, $size")
                }
            }
        }
        assertEquals(emptyList<String>(), Dialogs.missing())
    }

    @Test
    fun `Enter and Space on what has the focus do what a click does`() {
        var tried = 0
        for (screen in screens) {
            val place: SkikoComposeUiTest.(World) -> Unit = { world ->
                val shown = screen(fill(world))
                world.app.show(Screen.More)
                world.app.show(shown)
            }
            tried += assertKeysClick(screen("somebody").toString(), { World() }, place)
        }
        for (shown in Dialogs.all) tried += assertKeysClick(shown.name, shown.world, shown.open)
        assertTrue(tried > 120, "$tried")
    }

    private fun assertKeysClick(
        where: String,
        world: () -> World,
        place: SkikoComposeUiTest.(World) -> Unit,
    ): Int {
        var count = 1
        var number = 0
        var tried = 0
        while (number < count) {
            val after =
                listOf<SkikoComposeUiTest.() -> Unit>({ clickFocused() }, { press(Key.Enter) }, { press(Key.Spacebar) }).map { act ->
                    var traces = ""
                    val there = world()
                    withApp(there) {
                        place(this, there)
                        waitForIdle()
                        count = controls().size
                        // The way by Tab is tried above.
                        val wanted = controls().getOrNull(number)
                        val focus = wanted?.config?.getOrNull(SemanticsActions.RequestFocus)
                        runOnIdle { focus?.action?.invoke() }
                        waitForIdle()
                        val focused = focused()?.takeIf { it.id == wanted?.id }
                        // In a field these keys write.
                        if (focused == null || SemanticsActions.SetText in focused.config) return@withApp
                        act()
                        waitForIdle()
                        traces = "${label(focused)}: ${traces(there)}"
                    }
                    traces
                }
            assertEquals(listOf(after[0], after[0]), after.drop(1), where)
            if (after[0].isNotEmpty()) tried++
            number++
        }
        return tried
    }

    private fun SkikoComposeUiTest.focused() = controls().find { it.config.getOrNull(SemanticsProperties.Focused) == true }

    private fun SkikoComposeUiTest.clickFocused() {
        val node = checkNotNull(focused())
        runOnIdle { node.config[SemanticsActions.OnClick].action?.invoke() }
        waitForIdle()
    }

    /** All that one sees of what was done: the screens, the texts, what went out. */
    private fun SkikoComposeUiTest.traces(world: World): String {
        val platform = world.platform
        val texts =
            onAllNodes(isRoot()).fetchSemanticsNodes().flatMap(::all).map {
                Triple(
                    label(it),
                    it.config.getOrNull(SemanticsProperties.Selected),
                    it.config.getOrNull(SemanticsProperties.ToggleableState),
                )
            }
        val out =
            listOf(
                platform.copied,
                platform.shared,
                platform.opened,
                platform.pages,
                platform.kept,
                platform.quitted,
                platform.addressBookText,
            )
        return "${world.app.stack.value.map { it.screen }} $texts $out ${world.opener.erased}"
    }

    /** What a list keeps to use it again is not there. */
    private fun all(node: SemanticsNode): List<SemanticsNode> =
        if (node.layoutInfo.isDeactivated) emptyList() else listOf(node) + node.children.flatMap(::all)

    /** Somebody of each kind; the id of a friend who is away. */
    private fun fill(world: World): String {
        val grace = world.friend("Grace")
        val linus = world.other("Linus")
        world.other("Margaret")
        runBlocking {
            linus.askFriendship(world.ada.id)
            grace.leave()
            repeat(9) { world.ada.send(grace.id, "Wait for me, $it") }
        }
        world.ada.tell(Event.Notice(Notice.FriendAsksAgain(grace.id)))
        File(world.platform.folder, "chosen").writeText("")
        world.platform.background =
            object : Background {
                override val startsWithDevice = true

                override fun preferencesChanged() = Unit
            }
        return grace.id
    }

    private val sizes = listOf(PHONE, Size(320f, 320f), Size(1280f, 800f))

    /** Each screen, given somebody's id. */
    private val screens: List<(String) -> Screen> =
        listOf(
            { Screen.People },
            { Screen.More },
            { Screen.Find },
            { Screen.Person(it) },
            { Screen.MyCode },
            { Screen.Scan() },
            { Screen.Scan("permesso:$it") },
            { Screen.Conversation(it) },
            { Screen.SearchMessages },
            { Screen.Doctor },
            { Screen.Settings },
            { Screen.Account },
            { Screen.Notices },
            { Screen.About },
            { Screen.Licences },
            { Screen.PassOn },
        )

    @Test
    fun `before there is a host every control is reached by Tab, too`() {
        for (size in sizes) {
            withApp(World(hostExists = false), size = size) { assertReached("the first run, $size") }
            val locked = World()
            locked.opener.lock = ShutLock
            withApp(locked.again(), size = size) {
                onNode(hasSetTextAction()).performTextInput("anything")
                assertReached("the passphrase, $size")
            }
            val damaged = World()
            damaged.opener.failure = PermessoException.Damaged("page 3")
            withApp(damaged.again(), size = size) { assertReached("a damaged database, $size") }
        }
    }

    private fun World.again(): World = apply { dieAndComeBack() }

    private object ShutLock : Lock {
        override suspend fun isLocked() = true

        override suspend fun isSet() = true

        override suspend fun unlock(passphrase: String) = false

        override suspend fun change(passphrase: String?) = Unit
    }

    @Test
    fun `a request is accepted by keys alone`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            runBlocking { grace.askFriendship(world.ada.id) }
            waitForIdle()
            repeat(20) {
                if (onAllNodes(isFocused()).fetchSemanticsNodes().none { label(it) == "Accept" }) press(Key.Tab)
            }
            press(Key.Enter)
            assertEquals(org.permesso.FriendState.FRIEND, runBlocking { grace.friend(world.ada.id)?.state })
        }

    private companion object {
        /** So much of something higher than half of the window. */
        const val TALL = 48f
    }
}
