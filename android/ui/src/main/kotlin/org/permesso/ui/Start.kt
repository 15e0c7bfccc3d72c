package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.RescueReport
import org.permesso.Visibility
import org.permesso.ffi.PermessoException

/**
 * What is asked before there is a host.
 *
 * @property unlocking Whether a passphrase is being tried, which takes a while.
 * @property importing How far an import is, of 100; null while there is none.
 * @property place Where the data lies, if the user can find it there.
 * @property rescuing How much has been rescued so far; null while nothing is.
 * @property rescued What was rescued into a file.
 */
data class StartState(
    val alias: String = "",
    val visibility: Visibility = Visibility.EVERYBODY,
    val tried: Boolean = false,
    val passphrase: String = "",
    val wrongPassphrase: Boolean = false,
    val unlocking: Boolean = false,
    val askingImport: Boolean = false,
    val askingErase: Boolean = false,
    val importing: Int? = null,
    val place: String? = null,
    val rescuing: Int? = null,
    val rescued: RescueReport? = null,
    val trouble: PermessoException? = null,
) {
    /** The alias's size, as the limit counts it. */
    val aliasBytes: Int get() = alias.trim().encodeToByteArray().size

    /** Whether it can be used. */
    val aliasFits: Boolean get() = aliasBytes in 1..ALIAS_BYTES
}

/** The most that an alias has, in bytes of UTF-8: `PermessoConfig.alias`. */
internal const val ALIAS_BYTES: Int = 64

/** What can be done before there is a host. */
sealed interface StartEvent {
    /** The alias is written. */
    data class Alias(
        val alias: String,
    ) : StartEvent

    /** Who may see this host is chosen. */
    data class Visible(
        val visibility: Visibility,
    ) : StartEvent

    /** The host is made. */
    data object Begin : StartEvent

    /** A passphrase is written. */
    data class Passphrase(
        val passphrase: String,
    ) : StartEvent

    /** The data is unlocked by it. */
    data object Unlock : StartEvent

    /** The import is wanted, or no longer. */
    data class AskImport(
        val asking: Boolean,
    ) : StartEvent

    /** A file is chosen and taken in. */
    data object Import : StartEvent

    /** The import ends. */
    data object CancelImport : StartEvent

    /** Erasing is wanted, or no longer. */
    data class AskErase(
        val asking: Boolean,
    ) : StartEvent

    /** Everything is erased. */
    data object Erase : StartEvent

    /** What can still be read is written into a file. */
    data object Rescue : StartEvent

    /** That ends. */
    data object CancelRescue : StartEvent

    /** Opening is tried again. */
    data object Again : StartEvent
}

