package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.Permesso
import org.permesso.Settings
import org.permesso.SettingsChange
import org.permesso.Statistics
import org.permesso.Visibility
import org.permesso.ffi.PermessoException

/**
 * What the settings show.
 *
 * @property preferences What is set of the app itself, by [PreferenceName].
 * @property edited What is being edited in a sheet.
 * @property text What is written there.
 */
data class SettingsState(
    val settings: Settings? = null,
    val statistics: Statistics? = null,
    val preferences: Map<String, String> = emptyMap(),
    val edited: Edited? = null,
    val text: String = "",
    val trouble: PermessoException? = null,
) {
    /** What is edited in a sheet of its own; the limits are those of a host. */
    enum class Edited(
        val range: LongRange,
    ) {
        ALIAS(1L..ALIAS_BYTES),
        PORT(1L..65_535L),
        STORAGE(1L..1_000_000L),
        HISTORY(1L..1_000_000L),
        OUTBOX(1L..99_999L),
        EXPIRY(1L..365L),
        QUIET_HOURS(0L..0L),
    }

    /** Whether this device keeps mail for everybody. */
    val isServer: Boolean get() = preferences[PreferenceName.SERVER] == "true"

    /** What is in force of that, as the sheet shows it at first; null until it is known. */
    fun inForce(edited: Edited): String? =
        if (edited == Edited.QUIET_HOURS) preferences[PreferenceName.QUIET_HOURS].orEmpty() else settings?.let { written(edited, it) }

    /** Whether what is written can be taken. What is in force can, however it came to be. */
    val fits: Boolean
        get() =
            when {
                edited == null -> false
                text.trim() == inForce(edited) -> true
                edited == Edited.ALIAS -> text.trim().encodeToByteArray().size in Edited.ALIAS.range
                edited == Edited.QUIET_HOURS -> text.isBlank() || QUIET_HOURS.matches(text.trim())
                else -> text.trim().toLongOrNull() in edited.range
            }

    private operator fun LongRange.contains(value: Long?): Boolean = value != null && value >= first && value <= last

    private companion object {
        val QUIET_HOURS = Regex("([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
    }
}

/** What can be set. */
sealed interface SettingsEvent {
    /** Settings of the host. */
    data class Change(
        val change: SettingsChange,
    ) : SettingsEvent

    /** Who may see this host. */
    data class Visible(
        val visibility: Visibility,
    ) : SettingsEvent

    /** A sheet opens, or the open one closes. */
    data class Edit(
        val edited: SettingsState.Edited?,
    ) : SettingsEvent

    /** Something is written in it. */
    data class Write(
        val text: String,
    ) : SettingsEvent

    /** What is written counts. */
    data object Save : SettingsEvent

    /** A preference of the app. */
    data class Prefer(
        val name: String,
        val value: String?,
    ) : SettingsEvent

    /** Whether this device is a persistent server; it is opened again for it. */
    data class Serve(
        val server: Boolean,
    ) : SettingsEvent
}

/** The state of the settings. */
class SettingsHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val app: AppState,
    private val saved: Saved,
) {
    private val now =
        MutableStateFlow(
            SettingsState(
                preferences = preferred(),
                edited = SettingsState.Edited.entries.find { it.name == saved["edited"] },
                text = saved["text"].orEmpty(),
            ),
        )

    /** What is shown. */
    val state: StateFlow<SettingsState> = now.asStateFlow()

    init {
        read()
    }

    /** Does what the user wants. */
    fun on(event: SettingsEvent) {
        when (event) {
            is SettingsEvent.Change -> {
                change(event.change)
            }

            is SettingsEvent.Visible -> {
                change(SettingsChange(visibility = event.visibility))
            }

            is SettingsEvent.Edit -> {
                edit(event.edited)
            }

            is SettingsEvent.Write -> {
                write(event.text)
            }

            SettingsEvent.Save -> {
                save()
            }

            is SettingsEvent.Prefer -> {
                prefer(event.name, event.value)
            }

            is SettingsEvent.Serve -> {
                prefer(PreferenceName.SERVER, "true".takeIf { event.server })
                app.reopen()
            }
        }
    }

    private fun preferred(): Map<String, String> =
        PreferenceName.OF_SETTINGS.mapNotNull { name -> app.platform.preferences[name]?.let { name to it } }.toMap()

    private fun prefer(
        name: String,
        value: String?,
    ) {
        app.set(name, value)
        now.update { it.copy(preferences = preferred()) }
    }

    private fun edit(edited: SettingsState.Edited?) {
        saved.ask("edited", edited?.name)
        write(edited?.let(now.value::inForce).orEmpty())
        now.update { it.copy(edited = edited) }
    }

    private fun write(text: String) {
        saved["text"] = text
        now.update { it.copy(text = text) }
    }

    private fun save() {
        val state = now.value
        val edited = state.edited ?: return
        if (!state.fits) return
        val text = state.text.trim()
        edit(null)
        if (edited == SettingsState.Edited.QUIET_HOURS) return prefer(PreferenceName.QUIET_HOURS, text.ifEmpty { null })
        scope.attempt(::onTrouble) {
            // A field rounds: what nobody changed there stays as exact as it was.
            if (text != written(edited, permesso.settings())) permesso.changeSettings(changeOf(edited, text))
            if (edited == SettingsState.Edited.PORT) app.startIfOff()
            now.update { it.copy(trouble = null) }
            read()
        }
    }

    private fun change(change: SettingsChange) {
        scope.attempt(::onTrouble) {
            permesso.changeSettings(change)
            // It may not have been forgotten when the host took it.
            if (change.visibility != null && chosenVisibility(app.platform.preferences) != null) {
                app.platform.preferences[PreferenceName.CHOSEN_VISIBILITY] = null
            }
            now.update { it.copy(trouble = null) }
            read()
        }
    }

    private fun read() {
        scope.attempt(::onTrouble) {
            val settings = permesso.settings()
            val statistics = permesso.statistics()
            now.update { it.copy(settings = settings, statistics = statistics) }
        }
    }

    private fun onTrouble(trouble: PermessoException) {
        now.update { it.copy(trouble = trouble) }
    }
}

