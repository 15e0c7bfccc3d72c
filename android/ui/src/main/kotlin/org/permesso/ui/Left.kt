package org.permesso.ui

import org.permesso.Departure

/** Whether the user has left the network, in this process or an earlier one: then nothing but the user's own wish brings the host back. */
val Preferences.hasLeft: Boolean get() = get(PreferenceName.LEFT) != null

/** What became of waiting mail when the user left the network; null where that is not so, or not known since the process ended meanwhile. */
internal var Preferences.departure: Departure?
    get() {
        val counts = get(PreferenceName.LEFT)?.split(' ')?.map { it.toULongOrNull() ?: return null }
        return counts?.takeIf { it.size == 3 }?.let { Departure(it[0], it[1], it[2]) }
    }
    set(value) {
        set(PreferenceName.LEFT, value?.run { "$handedOn $carried $kept" })
    }

/** Whatever becomes of this process, a later one stays off the network. */
internal fun Preferences.beginLeaving() {
    if (!hasLeft) set(PreferenceName.LEFT, "")
}
