package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.AccountReport
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * How an export of the account stands.
 *
 * @property percent How far it is; null while there is none.
 * @property report What went into the file of the last one.
 * @property trouble Why the last one failed.
 */
data class ExportState(
    val percent: Int? = null,
    val report: AccountReport? = null,
    val trouble: PermessoException? = null,
)

/** The export of the account. It belongs to the app, not to a page: who goes back, or on to a message, finds it again as it stands then. */
class Export(
    private val scope: CoroutineScope,
    private val platform: Platform,
) {
    private val now = MutableStateFlow(ExportState())
    private var running: Job? = null
    private var isSeen = false

    // The core asks for it from a thread of its own.
    @Volatile private var cancelled = false

    /** How it stands. */
    val state: StateFlow<ExportState> = now.asStateFlow()

    /** Asks where to, and writes everything there under the passphrase. */
    fun begin(
        permesso: Permesso,
        passphrase: String,
    ) {
        val files = platform.files ?: return
        if (running?.isActive == true) return
        cancelled = false
        running =
            scope.attempt(::onTrouble) {
                var report: AccountReport? = null
                val done =
                    files.save(ACCOUNT_NAME, ACCOUNT_TYPE) { file ->
                        end(ExportState(percent = 0))
                        report =
                            permesso.exportAccount(file, passphrase) { done, total ->
                                now.update { it.copy(percent = percent(done, total)) }
                                !cancelled
                            }
                    }
                // Who gave up the choice of a place keeps what was there before.
                if (done) end(ExportState(report = report)) else now.update { it.copy(percent = null) }
            }
    }

    /** Ends it, without a file. */
    fun cancel() {
        cancelled = true
    }

    /** Somebody opens the page again: how the last one ended was seen there before. */
    fun look() {
        if (isSeen) end(ExportState())
    }

    /** Why the last one failed needs to stand there no longer. */
    fun tryAgain() {
        now.update { it.copy(trouble = null) }
    }

    /** How it ended is on the screen. */
    fun seen() {
        isSeen = now.value.percent == null
    }

    /** Ends it and forgets how it ended. */
    internal fun forget() {
        cancel()
        end(ExportState())
    }

    private fun end(state: ExportState) {
        isSeen = false
        now.value = state
    }

    private fun onTrouble(trouble: PermessoException) {
        val told =
            when (trouble) {
                // It is what the user wanted.
                is PermessoException.Cancelled -> null

                // The host was stopped beneath it, to be opened again as something else.
                is PermessoException.Stopped -> PermessoException.Cancelled(trouble.message.orEmpty())

                else -> trouble
            }
        end(ExportState(trouble = told))
    }

    private companion object {
        const val ACCOUNT_NAME = "permesso.account"
    }
}
