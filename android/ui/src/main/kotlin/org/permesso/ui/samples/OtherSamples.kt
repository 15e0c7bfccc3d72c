package org.permesso.ui.samples

import org.permesso.Departure
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import org.permesso.ui.AboutScreen
import org.permesso.ui.DatedNotice
import org.permesso.ui.Leaving
import org.permesso.ui.LicencesScreen
import org.permesso.ui.MoreMeans
import org.permesso.ui.MoreScreen
import org.permesso.ui.MoreState
import org.permesso.ui.NoticesScreen
import org.permesso.ui.PassOnScreen
import org.permesso.ui.Saved

/** What is reached from "more". */
object OtherSamples {
    private val usual = MoreState(canQuit = true, canPassOn = true, notices = 2)
    private val left = Leaving(left = Departure(2u, 5u, 1u))
    private val host = sampleId(1)

    /** One of each kind. */
    val notices: List<DatedNotice> =
        listOf(
            Notice.FriendAsksAgain(host),
            Notice.EncryptionReset(host),
            Notice.CodeShared(host, sampleId(2)),
            Notice.MessagesLost(host, 2u),
            Notice.HistoryDropped(host, "%032x".format(1)),
            Notice.OutboxDropped(host, "%032x".format(2)),
            Notice.HeldDropped(host),
            Notice.AskRefused(host),
            Notice.AskExpired(host),
            Notice.NoPort,
            Notice.StorageFailed("the disk is full"),
            Notice.GenerationNotKept("read only"),
            Notice.CopyRestored,
            Notice.Restored,
            Notice.Missed(7u),
            Notice.AddressUnusable("192.168.1.7", "in use"),
        ).mapIndexed { index, notice -> DatedNotice(SAMPLE_NOW - index * 4_000_000L, notice, "Grace", "Linus") }

    private fun more(
        name: String,
        state: MoreState,
    ) = Sample("more", name) { onBack -> MoreScreen(state, Saved(), onBack, MoreMeans()) {} }

    private fun about(
        name: String,
        scroll: String? = null,
    ) = Sample("about", name) { onBack -> AboutScreen("0.1.0", savedAt(scroll), onBack) {} }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            more("usual", usual),
            more("leave", usual.copy(asking = true)),
            more("leaving", usual.copy(leaving = Leaving(underWay = true))),
            more("left", usual.copy(leaving = left)),
            more("off the network", usual.copy(leaving = left.copy(seen = true))),
            more("not left", usual.copy(leaving = Leaving(trouble = PermessoException.StorageUnavailable("the disk is full")))),
            Sample("notices", "key changed and others") { onBack -> NoticesScreen(notices, Saved(), onBack) {} },
            Sample("notices", "none") { onBack -> NoticesScreen(emptyList(), Saved(), onBack) {} },
            about("usual"),
            about("further down", "5000"),
            Sample("about", "licences") { onBack ->
                LicencesScreen(
                    "A library (MIT)\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software",
                    Saved(),
                    onBack,
                )
            },
            Sample("pass on", "usual") { onBack -> PassOnScreen(SamplePlatform().ownPackage, null, Saved(), {}, onBack) },
            Sample("pass on", "no room") { onBack ->
                PassOnScreen(SamplePlatform().ownPackage, PermessoException.StorageUnavailable("no space left"), Saved(), {}, onBack)
            },
            Sample("pass on", "cannot") { onBack -> PassOnScreen(null, null, Saved(), {}, onBack) },
        )
}
