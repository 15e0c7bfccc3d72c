package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.Diagnosis
import org.permesso.Examination
import org.permesso.ExaminedThing
import org.permesso.Ground
import org.permesso.Judgement
import org.permesso.Permesso
import org.permesso.ffi.PermessoException
import org.permesso.ui.words.Strings
import kotlin.math.abs

/** What the doctor found out. */
data class DoctorState(
    val looking: Boolean = true,
    val conditions: Set<Condition> = emptySet(),
    val examination: Examination? = null,
    val details: Boolean = false,
    val trouble: PermessoException? = null,
)

/**
 * The state of the doctor; it looks as soon as it is there.
 *
 * @param onLooked Called each time it has looked: a host that was not on the network may be there now.
 */
class DoctorHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val platform: Platform,
    private val saved: Saved,
    private val onLooked: () -> Unit = {},
) {
    private val now = MutableStateFlow(DoctorState(details = saved["details"] != null))

    /** What is shown. */
    val state: StateFlow<DoctorState> = now.asStateFlow()

    init {
        look()
    }

    /** Looks again. */
    fun look() {
        now.update { it.copy(looking = true, trouble = null) }
        scope.attempt({ trouble -> now.update { it.copy(looking = false, trouble = trouble) } }) {
            val conditions = platform.conditions()
            now.update { it.copy(conditions = conditions) }
            val examination = permesso.examineNetwork()
            now.update { it.copy(looking = false, examination = examination) }
            onLooked()
        }
    }

    /** Shows every way that was tried, or hides them. */
    fun showDetails(details: Boolean) {
        saved["details"] = "yes".takeIf { details }
        now.update { it.copy(details = details) }
    }
}

/** A remedy: what is wrong, what to do, and the page of the system where it is done. */
internal class Remedy(
    val wrong: String,
    val todo: String,
    val page: SystemPage? = null,
)

/** What of the device stands against being found. */
internal fun Strings.remedy(condition: Condition): Remedy =
    when (condition) {
        Condition.NO_PERMISSION -> Remedy(conditionPermission, conditionPermissionDo, SystemPage.APP)
        Condition.WIFI_OFF -> Remedy(conditionWifi, conditionWifiDo, SystemPage.WIFI)
        Condition.BATTERY_LIMITED -> Remedy(conditionBattery, conditionBatteryDo, SystemPage.BATTERY)
        Condition.DATA_SAVER -> Remedy(conditionDataSaver, conditionDataSaverDo, SystemPage.DATA_SAVER)
        Condition.BACKGROUND_KILLED -> Remedy(conditionKilled, conditionKilledDo, SystemPage.APP)
        Condition.NOTIFICATIONS_OFF -> Remedy(conditionNotifications, conditionNotificationsDo, SystemPage.NOTIFICATIONS)
        Condition.BATTERY_OPTIMISED -> Remedy(conditionOptimised, conditionOptimisedDo, SystemPage.BATTERY)
    }

/** What is wrong on the network, the gravest first, each with what to do; every remedy once. */
internal fun Strings.remedies(examination: Examination): List<Remedy> =
    examination.diagnoses
        .filter { it.judgement == Judgement.DOES_NOT_WORK }
        .sortedBy { if (it.thing == ExaminedThing.ADDRESS || it.thing == ExaminedThing.CLOCK) 0 else 1 }
        .map { diagnosis ->
            val page =
                when (diagnosis.ground) {
                    Ground.CLOCK_DIFFERS, Ground.CLOCK_TOO_EARLY -> SystemPage.DATE
                    Ground.NO_ADDRESS, Ground.LOOPBACK_ONLY, Ground.NO_ROUTE, Ground.INTERFACE_DOWN -> SystemPage.WIFI
                    Ground.NO_PERMISSION -> SystemPage.APP
                    else -> null
                }
            Remedy(ground(diagnosis, examination).replaceFirstChar(Char::uppercase), todo(diagnosis, examination), page)
        }.distinctBy { it.todo }

