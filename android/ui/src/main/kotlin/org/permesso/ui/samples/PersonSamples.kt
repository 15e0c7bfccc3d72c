package org.permesso.ui.samples

import org.permesso.FoundHost
import org.permesso.FriendState
import org.permesso.NameFlag
import org.permesso.ffi.PermessoException
import org.permesso.ui.FindScreen
import org.permesso.ui.FindState
import org.permesso.ui.OffNetwork
import org.permesso.ui.OwnNetwork
import org.permesso.ui.PersonMeans
import org.permesso.ui.PersonScreen
import org.permesso.ui.PersonState
import org.permesso.ui.Saved
import org.permesso.ui.SavedContacts

internal const val SAMPLE_URI: String =
    "permesso:ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c?alias=Grace&token=0f1e2d3c4b5a&at=192.168.1.7:20070"

/** Somebody's page. */
object PersonSamples {
    private val number = "371945028117465920385610472938561209475836102948571620394857".take(60)
    private val grace = friend("Grace", number = 1, online = true)

    private fun state(friend: org.permesso.Friend) =
        PersonState(
            friend.id,
            true,
            friend,
            host(friend.alias, 1).copy(online = friend.online, friendState = friend.state),
            number,
            SAMPLE_URI,
        )

    private fun sample(
        name: String,
        state: PersonState,
    ) = Sample("person", name) { onBack -> PersonScreen(state, Saved(), PersonMeans({}, true), onBack, {}, {}) }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("friend", state(grace)),
            sample("verified", state(grace.copy(verified = true, name = "Grace from work", localAlias = "Grace from work"))),
            sample("stranger", PersonState(sampleId(8), true, null, host("Hedy", 8))),
            sample("asks", state(grace.copy(state = FriendState.REQUEST_RECEIVED, greeting = "It's me, from the library"))),
            sample("asks with code", state(grace.copy(state = FriendState.REQUEST_RECEIVED, hasCode = true))),
            sample("asked", state(grace.copy(state = FriendState.REQUEST_SENT, online = false))),
            sample("ended", state(grace.copy(state = FriendState.ENDED, online = false)).copy(hasConversation = true)),
            sample("blocked", state(grace.copy(state = FriendState.ENDED, blocked = true)).copy(hasConversation = true)),
            sample("refuse", state(grace.copy(state = FriendState.REQUEST_RECEIVED)).copy(open = PersonState.Sheets.REFUSE)),
            sample(
                "deceiving",
                state(grace.copy(state = FriendState.REQUEST_RECEIVED, flags = listOf(NameFlag.SAME_AS_FRIEND, NameFlag.MIXED_SCRIPTS))),
            ),
            sample(
                "ask",
                state(grace.copy(state = FriendState.UNKNOWN)).copy(open = PersonState.Sheets.ASK, text = "It's me, from the library"),
            ),
            sample("rename", state(grace).copy(open = PersonState.Sheets.RENAME, text = "Grace from work ".repeat(5))),
            sample("end", state(grace).copy(open = PersonState.Sheets.END)),
            sample("block", state(grace).copy(open = PersonState.Sheets.BLOCK)),
            sample("code", state(grace).copy(open = PersonState.Sheets.CODE)),
            sample("address book updated", state(grace).copy(savedToBook = SavedContacts(updated = 1))),
            sample("address book unchanged", state(grace).copy(savedToBook = SavedContacts(unchanged = 1))),
            sample("address book in accounts", state(grace).copy(savedToBook = SavedContacts(refused = 1))),
            sample("storage full", state(grace).copy(trouble = PermessoException.StorageUnavailable("the disk is full"))),
        )
}

/** Search for people. */
object FindSamples {
    private val found =
        listOf(
            FoundHost(sampleId(1), "Grace", emptyList(), FriendState.FRIEND),
            FoundHost(sampleId(9), "Grace", listOf(NameFlag.SAME_AS_FRIEND), FriendState.UNKNOWN),
            FoundHost(sampleId(10), "Graziella", emptyList(), FriendState.REQUEST_SENT),
            FoundHost(sampleId(11), "Graham", emptyList(), FriendState.ENDED),
        )

    private fun sample(
        name: String,
        state: FindState,
        network: OwnNetwork = OwnNetwork(),
    ) = Sample("find", name) { onBack -> FindScreen(state, Saved(), network, onBack, {}, {}, {}, {}) }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("empty", FindState()),
            sample("searching", FindState("gra", searching = true)),
            sample("found", FindState("gra", found = found, blocked = setOf(sampleId(11)))),
            sample("nobody", FindState("gra", found = emptyList())),
            sample(
                "no network",
                FindState("gra"),
                OwnNetwork(OffNetwork(PermessoException.NetworkUnavailable("no usable network address"))),
            ),
        )
}
