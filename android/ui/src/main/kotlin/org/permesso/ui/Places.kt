package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import org.permesso.Permesso

/** A screen of the back stack, with its state. */
@Composable
internal fun Place(
    app: AppState,
    permesso: Permesso,
    entry: Entry,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit = app::show,
) {
    when (val screen = entry.screen) {
        Screen.People -> PeoplePlace(app, permesso, entry, show)
        is Screen.Conversation -> ConversationPlace(app, permesso, entry, screen.friend, onBack, show)
        else -> Page(screen.toString(), onBack) {}
    }
}

@Composable
private fun PeoplePlace(
    app: AppState,
    permesso: Permesso,
    entry: Entry,
    show: (Screen) -> Unit,
) {
    val holder = app.holder(entry) { PeopleHolder(permesso, it, entry.saved) }
    val state by holder.state.collectAsState()
    val offNetwork by app.offNetwork.collectAsState()
    val notices by app.notices.unseen.collectAsState()
    PeopleScreen(state, entry.saved, app.drafts, offNetwork, notices, holder::on, show)
}

@Composable
private fun ConversationPlace(
    app: AppState,
    permesso: Permesso,
    entry: Entry,
    friend: String,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit,
) {
    val holder = app.holder(entry) { ConversationHolder(permesso, it, friend, app.drafts, entry.saved) }
    val state by holder.state.collectAsState()
    val links = app.platform.openLink?.takeIf { app.platform.preferences[PreferenceName.LINKS] == "true" }
    ConversationScreen(state, entry.saved, ConversationMeans(app.platform::copyText, links), onBack, holder::on, show)
}

/** Beside the list, as long as nothing was chosen. */
@Composable
internal fun NothingChosen() {
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        Box(contentAlignment = Alignment.Center) { Paragraph(LocalStrings.current.nothingChosen, Modifier.padding(24.dp)) }
    }
}
