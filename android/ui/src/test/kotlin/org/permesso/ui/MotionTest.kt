package org.permesso.ui

import androidx.compose.animation.core.animateFloatAsState
import androidx.compose.animation.core.animateIntAsState
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.runtime.snapshots.Snapshot
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.alpha
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.onFirst
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performMouseInput
import androidx.compose.ui.test.runSkikoComposeUiTest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.ui.words.EnglishStrings
import java.io.File
import kotlin.system.exitProcess

/** Who wants no movement sees none that the app makes by itself. */
@OptIn(ExperimentalTestApi::class)
internal class MotionTest {
    /** Whether the picture is still another one some moments after something was shown or changed. */
    private fun SkikoComposeUiTest.movesOn(): Boolean {
        val before = captureToImage().toPixelMap().buffer
        mainClock.advanceTimeBy(400)
        return !before.contentEquals(captureToImage().toPixelMap().buffer)
    }

    /** In how many steps the picture becomes another one when something changes: what moves takes many. */
    private fun steps(
        reduced: Boolean,
        content: @Composable (Boolean) -> Unit,
    ): Int {
        val pictures = mutableListOf<IntArray>()
        runSkikoComposeUiTest(PHONE) {
            var now by mutableStateOf(false)
            setContent {
                CompositionLocalProvider(LocalStill provides reduced) {
                    PermessoTheme(dark = false) { Surface(Modifier.fillMaxSize()) { Column { content(now) } } }
                }
            }
            waitForIdle()
            mainClock.autoAdvance = false
            pictures += captureToImage().toPixelMap().buffer
            runOnUiThread {
                now = true
                Snapshot.sendApplyNotifications()
            }
            repeat(FRAMES) {
                pictures += captureToImage().toPixelMap().buffer
                mainClock.advanceTimeByFrame()
            }
        }
        return pictures.zipWithNext().count { (one, other) -> !one.contentEquals(other) }
    }

    @Test
    fun `while something takes a while nothing moves, and it is told all the same`() {
        assertTrue(movesWhileOpening(reduced = false))
        assertFalse(movesWhileOpening(reduced = true))
    }

    private fun movesWhileOpening(reduced: Boolean): Boolean {
        val world = World()
        world.platform.reducedMotion = reduced
        val never = CoroutineScope(Later() + Job())
        world.dieAndComeBack(never)
        var moves = false
        runSkikoComposeUiTest(PHONE) {
            // Else what never ends is taken for done.
            mainClock.autoAdvance = false
            setContent { PermessoApp(world.app, EnglishStrings, dark = false) }
            onNodeWithText("Opening", substring = true).assertIsDisplayed()
            moves = movesOn()
        }
        never.cancel()
        return moves
    }

    @Test
    fun `a switch and a choice are at once where they belong`() {
        val parts =
            listOf<@Composable (Boolean) -> Unit>(
                { on -> SwitchRow("Carry", null, on) {} },
                { chosen -> ChoiceRow("Dark", chosen) {} },
            )
        for (part in parts) {
            assertTrue(steps(reduced = false, part) >= MOVES, "the test sees no movement")
            assertTrue(steps(reduced = true, part) <= AT_ONCE, "${steps(reduced = true, part)}")
        }
    }

    @Test
    fun `a sheet, a screen and how far something is are there at once`() {
        val world = World()
        world.platform.reducedMotion = true
        val parts =
            mapOf<String, @Composable (Boolean) -> Unit>(
                "a sheet" to { if (it) Question("Sure?", "Nothing comes back.", "Yes", {}, {}) },
                "how far it is" to { Progress(if (it) 90 else 10) },
                "something that takes a while" to { if (it) Busy("A moment") },
                "a screen" to {
                    PermessoApp(world.app, EnglishStrings, dark = false)
                    if (it) LaunchedEffect(Unit) { world.app.show(Screen.More) }
                },
            )
        for ((name, part) in parts) {
            val steps = steps(reduced = true, part)
            assertTrue(steps in 1..AT_ONCE, "$name: $steps")
        }
        assertEquals(
            Screen.More,
            world.app.stack.value
                .last()
                .screen,
        )
        world.scope.cancel()
    }

    @Test
    fun `a sheet, a screen or a bar that moved would be seen to move`() {
        val moving =
            listOf<@Composable (Boolean) -> Unit>(
                { Fading(it) { Text("Nothing comes back.") } },
                { Progress(animateIntAsState(if (it) 90 else 10).value) },
                { if (it) Busy("A moment") },
                { isMore ->
                    Fading(!isMore) { Page("People", {}) { Paragraph("Nobody yet") } }
                    Fading(isMore) { Page("More", {}) { Paragraph("The network doctor") } }
                },
            )
        for ((number, part) in moving.withIndex()) {
            assertTrue(steps(reduced = false, part) >= MOVES, "$number: ${steps(reduced = false, part)}")
        }
    }