/** Why a host is not on the network, and what to do. */
internal fun Strings.why(offNetwork: OffNetwork): String {
    val remedy = offNetwork.examination?.let(::remedies)?.firstOrNull()
    return when {
        remedy != null -> "${remedy.wrong}. ${remedy.todo}"
        offNetwork.trouble is PermessoException.StorageUnavailable -> storageFails
        else -> trouble(offNetwork.trouble)
    }
}

internal fun Strings.thing(thing: ExaminedThing): String =
    when (thing) {
        ExaminedThing.ADDRESS -> doctorAddress
        ExaminedThing.BROADCAST -> doctorBroadcast
        ExaminedThing.MULTICAST_V4 -> doctorMulticast4
        ExaminedThing.MULTICAST_V6 -> doctorMulticast6
        ExaminedThing.REMEMBERED -> doctorRemembered
        ExaminedThing.GIVEN -> doctorGiven
        ExaminedThing.SWEEP -> doctorSweep
        ExaminedThing.HOST_LINK -> doctorHostLink
        ExaminedThing.CLOCK -> doctorClock
    }

internal fun Strings.judgement(judgement: Judgement): String =
    when (judgement) {
        Judgement.WORKS -> doctorWorks
        Judgement.DOES_NOT_WORK -> doctorDoesNotWork
        Judgement.UNKNOWN -> doctorUnknown
    }

internal fun Strings.ground(
    diagnosis: Diagnosis,
    examination: Examination,
): String =
    when (diagnosis.ground) {
        Ground.FINE -> if (diagnosis.thing == ExaminedThing.CLOCK) whyClockAgrees else whyPresent
        Ground.ANSWERED -> whyAnswered(diagnosis.answeredByAlias ?: diagnosis.answeredBy?.take(8) ?: somebody)
        Ground.NOBODY_ANSWERED -> whyNobodyAnswered
        Ground.OTHERS_ANSWERED -> whyOthersAnswered
        Ground.NOT_HEARD_HERE -> whyNotHeardHere
        Ground.NO_ADDRESS -> whyNoAddress
        Ground.LOOPBACK_ONLY -> whyLoopbackOnly
        Ground.NOTHING_TO_TRY -> whyNothingToTry
        Ground.NOT_NEEDED -> whyNotNeeded
        Ground.NETWORK_TOO_LARGE -> whyTooLarge
        Ground.SWITCHED_OFF -> whySwitchedOff
        Ground.NOT_PRESENT -> whyNotPresent
        Ground.PORT_TAKEN -> whyPortTaken(examination.port.toInt())
        Ground.NO_PERMISSION -> whyNoPermission
        Ground.NO_ROUTE -> whyNoRoute
        Ground.NOT_TO_EVERYBODY -> whyNotToEverybody
        Ground.INTERFACE_DOWN -> whyInterfaceDown
        Ground.FAILED -> whyFailed(diagnosis.detail.orEmpty())
        Ground.CLOCK_TOO_EARLY -> whyClockEarly
        Ground.CLOCK_DIFFERS -> whyClockDiffers(days(diagnosis))
    }

private fun days(diagnosis: Diagnosis): Int = (abs(diagnosis.othersAheadMs ?: 0) / DAY).toInt().coerceAtLeast(1)

private fun Strings.todo(
    diagnosis: Diagnosis,
    examination: Examination,
): String =
    when (diagnosis.ground) {
        Ground.CLOCK_TOO_EARLY, Ground.CLOCK_DIFFERS -> doSetClock
        Ground.NO_PERMISSION -> doPermission
        Ground.PORT_TAKEN -> doFreePort
        Ground.NO_ADDRESS, Ground.LOOPBACK_ONLY, Ground.NO_ROUTE, Ground.INTERFACE_DOWN -> doConnect
        Ground.OTHERS_ANSWERED -> doNetworkDrops
        Ground.NOT_HEARD_HERE, Ground.FAILED -> doFirewall(examination.port.toInt())
        Ground.SWITCHED_OFF -> doVisible
        Ground.NOT_TO_EVERYBODY -> doWaitOrScan
        else -> doStartAnother
    }

private const val DAY = 86_400_000L
