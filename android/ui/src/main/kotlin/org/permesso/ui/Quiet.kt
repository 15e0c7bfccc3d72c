package org.permesso.ui

import java.time.LocalTime
import java.time.format.DateTimeParseException

/** Whether it is one of the hours in which nothing sounds, as `22:00-07:00`; they may go over midnight. */
fun isQuiet(
    hours: String?,
    time: LocalTime,
): Boolean {
    val (from, to) =
        try {
            hours?.split('-')?.takeIf { it.size == 2 }?.map(LocalTime::parse) ?: return false
        } catch (_: DateTimeParseException) {
            return false
        }
    return if (from <= to) time >= from && time < to else time >= from || time < to
}
