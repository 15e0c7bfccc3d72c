package org.permesso.testing

import org.permesso.Settings
import org.permesso.SettingsChange

internal fun Settings.with(change: SettingsChange): Settings =
    Settings(
        change.alias ?: alias,
        change.visibility ?: visibility,
        change.port ?: port,
        change.historyLimit ?: historyLimit,
        change.outboxLimit ?: outboxLimit,
        change.outboxExpiryMs ?: outboxExpiryMs,
        change.readReceipts ?: readReceipts,
        change.carry ?: carry,
        change.carryBytes ?: carryBytes,
    )

internal fun SettingsChange.with(change: SettingsChange): SettingsChange =
    SettingsChange(
        change.alias ?: alias,
        change.visibility ?: visibility,
        change.port ?: port,
        change.historyLimit ?: historyLimit,
        change.outboxLimit ?: outboxLimit,
        change.outboxExpiryMs ?: outboxExpiryMs,
        change.readReceipts ?: readReceipts,
        change.carry ?: carry,
        change.carryBytes ?: carryBytes,
    )
