package org.permesso.ui

import java.net.URLDecoder
import java.net.URLEncoder

/** What a screen keeps over the end of the process: drafts, scroll, open dialogs. Only the UI's thread touches it. */
class Saved(
    values: Map<String, String> = emptyMap(),
) {
    private val values = LinkedHashMap(values)

    /** The value of that key. */
    operator fun get(key: String): String? = values[key]

    /** Keeps a value; null and empty ones are forgotten. */
    operator fun set(
        key: String,
        value: String?,
    ) {
        if (value.isNullOrEmpty()) values.remove(key) else values[key] = value
    }

    /** Keeps what is asked above the screen, or that it no longer is: where the sheet before it was scrolled to is forgotten. */
    internal fun ask(
        key: String,
        value: String?,
    ) {
        set(key, value)
        set(SHEET, null)
    }

    internal val entries: Map<String, String> get() = values
}

/** Where the open sheet is scrolled to. */
internal const val SHEET: String = "sheet"

/** A screen of the back stack with what it keeps. */
class Entry(
    val screen: Screen,
    val saved: Saved = Saved(),
)

/** Everything that is written down: `save` and `restored` of [AppState]. */
internal class Snapshot(
    val entries: List<Entry>,
    val drafts: Saved,
    val notices: List<DatedNotice> = emptyList(),
    val unseen: Int = 0,
) {
    fun encode(): String =
        buildString {
            append(FIRST_LINE)
            line("drafts", emptyList(), drafts)
            for (entry in entries) line("screen", Screen.name(entry.screen), entry.saved)
            line("unseen", listOf("$unseen"), Saved())
            for (notice in notices) WrittenNotice.write(notice)?.let { line("notice", emptyList(), it) }
        }

    private fun StringBuilder.line(
        kind: String,
        names: List<String>,
        saved: Saved,
    ) {
        append('\n').append(kind)
        for (name in names) append(' ').append(escaped(name))
        for ((key, value) in saved.entries) append(' ').append(escaped(key)).append('=').append(escaped(value))
    }

    companion object {
        private const val FIRST_LINE = "permesso-screens-1"

        /** Null if it is none of ours: then the app begins at its first screen. */
        fun decode(text: String?): Snapshot? {
            val lines = text?.split('\n') ?: return null
            if (lines.first() != FIRST_LINE) return null
            var drafts = Saved()
            val entries = mutableListOf<Entry>()
            val notices = mutableListOf<DatedNotice>()
            var unseen = 0
            for (line in lines.drop(1)) {
                val words = line.split(' ').drop(1)
                val names = words.filter { '=' !in it }.map(::plain)
                val saved = Saved(words.filter { '=' in it }.associate { plain(it.substringBefore('=')) to plain(it.substringAfter('=')) })
                when {
                    line.startsWith("drafts") -> drafts = saved
                    line.startsWith("notice") -> WrittenNotice.read(saved)?.let(notices::add)
                    line.startsWith("unseen") -> unseen = names.firstOrNull()?.toIntOrNull() ?: 0
                    else -> Screen.named(names)?.let { entries.add(Entry(it, saved)) }
                }
            }
            return Snapshot(entries, drafts, notices, unseen)
        }

        private fun escaped(text: String): String = URLEncoder.encode(text, "UTF-8")

        private fun plain(text: String): String = URLDecoder.decode(text, "UTF-8")
    }
}
