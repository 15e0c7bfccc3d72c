package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.Message
import org.permesso.NearbyHost
import org.permesso.Permesso
import org.permesso.ffi.Event
import org.permesso.ffi.PermessoException

/**
 * What the first screen shows.
 *
 * @property last The newest message by friend.
 */
data class PeopleState(
    val loaded: Boolean = false,
    val friends: List<Friend> = emptyList(),
    val nearby: List<NearbyHost> = emptyList(),
    val last: Map<String, Message> = emptyMap(),
    val refusing: String? = null,
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

    /** The trouble was seen. */
    data object Seen : PeopleEvent
}

/** The state of the first screen. */
class PeopleHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val saved: Saved,
) {
    private val now = MutableStateFlow(PeopleState(refusing = saved["refusing"]))

    /** What is shown. */
    val state: StateFlow<PeopleState> = now.asStateFlow()

    init {
        scope.follow(permesso.friends, ::onTrouble) { friends ->
            now.update { it.copy(friends = friends, loaded = true) }
            val unread = friends.filter { it.state == FriendState.FRIEND && it.id !in now.value.last }
            unread.forEach { readLast(it.id) }
        }
        scope.follow(permesso.nearby, ::onTrouble) { hosts -> now.update { it.copy(nearby = hosts) } }
        scope.follow(permesso.events, ::onTrouble) { event ->
            when (event) {
                is Event.MessageReceived -> readLast(event.host)
                is Event.MessageChanged -> readLast(event.host)
                else -> Unit
            }
        }
    }

    /** Does what the user wants. */
    fun on(event: PeopleEvent) {
        when (event) {
            is PeopleEvent.Accept -> {
                scope.attempt(::onTrouble) { permesso.acceptFriendship(event.host) }
            }

            is PeopleEvent.AskRefuse -> {
                saved["refusing"] = event.host
                now.update { it.copy(refusing = event.host) }
            }

            is PeopleEvent.Refuse -> {
                val host = now.value.refusing ?: return
                on(PeopleEvent.AskRefuse(null))
                scope.attempt(::onTrouble) { permesso.refuseFriendship(host, event.tell) }
            }

            PeopleEvent.Seen -> {
                now.update { it.copy(trouble = null) }
            }
        }
    }

    private suspend fun readLast(friend: String) {
        try {
            val message = permesso.messages(friend, limit = 1).lastOrNull() ?: return
            now.update { it.copy(last = it.last + (friend to message)) }
        } catch (_: PermessoException.NotFound) {
            // Somebody who is no friend any more.
        } catch (trouble: PermessoException) {
            onTrouble(trouble)
        }
    }

    private fun onTrouble(trouble: PermessoException) {
        if (trouble !is PermessoException.Stopped && trouble !is PermessoException.Paused) now.update { it.copy(trouble = trouble) }
    }
}
