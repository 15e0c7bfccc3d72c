package org.permesso.ui

import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.isRoot
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.text.style.TextOverflow
import org.jetbrains.skia.Data
import org.jetbrains.skia.FontMgr
import org.jetbrains.skia.FontStyle
import org.jetbrains.skia.Typeface
import java.io.File

/**
 * What is wrong with what is seen now: for fingers, for screen readers, for eyes. Empty if nothing is. Where [isScrolled], what is half
 * gone or above says nothing of order, headings and neighbours.
 */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.findings(
    width: Float,
    speaksPseudo: Boolean = false,
    isScrolled: Boolean = false,
): List<String> {
    val found = mutableListOf<String>()
    for (root in onAllNodes(isRoot()).fetchSemanticsNodes()) {
        val nodes = all(root)
        val clickable = nodes.filter(::isClickable).filter { !it.boundsInRoot.isEmpty }
        clickable.forEach { found += touch(it) }
        if (isScrolled) continue
        found += overlaps(clickable)
        found += unheard(root)
    }
    for (root in onAllNodes(isRoot(), useUnmergedTree = true).fetchSemanticsNodes()) {
        val nodes = all(root)
        nodes.forEach { found += cutOff(it, width) }
        nodes.flatMap(::texts).distinct().forEach { found += missingGlyphs(it) }
        if (speaksPseudo) nodes.flatMap(::texts).distinct().forEach { found += notTranslated(it) }
    }
    return found
}

/** Shows what comes next, of a page or sheet; long lists repeat themselves after a while. */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.scrollsOn(): Boolean {
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

private fun all(node: SemanticsNode): List<SemanticsNode> = listOf(node) + node.children.flatMap(::all)

private fun isClickable(node: SemanticsNode): Boolean =
    (SemanticsActions.OnClick in node.config && SemanticsProperties.Disabled !in node.config) || SemanticsActions.SetText in node.config

private fun label(node: SemanticsNode): String =
    (
        node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty() +
            node.config
                .getOrNull(SemanticsProperties.Text)
                .orEmpty()
                .map { it.text }
    ).joinToString(" ")
        .trim()

private fun touch(node: SemanticsNode): List<String> =
    buildList {
        if (label(node).isEmpty()) add("no label: ${node.boundsInRoot}")
        // As it was measured: Compose widens the touch area of what is smaller, into its neighbours.
        val least = 48 * node.layoutInfo.density.density
        if (node.size.width < least || node.size.height < least) add("too small to touch (${node.size}): ${label(node)}")
    }

private fun overlaps(nodes: List<SemanticsNode>): List<String> =
    buildList {
        for ((index, one) in nodes.withIndex()) {
            for (other in nodes.drop(index + 1)) {
                if (contains(one, other) || contains(other, one)) continue
                val common = visibleTouch(one).intersect(visibleTouch(other))
                if (common.width > 1 && common.height > 1) add("touch areas overlap: ${label(one)} / ${label(other)}")
            }
        }
    }

/** The touch area as far as its list shows it. */
private fun visibleTouch(node: SemanticsNode): Rect {
    val clipped = node.boundsInRoot
    val touch = node.touchBoundsInRoot
    val isClipped = clipped.width < node.size.width - 0.5f || clipped.height < node.size.height - 0.5f
    return if (isClipped) clipped else touch
}

private fun contains(
    one: SemanticsNode,
    other: SemanticsNode,
): Boolean = generateSequence(other.parent) { it.parent }.any { it.id == one.id }

private fun texts(node: SemanticsNode): List<String> =
    node.config
        .getOrNull(SemanticsProperties.Text)
        .orEmpty()
        .map { it.text } +
        listOfNotNull(node.config.getOrNull(SemanticsProperties.EditableText)?.text)

private fun cutOff(
    node: SemanticsNode,
    width: Float,
): List<String> =
    buildList {
        val text = texts(node).joinToString(" ")
        if (text.isEmpty() || node.boundsInRoot.isEmpty) return@buildList
        val left = node.positionInRoot.x
        if (left < -0.5f || left + node.size.width > width + 0.5f) {
            if (text !in EMOJI_TEXTS) add("beyond the edge ($left + ${node.size.width} of $width): ${text.take(60)}")
        }
        // Of pictures alone the width is told too large.
        if (text.none(Char::isLetterOrDigit)) return@buildList
        val layouts = mutableListOf<TextLayoutResult>()
        node.config
            .getOrNull(SemanticsActions.GetTextLayoutResult)
            ?.action
            ?.invoke(layouts)
        val layout = layouts.firstOrNull() ?: return@buildList
        val may = layout.layoutInput.overflow == TextOverflow.Ellipsis || SemanticsActions.SetText in node.config
        // Parts of pixels are rounded away.
        val lines = layout.multiParagraph
        val isCut =
            (lines.width > layout.size.width + 1 && lines.maxIntrinsicWidth > layout.size.width + 1 && lines.lineCount == 1) ||
                lines.height > layout.size.height + 1
        if (isCut && !may) add("cut off: ${text.take(60)}")
    }

/** A row of pictures scrolls sideways. */
private val EMOJI_TEXTS by lazy { EMOJI.toSet() }

private val typeface: Typeface? by lazy {
    if (FONT_FILE.exists()) Typeface.makeFromData(Data.makeFromBytes(FONT_FILE.readBytes())) else null
}
private val glyphs = HashMap<Int, Boolean>()

private fun missingGlyphs(text: String): List<String> {
    val missing = text.codePoints().toArray().filter { !hasGlyph(it) }
    return if (missing.isEmpty()) emptyList() else listOf("no glyph for ${missing.joinToString { "U+%04X".format(it) }}: ${text.take(40)}")
}

private fun hasGlyph(codePoint: Int): Boolean =
    glyphs.getOrPut(codePoint) {
        Character.isWhitespace(codePoint) ||
            Character.getType(codePoint) == Character.FORMAT.toInt() ||
            codePoint in 0xFE00..0xFE0F ||
            typeface?.getUTF32Glyph(codePoint)?.toInt() != 0 ||
            FontMgr.default.matchFamilyStyleCharacter(null, FontStyle.NORMAL, null, codePoint) != null
    }

/**
 * Texts of the pseudo language are in brackets; what is not comes from somebody's hand (the samples), is a day or an id, or stands in the
 * code where it should not.
 */
private fun notTranslated(text: String): List<String> {
    val isOurs = '[' !in text && text.count(Char::isLetter) >= 3 && text.none(Char::isDigit)
    // Samples repeat words to be long.
    val isSample = text.split(Regex("\\s+")).all { it.toSet().size == 1 || it in SAMPLE_TEXTS }
    return if (isOurs && !isSample) listOf("not translated: ${text.take(60)}") else emptyList()
}

private val SAMPLE_TEXTS: String by lazy {
    File("src/main/kotlin/org/permesso/ui/samples").listFiles().orEmpty().joinToString("\n") { it.readText() }
}
