package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.NearbyHost
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * What is known about somebody.
 *
 * @property friend If there is or was something between us.
 * @property host If it was heard on the network.
 * @property code Their `permesso:` URI, if the key is known.
 * @property hasConversation Whether there are messages with them.
 * @property text What is written in the open sheet.
 * @property savedToBook What became of it in the address book, since they were saved there.
 */
data class PersonState(
    val id: String,
    val loaded: Boolean = false,
    val friend: Friend? = null,
    val host: NearbyHost? = null,
    val safetyNumber: String? = null,
    val code: String? = null,
    val hasConversation: Boolean = false,
    val open: Sheets? = null,
    val text: String = "",
    val savedToBook: SavedContacts? = null,
    val bookRefused: Boolean = false,
    val trouble: PermessoException? = null,
) {
    /** What is asked or shown above the page. */
    enum class Sheets { ASK, RENAME, END, BLOCK, REFUSE, CODE }

    /** What they are called here. */
    val name: String get() = friend?.name ?: host?.alias ?: id.take(8)

    /** Whether they can be blocked: whoever is or was heard of, friend or not. */
    val canBlock: Boolean get() = loaded && friend?.blocked != true && (friend != null || host != null)

    /** How we stand to each other. */
    val relation: FriendState get() = friend?.state ?: host?.friendState ?: FriendState.UNKNOWN

    /** Whether they are here now. */
    val here: Boolean get() = host?.online ?: friend?.online ?: false

    /** The most that the open sheet takes, in bytes. */
    val textMost: Int get() = if (open == Sheets.ASK) GREETING_BYTES else ALIAS_BYTES

    /** By how much it is too long. */
    val textOver: Int get() = (text.trim().encodeToByteArray().size - textMost).coerceAtLeast(0)

    private companion object {
        /** `Permesso.askFriendship`. */
        const val GREETING_BYTES = 280
    }
}

/** What can be done with somebody. */
sealed interface PersonEvent {
    /** A sheet opens, or the open one closes. */
    data class Open(
        val sheet: PersonState.Sheets?,
    ) : PersonEvent

    /** Something is written in it. */
    data class Write(
        val text: String,
    ) : PersonEvent

    /** What the open sheet asks is answered with yes. */
    data object Yes : PersonEvent

    /** The request is accepted. */
    data object Accept : PersonEvent

    /** It is refused, and they are told. */
    data object RefuseAndTell : PersonEvent

    /** The own request is taken back. */
    data object Withdraw : PersonEvent

    /** The numbers were compared and are the same, or not. */
    data class Verify(
        val verified: Boolean,
    ) : PersonEvent

    /** They are heard no more. */
    data object Block : PersonEvent

    /** They may ask again. */
    data object Unblock : PersonEvent

    /** They are saved to the address book. */
    data object SaveToBook : PersonEvent

    /** The trouble was seen. */
    data object Seen : PersonEvent
}

