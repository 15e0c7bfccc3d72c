package org.permesso

/** A friend as the host tells of it. */
internal fun friend(
    id: String,
    state: FriendState = FriendState.FRIEND,
    unread: UInt = 0u,
    greeting: String? = null,
    blocked: Boolean = false,
): Friend =
    Friend(
        id = id,
        name = "Grace",
        alias = "Grace",
        localAlias = null,
        state = state,
        verified = false,
        hasCode = false,
        blocked = blocked,
        greeting = greeting,
        flags = emptyList(),
        unread = unread,
        online = true,
    )

/** A message that came from a friend. */
internal fun message(
    host: String,
    text: String,
    time: ULong,
): Message =
    Message(
        id = text,
        host = host,
        mine = false,
        text = text,
        localTime = time,
        sendTime = time,
        state = MessageState.DELIVERED,
        failReason = null,
        holders = emptyList(),
        full = emptyList(),
        unread = true,
        place = MessagePlace(time, time),
        parents = emptyList(),
        gap = false,
    )
