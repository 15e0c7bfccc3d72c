package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.FoundHost
import org.permesso.Match
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * What the search for people shows.
 *
 * @property found Answers to the last search; null before the first.
 * @property blocked Who is blocked here.
 */
data class FindState(
    val text: String = "",
    val searching: Boolean = false,
    val found: List<FoundHost>? = null,
    val blocked: Set<String> = emptySet(),
    val trouble: PermessoException? = null,
) {
    /** Whether a code was written instead of a name. */
    val isCode: Boolean get() = text.trim().startsWith("permesso:", ignoreCase = true)

    /** The text's size, as the limit counts it. */
    val bytes: Int get() = text.trim().encodeToByteArray().size

    /** Whether it can be searched for. */
    val canSearch: Boolean get() = !searching && (isCode || bytes in 1..ALIAS_BYTES)
}

/** What can be done there. */
sealed interface FindEvent {
    /** A part of an alias is written. */
    data class Write(
        val text: String,
    ) : FindEvent

    /** It is searched for. */
    data object Search : FindEvent
}

/**
 * The state of the search for people.
 *
 * @param isThere Whether others can be reached: off the network the host finds nobody, and gives no reason.
 */
class FindHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val saved: Saved,
    private val isThere: () -> Boolean,
) {
    private val now = MutableStateFlow(FindState(text = saved["text"].orEmpty()))

    /** What is shown. */
    val state: StateFlow<FindState> = now.asStateFlow()

    init {
        scope.follow(permesso.friends, ::onTrouble) { friends ->
            now.update { state -> state.copy(blocked = friends.filter { it.blocked }.mapTo(HashSet()) { it.id }) }
        }
        // The answers are not kept, for people come and go.
        if (saved["searched"] != null) search()
    }

    /** Does what the user wants. */
    fun on(event: FindEvent) {
        when (event) {
            is FindEvent.Write -> {
                saved["text"] = event.text
                now.update { it.copy(text = event.text) }
            }

            FindEvent.Search -> {
                saved["searched"] = "yes"
                search()
            }
        }
    }

    private fun search() {
        val text = now.value.text.trim()
        if (!now.value.canSearch || now.value.isCode || !isThere()) return
        now.update { it.copy(searching = true, trouble = null) }
        scope.attempt({ trouble -> now.update { it.copy(searching = false, trouble = trouble) } }) {
            val found = permesso.search(text, Match.PARTIAL)
            // It may have gone off the network meanwhile.
            now.update { it.copy(searching = false, found = found.takeIf { it.isNotEmpty() || isThere() }) }
        }
    }

    private fun onTrouble(trouble: PermessoException) {
        if (trouble !is PermessoException.Stopped && trouble !is PermessoException.Paused) now.update { it.copy(trouble = trouble) }
    }
}