private fun written(
    edited: SettingsState.Edited,
    settings: Settings,
): String =
    when (edited) {
        SettingsState.Edited.ALIAS -> settings.alias
        SettingsState.Edited.PORT -> settings.port.toString()
        SettingsState.Edited.STORAGE -> ((settings.carryBytes + MEGABYTE / 2u) / MEGABYTE).toString()
        SettingsState.Edited.HISTORY -> settings.historyLimit.toString()
        SettingsState.Edited.OUTBOX -> settings.outboxLimit.toString()
        SettingsState.Edited.EXPIRY -> days(settings.outboxExpiryMs).toString()
        SettingsState.Edited.QUIET_HOURS -> ""
    }

private fun changeOf(
    edited: SettingsState.Edited,
    text: String,
): SettingsChange =
    when (edited) {
        SettingsState.Edited.ALIAS -> SettingsChange(alias = text)
        SettingsState.Edited.PORT -> SettingsChange(port = text.toUShort())
        SettingsState.Edited.STORAGE -> SettingsChange(carryBytes = maxOf(text.toULong() * MEGABYTE, CARRY_BYTES_LEAST))
        SettingsState.Edited.HISTORY -> SettingsChange(historyLimit = text.toUInt())
        SettingsState.Edited.OUTBOX -> SettingsChange(outboxLimit = text.toUInt())
        SettingsState.Edited.EXPIRY -> SettingsChange(outboxExpiryMs = text.toULong() * DAY)
        SettingsState.Edited.QUIET_HOURS -> SettingsChange()
    }

internal fun days(millis: ULong): Int = ((millis + DAY - 1u) / DAY).toInt()

private const val DAY = 86_400_000uL
private const val MEGABYTE = 1_000_000uL

/** The least that a host takes, 1 MiB: a little more than the 1 MB as which it is shown and written. */
private const val CARRY_BYTES_LEAST = 1_048_576uL
