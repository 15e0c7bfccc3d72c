package org.permesso.ui

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.permesso.Message
import org.permesso.ui.samples.SAMPLE_NOW
import org.permesso.ui.samples.message
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneOffset

/** What stands between the messages of a conversation. */
internal class RowsTest {
    private fun day(moment: Long): LocalDate = Instant.ofEpochMilli(moment).atOffset(ZoneOffset.UTC).toLocalDate()

    /** From above, as one reads it. */
    private fun shown(
        messages: List<Message>,
        firstUnread: String? = null,
    ): List<String> =
        rows(messages, firstUnread, ::day).reversed().map { row ->
            when (row) {
                is ConversationRow.Day -> "${row.day}"
                is ConversationRow.Unread -> "new from here"
                is ConversationRow.Gap -> "gap"
                is ConversationRow.Text -> row.message.text
            }
        }

    private fun daysAgo(days: Int) = "${day(SAMPLE_NOW - days * DAY * 60_000L)}"

    @Test
    fun `each day is named once, before its first message, also where a clock went back`() {
        val messages =
            listOf("a" to 3, "b" to 3, "c" to 2, "d" to 3, "e" to 2, "f" to 0).mapIndexed { number, (text, days) ->
                message(text, number, minutesAgo = days * DAY)
            }
        assertEquals(listOf(daysAgo(3), "a", "b", daysAgo(2), "c", "d", "e", daysAgo(0), "f"), shown(messages))
    }

    @Test
    fun `a message that has not arrived is missed where it belongs, and what is new begins under its line`() {
        val messages = listOf(message("a", 1), message("b", 2, mine = false, gap = true), message("c", 3, mine = false))
        assertEquals(listOf(daysAgo(0), "a", "new from here", "gap", "b", "c"), shown(messages, firstUnread = messages[1].id))
        assertEquals(listOf(daysAgo(0), "a", "gap", "b", "c"), shown(messages))
        assertEquals(emptyList<String>(), shown(emptyList()))
    }

    private companion object {
        /** In minutes. */
        const val DAY = 24L * 60
    }
}
