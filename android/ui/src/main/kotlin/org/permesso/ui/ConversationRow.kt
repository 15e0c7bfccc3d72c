package org.permesso.ui

import org.permesso.Message
import java.time.LocalDate

/** What stands below each other in a conversation. */
internal sealed interface ConversationRow {
    /** So that the list knows a row again. */
    val key: String

    data class Day(
        val day: LocalDate,
    ) : ConversationRow {
        override val key = "day $day"
    }

    /** What is new begins with that message. */
    data class Unread(
        val before: String,
    ) : ConversationRow {
        override val key = "unread $before"
    }

    /** A message before this one has not arrived yet. */
    data class Gap(
        val before: String,
    ) : ConversationRow {
        override val key = "gap $before"
    }

    data class Text(
        val message: Message,
    ) : ConversationRow {
        override val key = message.id
    }
}

/** The rows of a conversation, the newest first, as the list wants them. */
internal fun rows(
    messages: List<Message>,
    firstUnread: String?,
    day: (Long) -> LocalDate,
): List<ConversationRow> {
    val rows = ArrayList<ConversationRow>(messages.size + messages.size / 4)
    var last: LocalDate? = null
    val days = HashSet<LocalDate>()
    for (message in messages) {
        val today = day(message.localTime.toLong())
        // Clocks go back now and then; each day is named once.
        if (today != last && days.add(today)) rows.add(ConversationRow.Day(today))
        last = today
        if (message.id == firstUnread) rows.add(ConversationRow.Unread(message.id))
        if (message.gap) rows.add(ConversationRow.Gap(message.id))
        rows.add(ConversationRow.Text(message))
    }
    rows.reverse()
    return rows
}