/** The state of somebody's page. */
class PersonHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val host: String,
    private val platform: Platform,
    private val saved: Saved,
) {
    private val now =
        MutableStateFlow(
            PersonState(
                host,
                open = PersonState.Sheets.entries.find { it.name == saved["open"] },
                text = saved["text"].orEmpty(),
            ),
        )

    private var conversation: Job? = null

    /** What is shown. */
    val state: StateFlow<PersonState> = now.asStateFlow()

    init {
        scope.follow(permesso.friends, ::onTrouble) { friends ->
            val friend = friends.find { it.id == host }
            now.update { it.copy(friend = friend) }
            followConversation(exists = friend != null)
            readKey()
        }
        scope.follow(permesso.nearby, ::onTrouble) { hosts ->
            val here = hosts.find { it.id == host } ?: permesso.hosts().find { it.id == host }
            now.update { it.copy(host = here, loaded = true) }
        }
    }

    /** Does what the user wants. */
    fun on(event: PersonEvent) {
        when (event) {
            is PersonEvent.Open -> open(event.sheet)
            is PersonEvent.Write -> write(event.text)
            PersonEvent.Yes -> yes()
            PersonEvent.Accept -> attempt { permesso.acceptFriendship(host) }
            PersonEvent.RefuseAndTell -> closing { permesso.refuseFriendship(host, tell = true) }
            PersonEvent.Withdraw -> attempt { permesso.cancelRequest(host) }
            is PersonEvent.Verify -> attempt { permesso.setVerified(host, event.verified) }
            PersonEvent.Block -> closing { permesso.block(host) }
            PersonEvent.Unblock -> attempt { permesso.unblock(host) }
            PersonEvent.SaveToBook -> saveToBook()
            PersonEvent.Seen -> now.update { it.copy(trouble = null) }
        }
    }

    private fun open(sheet: PersonState.Sheets?) {
        saved.ask("open", sheet?.name)
        write(
            if (sheet == PersonState.Sheets.RENAME) {
                now.value.friend
                    ?.localAlias
                    .orEmpty()
            } else {
                ""
            },
        )
        now.update { it.copy(open = sheet) }
    }

    private fun write(text: String) {
        saved["text"] = text
        now.update { it.copy(text = text) }
    }

    private fun yes() {
        val text = now.value.text.trim()
        if (now.value.textOver > 0) return
        when (now.value.open) {
            PersonState.Sheets.ASK -> closing { permesso.askFriendship(host, text) }
            PersonState.Sheets.RENAME -> closing { permesso.setLocalAlias(host, text.ifEmpty { null }) }
            PersonState.Sheets.END -> closing { permesso.endFriendship(host) }
            PersonState.Sheets.BLOCK -> on(PersonEvent.Block)
            PersonState.Sheets.REFUSE -> closing { permesso.refuseFriendship(host) }
            PersonState.Sheets.CODE, null -> open(null)
        }
    }

    private fun saveToBook() {
        val book = platform.addressBook ?: return
        attempt {
            val card = cardOf(permesso.exportContacts(), now.value.code ?: return@attempt) ?: return@attempt
            val isAllowed = platform.permission(Permission.CONTACTS)
            now.update { it.copy(bookRefused = !isAllowed) }
            if (!isAllowed) return@attempt
            val saved = book.save(card)
            now.update { it.copy(savedToBook = saved) }
        }
    }

    // By itself: a first message that is read at once leaves the list of friends as it was.
    private fun followConversation(exists: Boolean) {
        if (!exists) {
            conversation?.cancel()
            now.update { it.copy(hasConversation = false) }
        } else if (conversation?.isActive != true) {
            conversation =
                scope.follow(permesso.conversation(host, limit = 1), ::onTroubleOfConversation) { messages ->
                    now.update { it.copy(hasConversation = messages.isNotEmpty()) }
                }
        }
    }

    private fun onTroubleOfConversation(trouble: PermessoException) {
        // It has ended before the list of friends said so.
        if (trouble !is PermessoException.NotFound) onTrouble(trouble)
    }

    private suspend fun readKey() {
        try {
            val number = permesso.safetyNumber(host)
            val key = permesso.contacts().find { it.id == host }?.key
            val code = uris(permesso.exportContacts()).find { (key != null && it.contains(key, ignoreCase = true)) || it.contains(host) }
            now.update { it.copy(safetyNumber = number, code = code) }
        } catch (_: PermessoException.NotFound) {
            // Nobody whose key is known.
        }
    }

    private fun closing(action: suspend () -> Unit) {
        open(null)
        attempt(action)
    }

    private fun attempt(action: suspend () -> Unit) {
        scope.attempt(::onTrouble, action)
    }

    private fun onTrouble(trouble: PermessoException) {
        if (trouble !is PermessoException.Stopped && trouble !is PermessoException.Paused) now.update { it.copy(trouble = trouble) }
    }
}

/** Every `permesso:` URI of a text with vCards, whose long lines are folded. */
internal fun uris(vcards: String): List<String> = URI.findAll(unfolded(vcards)).map { it.value }.toList()

/** The card with that URI. */
internal fun cardOf(
    vcards: String,
    uri: String,
): String? =
    vcards
        .split("BEGIN:VCARD")
        .drop(1)
        .map { "BEGIN:VCARD$it" }
        .find { uri in unfolded(it) }

private fun unfolded(vcards: String): String = vcards.replace(FOLD, "")

private val FOLD = Regex("\r?\n[ \t]")
private val URI = Regex("permesso:[^\\s]+")
