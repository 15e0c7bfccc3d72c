package org.permesso.ui.samples

import org.permesso.ui.CameraSight
import org.permesso.ui.CodeFault
import org.permesso.ui.MyCodeScreen
import org.permesso.ui.MyCodeState
import org.permesso.ui.Saved
import org.permesso.ui.ScanScreen
import org.permesso.ui.ScanState
import org.permesso.ui.SearchMessagesScreen
import org.permesso.ui.SearchMessagesState

/** Showing and taking in codes. */
object CodeSamples {
    private fun mine(
        name: String,
        state: MyCodeState,
    ) = Sample("code", name) { onBack -> MyCodeScreen(state, Saved(), {}, {}, {}, onBack, {}) }

    private fun scan(
        name: String,
        state: ScanState,
        sight: CameraSight? = CameraSight.SHOWS,
    ) = Sample("scan", name) { onBack -> ScanScreen(state, Saved(), SamplePlatform(sight = sight), onBack, {}, {}) }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            mine("usual", MyCodeState(SAMPLE_URI, "Grace")),
            mine("longest", MyCodeState(SAMPLE_URI + "&cert=" + "0123456789ABCDEF".repeat(18).take(280), "Grace", renewed = true)),
            scan("empty", ScanState()),
            scan("foreign", ScanState("https://example.org/app", fault = CodeFault.NOT_PERMESSO, foreign = "https://example.org/app")),
            scan("cut off", ScanState("permesso:ea4a6c", fault = CodeFault.CUT_OFF)),
            scan("own", ScanState(SAMPLE_URI, fault = CodeFault.OWN)),
            scan("seen", ScanState(seen = SAMPLE_URI)),
            scan("no code in the picture", ScanState(fault = CodeFault.NO_CODE_IN_PICTURE)),
            scan("camera refused", ScanState(cameraRefused = true)),
            scan("finder", ScanState(mayUseCamera = true)),
            scan("camera opens", ScanState(mayUseCamera = true), CameraSight.OPENS),
            scan("camera taken", ScanState(mayUseCamera = true), CameraSight.TAKEN),
            scan("camera forbidden", ScanState(mayUseCamera = true), CameraSight.FORBIDDEN),
            scan("camera fails", ScanState(mayUseCamera = true), CameraSight.FAILS),
            scan("without a camera", ScanState(), sight = null),
        )
}

/** Search in messages. */
object SearchSamples {
    private val found =
        listOf(
            message("The tickets are at the door", 6),
            message(
                "Did you get the tickets? They cost more than last year, and the seats are worse. I would not go again.",
                4,
                mine = false,
            ),
            message("Tickets!", 2, minutesAgo = 5_000),
        )

    private fun sample(
        name: String,
        state: SearchMessagesState,
    ) = Sample("search", name) { onBack -> SearchMessagesScreen(state, Saved(), onBack, {}, {}) }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("empty", SearchMessagesState()),
            sample("found", SearchMessagesState("ticket", found, mapOf(sampleId(1) to "Grace"))),
            sample("nothing", SearchMessagesState("tikcet", emptyList())),
        )
}
