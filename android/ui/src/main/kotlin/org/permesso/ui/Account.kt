package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.permesso.AccountReport
import org.permesso.CardResult
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * What the page about the account shows.
 *
 * @property percent How far an export is; null while there is none.
 * @property exportTrouble Why the last one failed.
 * @property cards What became of imported contacts.
 * @property savedContacts What became of contacts that went out.
 * @property bookRefused Whether the address book may not be used.
 */
data class AccountState(
    val open: Sheets? = null,
    val passphrase: String = "",
    val again: String = "",
    val percent: Int? = null,
    val exported: AccountReport? = null,
    val exportTrouble: PermessoException? = null,
    val cards: List<CardResult>? = null,
    val savedContacts: SavedContacts? = null,
    val bookRefused: Boolean = false,
    val hasLock: Boolean = false,
    val lockSet: Boolean = false,
    val trouble: PermessoException? = null,
) {
    /** What is asked above the page. */
    enum class Sheets { EXPORT, ERASE, PASSPHRASE, NO_PASSPHRASE }

    /** Whether both passphrases are the same and long enough. */
    val passphraseFits: Boolean get() = passphrase.length >= PASSPHRASE_LEAST && passphrase == again

    /** Limits of passphrases. */
    companion object {
        /** As the command wants it: whoever finds the file can try billions. */
        const val PASSPHRASE_LEAST: Int = 12
    }
}

/** What can be done with the account. */
sealed interface AccountEvent {
    /** A sheet opens, or the open one closes. */
    data class Open(
        val sheet: AccountState.Sheets?,
    ) : AccountEvent

    /** A passphrase is written. */
    data class Passphrase(
        val passphrase: String,
    ) : AccountEvent

    /** It is written once more. */
    data class Again(
        val passphrase: String,
    ) : AccountEvent

    /** What the open sheet asks is answered with yes. */
    data object Yes : AccountEvent

    /** The export ends. */
    data object CancelExport : AccountEvent

    /** Contacts go into a file. */
    data object ContactsToFile : AccountEvent

    /** Contacts come from a file. */
    data object ContactsFromFile : AccountEvent

    /** Contacts go into the phone's address book. */
    data object ContactsToBook : AccountEvent

    /** Contacts come from the phone's address book. */
    data object ContactsFromBook : AccountEvent
}

/** The state of the page about the account. Passphrases are kept nowhere. */
class AccountHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val app: AppState,
    private val saved: Saved,
) {
    private val platform = app.platform
    private val now =
        MutableStateFlow(
            AccountState(open = AccountState.Sheets.entries.find { it.name == saved["open"] }, hasLock = app.opener.lock != null),
        )

    /** What is shown. */
    val state: StateFlow<AccountState> = now.asStateFlow()

    init {
        app.export.look()
        scope.launch {
            app.export.state.collect { export ->
                now.update { it.copy(percent = export.percent, exported = export.report, exportTrouble = export.trouble) }
                app.export.seen()
            }
        }
        readLock()
    }

    /** Does what the user wants. */
    fun on(event: AccountEvent) {
        when (event) {
            is AccountEvent.Open -> open(event.sheet)
            is AccountEvent.Passphrase -> now.update { it.copy(passphrase = event.passphrase) }
            is AccountEvent.Again -> now.update { it.copy(again = event.passphrase) }
            AccountEvent.Yes -> yes()
            AccountEvent.CancelExport -> app.export.cancel()
            AccountEvent.ContactsToFile -> contactsToFile()
            AccountEvent.ContactsFromFile -> contactsFromFile()
            AccountEvent.ContactsToBook -> withBook { contactsTo(it) }
            AccountEvent.ContactsFromBook -> withBook { take(it.read()) }
        }
    }

    private fun open(sheet: AccountState.Sheets?) {
        saved.ask("open", sheet?.name)
        if (sheet == AccountState.Sheets.EXPORT) app.export.tryAgain()
        now.update { it.copy(open = sheet, passphrase = "", again = "", trouble = null) }
    }

    private fun yes() {
        val passphrase = now.value.passphrase
        when (now.value.open) {
            AccountState.Sheets.EXPORT -> {
                if (now.value.passphraseFits) export(passphrase)
            }

            AccountState.Sheets.ERASE -> {
                app.erase()
            }

            AccountState.Sheets.PASSPHRASE -> {
                if (now.value.passphraseFits) lock(passphrase)
            }

            AccountState.Sheets.NO_PASSPHRASE -> {
                lock(null)
            }

            null -> {}
        }
    }

    private fun export(passphrase: String) {
        open(null)
        app.export.begin(permesso, passphrase)
    }

    private fun lock(passphrase: String?) {
        val lock = app.opener.lock ?: return
        open(null)
        attempt {
            lock.change(passphrase)
            readLock()
        }
    }

    private fun readLock() {
        val lock = app.opener.lock ?: return
        attempt {
            val isSet = lock.isSet()
            now.update { it.copy(lockSet = isSet) }
        }
    }

    private fun contactsToFile() {
        val files = platform.files ?: return
        attempt {
            val cards = permesso.exportContacts()
            val done = files.save(CONTACTS_NAME, CONTACTS_TYPE) { it.writeText(cards) }
            if (done) now.update { it.copy(savedContacts = SavedContacts(added = count(cards))) }
        }
    }

    private fun contactsFromFile() {
        val files = platform.files ?: return
        attempt { files.open(CONTACTS_TYPE) { it.readText() }?.let { take(it) } }
    }

    private suspend fun contactsTo(book: AddressBook) {
        val saved = book.save(permesso.exportContacts())
        now.update { it.copy(savedContacts = saved) }
    }

    private suspend fun take(vcards: String) {
        val cards = permesso.importContacts(vcards)
        now.update { it.copy(cards = cards) }
    }

    private fun withBook(action: suspend (AddressBook) -> Unit) {
        val book = platform.addressBook ?: return
        attempt {
            val isAllowed = platform.permission(Permission.CONTACTS)
            now.update { it.copy(bookRefused = !isAllowed) }
            if (isAllowed) action(book)
        }
    }

    private fun attempt(action: suspend () -> Unit) {
        now.update { it.copy(trouble = null, cards = null, savedContacts = null) }
        scope.attempt({ trouble -> now.update { it.copy(trouble = trouble) } }, action)
    }

    private companion object {
        const val CONTACTS_NAME = "permesso.vcf"
        const val CONTACTS_TYPE = "text/vcard"

        fun count(vcards: String): Int = vcards.split("BEGIN:VCARD").size - 1
    }
}
