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
    /** What is edited in a sheet of its own. */
    enum class Edited(
        val range: LongRange,
    ) {
        ALIAS(1L..ALIAS_BYTES),
        PORT(1L..65_535L),
        STORAGE(2L..1_000_000L),
        HISTORY(1L..1_000_000L),
        OUTBOX(1L..100_000L),
        EXPIRY(1L..365L),
        QUIET_HOURS(0L..0L),
    }

    /** Whether what is written can be taken. */
    val fits: Boolean
        get() =
            when (edited) {
                null -> false
                Edited.ALIAS -> text.trim().encodeToByteArray().size in Edited.ALIAS.range
                Edited.QUIET_HOURS -> text.isBlank() || QUIET_HOURS.matches(text.trim())
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
        val settings = now.value.settings
        val text =
            when (edited) {
                null -> ""
                SettingsState.Edited.ALIAS -> settings?.alias.orEmpty()
                SettingsState.Edited.PORT -> settings?.port?.toString().orEmpty()
                SettingsState.Edited.STORAGE -> settings?.let { megabytes(it.carryBytes) }?.toString().orEmpty()
                SettingsState.Edited.HISTORY -> settings?.historyLimit?.toString().orEmpty()
                SettingsState.Edited.OUTBOX -> settings?.outboxLimit?.toString().orEmpty()
                SettingsState.Edited.EXPIRY -> settings?.let { days(it.outboxExpiryMs) }?.toString().orEmpty()
                SettingsState.Edited.QUIET_HOURS -> now.value.preferences[PreferenceName.QUIET_HOURS].orEmpty()
            }
        write(text)
        now.update { it.copy(edited = edited) }
    }

    private fun write(text: String) {
        saved["text"] = text
        now.update { it.copy(text = text) }
    }

    private fun save() {
        val state = now.value
        if (!state.fits) return
        val text = state.text.trim()
        edit(null)
        when (state.edited) {
            SettingsState.Edited.ALIAS -> {
                change(SettingsChange(alias = text))
            }

            SettingsState.Edited.PORT -> {
                change(SettingsChange(port = text.toUShort()))
            }

            SettingsState.Edited.STORAGE -> {
                change(SettingsChange(carryBytes = text.toULong() * MEGABYTE))
            }

            SettingsState.Edited.HISTORY -> {
                change(SettingsChange(historyLimit = text.toUInt()))
            }

            SettingsState.Edited.OUTBOX -> {
                change(SettingsChange(outboxLimit = text.toUInt()))
            }

            SettingsState.Edited.EXPIRY -> {
                change(SettingsChange(outboxExpiryMs = text.toULong() * DAY))
            }

            SettingsState.Edited.QUIET_HOURS -> {
                prefer(PreferenceName.QUIET_HOURS, text.ifEmpty { null })
            }

            null -> {}
        }
    }

    private fun change(change: SettingsChange) {
        scope.attempt(::onTrouble) {
            permesso.changeSettings(change)
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

internal fun days(millis: ULong): Int = ((millis + DAY - 1u) / DAY).toInt()

private fun megabytes(bytes: ULong): ULong = (bytes + MEGABYTE / 2u) / MEGABYTE

private const val DAY = 86_400_000uL
private const val MEGABYTE = 1_000_000uL
