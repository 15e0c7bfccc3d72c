package org.permesso.ui

import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.unit.LayoutDirection

/** What a screen reader would leave out or say in an order in which nobody reads; [root] is of the merged tree, which it is told. */
internal fun unheard(root: SemanticsNode): List<String> {
    val said = all(root).filter { !it.boundsInRoot.isEmpty && speech(it).isNotEmpty() }
    return said.flatMap(::leftOut) + disorder(said) + withoutHeading(said)
}

private fun all(node: SemanticsNode): List<SemanticsNode> = listOf(node) + node.children.flatMap(::all)

private fun texts(node: SemanticsNode): List<String> =
    node.config
        .getOrNull(SemanticsProperties.Text)
        .orEmpty()
        .map { it.text }

private fun descriptions(node: SemanticsNode): List<String> = node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty()

/** On a desktop the first text is the name of a line, else the description is told. On a phone the description counts more. */
private fun speech(node: SemanticsNode): String = (texts(node) + descriptions(node)).firstOrNull().orEmpty()

private fun leftOut(node: SemanticsNode): List<String> {
    if (SemanticsActions.SetText in node.config) return emptyList()
    val onPhone = descriptions(node).ifEmpty { texts(node) }.joinToString(", ")
    return buildList {
        for (text in texts(node) + descriptions(node)) {
            if (text !in speech(node)) add("a desktop does not say \"${text.take(40)}\" of: ${speech(node).take(40)}")
            if (text !in onPhone) add("a phone does not say \"${text.take(40)}\" of: ${onPhone.take(40)}")
        }
        if (descriptions(node).size > 1) add("said twice: ${onPhone.take(60)}")
    }
}

/** Each must come below the one before it, or after it on the same line; once a column may begin beside it. */
private fun disorder(said: List<SemanticsNode>): List<String> {
    val jumps = said.zipWithNext().filterNot { (one, next) -> follows(one, next) }
    val (columns, back) = jumps.partition { (one, next) -> isBeside(one, next) }
    return (columns.drop(1) + back).map { (one, next) ->
        "read out of order: ${speech(one).take(30)} ${one.boundsInRoot} / ${speech(next).take(30)} ${next.boundsInRoot}"
    }
}

private fun follows(
    one: SemanticsNode,
    next: SemanticsNode,
): Boolean {
    val (first, second) = one.boundsInRoot to next.boundsInRoot
    val isWithin = generateSequence(next.parent) { it.parent }.any { it.id == one.id }
    return isWithin || if (onOneLine(first, second)) isBeside(one, next) else second.top >= first.top - ROUNDED
}

private fun isBeside(
    one: SemanticsNode,
    next: SemanticsNode,
): Boolean {
    val (first, second) = one.boundsInRoot to next.boundsInRoot
    val isMirrored = next.layoutInfo.layoutDirection == LayoutDirection.Rtl
    return if (isMirrored) second.right <= first.left + ROUNDED else second.left >= first.right - ROUNDED
}

private fun onOneLine(
    one: Rect,
    other: Rect,
): Boolean = minOf(one.bottom, other.bottom) - maxOf(one.top, other.top) > minOf(one.height, other.height) / 2

private fun withoutHeading(said: List<SemanticsNode>): List<String> =
    if (said.size > FEW && said.none { SemanticsProperties.Heading in it.config }) {
        listOf("no heading above: ${said.take(FEW).joinToString { speech(it).take(20) }}")
    } else {
        emptyList()
    }

/** Parts of pixels are rounded away. */
private const val ROUNDED = 1f

/** So much is heard without jumping about. */
private const val FEW = 3
