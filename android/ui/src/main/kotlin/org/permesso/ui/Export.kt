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

    // The core tells and asks from a thread of its own.
    @Volatile private var current: Run? = null

    /** How it stands. */
    val state: StateFlow<ExportState> = now.asStateFlow()

    /** Asks where to, and writes everything there under the passphrase. */
    fun begin(
        permesso: Permesso,
        passphrase: String,
    ) {
        val files = platform.files ?: return
        if (running?.isActive == true) return
        val run = Run().also { current = it }
        running =
            scope.attempt({ onTrouble(run, it) }) {
                var report: AccountReport? = null
                val done =
                    files.save(ACCOUNT_NAME, ACCOUNT_TYPE) { file ->
                        end(run, ExportState(percent = 0))
                        report =
                            permesso.exportAccount(file, passphrase) { done, total ->
                                change(run) { it.copy(percent = percent(done, total)) }
                                run.isWanted
                            }
                    }
                // Who gave up the choice of a place keeps what was there before.
                if (done) end(run, ExportState(report = report)) else change(run) { it.copy(percent = null) }
            }
    }

    /** Ends it, without a file. */
    fun cancel() {
        current?.isWanted = false
    }

    /** Somebody opens the page again: how the last one ended was seen there before. */
    fun look() {
        if (isSeen) end(current, ExportState())
    }

    /** Why the last one failed needs to stand there no longer. */
    fun tryAgain() {
        now.update { it.copy(trouble = null) }
    }

    /** How it ended is on the screen. */
    fun seen() {
        isSeen = now.value.percent == null
    }

    /** Ends it and forgets it: how it ends later is told nobody, for that would be the next account's user. */
    internal fun forget() {
        cancel()
        current = null
        running = null
        end(null, ExportState())
    }

    private fun end(
        run: Run?,
        state: ExportState,
    ) {
        if (run !== current) return
        isSeen = false
        now.value = state
    }

    private fun change(
        run: Run,
        edit: (ExportState) -> ExportState,
    ): Unit = now.update { if (run === current) edit(it) else it }

    private fun onTrouble(
        run: Run,
        trouble: PermessoException,
    ) {
        val told =
            when (trouble) {
                // It is what the user wanted.
                is PermessoException.Cancelled -> null

                // The host was stopped beneath it, to be opened again as something else.
                is PermessoException.Stopped -> PermessoException.Cancelled(trouble.message.orEmpty())

                else -> trouble
            }
        end(run, ExportState(trouble = told))
    }

    /** One export, from the choice of a place on. */
    private class Run {
        @Volatile var isWanted = true
    }

    private companion object {
        const val ACCOUNT_NAME = "permesso.account"
    }
}
