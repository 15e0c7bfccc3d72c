package org.permesso.ui

import org.permesso.Permesso
import org.permesso.SettingsChange
import org.permesso.Visibility
import org.permesso.ffi.PermessoException

/**
 * Gives a host who may see it, if that was chosen before it was there and is not stored yet. Whoever opens a host does so before
 * anything tells others of it.
 *
 * @throws PermessoException if it cannot be stored; then it is tried again by the next who opens the host.
 */
suspend fun Permesso.takeChosenVisibility(preferences: Preferences) {
    val chosen = chosenVisibility(preferences) ?: return
    // It may have been changed elsewhere since: who would not be seen by somebody in one of the two is not.
    changeSettings(SettingsChange(visibility = maxOf(chosen, settings().visibility)))
    preferences[PreferenceName.CHOSEN_VISIBILITY] = null
}

/** What was chosen and is not stored yet. */
internal fun chosenVisibility(preferences: Preferences): Visibility? {
    val name = preferences[PreferenceName.CHOSEN_VISIBILITY] ?: return null
    return Visibility.entries.find { it.name == name }
}

/** Ends a host that something else went wrong with: what goes wrong now is of no use to anybody. */
suspend fun Permesso.stopAnyway() {
    try {
        stop()
    } catch (_: PermessoException) {
        // It had stopped by itself.
    }
}
