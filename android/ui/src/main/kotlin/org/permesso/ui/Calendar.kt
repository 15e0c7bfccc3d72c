package org.permesso.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.produceState
import androidx.compose.ui.platform.LocalWindowInfo
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import kotlin.time.Duration.Companion.minutes

/** Which day it is, and where: what the screens tell moments by. */
internal data class Calendar(
    val today: LocalDate,
    val zone: ZoneId,
) {
    fun dayOf(millis: Long): LocalDate = Instant.ofEpochMilli(millis).atZone(zone).toLocalDate()

    /** Milliseconds from that moment, which is of today, to the end of the day. */
    fun left(millis: Long): Long =
        today
            .plusDays(1)
            .atStartOfDay(zone)
            .toInstant()
            .toEpochMilli() - millis

    /** As a device has it. */
    companion object {
        fun at(
            millis: Long,
            zone: ZoneId = ZoneId.systemDefault(),
        ): Calendar = Calendar(Instant.ofEpochMilli(millis).atZone(zone).toLocalDate(), zone)
    }
}

/**
 * The calendar as it is, and each that follows: another at midnight, and soon after somebody has set the clock or travelled.
 *
 * @param wait Waits for so many milliseconds.
 */
internal fun calendars(
    now: () -> Long,
    wait: suspend (Long) -> Unit = { delay(it) },
): Flow<Calendar> =
    flow {
        while (true) {
            val moment = now()
            val calendar = Calendar.at(moment)
            emit(calendar)
            wait(calendar.left(moment).coerceAtMost(LOOK))
        }
    }

/** The calendar as it is; it is looked at also when the window is seen again. */
@Composable
internal fun rememberCalendar(now: () -> Long): Calendar {
    val isSeen = LocalWindowInfo.current.isWindowFocused
    val calendar by produceState(Calendar.at(now()), isSeen) {
        // What waits among the frames would keep them from coming to rest.
        calendars(now).flowOn(Dispatchers.Default).collect { value = it }
    }
    return calendar
}

/** Milliseconds. A device that slept did not count that time. */
private val LOOK = 1.minutes.inWholeMilliseconds
