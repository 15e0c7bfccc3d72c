package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.text.BasicTextField
import androidx.compose.material3.Icon
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.luminance
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.layout.LayoutInfo
import androidx.compose.ui.layout.boundsInWindow
import androidx.compose.ui.layout.positionInWindow
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.text.TextStyle
import androidx.compose.ui.text.style.ResolvedTextDirection
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.LayoutDirection
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp
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
                // The way there, as of what slides in or scrolls, is many pictures that nobody looks at.
                var isDrawn by mutableStateOf(false)
                setContent { Box(if (isDrawn) Modifier else Modifier.undrawn()) { shown?.let { key(it) { Shown(it) } } } }

                fun drawn(): ImageBitmap {
                    isDrawn = true
                    waitForIdle()
                    return captureToImage().also { isDrawn = false }
                }
                for ((number, sample) in allSamples.withIndex()) {
                    for (isDark in view.lights(number)) {
                        shown = Look(sample, view.speech, isDark, view.rightToLeft)
                        waitForIdle()
                        var pages = 0
                        do {
                            val where = "${sample.screen}, ${sample.state}, ${view.name}${if (isDark) ", dark" else ""}"
                            val picture = drawn()
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
            View("two panes", Size(800f, 600f)) { number -> listOf(number % 2 == 0) },
        )

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

    @Test
    fun `a pale text is found beside a picture, in a field, and as a hint there`() {
        for ((colour, isFound) in listOf(Color(0xFF9AA0A0) to true, Color(0xFF5F6666) to false)) {
            val style = TextStyle(colour, 16.sp, fontFamily = noto)
            val texts =
                mapOf<String, @Composable () -> Unit>(
                    "beside pictures" to { Text("🔥 Hardly read ❤️‍🔥", color = colour) },
                    "in a field" to { BasicTextField("Hardly read", {}, textStyle = style) },
                    "in a field with a picture" to { BasicTextField("Hardly ☕ read", {}, Modifier.padding(9.dp), textStyle = style) },
                    "as a hint" to {
                        BasicTextField("", {}, Modifier.semantics { contentDescription = "A hint" }, decorationBox = {
                            Box(Modifier.padding(12.dp)) { Text("Hardly read", Modifier.clearedSemantics(), color = colour) }
                        })
                    },
                )
            for ((where, text) in texts) assertEquals(isFound, ratioOf(text) < AA, where)
        }
    }

    @Test
    fun `a field with nothing in it has nothing to be read`() {
        runSkikoComposeUiTest(Size(600f, 300f), Density(SCALE)) {
            setContent { PermessoTheme(dark = false, noto) { Surface { Field("", {}, "A name", wrong = "Wrong") } } }
            assertEquals(listOf("Wrong"), ratios(captureToImage()).map { it.first })
        }
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
            .mapNotNull { node -> written(node, picture) ?: hint(node, picture) }
            .map { (text, places) -> text.take(40) to contrast(picture, places) }
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
            }.map { it to contrast(picture, listOf(it)) }
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

    /** A text with letters, also one that can be changed, and where these are drawn: a picture among them has colours of its own. */
    private fun written(
        node: SemanticsNode,
        picture: ImageBitmap,
    ): Pair<String, List<Rect>>? {
        val typed = node.config.getOrNull(SemanticsProperties.EditableText)
        val text = (typed ?: node.config.getOrNull(SemanticsProperties.Text)?.singleOrNull())?.text.orEmpty()
        val layouts = mutableListOf<TextLayoutResult>()
        node.config
            .getOrNull(SemanticsActions.GetTextLayoutResult)
            ?.action
            ?.invoke(layouts)
        val layout = layouts.singleOrNull() ?: return null
        // What surrounds it, as in a field, belongs to the node, too.
        val drawn = laidOut(node.layoutInfo).firstOrNull { it.coordinates.size == layout.size } ?: return null
        val at = drawn.coordinates.positionInWindow()
        if (layout.layoutInput.layoutDirection == LayoutDirection.Rtl || layout.getParagraphDirection(0) == ResolvedTextDirection.Rtl) {
            // Compose lays it out anew to tell of it: as wide as there is room, so that its right is not where it was drawn.
            return (text to listOf(node.boundsInWindow)).takeIf { text.any(Char::isLetterOrDigit) }
        }
        val lines = letters(text).groupBy(layout::getLineForOffset).values
        val places = lines.flatMap { runs(it, layout) }.map { it.translate(at) }
        return (text to places).takeIf { colours(picture, places).any { it.value >= FEW } }
    }

    /** Where letters and digits are that are written as such, and not part of a picture. */
    private fun letters(text: String): List<Int> =
        text.indices.filter { text[it].isLetterOrDigit() && text.getOrNull(it + 1) !in PICTURED }.take(LETTERS_MOST)

    /** Those that stand beside each other, together. */
    private fun runs(
        line: List<Int>,
        layout: TextLayoutResult,
    ): List<Rect> {
        val runs = mutableListOf<Rect>()
        for ((number, offset) in line.withIndex()) {
            val box = layout.getBoundingBox(offset)
            val before = runs.lastOrNull()?.takeIf { line.getOrNull(number - 1) == offset - 1 && it.overlaps(box.inflate(1f)) }
            if (before != null) runs.removeLast()
            runs += before?.let { Rect(minOf(it.left, box.left), it.top, maxOf(it.right, box.right), it.bottom) } ?: box
        }
        return runs
    }

    /** What an empty field shows: a screen reader is told of it otherwise. */
    private fun hint(
        node: SemanticsNode,
        picture: ImageBitmap,
    ): Pair<String, List<Rect>>? {
        if (node.config.getOrNull(SemanticsProperties.EditableText)?.isEmpty() != true) return null
        val label =
            node.config
                .getOrNull(SemanticsProperties.ContentDescription)
                .orEmpty()
                .joinToString()
        // Without its edge.
        val inside = node.boundsInWindow.deflate(SCALE * EDGE)
        return (label to listOf(inside)).takeIf { colours(picture, it.second).size > 1 }
    }

    /** Between what is there most and what differs from it most. */
    private fun contrast(
        picture: ImageBitmap,
        places: List<Rect>,
    ): Double {
        val counts = colours(picture, places)
        val behind = Color(counts.maxBy { it.value }.key)
        // A few pixels alone are nothing that is read.
        return counts.filterValues { it >= FEW }.keys.maxOf { contrast(Color(it), behind) }
    }

    private fun colours(
        picture: ImageBitmap,
        places: List<Rect>,
    ): Map<Int, Int> {
        val counts = HashMap<Int, Int>()
        val whole = Rect(0f, 0f, picture.width.toFloat(), picture.height.toFloat())
        for (place in places.map { it.intersect(whole) }.filter { it.width >= 1 && it.height >= 1 }) {
            val pixels = picture.toPixelMap(place.left.toInt(), place.top.toInt(), place.width.toInt(), place.height.toInt())
            for ((colour, count) in runs(pixels.buffer)) counts.merge(colour, count, Int::plus)
        }
        return counts
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

        /** In dp: a field's edge is thinner. */
        const val EDGE = 6f

        /** So many letters have the colours of all the others. */
        const val LETTERS_MOST = 400

        /** What makes a picture of the digit before it. */
        val PICTURED = listOf('\uFE0F', '\u20E3')

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
