package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.Message
import org.permesso.MessageState
import org.permesso.Permesso
import org.permesso.ffi.Event
import org.permesso.ffi.PermessoException
import java.util.TreeMap

/**
 * What a conversation shows.
 *
 * @property messages The oldest first.
 * @property hasOlder Whether there may be older ones.
 * @property firstUnread The first message that had not been read when the conversation was opened, or that came below what was shown since.
 * @property sought The message that somebody looked for.
 * @property detail The message that is looked at closely.
 */
data class ConversationState(
    val loaded: Boolean = false,
    val friend: Friend? = null,
    val messages: List<Message> = emptyList(),
    val hasOlder: Boolean = false,
    val firstUnread: String? = null,
    val sought: String? = null,
    val draft: String = "",
    val detail: String? = null,
    val asked: Asked? = null,
    val emoji: Boolean = false,
    val trouble: PermessoException? = null,
) {
    /** What is asked about the message that is looked at. */
    enum class Asked { CANCEL, DELETE }

    /** The draft's size, as the limit counts it. */
    val draftBytes: Int get() = draft.encodeToByteArray().size

    /** Whether it can be sent. */
    val canSend: Boolean get() = draft.isNotBlank() && draftBytes <= TEXT_BYTES

    /** Whether one can write to this friend now. */
    val canWrite: Boolean get() = friend?.let { it.state == FriendState.FRIEND && !it.blocked } ?: false

    /** The message that is looked at. */
    val detailed: Message? get() = detail?.let { id -> messages.find { it.id == id } }

    /** Whether it can be sent again: only to a friend. */
    val canResend: Boolean get() = canWrite && detailed?.let { it.mine && it.state == MessageState.FAILED } ?: false

    /** Limits of the protocol. */
    companion object {
        /** The most that a message has, in bytes of UTF-8: `Permesso.send`. */
        const val TEXT_BYTES: Int = 4_096
    }
}

/** What can be done in a conversation. */
sealed interface ConversationEvent {
    /** The draft changed. */
    data class Write(
        val draft: String,
    ) : ConversationEvent

    /** The draft is sent. */
    data object Send : ConversationEvent

    /** The beginning of what is loaded is seen. */
    data object Older : ConversationEvent

    /** What is there has been seen. */
    data object Read : ConversationEvent

    /** That message, and maybe others after it, came below what is shown. */
    data class Below(
        val first: String,
    ) : ConversationEvent

    /** A message is looked at, or no longer. */
    data class Look(
        val message: String?,
    ) : ConversationEvent

    /** A question about that message, or no longer. */
    data class Ask(
        val asked: ConversationState.Asked?,
    ) : ConversationEvent

    /** The message that failed is sent again. */
    data object Resend : ConversationEvent

    /** The question is answered with yes. */
    data object Yes : ConversationEvent

    /** The little pictures are opened or closed. */
    data object Emoji : ConversationEvent

    /** The trouble was seen. */
    data object Seen : ConversationEvent
}

/** Where the row of little pictures is scrolled to. */
internal const val EMOJI_PLACE: String = "emoji place"

