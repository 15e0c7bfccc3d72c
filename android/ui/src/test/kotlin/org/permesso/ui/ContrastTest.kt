package org.permesso.ui

import androidx.compose.material3.Icon
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.luminance
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.layout.LayoutInfo
import androidx.compose.ui.layout.boundsInWindow
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
    fun `every text and icon of every screen stands out from what is behind it, down to its end, in every light and size`() {
        assumeTrue(noto != null)
        val wrong = sortedSetOf<String>()
        for (view in views) {
            var texts = 0
            var icons = 0
            runSkikoComposeUiTest(Size(SCALE * view.size.width, SCALE * view.size.height), Density(SCALE)) {
                var shown by mutableStateOf<Look?>(null)
                setContent { shown?.let { key(it) { Shown(it) } } }
                for ((number, sample) in allSamples.withIndex()) {
                    for (isDark in view.lights(number)) {
                        shown = Look(sample, view.speech, isDark, view.rightToLeft)
                        waitForIdle()
                        var pages = 0
                        do {
                            val where = "${sample.screen}, ${sample.state}, ${view.name}${if (isDark) ", dark" else ""}"
                            val picture = captureToImage()
                            for ((text, ratio) in ratios(picture)) {
                                texts++
                                if (ratio < AA) wrong += "$where: $ratio of $text"
                            }
                            for ((icon, ratio) in iconRatios(picture)) {
                                icons++
                                if (ratio < AA_ICON) wrong += "$where: $ratio of the icon at $icon"
                            }
                        } while (++pages < view.pages && scrollsOn())
                    }
                }
            }
            assertTrue(texts > 500 && icons > 100, "${view.name}: $texts texts, $icons icons")
        }
        assertEquals(emptySet<String>(), wrong)
    }

    private class View(
        val name: String,
        val size: Size,
        val speech: Speech = Speech.EN,
        val rightToLeft: Boolean = false,
        /** How much of a page is scrolled through; of a list of 10,000 messages never all. */
        val pages: Int = 1,
        /** By the number of the sample: whether it is shown in the dark, by light, or both. */
        val lights: (Int) -> List<Boolean>,
    )

    /** A colour is the same in every window: all of it is seen on the phone, elsewhere what another language or layout puts somewhere else. */
    private val views =
        listOf(
            View("phone", PHONE, pages = 4) { listOf(false, true) },
            View("phone in Italian", PHONE, Speech.IT) { listOf(true) },
            View("square from right to left", Size(320f, 320f), rightToLeft = true) { listOf(false) },
            View("desktop", Size(1280f, 800f)) { number -> listOf(number % 2 == 0) },
        )

    /** Shows what comes next, of a page or sheet; long lists repeat themselves after a while. */
    private fun SkikoComposeUiTest.scrollsOn(): Boolean {
        val top = onAllNodes(isRoot()).fetchSemanticsNodes().last()
        val pages = all(top).filter { SemanticsProperties.VerticalScrollAxisRange in it.config && SemanticsActions.SetText !in it.config }
        val moved =
            pages.count { page ->
                val range = page.config[SemanticsProperties.VerticalScrollAxisRange]
                val before = range.value()
                val way = if (range.reverseScrolling) -1 else 1
                runOnIdle { page.config[SemanticsActions.ScrollBy].action?.invoke(0f, way * 0.8f * page.size.height) }
                waitForIdle()
                range.value() != before
            }
        return moved > 0
    }

    @Test
    fun `an icon that is pale is found, and one that is not is none`() {
        for ((colour, isFound) in listOf(Color(0xFFA0A6A6) to true, Color(0xFF667373) to false)) {
            runSkikoComposeUiTest(Size(600f, 300f), Density(SCALE)) {
                setContent { PermessoTheme(dark = false, noto) { Surface { Icon(Icons.Code, contentDescription = null, tint = colour) } } }
                assertEquals(isFound, iconRatios(captureToImage()).single().second < AA_ICON)
            }
        }
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
            ratio = ratios(captureToImage()).single().second
        }
        return ratio
    }

    /** Every text that can be read now, with its contrast; what is switched off need not stand out (WCAG 1.4.3). */
    private fun SkikoComposeUiTest.ratios(picture: ImageBitmap): List<Pair<String, Double>> {
        // What lies below a question is dimmed.
        val top = onAllNodes(isRoot(), useUnmergedTree = true).fetchSemanticsNodes().last()
        return all(top)
            .filter {
                !it.boundsInWindow.isEmpty && it.boundsInRoot.height >= it.size.height - 1 &&
                    it.boundsInRoot.width >= it.size.width - 1
            }.filter { node -> generateSequence(node) { it.parent }.none { SemanticsProperties.Disabled in it.config } }
            .mapNotNull { node -> written(node)?.let { it.take(40) to contrast(picture, node.boundsInWindow) } }
    }

    /** Every icon that is whole in the picture. A screen reader knows nothing of it, so it is looked for among what is laid out. */
    private fun SkikoComposeUiTest.iconRatios(picture: ImageBitmap): List<Pair<Rect, Double>> {
        val top = onAllNodes(isRoot(), useUnmergedTree = true).fetchSemanticsNodes().last()
        val off = all(top).filter { SemanticsProperties.Disabled in it.config }.map { it.boundsInWindow }
        val window = Rect(0f, 0f, picture.width.toFloat(), picture.height.toFloat())
        return laidOut(top.layoutInfo)
            .filter { part -> part.getModifierInfo().any { PAINTED in it.modifier.javaClass.simpleName } }
            .mapNotNull { part ->
                val place = part.coordinates
                val seen = place.boundsInWindow()
                val isWhole = seen.width >= place.size.width - 1 && seen.height >= place.size.height - 1
                seen.takeIf { isWhole && seen.width <= ICON_MOST && seen.intersect(window) == seen && off.none { it.overlaps(seen) } }
            }.map { it to contrast(picture, it) }
    }

    /** By what Compose itself goes through, for it shows no children elsewhere. */
    private fun laidOut(part: LayoutInfo): List<LayoutInfo> {
        // What a list keeps to use it again is not there.
        if (part.isDeactivated || !part.isAttached || !part.coordinates.isAttached) return emptyList()
        val children = part.javaClass.methods.first { it.name.startsWith("getChildren") && it.parameterCount == 0 }
        return listOf(part) + (children.invoke(part) as List<*>).flatMap { laidOut(it as LayoutInfo) }
    }

    private fun all(node: SemanticsNode): List<SemanticsNode> =
        if (node.layoutInfo.isDeactivated) emptyList() else listOf(node) + node.children.flatMap(::all)

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
        bounds: Rect,
    ): Double {
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

        /** What an icon is drawn by. */
        const val PAINTED = "Painter"

        /** Codes are pictures, too, and larger. */
        const val ICON_MOST = 60f
    }
}

/** WCAG 2.2, 1.4.3. */
internal const val AA = 4.5

/** WCAG 2.2, 1.4.11. */
internal const val AA_ICON = 3.0

/** How much two colours differ, from 1 to 21 (WCAG 2.2). */
internal fun contrast(
    one: Color,
    other: Color,
): Double {
    val (a, b) = one.luminance() + 0.05 to other.luminance() + 0.05
    return max(a, b) / min(a, b)
}
