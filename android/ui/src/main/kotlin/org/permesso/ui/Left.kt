package org.permesso.ui

import org.permesso.Departure

/** Whether the user has left the network, in this process or an earlier one: then nothing but the user's own wish brings the host back. */
val Preferences.hasLeft: Boolean get() = get(PreferenceName.LEFT) != null

/** What became of waiting mail when the user left the network; null where that is not so. */
internal var Preferences.departure: Departure?
    get() {
        val counts = get(PreferenceName.LEFT)?.split(' ')?.map { it.toULongOrNull() ?: 0uL } ?: return null
        return Departure(counts[0], counts.getOrElse(1) { 0uL }, counts.getOrElse(2) { 0uL })
    }
    set(value) {
        set(PreferenceName.LEFT, value?.run { "$handedOn $carried $kept" })
    }
