package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * Texts on their way to the host, whatever is on the screen: one that it refuses is a draft again, also where nobody looks any more.
 *
 * @property drafts Unsent texts by friend.
 */
class Outgoing(
    scope: CoroutineScope,
    val drafts: Saved,
) {
    private val scope = CoroutineScope(scope.coroutineContext + SupervisorJob(scope.coroutineContext.job))
    private val refusedNow = MutableStateFlow<Map<String, Refusal>>(emptyMap())

    /** Why the last text to a friend was not taken, until that was seen. */
    val refused: StateFlow<Map<String, Refusal>> = refusedNow.asStateFlow()

    /** One for each text: two may be refused for the same reason. */
    class Refusal(
        val trouble: PermessoException,
    )

    /** Sends a text. If it is refused, what was written meanwhile goes below it. */
    fun send(
        permesso: Permesso,
        friend: String,
        text: String,
    ) {
        val refused: (PermessoException) -> Unit = { trouble ->
            drafts[friend] = listOfNotNull(text, drafts[friend]).joinToString("\n")
            refusedNow.update { it + (friend to Refusal(trouble)) }
        }
        scope.attempt(refused) { permesso.send(friend, text) }
    }

    /** The refusal was seen. */
    fun see(friend: String) {
        refusedNow.update { it - friend }
    }

    /** Nothing is under way any more, and nothing comes back from it. */
    internal fun forget() {
        scope.coroutineContext.cancelChildren()
        refusedNow.value = emptyMap()
    }
}
