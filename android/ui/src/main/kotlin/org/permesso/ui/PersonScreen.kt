package org.permesso.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.unit.dp
import org.permesso.FriendState
import org.permesso.ui.words.Strings

/** What the platform adds to somebody's page. */
internal class PersonMeans(
    val copy: (String) -> Unit,
    val hasAddressBook: Boolean,
)

/** What is known about somebody, and what can be done. */
@Composable
internal fun PersonScreen(
    state: PersonState,
    saved: Saved,
    means: PersonMeans,
    onBack: (() -> Unit)?,
    on: (PersonEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    Page(state.name, onBack) {
        Scrolling(saved) {
            Trouble(state.trouble) { on(PersonEvent.Seen) }
            Who(state)
            Relation(state, on, show)
            Safety(state, on)
            More(state, means, on)
        }
    }
    PersonSheet(state, means, on)
}

@Composable
private fun Who(state: PersonState) {
    val words = LocalStrings.current
    val friend = state.friend
    val verified = friend?.verified == true
    val relation = if (friend?.blocked == true) words.stateBlocked else words.friendState(state.relation)
    val line = if (state.here) words.isHere(relation) else relation
    val heard =
        state.host
            ?.lastHeard
            ?.takeIf { !state.here }
            ?.let { words.lastHeard(LocalMoments.current.full(it.toLong())) }
    Row(
        Modifier
            .semantics(mergeDescendants = true) {}
            .spoken(listOf(state.name, words.verified.takeIf { verified }, line, heard))
            .padding(horizontal = 16.dp, vertical = 8.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        Face(state.name, state.here)
        Column(Modifier.padding(start = 12.dp)) {
            Name(state.name, verified)
            Small(line)
            if (heard != null) Small(heard)
        }
    }
    if (friend?.localAlias != null && friend.alias.isNotEmpty()) Explanation(words.callsItself(friend.alias))
    for (flag in friend?.flags.orEmpty()) Banner(words.flag(flag), bad = true)
}

@Composable
private fun Relation(
    state: PersonState,
    on: (PersonEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    if (state.friend?.blocked == true) {
        Paragraph(words.blockedExplained)
        Buttons {
            MainButton(words.unblock, { on(PersonEvent.Unblock) })
            if (state.hasConversation) QuietButton(words.readConversation, { show(Screen.Conversation(state.id)) })
        }
        return
    }
    when (state.relation) {
        FriendState.FRIEND -> {
            Buttons { MainButton(words.write, { show(Screen.Conversation(state.id)) }) }
        }

        FriendState.REQUEST_RECEIVED -> {
            state.friend
                ?.greeting
                ?.takeIf { it.isNotBlank() }
                ?.let { Paragraph(words.quoted(it)) }
            Paragraph(if (state.friend?.hasCode == true) words.asksWithCode else words.asksExplained)
            Buttons {
                MainButton(words.accept, { on(PersonEvent.Accept) })
                QuietButton(words.refuse, { on(PersonEvent.Open(PersonState.Sheets.REFUSE)) })
                if (state.hasConversation) QuietButton(words.readConversation, { show(Screen.Conversation(state.id)) })
            }
        }

        FriendState.REQUEST_SENT -> {
            Paragraph(words.askedExplained(state.name))
            Buttons {
                QuietButton(words.withdraw, { on(PersonEvent.Withdraw) })
                if (state.hasConversation) QuietButton(words.readConversation, { show(Screen.Conversation(state.id)) })
            }
        }

        FriendState.UNKNOWN, FriendState.ENDED -> {
            Paragraph(words.strangerExplained)
            Buttons {
                MainButton(words.askFriendship, { on(PersonEvent.Open(PersonState.Sheets.ASK)) })
                if (state.hasConversation) QuietButton(words.readConversation, { show(Screen.Conversation(state.id)) })
            }
        }
    }
}

@Composable
private fun Safety(
    state: PersonState,
    on: (PersonEvent) -> Unit,
) {
    val number = state.safetyNumber ?: return
    val friend = state.friend ?: return
    val words = LocalStrings.current
    Heading(if (friend.verified) words.safetyVerified else words.safetyTitle)
    Digits(number)
    if (friend.verified) {
        Buttons { QuietButton(words.unverify, { on(PersonEvent.Verify(false)) }) }
    } else {
        Explanation(words.safetyExplained)
        Buttons { MainButton(words.verify, { on(PersonEvent.Verify(true)) }) }
    }
}

/** Groups of five, for two people to read to each other. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Digits(number: String) {
    val groups = number.filter(Char::isDigit).chunked(GROUP)
    FlowRow(
        Modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 4.dp).clearAndSetSemantics {
            contentDescription =
                groups.joinToString(" ")
        },
        horizontalArrangement = Arrangement.spacedBy(14.dp),
    ) {
        for (group in groups) Text(group, style = MaterialTheme.typography.bodyLarge, fontFamily = FontFamily.Monospace)
    }
}

@Composable
private fun ColumnScope.More(
    state: PersonState,
    means: PersonMeans,
    on: (PersonEvent) -> Unit,
) {
    val words = LocalStrings.current
    Line()
    if (state.code != null) LinkRow(Icons.Code, words.theirCode, words.theirCodeHelp) { on(PersonEvent.Open(PersonState.Sheets.CODE)) }
    if (state.friend != null) LinkRow(Icons.Sheet, words.rename, words.renameHelp) { on(PersonEvent.Open(PersonState.Sheets.RENAME)) }
    if (state.code != null && means.hasAddressBook) {
        LinkRow(
            Icons.People,
            words.saveToBook,
            if (state.bookRefused) words.bookRefused else state.savedToBook?.let(words::saved) ?: words.saveToBookHelp,
        ) { on(PersonEvent.SaveToBook) }
    }
    if (state.friend != null && state.relation == FriendState.FRIEND) {
        LinkRow(Icons.Failed, words.endFriendship) { on(PersonEvent.Open(PersonState.Sheets.END)) }
    }
    if (state.canBlock) LinkRow(Icons.Block, words.block) { on(PersonEvent.Open(PersonState.Sheets.BLOCK)) }
    Explanation(words.hostId(state.id))
    state.host?.address?.let { Explanation(words.hostAddress(it)) }
}

/** What became of one contact. */
private fun Strings.saved(contact: SavedContacts): String =
    when {
        contact.refused > 0 -> bookNeedsAccount
        contact.added > 0 -> savedToBook
        contact.updated > 0 -> bookUpdated
        else -> bookUnchanged
    }

@Composable
private fun PersonSheet(
    state: PersonState,
    means: PersonMeans,
    on: (PersonEvent) -> Unit,
) {
    val words = LocalStrings.current
    val close = { on(PersonEvent.Open(null)) }
    val yes = { on(PersonEvent.Yes) }
    when (state.open) {
        PersonState.Sheets.ASK -> {
            WritingSheet(state, words.askTitle(state.name), words.greetingWhat, words.askFriendship, yes, close, on)
        }

        PersonState.Sheets.RENAME -> {
            WritingSheet(state, words.renameTitle(state.name), words.renameWhat, words.save, yes, close, on)
        }

        PersonState.Sheets.END -> {
            Question(words.areYouSure, words.askEnd(state.name), words.endFriendship, yes, close, dangerous = true)
        }

        PersonState.Sheets.BLOCK -> {
            Question(words.areYouSure, words.askBlock(state.name), words.block, yes, close, dangerous = true)
        }

        PersonState.Sheets.REFUSE -> {
            Sheet(
                words.refuseTitle(state.name),
                close,
                buttons = {
                    MainButton(words.refuse, yes)
                    QuietButton(words.refuseAndTell, { on(PersonEvent.RefuseAndTell) })
                    QuietButton(words.block, { on(PersonEvent.Block) })
                    QuietButton(words.cancel, close)
                },
            ) {
                Paragraph(words.refuseText(state.name))
                Paragraph(words.refuseOrBlock)
            }
        }

        PersonState.Sheets.CODE -> {
            val code = state.code ?: return
            Sheet(
                words.codeOf(state.name),
                close,
                buttons = {
                    MainButton(words.close, close)
                    QuietButton(words.copy, { means.copy(code) })
                },
            ) {
                QrPicture(code, words.codeOf(state.name))
                Explanation(words.theirCodeHelp)
            }
        }

        null -> {}
    }
}

@Composable
private fun WritingSheet(
    state: PersonState,
    title: String,
    label: String,
    yes: String,
    onYes: () -> Unit,
    onNo: () -> Unit,
    on: (PersonEvent) -> Unit,
) {
    val words = LocalStrings.current
    Sheet(
        title,
        onNo,
        buttons = {
            MainButton(yes, onYes, enabled = state.textOver == 0)
            QuietButton(words.cancel, onNo)
        },
    ) {
        Field(
            state.text,
            { on(PersonEvent.Write(it)) },
            label,
            wrong = words.tooLong(state.textOver).takeIf { state.textOver > 0 },
            onAction = onYes,
        )
    }
}

/** As on every screen that shows a safety number. */
private const val GROUP = 5
