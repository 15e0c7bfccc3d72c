package org.permesso.ui.samples

import org.permesso.Departure
import org.permesso.Diagnosis
import org.permesso.Examination
import org.permesso.ExaminedThing
import org.permesso.Ground
import org.permesso.Judgement
import org.permesso.ffi.PermessoException
import org.permesso.ui.Condition
import org.permesso.ui.DoctorScreen
import org.permesso.ui.DoctorState
import org.permesso.ui.Leaving
import org.permesso.ui.LeftDoctorScreen
import org.permesso.ui.Saved

/** The doctor. */
object DoctorSamples {
    private fun found(
        thing: ExaminedThing,
        judgement: Judgement,
        ground: Ground,
        alias: String? = null,
        ahead: Long? = null,
    ) = Diagnosis(thing, "wlan0", "192.168.1.7", judgement, ground, 3u, alias?.let { sampleId(1) }, alias, null, ahead)

    private val well =
        Examination(
            20_071u,
            true,
            listOf(
                found(ExaminedThing.ADDRESS, Judgement.WORKS, Ground.FINE),
                found(ExaminedThing.BROADCAST, Judgement.DOES_NOT_WORK, Ground.OTHERS_ANSWERED),
                found(ExaminedThing.MULTICAST_V4, Judgement.WORKS, Ground.ANSWERED, "Grace"),
                found(ExaminedThing.MULTICAST_V6, Judgement.UNKNOWN, Ground.NOT_NEEDED),
                found(ExaminedThing.CLOCK, Judgement.WORKS, Ground.FINE),
            ),
        )
    private val nobody =
        Examination(
            20_071u,
            false,
            listOf(
                found(ExaminedThing.ADDRESS, Judgement.WORKS, Ground.FINE),
                found(ExaminedThing.BROADCAST, Judgement.UNKNOWN, Ground.NOBODY_ANSWERED),
                found(ExaminedThing.MULTICAST_V4, Judgement.UNKNOWN, Ground.NOBODY_ANSWERED),
            ),
        )
    private val clock =
        Examination(
            20_071u,
            true,
            listOf(found(ExaminedThing.CLOCK, Judgement.DOES_NOT_WORK, Ground.CLOCK_DIFFERS, ahead = 3 * 86_400_000L)),
        )
    private val none = Examination(20_071u, false, listOf(found(ExaminedThing.ADDRESS, Judgement.DOES_NOT_WORK, Ground.NO_ADDRESS)))

    private val limits = Condition.entries.drop(2).toSet()

    private fun sample(
        name: String,
        state: DoctorState,
    ) = Sample("doctor", name) { onBack -> DoctorScreen(state, Saved(), SamplePlatform(), {}, {}, onBack, {}) }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("looking", DoctorState()),
            sample("well", DoctorState(looking = false, examination = well)),
            sample("details", DoctorState(looking = false, examination = well, details = true)),
            sample("nobody", DoctorState(looking = false, examination = nobody)),
            sample("no network", DoctorState(looking = false, examination = none, conditions = setOf(Condition.WIFI_OFF))),
            sample("no permission", DoctorState(looking = false, examination = nobody, conditions = setOf(Condition.NO_PERMISSION))),
            sample("clock wrong", DoctorState(looking = false, examination = clock)),
            sample("limited", DoctorState(looking = false, examination = well, conditions = limits - Condition.BATTERY_OPTIMISED)),
            sample("hint", DoctorState(looking = false, examination = well, conditions = setOf(Condition.BATTERY_OPTIMISED))),
            Sample("doctor", "left") { onBack -> LeftDoctorScreen(Leaving(left = Departure(0u, 0u, 0u)), onBack) {} },
            sample("failed", DoctorState(looking = false, trouble = PermessoException.Stopped("the host has been stopped"))),
        )
}