/** The state of a conversation. */
class ConversationHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val friend: String,
    private val outgoing: Outgoing,
    private val saved: Saved,
    private val sought: String? = null,
) {
    private val drafts = outgoing.drafts

    /** Every message that was loaded, in its order. */
    private val known = TreeMap<String, Message>()
    private val places = HashMap<String, String>()
    private var loading = false
    private val now =
        MutableStateFlow(
            ConversationState(
                draft = drafts[friend].orEmpty(),
                detail = saved["detail"],
                asked = saved["asked"]?.let { name -> ConversationState.Asked.entries.find { it.name == name } },
                emoji = saved["emoji"] != null,
                firstUnread = saved["unread"],
                sought = sought,
            ),
        )

    /** What is shown. */
    val state: StateFlow<ConversationState> = now.asStateFlow()

    init {
        scope.follow(permesso.friends, ::onTrouble) { friends ->
            now.update { state -> state.copy(friend = friends.find { it.id == friend }) }
        }
        scope.follow(permesso.conversation(friend, PAGE), ::onTrouble) { onNewest(it) }
        scope.follow(outgoing.refused.map { it[friend] }.distinctUntilChanged(), ::onTrouble) { it?.let(::onRefused) }
        scope.follow(permesso.events, ::onTrouble) { event ->
            // The flow above tells of the newest alone.
            if (event is Event.MessageChanged && event.host == friend && event.message in places) {
                permesso.message(event.message)?.let(::keep)
                publish()
            }
        }
    }

    /** Does what the user wants. */
    fun on(event: ConversationEvent) {
        when (event) {
            is ConversationEvent.Write -> write(event.draft)
            ConversationEvent.Send -> send()
            ConversationEvent.Older -> older()
            ConversationEvent.Read -> read()
            is ConversationEvent.Below -> mark(event.first)
            is ConversationEvent.Look -> look(event.message)
            is ConversationEvent.Ask -> ask(event.asked)
            ConversationEvent.Resend -> withDetailed(::resend)
            ConversationEvent.Yes -> answer()
            ConversationEvent.Emoji -> showEmoji(!now.value.emoji)
            ConversationEvent.Seen -> see()
        }
    }

    private fun see() {
        outgoing.see(friend)
        now.update { it.copy(trouble = null) }
    }

    private fun write(draft: String) {
        drafts[friend] = draft
        now.update { it.copy(draft = draft) }
    }

    private fun showEmoji(shown: Boolean) {
        saved["emoji"] = "yes".takeIf { shown }
        if (!shown) saved[EMOJI_PLACE] = null
        now.update { it.copy(emoji = shown) }
    }

    private fun send() {
        val text = now.value.draft.trim()
        if (!now.value.canSend) return
        write("")
        showEmoji(false)
        showNewFrom(null)
        outgoing.send(permesso, friend, text)
    }

    private fun onRefused(refusal: Outgoing.Refusal) {
        now.update { it.copy(draft = drafts[friend].orEmpty()) }
        onTrouble(refusal.trouble)
    }

    private fun read() {
        if (now.value.friend == null) return
        val seen = known.values.filter { it.unread }.map { it.id }
        scope.attempt(::onTrouble) {
            permesso.markRead(friend)
            // The flow tells of the newest alone.
            seen.mapNotNull { places[it] }.mapNotNull(known::get).forEach { keep(it.copy(unread = false)) }
            publish()
        }
    }

    /** What came before that one and has not been seen either stays where the new begins. */
    private fun mark(message: String) {
        val before = places[now.value.firstUnread.orEmpty()].orEmpty()
        if (known[before]?.unread != true) showNewFrom(message)
    }

    private fun showNewFrom(message: String?) {
        saved["unread"] = message
        now.update { it.copy(firstUnread = message) }
    }

    private fun older() {
        val oldest = known.firstEntry()?.value ?: return
        if (loading || !now.value.hasOlder) return
        loading = true
        scope.attempt({
            loading = false
            onTrouble(it)
        }) {
            val page = permesso.messages(friend, oldest.place, PAGE)
            loading = false
            // Meanwhile it may have begun anew: what stands before another message is no page of this list.
            if (known.firstEntry()?.value?.id != oldest.id) return@attempt
            page.forEach(::keep)
            now.update { it.copy(hasOlder = page.size == PAGE) }
            publish()
        }
    }

    private suspend fun onNewest(newest: List<Message>) {
        // If that fails, what is shown stays; the same is tried again, or the next that comes joined anew.
        join(newest)
        if (now.value.loaded) publish() else arrive()
    }

    /**
     * Puts the newest in the place of what is known of them: what is missing among them was removed, here or by the history's limit.
     * More than a page may have come at once: then what lies between is read, too, so that there is no hole. If that is too much, it
     * begins anew with the newest.
     */
    private suspend fun join(newest: List<Message>) {
        val last = known.lastEntry()?.key
        val joined = ArrayDeque(newest)
        var isMore = newest.size == PAGE
        while (last != null && isMore && key(joined.first()) > last && joined.size < JOINED_MOST) {
            val page = permesso.messages(friend, joined.first().place, PAGE_MOST)
            joined.addAll(0, page)
            isMore = page.size == PAGE_MOST
        }
        val isWhole = last == null || !isMore || key(joined.first()) > last
        val replaced = if (isWhole) known.values else known.tailMap(key(joined.first())).values
        replaced.map { it.id }.forEach(::drop)
        joined.forEach(::keep)
        if (isWhole) now.update { it.copy(hasOlder = isMore) }
    }

    /** The conversation was opened. */
    private suspend fun arrive() {
        val before = now.value.firstUnread
        loadDown(before)
        val unread = before ?: known.values.firstOrNull { it.unread }?.id
        saved["unread"] = unread
        publish()
        now.update { it.copy(loaded = true, firstUnread = unread) }
    }

    /** Loads down to what was looked for, to where the screen was before, and to the first that is unread. */
    private suspend fun loadDown(firstUnread: String?) {
        val wanted = listOfNotNull(sought, firstUnread).mapNotNull { permesso.message(it) }.filter { it.host == friend }.map(::key)
        val depth = saved["depth"]?.toIntOrNull() ?: 0
        val unread = if (firstUnread == null) permesso.friend(friend)?.unread?.toInt() ?: 0 else 0
        var missesUnread = true
        while (now.value.hasOlder) {
            val first = known.firstKey()
            val before = known.values.count { it.unread }
            missesUnread = missesUnread && before < unread
            if (!missesUnread && known.size >= depth && wanted.none { it < first }) break
            val page = permesso.messages(friend, known.firstEntry().value.place, PAGE_MOST)
            page.forEach(::keep)
            // One may have come since they were counted: it is none of the older ones.
            missesUnread = missesUnread && page.any { it.unread }
            now.update { it.copy(hasOlder = page.size == PAGE_MOST) }
        }
    }

    private fun keep(message: Message) {
        drop(message.id)
        val key = key(message)
        known[key] = message
        places[message.id] = key
    }

    private fun drop(message: String) {
        places.remove(message)?.let(known::remove)
    }

    private fun publish() {
        val messages = known.values.toList()
        // As many are loaded again after the end of the process.
        saved["depth"] = "${messages.size}".takeIf { messages.size > PAGE }
        now.update { it.copy(messages = messages) }
    }

    private fun look(message: String?) {
        saved.ask("detail", message)
        now.update { it.copy(detail = message) }
    }

    private fun ask(asked: ConversationState.Asked?) {
        saved.ask("asked", asked?.name)
        now.update { it.copy(asked = asked) }
    }

    private fun answer() {
        val asked = now.value.asked
        ask(null)
        withDetailed { message ->
            when (asked) {
                ConversationState.Asked.CANCEL -> {
                    permesso.cancel(message)
                }

                ConversationState.Asked.DELETE -> {
                    delete(message)
                }

                null -> {}
            }
        }
    }

    /** The host forgets after some days how to go on with a message that failed; its text is still here, and goes as a new one. */
    private suspend fun resend(message: String) {
        try {
            permesso.resend(message)
        } catch (trouble: PermessoException.NotFound) {
            val failed = permesso.message(message)?.takeIf { it.mine && it.state == MessageState.FAILED } ?: throw trouble
            permesso.send(failed.host, failed.text)
        }
    }

    private suspend fun delete(message: String) {
        val waiting =
            now.value.messages
                .find { it.id == message }
                ?.let { it.mine && it.state in waits } ?: false
        if (waiting) permesso.cancel(message)
        permesso.deleteMessage(message)
        drop(message)
        publish()
    }

    private fun withDetailed(action: suspend (String) -> Unit) {
        val message = now.value.detail ?: return
        look(null)
        scope.attempt(::onTrouble) { action(message) }
    }

    private fun onTrouble(trouble: PermessoException) {
        if (trouble !is PermessoException.Stopped && trouble !is PermessoException.Paused) now.update { it.copy(trouble = trouble) }
    }

    private companion object {
        /** A page is more than the largest screen shows. */
        const val PAGE = 100

        /** As many as the host gives at once: `Permesso.messages`. */
        const val PAGE_MOST = 1_000

        /** When so many came at once, nobody reads them one after the other. */
        const val JOINED_MOST = 3_000

        val waits = setOf(MessageState.QUEUED, MessageState.HELD)

        /** Sorts as the place does. */
        fun key(message: Message): String = hex(message.place.order) + hex(message.place.key)

        fun hex(number: ULong): String = number.toString(16).padStart(16, '0')
    }
}