    @Composable
    private fun Fading(
        shown: Boolean,
        content: @Composable () -> Unit,
    ) {
        Box(Modifier.alpha(animateFloatAsState(if (shown) 1f else 0f).value)) { content() }
    }

    @Test
    fun `the wheel lets a page glide, and not where the desktop's program has switched that off`() {
        assertTrue(wheelSteps(gliding = true) >= MOVES, "the test sees no movement")
        val steps = wheelSteps(gliding = false)
        assertTrue(steps in 1..AT_ONCE, "$steps")
    }

    /** In a process of its own, for Compose asks once. */
    private fun wheelSteps(gliding: Boolean): Int {
        val path = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val java = File(System.getProperty("java.home"), "bin/java").path
        val settings = mapOf("java.awt.headless" to true, "skiko.renderApi" to "SOFTWARE", "compose.scrolling.smooth.enabled" to gliding)
        val call = listOf(java, "-cp", path) + settings.map { (name, value) -> "-D$name=$value" } + Wheel::class.java.name
        val process = ProcessBuilder(call).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = process.inputStream.bufferedReader().use { it.readText() }
        return said
            .trim()
            .lines()
            .last()
            .toInt()
    }

    @Test
    fun `whatever moves by itself asks first whether it may`() {
        val found =
            SOURCES
                .flatMap { File(it).walk().filter { file -> file.extension == "kt" } }
                .flatMap { file ->
                    val code = file.readLines().filter { line -> COMMENT.none { line.trimStart().startsWith(it) } }
                    code.flatMap { MOVING.findAll(it) }.map { "${file.name}: ${it.value.trimEnd('(')}" }
                }
        assertEquals(
            KNOWN.keys.sorted(),
            found.distinct().sorted(),
            "whoever adds one asks LocalStill, tries it above, and writes it down here",
        )
        assertEquals(KNOWN.values.sum(), found.size)
    }

    private companion object {
        /** Longer than anything moves. */
        const val FRAMES = 40

        /** It is there, and what lies below it is dimmed: nothing moves in so few frames. */
        const val AT_ONCE = 3

        const val MOVES = 4

        /** Compose's own ways to move something, and the parts of Material that do. */
        val MOVING =
            Regex(
                "\\b(animate\\w*|Animat\\w*|Crossfade|rememberInfiniteTransition|updateTransition|smoothScroll\\w*|\\w*ProgressIndicator|" +
                    "\\w*Snackbar\\w*|ModalBottomSheet|PullToRefresh\\w*|\\w*NavigationDrawer|SwipeToDismiss\\w*|\\w*Pager|" +
                    "Switch|RadioButton|" +
                    "Checkbox|\\w*Slider|\\w*TabRow|Timer|basicMarquee)\\(",
            )

        val COMMENT = listOf("import ", "//", "/*", "*")

        val SOURCES = listOf("src/main/kotlin", "../desktop/src/main/kotlin", "../app/src/main/kotlin")

        /** Where something moves, and how often: each of them tried above. */
        val KNOWN =
            mapOf(
                "Parts.kt: LinearProgressIndicator" to 1,
                // Drawn for a number; it stands where the number is.
                "StartScreen.kt: LinearProgressIndicator" to 1,
                "Parts.kt: Switch" to 1,
                "Parts.kt: RadioButton" to 1,
            )
    }
}

/** A program that turns the wheel over a long page once, and prints in how many steps the picture became another one. */
@OptIn(ExperimentalTestApi::class)
internal object Wheel {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val pictures = mutableListOf<IntArray>()
        runSkikoComposeUiTest(PHONE) {
            setContent {
                PermessoTheme(dark = false) {
                    Surface { Column(Modifier.verticalScroll(rememberScrollState())) { repeat(90) { Paragraph("Line $it") } } }
                }
            }
            waitForIdle()
            mainClock.autoAdvance = false
            pictures += captureToImage().toPixelMap().buffer
            onAllNodes(isRoot()).onFirst().performMouseInput { scroll(3f) }
            repeat(40) {
                mainClock.advanceTimeByFrame()
                pictures += captureToImage().toPixelMap().buffer
            }
        }
        println(pictures.zipWithNext().count { (one, other) -> !one.contentEquals(other) })
        exitProcess(0)
    }
}
