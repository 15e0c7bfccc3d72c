package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.permesso.Visibility
import org.permesso.ffi.PermessoException

/** What is seen before there is a host. */
@Composable
internal fun StartPlace(
    app: AppState,
    phase: Phase,
) {
    val entry =
        app.stack
            .collectAsState()
            .value
            .first()
    val holder = app.keptFor("start") { StartHolder(app, it, entry.saved) }
    val state by holder.state.collectAsState()
    CompositionLocalProvider(LocalSaved provides entry.saved) {
        StartScreen(phase, state, entry.saved, app.platform.files != null, holder::on)
    }
}

/** Opening, first run, passphrase, or why the data cannot be opened. */
@Composable
internal fun StartScreen(
    phase: Phase,
    state: StartState,
    saved: Saved,
    canImport: Boolean,
    on: (StartEvent) -> Unit,
) {
    val words = LocalStrings.current
    when (phase) {
        Phase.FirstRun -> FirstRun(state, saved, canImport, on)
        Phase.Locked -> Locked(state, saved, on)
        is Phase.Stuck -> Stuck(phase, state, saved, canImport, on)
        else -> Opening()
    }
    if (state.askingImport) ImportSheet(state, on)
    if (state.askingErase) {
        Question(
            words.eraseTitle,
            words.eraseText,
            words.eraseYes,
            { on(StartEvent.Erase) },
            { on(StartEvent.AskErase(false)) },
            dangerous = true,
        )
    }
}

@Composable
private fun Opening() {
    Box(Modifier.fillMaxSize(), contentAlignment = Alignment.Center) { Column { Busy(LocalStrings.current.opening) } }
}

@Composable
private fun FirstRun(
    state: StartState,
    saved: Saved,
    canImport: Boolean,
    on: (StartEvent) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.welcome, onBack = null) {
        Scrolling(saved) {
            Paragraph(words.welcomeText)
            Field(
                state.alias,
                { on(StartEvent.Alias(it)) },
                words.yourName,
                wrong = aliasWrong(state),
                onAction = { on(StartEvent.Begin) },
            )
            Explanation(words.yourNameHelp)
            Heading(words.visibleTo)
            Column(Modifier.selectableGroup()) {
                for (visibility in Visibility.entries) {
                    ChoiceRow(words.visibility(visibility), state.visibility == visibility) { on(StartEvent.Visible(visibility)) }
                }
            }
            Explanation(words.visibleToHelp)
            Buttons {
                MainButton(words.begin, { on(StartEvent.Begin) })
                if (canImport) QuietButton(words.importAccount, { on(StartEvent.AskImport(true)) })
            }
            Explanation(words.permissionsLater)
        }
    }
}

@Composable
private fun aliasWrong(state: StartState): String? {
    val words = LocalStrings.current
    return when {
        state.aliasBytes > ALIAS_BYTES -> words.tooLong(state.aliasBytes - ALIAS_BYTES)
        state.tried && state.aliasBytes == 0 -> words.aliasEmpty
        else -> null
    }
}

@Composable
private fun Locked(
    state: StartState,
    saved: Saved,
    on: (StartEvent) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.lockedTitle, onBack = null) {
        Scrolling(saved) {
            state.trouble?.let { Banner(words.trouble(it), bad = true) }
            Paragraph(words.lockedText)
            Field(
                state.passphrase,
                { on(StartEvent.Passphrase(it)) },
                words.passphrase,
                wrong = words.troublePassphrase.takeIf { state.wrongPassphrase },
                secret = true,
                onAction = { on(StartEvent.Unlock) },
            )
            if (state.unlocking) Busy(words.opening)
            Buttons {
                MainButton(words.unlock, { on(StartEvent.Unlock) }, enabled = state.passphrase.isNotEmpty() && !state.unlocking)
                QuietButton(words.startAfresh, { on(StartEvent.AskErase(true)) })
            }
        }
    }
}

@Composable
private fun Stuck(
    phase: Phase.Stuck,
    state: StartState,
    saved: Saved,
    canImport: Boolean,
    on: (StartEvent) -> Unit,
) {
    val words = LocalStrings.current
    val trouble = phase.trouble
    val lost = trouble is PermessoException.KeyUnavailable || trouble is PermessoException.Damaged
    Page(words.stuckTitle, onBack = null) {
        Scrolling(saved) {
            Banner(if (trouble is PermessoException.AlreadyThere) words.stuckInUse else words.trouble(trouble), bad = true)
            phase.unkept?.let { Paragraph(words.stuckVisibility(words.visibility(it))) }
            Explanation(words.technicalReason(trouble.message.orEmpty().removePrefix("reason=")))
            // Files are what both an import and a rescue need.
            if (trouble is PermessoException.Damaged && canImport) Rescue(state, on)
            if (state.rescuing == null) {
                if (lost) Paragraph(if (canImport) words.stuckLost else words.stuckLostNoImport)
                Buttons {
                    MainButton(words.again, { on(StartEvent.Again) })
                    if (lost) QuietButton(words.startAfresh, { on(StartEvent.AskErase(true)) })
                }
            }
        }
    }
}

/** What can still be read of the data that does not open, into a file. */
@Composable
private fun Rescue(
    state: StartState,
    on: (StartEvent) -> Unit,
) {
    val words = LocalStrings.current
    if (state.rescuing != null) {
        Busy(words.rescuing(state.rescuing))
        Buttons { QuietButton(words.cancel, { on(StartEvent.CancelRescue) }) }
        return
    }
    // Not even the beginning could be read: the banner above says so already of the whole.
    state.trouble?.let { Banner(if (it is PermessoException.Damaged) words.rescuedNothing else words.trouble(it), bad = true) }
    state.rescued?.let {
        Banner(words.rescued(it.messages.toInt(), it.friends.toInt()), good = true)
        if (it.unreadable > 0u) Explanation(words.rescuedNot(it.unreadable.toInt()))
        if (it.tornTables > 0u) Explanation(words.rescuedTorn)
    }
    Paragraph(words.rescueText)
    Explanation(state.place?.let(words::rescueStaysAt) ?: words.rescueStays)
    Buttons { QuietButton(words.rescue, { on(StartEvent.Rescue) }) }
}

@Composable
private fun ImportSheet(
    state: StartState,
    on: (StartEvent) -> Unit,
) {
    val words = LocalStrings.current
    Sheet(
        words.importAccount,
        { if (state.importing == null) on(StartEvent.AskImport(false)) },
        buttons = {
            if (state.importing == null) {
                MainButton(words.chooseFile, { on(StartEvent.Import) }, enabled = state.passphrase.isNotEmpty())
                QuietButton(words.cancel, { on(StartEvent.AskImport(false)) })
            } else {
                QuietButton(words.cancel, { on(StartEvent.CancelImport) })
            }
        },
    ) {
        state.trouble?.let { Banner(words.trouble(it), bad = true) }
        if (state.importing == null) {
            Field(state.passphrase, { on(StartEvent.Passphrase(it)) }, words.accountPassphrase, secret = true)
        } else {
            Progress(state.importing)
        }
        Paragraph(words.importText)
    }
}

/** How far something is, also in words. */
@Composable
internal fun Progress(percent: Int) {
    val words = LocalStrings.current
    Paragraph(words.percentDone(percent))
    LinearProgressIndicator(
        progress = { percent / 100f },
        modifier =
            Modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 8.dp).semantics {
                contentDescription =
                    words.percentDone(percent)
            },
    )
}
