package org.permesso.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.text.input.ImeAction
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.permesso.Message
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * What the search in messages shows.
 *
 * @property found The newest first; null before the first search.
 * @property names What the friends of these messages are called.
 */
data class SearchMessagesState(
    val text: String = "",
    val found: List<Message>? = null,
    val names: Map<String, String> = emptyMap(),
    val trouble: PermessoException? = null,
) {
    /** Whether older ones may contain it, too. */
    val hasOlder: Boolean get() = found?.size == FOUND_MOST

    /** Limits of the host. */
    companion object {
        /** As many as it gives at once: `Permesso.searchMessages`. */
        const val FOUND_MOST: Int = 1_000
    }
}

/** The state of the search in messages. It searches while one writes. */
class SearchMessagesHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val saved: Saved,
) {
    private val now = MutableStateFlow(SearchMessagesState(text = saved["text"].orEmpty()))
    private var searching: Job? = null

    /** What is shown. */
    val state: StateFlow<SearchMessagesState> = now.asStateFlow()

    init {
        search()
    }

    /** Something is written. */
    fun write(text: String) {
        saved["text"] = text
        now.update { it.copy(text = text) }
        search()
    }

    private fun search() {
        searching?.cancel()
        val text = now.value.text.trim()
        if (text.isEmpty()) {
            now.update { it.copy(found = null) }
            return
        }
        searching =
            scope.launch {
                try {
                    val found = permesso.searchMessages(text, SearchMessagesState.FOUND_MOST)
                    val names = permesso.friendList().associate { it.id to it.name }
                    now.update { it.copy(found = found, names = names, trouble = null) }
                } catch (trouble: PermessoException) {
                    now.update { it.copy(trouble = trouble) }
                }
            }
    }
}

/** Search in messages. */
@Composable
internal fun SearchMessagesScreen(
    state: SearchMessagesState,
    saved: Saved,
    onBack: (() -> Unit)?,
    onWrite: (String) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.searchTitle, onBack) {
        LazyColumn(Modifier.weight(1f), rememberKeptList(saved)) {
            item("field") {
                Field(state.text, onWrite, words.searchWhat, action = ImeAction.Search)
                state.trouble?.let { Banner(words.trouble(it), bad = true) }
            }
            val found = state.found
            if (found != null) {
                if (found.isEmpty()) item("nothing") { Paragraph(words.nothingFound) }
                items(found, key = { it.id }) { message ->
                    Hit(message, state.names[message.host] ?: words.somebody) { show(Screen.Conversation(message.host, message.id)) }
                }
                if (state.hasOlder) item("older") { Explanation(words.searchOnlyNewest(found.size)) }
            }
        }
    }
}

@Composable
private fun Hit(
    message: Message,
    name: String,
    onClick: () -> Unit,
) {
    val words = LocalStrings.current
    val who = if (message.mine) words.fromMeTo(name) else name
    val moment = LocalMoments.current.brief(message.localTime.toLong())
    val text = message.text.oneLine()
    Column(
        Modifier
            .fillMaxWidth()
            .heightIn(min = 56.dp)
            .bySpace(onClick)
            .clickable(role = Role.Button, onClick = onClick)
            .spoken(listOf(who, moment, text))
            .padding(horizontal = 16.dp, vertical = 6.dp),
    ) {
        Row {
            Text(
                who,
                style = MaterialTheme.typography.labelLarge,
                maxLines = 1,
                overflow = TextOverflow.Ellipsis,
                modifier = Modifier.weight(1f),
            )
            Small(moment, Modifier.padding(start = 8.dp))
        }
        Text(text, style = MaterialTheme.typography.bodyMedium, maxLines = 3, overflow = TextOverflow.Ellipsis)
    }
}
