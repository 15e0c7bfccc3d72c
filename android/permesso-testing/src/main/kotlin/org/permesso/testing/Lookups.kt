package org.permesso.testing

import org.permesso.FriendState
import org.permesso.Message
import org.permesso.ffi.PermessoException

// What a host has, by its id; what is missing or otherwise is said as the library says it.

internal fun FakeHost.friendOf(id: String): FakeFriend {
    checkHost(id)
    return friends[id] ?: throw PermessoException.NotFound("there is nobody with the id $id among your friends")
}

internal fun FakeHost.friendIn(
    id: String,
    state: FriendState,
    otherwise: String,
): FakeFriend {
    checkHost(id)
    return friends[id]?.takeIf { it.state == state } ?: throw PermessoException.NotNow("host $id $otherwise")
}

internal fun FakeHost.found(message: String): Message? {
    checkMessage(message)
    return messages.find { it.id == message }
}

internal fun FakeHost.any(message: String): Message =
    found(message) ?: throw PermessoException.NotFound("there is no message $message here")

internal fun FakeHost.mine(message: String): Message = any(message).also { if (!it.mine) throw wrongState(message) }

internal fun wrongState(message: String) = PermessoException.NotFound("message $message is not in a state that allows this")
