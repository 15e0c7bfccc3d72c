package org.permesso.ui.samples

import org.permesso.Departure
import org.permesso.Diagnosis
import org.permesso.Examination
import org.permesso.ExaminedThing
import org.permesso.FriendState
import org.permesso.Ground
import org.permesso.Holder
import org.permesso.Judgement
import org.permesso.MessageState
import org.permesso.NameFlag
import org.permesso.ffi.PermessoException
import org.permesso.ui.Leaving
import org.permesso.ui.OffNetwork
import org.permesso.ui.OwnNetwork
import org.permesso.ui.PeopleScreen
import org.permesso.ui.PeopleState
import org.permesso.ui.Saved

/** The first screen. */
object PeopleSamples {
    private val grace = friend("Grace", number = 1, verified = true, online = true)
    private val linus = friend("Linus", number = 2, unread = 3)
    private val mum = friend("Mamma", number = 3, alias = "Augusta", localAlias = "Mamma")
    private val barbara = friend("Barbara Liskov", number = 7, online = true)

    /** As on most days. */
    val usual: PeopleState =
        PeopleState(
            loaded = true,
            friends =
                listOf(
                    friend("Alan", FriendState.REQUEST_RECEIVED, number = 4, greeting = "It's me, from the library", online = true),
                    grace,
                    linus,
                    mum,
                    barbara,
                    friend("Edsger", FriendState.REQUEST_SENT, number = 5),
                    friend("Niklaus", FriendState.ENDED, number = 6),
                ),
            nearby = listOf(host("Hedy", 8), host("Radia", 9)),
            last =
                mapOf(
                    grace.id to message("See you at eight, under the clock", 90),
                    linus.id to message("Did you get the tickets?", 80, mine = false, unread = true, host = linus.id),
                    mum.id to
                        message(
                            "Buon compleanno! 🎂",
                            70,
                            state = MessageState.HELD,
                            holders = listOf(Holder(sampleId(20), "Library", emptyList(), true)),
                            minutesAgo = 2_000,
                        ),
                ),
        )

    /** What the doctor says where another program has the port. */
    internal val portTaken: Examination =
        Examination(
            20_070u,
            false,
            listOf(
                Diagnosis(
                    ExaminedThing.ADDRESS,
                    "wlan0",
                    "192.168.1.7",
                    Judgement.DOES_NOT_WORK,
                    Ground.PORT_TAKEN,
                    0u,
                    null,
                    null,
                    null,
                    null,
                ),
            ),
        )

    /** The same, off the network. */
    private fun PeopleState.away() = copy(friends = friends.map { it.copy(online = false) }, nearby = emptyList())

    private fun sample(
        name: String,
        state: PeopleState,
        offNetwork: OffNetwork? = null,
        network: OwnNetwork = OwnNetwork(offNetwork),
        notices: Int = 0,
    ) = Sample("people", name) {
        val drafts = if (name == "draft") mapOf(barbara.id to "I was thinking that") else emptyMap()
        PeopleScreen(state, Saved(), Saved(drafts), network, notices, {}, {}, {}, {})
    }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("usual", usual),
            sample("draft", usual.copy(friends = usual.friends.filter { it.state == FriendState.FRIEND })),
            sample(
                "known and away",
                PeopleState(
                    loaded = true,
                    friends =
                        listOf(
                            friend("Margaret", FriendState.UNKNOWN, number = 11),
                            friend("Katherine Johnson", FriendState.UNKNOWN, number = 12, verified = true),
                        ),
                ),
            ),
            sample("nobody", PeopleState(loaded = true)),
            sample("no network", usual, OffNetwork(PermessoException.NetworkUnavailable("no usable network address"))),
            sample("port taken", usual, OffNetwork(PermessoException.NetworkUnavailable("the port is taken"), portTaken)),
            sample("no permission", PeopleState(loaded = true), network = OwnNetwork(isLacking = true)),
            sample("leaving", usual, network = OwnNetwork(leaving = Leaving(underWay = true))),
            sample(
                "not left",
                usual,
                network = OwnNetwork(leaving = Leaving(trouble = PermessoException.StorageUnavailable("the disk is full"))),
            ),
            sample("left", usual.away(), network = OwnNetwork(leaving = Leaving(left = Departure(0u, 0u, 0u), seen = true))),
            sample("notices", usual, notices = 2),
            sample("notifications", usual.copy(wantsToNotify = true)),
            sample("storage full", usual.copy(trouble = PermessoException.StorageUnavailable("the disk is full"))),
            sample("refuse", usual.copy(refusing = usual.friends.first().id)),
            sample(
                "deceiving names",
                usual.copy(
                    friends =
                        listOf(
                            friend(
                                "Grасe",
                                FriendState.REQUEST_RECEIVED,
                                number = 30,
                                flags = listOf(NameFlag.MIXED_SCRIPTS, NameFlag.LOOKS_LIKE_FRIEND),
                            ),
                            friend(
                                "Grace",
                                FriendState.REQUEST_RECEIVED,
                                number = 31,
                                flags = listOf(NameFlag.SAME_AS_FRIEND),
                                greeting = "Hi!",
                            ),
                            grace,
                        ),
                ),
            ),
            sample("300 nearby", usual.copy(nearby = List(300) { host("Host ${it + 1}", 1_000 + it) })),
            sample(
                "long and right to left",
                PeopleState(
                    loaded = true,
                    friends =
                        listOf(
                            friend("نورا عبد الله", number = 40, online = true, unread = 120),
                            friend("Wolfeschlegelsteinhausenbergerdorff the Elder of Hamburg", number = 41, verified = true, unread = 1),
                            friend("👩‍👩‍👧‍👦 Familie", number = 42),
                        ),
                    last = mapOf(sampleId(40) to message("مرحبا، كيف حالك اليوم؟", 50, mine = false, host = sampleId(40))),
                ),
            ),
        )
}
