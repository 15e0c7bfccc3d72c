package org.permesso.ui

import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import org.permesso.Message
import org.permesso.MessageState

/** A message looked at closely: where it is, who has it, and what can be done. */
@Composable
internal fun MessageSheet(
    message: Message,
    name: String,
    asked: ConversationState.Asked?,
    canResend: Boolean,
    means: ConversationMeans,
    on: (ConversationEvent) -> Unit,
) {
    val words = LocalStrings.current
    when (asked) {
        ConversationState.Asked.CANCEL -> {
            Question(
                words.areYouSure,
                words.askCancelMessage,
                words.giveUp,
                { on(ConversationEvent.Yes) },
                { on(ConversationEvent.Ask(null)) },
                dangerous = true,
            )
            return
        }

        ConversationState.Asked.DELETE -> {
            Question(
                words.areYouSure,
                words.askDeleteMessage,
                words.remove,
                { on(ConversationEvent.Yes) },
                { on(ConversationEvent.Ask(null)) },
                dangerous = true,
            )
            return
        }

        null -> {}
    }
    val waits = message.mine && (message.state == MessageState.QUEUED || message.state == MessageState.HELD)
    Sheet(
        words.messageTitle,
        { on(ConversationEvent.Look(null)) },
        buttons = {
            if (canResend) MainButton(words.resend, { on(ConversationEvent.Resend) })
            QuietButton(words.copy, {
                means.copy(message.text)
                on(ConversationEvent.Look(null))
            })
            if (waits) QuietButton(words.giveUp, { on(ConversationEvent.Ask(ConversationState.Asked.CANCEL)) })
            QuietButton(words.remove, { on(ConversationEvent.Ask(ConversationState.Asked.DELETE)) })
            QuietButton(words.close, { on(ConversationEvent.Look(null)) })
        },
    ) {
        if (message.mine) Fate(message, name)
        SelectionContainer { Paragraph(message.text) }
        Times(message, name)
        Links(message.text, means)
    }
}

@Composable
private fun Fate(
    message: Message,
    name: String,
) {
    val words = LocalStrings.current
    Row(Modifier.padding(start = 16.dp, top = 4.dp)) {
        Icon(fateIcon(message.state), contentDescription = null, modifier = Modifier.size(20.dp), tint = MaterialTheme.colorScheme.primary)
        Text(
            words.fateSentence(message, name),
            style = MaterialTheme.typography.bodyMedium,
            modifier = Modifier.padding(start = 8.dp, end = 16.dp),
        )
    }
    if (message.holders.isNotEmpty()) {
        Heading(words.whoHoldsIt)
        for (holder in message.holders) {
            Paragraph(words.holder(holder))
            for (flag in holder.flags) Explanation(words.flag(flag))
        }
        Explanation(words.holdersExplained)
    }
    for (server in message.full) Explanation(words.full(server))
}

@Composable
private fun Times(
    message: Message,
    name: String,
) {
    val words = LocalStrings.current
    val moments = LocalMoments.current
    if (message.mine) {
        Explanation(words.writtenAt(moments.full(message.localTime.toLong())))
    } else {
        Explanation(words.receivedAt(moments.full(message.localTime.toLong())))
        Explanation(words.sentAt(name, moments.full(message.sendTime.toLong())))
        if (message.gap) Explanation(words.gap)
    }
}

@Composable
private fun Links(
    text: String,
    means: ConversationMeans,
) {
    val links =
        LINK
            .findAll(text)
            .map { it.value.trimEnd('.', ',', ')', ';', '!', '?') }
            .distinct()
            .take(LINKS_MOST)
            .toList()
    if (links.isEmpty()) return
    val words = LocalStrings.current
    val open = means.openLink
    if (open == null) {
        Explanation(if (means.linksCanBeSet) words.linksInert else words.linksImpossible)
    } else {
        Explanation(words.linksWarning)
        Buttons { for (link in links) QuietButton(words.openLink(link), { open(link) }) }
    }
}

private val LINK = Regex("https?://[^\\s<>\"]+")

/** More would fill a small screen. */
private const val LINKS_MOST = 5
