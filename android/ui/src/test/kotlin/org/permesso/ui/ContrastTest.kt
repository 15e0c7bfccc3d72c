package org.permesso.ui

import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.luminance
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.unit.Density
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.permesso.ui.samples.allSamples
import kotlin.math.max
import kotlin.math.min

/** Whether what is drawn can be read: what a text looks like on its picture counts, not which colours it was meant to have. */
@OptIn(ExperimentalTestApi::class)
internal class ContrastTest {
    @Test
    fun `every text of every screen stands out from what is behind it, in the light and in the dark`() {
        assumeTrue(noto != null)
        val wrong = mutableListOf<String>()
        var seen = 0
        runSkikoComposeUiTest(Size(SCALE * PHONE.width, SCALE * PHONE.height), Density(SCALE)) {
            var shown by mutableStateOf<Look?>(null)
            setContent { shown?.let { key(it) { Shown(it) } } }
            for (sample in allSamples) {
                for (isDark in listOf(false, true)) {
                    shown = Look(sample, dark = isDark)
                    waitForIdle()
                    for ((text, ratio) in ratios()) {
                        seen++
                        if (ratio < AA) wrong += "${sample.screen}, ${sample.state}${if (isDark) ", dark" else ""}: $ratio of $text"
                    }
                }
            }
        }
        assertEquals(emptyList<String>(), wrong)
        assertTrue(seen > 1_000, "$seen")
    }

    @Test
    fun `a text that is pale is found, and one that is not is none`() {
        assertTrue(ratioOf { Text("Hardly to be read", color = Color(0xFF9AA0A0)) } < AA)
        assertTrue(ratioOf { Text("Well to be read", color = Color(0xFF5F6666)) } >= AA)
    }

    private fun ratioOf(content: @Composable () -> Unit): Double {
        var ratio = 0.0
        runSkikoComposeUiTest(Size(600f, 300f), Density(SCALE)) {
            setContent { PermessoTheme(dark = false, noto) { Surface { content() } } }
            ratio = ratios().single().second
        }
        return ratio
    }

    /** Every text that can be read now, with its contrast; what is switched off need not stand out (WCAG 1.4.3). */
    private fun SkikoComposeUiTest.ratios(): List<Pair<String, Double>> {
        val picture = captureToImage()
        // What lies below a question is dimmed.
        val top = onAllNodes(isRoot(), useUnmergedTree = true).fetchSemanticsNodes().last()
        return all(top)
            .filter {
                !it.boundsInWindow.isEmpty && it.boundsInRoot.height >= it.size.height - 1 &&
                    it.boundsInRoot.width >= it.size.width - 1
            }.filter { node -> generateSequence(node) { it.parent }.none { SemanticsProperties.Disabled in it.config } }
            .mapNotNull { node -> written(node)?.let { it.take(40) to contrast(picture, node) } }
    }

    private fun all(node: SemanticsNode): List<SemanticsNode> = listOf(node) + node.children.flatMap(::all)

    /** A text that is letters, of which the layout is its own. */
    private fun written(node: SemanticsNode): String? =
        node.config
            .getOrNull(SemanticsProperties.Text)
            ?.singleOrNull()
            ?.text
            ?.takeIf { text -> text.any(Char::isLetterOrDigit) && SemanticsActions.GetTextLayoutResult in node.config }

    /** Between what is there most and what differs from it most. */
    private fun contrast(
        picture: ImageBitmap,
        node: SemanticsNode,
    ): Double {
        val bounds = node.boundsInWindow
        val pixels = picture.toPixelMap(bounds.left.toInt(), bounds.top.toInt(), bounds.width.toInt(), bounds.height.toInt())
        val counts = HashMap<Int, Int>()
        for ((colour, count) in runs(pixels.buffer)) counts.merge(colour, count, Int::plus)
        val behind = Color(counts.maxBy { it.value }.key)
        // A few pixels alone are nothing that is read.
        return counts.filterValues { it >= FEW }.keys.maxOf { contrast(Color(it), behind) }
    }

    /** How often each colour comes one after the other: a text is mostly what is behind it. */
    private fun runs(colours: IntArray): Sequence<Pair<Int, Int>> =
        sequence {
            var from = 0
            for (place in 1..colours.size) {
                if (place < colours.size && colours[place] == colours[from]) continue
                yield(colours[from] to place - from)
                from = place
            }
        }

    private companion object {
        /** So large that the strokes of letters have their full colour. */
        const val SCALE = 2f

        const val FEW = 4
    }
}

/** WCAG 2.2, 1.4.3. */
internal const val AA = 4.5

/** How much two colours differ, from 1 to 21 (WCAG 2.2). */
internal fun contrast(
    one: Color,
    other: Color,
): Double {
    val (a, b) = one.luminance() + 0.05 to other.luminance() + 0.05
    return max(a, b) / min(a, b)
}
