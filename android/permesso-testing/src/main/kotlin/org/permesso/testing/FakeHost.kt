package org.permesso.testing

import org.permesso.FailReason
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.Message
import org.permesso.MessagePlace
import org.permesso.MessageState
import org.permesso.NearbyHost
import org.permesso.Settings
import org.permesso.SettingsChange
import org.permesso.SpecialHost
import org.permesso.Visibility
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import java.util.UUID

/** What a host of a fake network has, whether it is open or not. */
internal class FakeHost(
    val name: String,
    number: Int,
) {
    val id: String = UUID(0x5c146b14_3c52_8afdL, Long.MIN_VALUE + number).toString()
    val identityKey: String = "%064x".format(number)
    var settings = Settings(name, Visibility.EVERYBODY, 20_071u, 10_000u, 1_000u, 2_592_000_000u, false, true, 67_108_864u)
    var changed = SettingsChange()
    val friends = linkedMapOf<String, FakeFriend>()
    val messages = mutableListOf<Message>()

    /** For whom, and what it does there. */
    val mail = mutableListOf<Pair<String, (FakeHost) -> Unit>>()
    val met = linkedSetOf<String>()
    val here = linkedSetOf<String>()
    var session: FakePermesso? = null

    val isOnline: Boolean get() = session?.isOnline ?: false

    fun isBlocked(other: String): Boolean = friends[other]?.blocked ?: false

    fun isSeenBy(other: FakeHost): Boolean =
        isOnline &&
            when (settings.visibility) {
                Visibility.EVERYBODY -> true
                Visibility.FRIENDS -> stateOf(other.id) == FriendState.FRIEND
                Visibility.NOBODY -> false
            }

    fun stateOf(other: String): FriendState = friends[other]?.state ?: FriendState.UNKNOWN

    fun tell(event: Event) {
        session?.tell(event)
    }

    fun tellOf(other: FakeHost): Unit = tell(Event.HostChanged(view(other)))

    fun view(other: FakeHost): NearbyHost {
        val port = other.settings.port
        return NearbyHost(
            id = other.id,
            alias = other.settings.alias,
            online = other.id in here,
            address = "127.0.0.1:$port",
            conversationPort = null,
            lastHeard = null,
            special = null,
            friendState = stateOf(other.id),
        )
    }

    fun specialHosts(): List<NearbyHost> =
        listOf(
            special(id, SpecialHost.LOCAL, settings.alias),
            special("ffffffff-ffff-8fff-bfff-ffffffffffff", SpecialHost.BROADCAST, null),
            special("00000000-0000-8000-8000-000000000001", SpecialHost.PERSISTENT_SERVER, null),
        )

    private fun special(
        id: String,
        special: SpecialHost,
        alias: String?,
    ): NearbyHost {
        val online = special != SpecialHost.PERSISTENT_SERVER
        return NearbyHost(id, alias, online, null, null, null, special, FriendState.UNKNOWN)
    }

    fun friendView(friend: FakeFriend): Friend =
        Friend(
            id = friend.id,
            name = friend.name,
            alias = friend.alias,
            localAlias = friend.localAlias,
            state = friend.state,
            verified = friend.verified,
            hasCode = false,
            blocked = friend.blocked,
            greeting = friend.greeting,
            flags = emptyList(),
            unread = messages.count { it.host == friend.id && it.unread }.toUInt(),
            online = friend.id in here,
        )

    fun change(friend: FakeFriend) {
        friends[friend.id] = friend
        tell(Event.FriendChanged(friendView(friend)))
    }

    fun change(message: Message) {
        val place = messages.indexOfFirst { it.id == message.id }
        if (place >= 0) messages[place] = message else messages.add(message)
        val news =
            if (message.mine) {
                Event.MessageChanged(message.host, message.id, message.state, message.failReason, message.holders, message.full)
            } else {
                Event.MessageReceived(message.host, message.id, message.text, message.sendTime, message.localTime, message.gap)
            }
        tell(news)
    }

    fun onAsk(
        asker: FakeHost,
        greeting: String,
    ) {
        val before = friends[asker.id] ?: FakeFriend(asker.id, asker.settings.alias, FriendState.UNKNOWN)
        if (before.state == FriendState.REQUEST_SENT) {
            change(before.copy(state = FriendState.FRIEND))
            mail.add(asker.id to { it.onAnswer(this, FriendState.FRIEND) })
        } else if (before.state != FriendState.FRIEND) {
            change(before.copy(state = FriendState.REQUEST_RECEIVED, greeting = greeting))
        }
    }

    fun onAnswer(
        other: FakeHost,
        state: FriendState,
    ) {
        val friend = friends[other.id] ?: return
        if (friend.state == FriendState.REQUEST_SENT) change(friend.copy(state = state))
        if (state != FriendState.FRIEND) tell(Event.Notice(Notice.AskRefused(other.id)))
    }

    fun onEnd(friend: FakeFriend) {
        change(friend.copy(state = FriendState.ENDED))
        mail.removeAll { (to, _) -> to == friend.id }
        messages.filter { it.host == friend.id && it.isWaiting() }.forEach {
            change(it.copy(state = MessageState.FAILED, failReason = FailReason.FRIENDSHIP_ENDED, holders = emptyList()))
        }
    }

    fun onMessage(
        from: FakeHost,
        message: Message,
        now: ULong,
    ) {
        if (messages.none { it.id == message.id }) {
            change(
                message.copy(
                    host = from.id,
                    mine = false,
                    localTime = now,
                    state = MessageState.DELIVERED,
                    failReason = null,
                    unread = true,
                    place = MessagePlace(now, now),
                ),
            )
            tell(Event.FriendChanged(friendView(friends.getValue(from.id))))
        }
        from.reach(message.id, MessageState.DELIVERED)
    }

    fun reach(
        message: String,
        state: MessageState,
    ) {
        val found = messages.find { it.id == message } ?: return
        change(found.copy(state = state, failReason = null, holders = emptyList(), full = emptyList()))
    }
}

/** Somebody with whom there is or was something. */
internal data class FakeFriend(
    val id: String,
    val alias: String,
    val state: FriendState,
    val localAlias: String? = null,
    val verified: Boolean = false,
    val blocked: Boolean = false,
    val greeting: String? = null,
) {
    val name: String get() = localAlias ?: alias.ifEmpty { id.take(8) }
}

internal fun Message.isWaiting(): Boolean = mine && (state == MessageState.QUEUED || state == MessageState.HELD)