/** The state of what is asked before there is a host. */
class StartHolder(
    private val app: AppState,
    private val scope: CoroutineScope,
    private val saved: Saved,
) {
    private val now =
        MutableStateFlow(
            StartState(
                alias = saved["alias"].orEmpty(),
                visibility = Visibility.entries.find { it.name == saved["visibility"] } ?: Visibility.EVERYBODY,
                askingImport = saved["import"] != null,
                askingErase = saved["erase"] != null,
                place = app.opener.place?.path,
            ),
        )

    // The import and the rescue look at it from a thread of the core.
    @Volatile private var cancelled = false

    /** What is shown. */
    val state: StateFlow<StartState> = now.asStateFlow()

    /** Does what the user wants. */
    fun on(event: StartEvent) {
        when (event) {
            is StartEvent.Alias -> alias(event.alias)
            is StartEvent.Visible -> visible(event.visibility)
            StartEvent.Begin -> begin()
            is StartEvent.Passphrase -> now.update { it.copy(passphrase = event.passphrase, wrongPassphrase = false) }
            StartEvent.Unlock -> unlock()
            is StartEvent.AskImport -> askImport(event.asking)
            StartEvent.Import -> import()
            StartEvent.CancelImport, StartEvent.CancelRescue -> cancelled = true
            is StartEvent.AskErase -> askErase(event.asking)
            StartEvent.Erase -> erase()
            StartEvent.Rescue -> rescue()
            StartEvent.Again -> again()
        }
    }

    private fun alias(alias: String) {
        saved["alias"] = alias
        now.update { it.copy(alias = alias, tried = false) }
    }

    private fun visible(visibility: Visibility) {
        saved["visibility"] = visibility.name
        now.update { it.copy(visibility = visibility) }
    }

    private fun begin() {
        val state = now.value
        now.update { it.copy(tried = true) }
        if (state.aliasFits) app.begin(state.alias.trim(), state.visibility)
    }

    private fun unlock() {
        val lock = app.opener.lock ?: return
        // A key that is held down comes again and again.
        if (now.value.unlocking || app.phase.value != Phase.Locked) return
        val passphrase = now.value.passphrase
        now.update { it.copy(unlocking = true, wrongPassphrase = false, trouble = null) }
        scope.attempt({ trouble -> now.update { it.copy(unlocking = false, trouble = trouble) } }) {
            val right = lock.unlock(passphrase)
            now.update { it.copy(passphrase = "", wrongPassphrase = !right, unlocking = false) }
            if (right) app.open()
        }
    }

    private fun askImport(asking: Boolean) {
        saved.ask("import", "yes".takeIf { asking })
        now.update { it.copy(askingImport = asking, passphrase = "", trouble = null) }
    }

    private fun askErase(asking: Boolean) {
        saved.ask("erase", "yes".takeIf { asking })
        now.update { it.copy(askingErase = asking) }
    }

    private fun import() {
        val files = app.platform.files ?: return
        val passphrase = now.value.passphrase
        cancelled = false
        scope.attempt(
            { trouble -> now.update { it.copy(importing = null, trouble = trouble.takeIf { it !is PermessoException.Cancelled }) } },
        ) {
            val report =
                files.open(ACCOUNT_TYPE) { file ->
                    now.update { it.copy(importing = 0) }
                    app.opener.importAccount(file, passphrase) { done, total ->
                        now.update { it.copy(importing = percent(done, total)) }
                        !cancelled
                    }
                }
            now.update { it.copy(importing = null) }
            if (report != null) {
                // The account brings its own.
                app.platform.preferences[PreferenceName.CHOSEN_VISIBILITY] = null
                askImport(false)
                app.open()
            }
        }
    }

    private fun rescue() {
        val files = app.platform.files ?: return
        val words = stringsOf(app.platform.preferences[PreferenceName.LANGUAGE] ?: app.platform.systemLanguage)
        cancelled = false
        now.update { it.copy(rescued = null, trouble = null) }
        scope.attempt(
            { trouble -> now.update { it.copy(rescuing = null, trouble = trouble.takeIf { it !is PermessoException.Cancelled }) } },
        ) {
            var report: RescueReport? = null
            val done =
                files.save(RESCUED_NAME, TEXT_TYPE) { file ->
                    now.update { it.copy(rescuing = 0) }
                    report =
                        rescueInto(file, app.opener, words) { entries ->
                            now.update { it.copy(rescuing = entries) }
                            !cancelled
                        }
                }
            now.update { it.copy(rescuing = null, rescued = report.takeIf { done }) }
        }
    }

    private fun again() {
        now.update { it.copy(rescued = null, trouble = null) }
        app.open()
    }

    private fun erase() {
        askErase(false)
        now.update { it.copy(rescued = null, trouble = null) }
        app.erase()
    }
}

/** Any file: phones know nothing of ours, and let the user choose among all. */
internal const val ACCOUNT_TYPE: String = "application/octet-stream"

private const val RESCUED_NAME = "permesso-rescued.txt"
private const val TEXT_TYPE = "text/plain"

internal fun percent(
    done: ULong,
    total: ULong,
): Int = if (total == 0uL) 0 else (done * 100u / total).toInt().coerceIn(0, 100)
