package org.permesso.desktop

import java.awt.Container
import java.awt.EventQueue
import java.awt.Label
import java.awt.Window
import javax.accessibility.AccessibleContext
import javax.accessibility.AccessibleState
import kotlin.concurrent.thread

/**
 * The program as people start it, and beside it what a screen reader would be told, printed whenever a line comes in. Only
 * tests have it: the program itself has no such door.
 */
internal object Watched {
    /** Ends what is printed for one line. */
    const val END = "== end"

    @JvmStatic
    fun main(arguments: Array<String>) {
        thread(isDaemon = true) {
            while (readlnOrNull() != null) {
                val lines = mutableListOf<String>()
                EventQueue.invokeAndWait {
                    for (window in Window.getWindows().filter { it.isShowing }) {
                        list(window.accessibleContext, lines)
                        listPlain(window, lines)
                    }
                }
                println((lines + END).joinToString("\n"))
            }
        }
        org.permesso.desktop.main(arguments)
    }

    private fun list(
        context: AccessibleContext,
        lines: MutableList<String>,
    ) {
        val component = context.accessibleComponent
        val names = listOf(context.accessibleName, context.accessibleDescription).map { it.orEmpty().replace('\n', ' ').replace('\t', ' ') }
        val place = runCatching { component?.locationOnScreen }.getOrNull()
        val size = component?.size
        if (place != null && size != null) {
            val isFocused = AccessibleState.FOCUSED in context.accessibleStateSet
            val text =
                context.accessibleEditableText
                    ?.let { it.getTextRange(0, it.charCount) }
                    .orEmpty()
                    .replace('\n', ' ')
            val fields = listOf(context.accessibleRole.toDisplayString(java.util.Locale.ENGLISH)) + names + text
            lines += (fields + listOf(place.x, place.y, size.width, size.height, isFocused)).joinToString("\t")
        }
        for (index in 0 until context.accessibleChildrenCount) context.getAccessibleChild(index)?.accessibleContext?.let { list(it, lines) }
    }

    /** What a tray shows is of plain labels, which a screen reader is not told of. */
    private fun listPlain(
        container: Container,
        lines: MutableList<String>,
    ) {
        for (part in container.components) {
            if (part is Label) {
                val place = part.locationOnScreen
                lines += listOf("plain", part.text, "", "", place.x, place.y, part.width, part.height, false).joinToString("\t")
            }
            if (part is Container) listPlain(part, lines)
        }
    }
}
