package org.permesso.ui

import org.permesso.Contact
import org.permesso.RescueReport
import org.permesso.RescuedMessage
import org.permesso.ffi.PermessoException
import org.permesso.ui.words.Strings
import java.io.File
import java.io.IOException
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter

/**
 * Writes what can still be read of damaged data into [file], as a text that people read.
 *
 * @param onFound How much it is so far; it ends with [PermessoException.Cancelled] where it is told false.
 * @throws IOException if the file cannot be written.
 */
internal suspend fun rescueInto(
    file: File,
    opener: Opener,
    words: Strings,
    onFound: (Int) -> Boolean,
): RescueReport =
    file.bufferedWriter().use { output ->
        val text = RescuedText(output, words)
        // It is told on a thread of the core's, through which no failure of ours comes back.
        var failure: IOException? = null
        try {
            opener.rescue { friends, messages ->
                try {
                    text.add(friends, messages)
                    onFound(text.entries)
                } catch (refusal: IOException) {
                    failure = refusal
                    false
                }
            }
        } catch (end: PermessoException.Cancelled) {
            throw failure ?: end
        }
    }

/** The text: who the friends are and by which code they are found again, then the messages in the order they came. */
internal class RescuedText(
    private val output: Appendable,
    private val words: Strings,
    private val zone: ZoneId = ZoneId.systemDefault(),
) {
    private var heading: String? = null

    /** Friends and messages so far. */
    var entries = 0
        private set

    init {
        output.append(words.rescuedFile).append('\n')
    }

    fun add(
        friends: List<Contact>,
        messages: List<RescuedMessage>,
    ) {
        for (friend in friends) {
            begin(words.rescuedFriends)
            output.append("${friend.name} (${words.friendState(friend.state)}): permesso:${friend.key}\n")
        }
        for (message in messages) {
            begin(words.rescuedMessages)
            output.append("${moment(message.localTime)}  ${side(message)}: ${message.text.replace("\n", "\n    ")}\n")
        }
        entries += friends.size + messages.size
    }

    private fun begin(part: String) {
        if (heading == part) return
        heading = part
        output.append("\n$part\n\n")
    }

    private fun side(message: RescuedMessage): String {
        // Of whom nothing could be read is at least told apart from others.
        val other = message.name ?: "${words.somebody} ${message.conversation}"
        return if (message.mine) words.fromMeTo(other) else other
    }

    // The same in every language, and sorted as it is written.
    private fun moment(millis: ULong): String = MOMENT.format(Instant.ofEpochMilli(millis.toLong()).atZone(zone))

    private companion object {
        val MOMENT: DateTimeFormatter = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")
    }
}
