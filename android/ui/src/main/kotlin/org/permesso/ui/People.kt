package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.Message
import org.permesso.NearbyHost
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * What the first screen shows.
 *
 * @property last The newest message by friend.
 * @property wantsToNotify Whether there is somebody to hear from and notifications are not allowed yet.
 */
data class PeopleState(
    val loaded: Boolean = false,
    val friends: List<Friend> = emptyList(),
    val nearby: List<NearbyHost> = emptyList(),
    val last: Map<String, Message> = emptyMap(),
    val refusing: String? = null,
    val wantsToNotify: Boolean = false,
    val trouble: PermessoException? = null,
) {
    /** Those who ask. */
    val asks: List<Friend> get() = friends.filter { it.state == FriendState.REQUEST_RECEIVED && !it.blocked }

    /** Friends, those last who wrote longest ago. */
    val talks: List<Friend>
        get() =
            friends
                .filter { it.state == FriendState.FRIEND && !it.blocked }
                .sortedByDescending { last[it.id]?.localTime ?: 0uL }

    /** Who was asked. */
    val asked: List<Friend> get() = friends.filter { it.state == FriendState.REQUEST_SENT && !it.blocked }

    /** Blocked or ended. */
    val others: List<Friend> get() = friends.filter { it.blocked || it.state == FriendState.ENDED }

    /** Who is here and has nothing to do with us. */
    val strangers: List<NearbyHost>
        get() {
            val known = friends.filter { it.state != FriendState.UNKNOWN || it.blocked }.mapTo(HashSet()) { it.id }
            return nearby.filter { it.id !in known }
        }

    /** Known by a card, a code or a request that came to nothing, and not here: they can be asked all the same. */
    val known: List<Friend>
        get() {
            val here = nearby.mapTo(HashSet()) { it.id }
            return friends.filter { it.state == FriendState.UNKNOWN && !it.blocked && it.id !in here }
        }

    /** Whether there is nobody in any of the groups. */
    val isEmpty: Boolean get() = loaded && listOf(asks, talks, asked, strangers, known, others).all { it.isEmpty() }
}

/** What can be done there. */
sealed interface PeopleEvent {
    /** Accepts a request. */
    data class Accept(
        val host: String,
    ) : PeopleEvent

    /** Asks whether a request shall be refused, or no longer. */
    data class AskRefuse(
        val host: String?,
    ) : PeopleEvent

    /** Refuses the request that was asked about. */
    data class Refuse(
        val tell: Boolean,
    ) : PeopleEvent

    /** Who made the request that was asked about is heard no more. */
    data object Block : PeopleEvent

    /** Whether the system shall ask for notifications; this app does not ask again. */
    data class Notify(
        val welcome: Boolean,
    ) : PeopleEvent

    /** The trouble was seen. */
    data object Seen : PeopleEvent
}

/** The state of the first screen. */
class PeopleHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val platform: Platform,
    private val saved: Saved,
) {
    private val now = MutableStateFlow(PeopleState(refusing = saved["refusing"]))
    private val following = HashMap<String, Job>()

    /** What is shown. */
    val state: StateFlow<PeopleState> = now.asStateFlow()

    init {
        scope.follow(permesso.friends, ::onTrouble) { friends ->
            now.update { it.copy(friends = friends, loaded = true, wantsToNotify = friends.isNotEmpty() && mayAskToNotify()) }
            followLast(friends.filter { it.state == FriendState.FRIEND }.map { it.id })
        }
        scope.follow(permesso.nearby, ::onTrouble) { hosts -> now.update { it.copy(nearby = hosts) } }
    }

    /** Does what the user wants. */
    fun on(event: PeopleEvent) {
        when (event) {
            is PeopleEvent.Accept -> {
                scope.attempt(::onTrouble) { permesso.acceptFriendship(event.host) }
            }

            is PeopleEvent.AskRefuse -> {
                saved.ask("refusing", event.host)
                now.update { it.copy(refusing = event.host) }
            }

            is PeopleEvent.Refuse -> {
                val host = now.value.refusing ?: return
                on(PeopleEvent.AskRefuse(null))
                scope.attempt(::onTrouble) { permesso.refuseFriendship(host, event.tell) }
            }

            PeopleEvent.Block -> {
                val host = now.value.refusing ?: return
                on(PeopleEvent.AskRefuse(null))
                scope.attempt(::onTrouble) { permesso.block(host) }
            }

            is PeopleEvent.Notify -> {
                platform.preferences[PreferenceName.NOTIFICATIONS_ASKED] = "true"
                now.update { it.copy(wantsToNotify = false) }
                if (event.welcome) scope.attempt(::onTrouble) { platform.permission(Permission.NOTIFICATIONS) }
            }

            PeopleEvent.Seen -> {
                now.update { it.copy(trouble = null) }
            }
        }
    }

    private fun mayAskToNotify() =
        platform.lacks(Permission.NOTIFICATIONS) && platform.preferences[PreferenceName.NOTIFICATIONS_ASKED] == null

    // The conversation, not the events: of what one writes to somebody who is away there is none.
    private fun followLast(friends: List<String>) {
        (following.keys - friends.toSet()).forEach { following.remove(it)?.cancel() }
        for (friend in friends) {
            if (following[friend]?.isActive == true) continue
            following[friend] =
                scope.follow(permesso.conversation(friend, limit = 1), ::onTrouble) { messages ->
                    val message = messages.lastOrNull()
                    now.update { it.copy(last = if (message == null) it.last - friend else it.last + (friend to message)) }
                }
        }
    }

    private fun onTrouble(trouble: PermessoException) {
        when (trouble) {
            // One who is no friend any more has no conversation.
            is PermessoException.Stopped, is PermessoException.Paused, is PermessoException.NotFound -> Unit

            else -> now.update { it.copy(trouble = trouble) }
        }
    }
}
