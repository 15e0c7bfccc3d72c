package org.permesso.ui

import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.ImeAction

/** Search by a part of an alias. */
@Composable
internal fun FindScreen(
    state: FindState,
    saved: Saved,
    network: OwnNetwork,
    onBack: (() -> Unit)?,
    onAgain: () -> Unit,
    onLeavingSeen: () -> Unit,
    on: (FindEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val go = { if (state.isCode) show(Screen.Scan(state.text.trim())) else on(FindEvent.Search) }
    Page(words.findTitle, onBack) {
        LazyColumn(Modifier.weight(1f), rememberKeptList(saved)) {
            item("field") {
                NetworkBanners(network, onAgain, onLeavingSeen, show)
                Field(
                    state.text,
                    { on(FindEvent.Write(it)) },
                    words.findWhat,
                    wrong = words.tooLong(state.bytes - ALIAS_BYTES).takeIf { !state.isCode && state.bytes > ALIAS_BYTES },
                    action = ImeAction.Search,
                    onAction = go,
                )
                Buttons { MainButton(words.search, go, enabled = state.canSearch && (state.isCode || network.isThere)) }
                if (state.searching) Busy(words.searching)
                state.trouble?.let { Banner(words.trouble(it), bad = true) }
            }
            val found = state.found
            if (found != null && !state.searching) {
                if (found.isEmpty()) {
                    if (network.isThere) {
                        item("nobody") {
                            Paragraph(words.foundNobody)
                            Buttons { QuietButton(words.doctorTitle, { show(Screen.Doctor) }) }
                        }
                    }
                } else {
                    item("count") { Heading(words.foundCount(found.size)) }
                    items(found, key = { it.id }) { one ->
                        val state = if (one.id in state.blocked) words.stateBlocked else words.friendState(one.friendState)
                        PersonRow(one.alias, words.stateAndId(state, one.id.take(8)), true, one.flags) {
                            show(Screen.Person(one.id))
                        }
                    }
                    item("claims") { Explanation(words.foundAreClaims) }
                }
            }
        }
    }
}
