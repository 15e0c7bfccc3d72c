package org.permesso.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.selection.selectableGroup
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardType
import org.permesso.Settings
import org.permesso.SettingsChange
import org.permesso.Statistics
import org.permesso.Visibility
import org.permesso.ui.words.Strings

/** What can be set. */
@Composable
internal fun SettingsScreen(
    state: SettingsState,
    saved: Saved,
    platform: Platform,
    onBack: (() -> Unit)?,
    on: (SettingsEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.settingsTitle, onBack) {
        Scrolling(saved) {
            state.trouble?.let { Banner(words.trouble(it), bad = true) }
            val settings = state.settings
            if (settings != null) {
                Me(settings, on)
                Carrying(settings, state.statistics, state.isServer, on)
                Limits(settings, on)
            }
            AppItself(state.preferences, platform, on)
            InBackground(state.preferences, platform, on)
            Line()
            LinkRow(Icons.Backup, words.accountTitle, words.accountHelp) { show(Screen.Account) }
        }
    }
    state.edited?.let { EditSheet(it, state, on) }
}

@Composable
private fun ColumnScope.Me(
    settings: Settings,
    on: (SettingsEvent) -> Unit,
) {
    val words = LocalStrings.current
    LinkRow(null, words.setAlias, settings.alias) { on(SettingsEvent.Edit(SettingsState.Edited.ALIAS)) }
    Heading(words.visibleTo)
    Column(Modifier.selectableGroup()) {
        for (visibility in Visibility.entries) {
            ChoiceRow(words.visibility(visibility), settings.visibility == visibility) { on(SettingsEvent.Visible(visibility)) }
        }
    }
    Explanation(words.visibleToHelp)
    SwitchRow(words.setReceipts, words.setReceiptsHelp, settings.readReceipts) {
        on(SettingsEvent.Change(SettingsChange(readReceipts = it)))
    }
}

@Composable
private fun ColumnScope.Carrying(
    settings: Settings,
    statistics: Statistics?,
    server: Boolean,
    on: (SettingsEvent) -> Unit,
) {
    val words = LocalStrings.current
    Heading(words.setCarryTitle)
    // A server carries always: there is nothing to choose.
    if (!server) {
        SwitchRow(words.setCarry, words.setCarryHelp, settings.carry) { on(SettingsEvent.Change(SettingsChange(carry = it))) }
    }
    if (statistics != null) {
        Explanation(
            words.carriesNow(
                statistics.envelopes.toInt(),
                words.size(statistics.bytes.toLong()),
                words.size(statistics.bytesMax.toLong()),
            ),
        )
    }
    LinkRow(null, words.setStorage, words.size(settings.carryBytes.toLong())) { on(SettingsEvent.Edit(SettingsState.Edited.STORAGE)) }
    SwitchRow(words.setServer, words.setServerHelp, server) { on(SettingsEvent.Serve(it)) }
}

@Composable
private fun ColumnScope.Limits(
    settings: Settings,
    on: (SettingsEvent) -> Unit,
) {
    val words = LocalStrings.current
    Heading(words.limitsTitle)
    LinkRow(
        null,
        words.setHistory,
        words.setHistoryNow(settings.historyLimit.toInt()),
    ) { on(SettingsEvent.Edit(SettingsState.Edited.HISTORY)) }
    LinkRow(null, words.setOutbox, words.setOutboxNow(settings.outboxLimit.toInt())) { on(SettingsEvent.Edit(SettingsState.Edited.OUTBOX)) }
    LinkRow(
        null,
        words.setExpiry,
        words.setExpiryNow(days(settings.outboxExpiryMs)),
    ) { on(SettingsEvent.Edit(SettingsState.Edited.EXPIRY)) }
    LinkRow(null, words.setPort, words.setPortNow(settings.port.toInt())) { on(SettingsEvent.Edit(SettingsState.Edited.PORT)) }
}

@Composable
private fun ColumnScope.AppItself(
    preferences: Map<String, String>,
    platform: Platform,
    on: (SettingsEvent) -> Unit,
) {
    val words = LocalStrings.current
    Heading(words.languageTitle)
    Column(Modifier.selectableGroup()) {
        val language = preferences[PreferenceName.LANGUAGE]
        Choice(words.asSystem, null, language, PreferenceName.LANGUAGE, on)
        Choice(words.languageEnglish, "en", language, PreferenceName.LANGUAGE, on)
        Choice(words.languageItalian, "it", language, PreferenceName.LANGUAGE, on)
    }
    Heading(words.themeTitle)
    Column(Modifier.selectableGroup()) {
        val theme = preferences[PreferenceName.THEME]
        Choice(words.asSystem, null, theme, PreferenceName.THEME, on)
        Choice(words.themeLight, "light", theme, PreferenceName.THEME, on)
        Choice(words.themeDark, "dark", theme, PreferenceName.THEME, on)
    }
    if (platform.openLink != null) {
        SwitchRow(words.setLinks, words.setLinksHelp, preferences[PreferenceName.LINKS] == "true") { prefer(on, PreferenceName.LINKS, it) }
    }
}

@Composable
private fun Choice(
    title: String,
    value: String?,
    now: String?,
    name: String,
    on: (SettingsEvent) -> Unit,
) {
    ChoiceRow(title, value == now) { on(SettingsEvent.Prefer(name, value)) }
}

@Composable
private fun ColumnScope.InBackground(
    preferences: Map<String, String>,
    platform: Platform,
    on: (SettingsEvent) -> Unit,
) {
    val words = LocalStrings.current
    Heading(words.backgroundTitle)
    val quiet = preferences[PreferenceName.QUIET_HOURS]
    LinkRow(null, words.quietHours, quiet ?: words.quietHoursNone) { on(SettingsEvent.Edit(SettingsState.Edited.QUIET_HOURS)) }
    if (platform.background != null) {
        SwitchRow(words.contentWhenLocked, words.contentWhenLockedHelp, preferences[PreferenceName.CONTENT_WHEN_LOCKED] == "true") {
            prefer(on, PreferenceName.CONTENT_WHEN_LOCKED, it)
        }
    }
    if (platform.background?.startsWithDevice == true) {
        SwitchRow(words.startWithDevice, words.startWithDeviceHelp, preferences[PreferenceName.START_WITH_DEVICE] == "true") {
            prefer(on, PreferenceName.START_WITH_DEVICE, it)
        }
    }
    if (platform.hasPage(SystemPage.NOTIFICATIONS)) {
        LinkRow(Icons.Notice, words.systemNotifications) { platform.openPage(SystemPage.NOTIFICATIONS) }
    }
}

private fun prefer(
    on: (SettingsEvent) -> Unit,
    name: String,
    value: Boolean,
) {
    on(SettingsEvent.Prefer(name, "true".takeIf { value }))
}

@Composable
private fun EditSheet(
    edited: SettingsState.Edited,
    state: SettingsState,
    on: (SettingsEvent) -> Unit,
) {
    val words = LocalStrings.current
    val isNumber = edited != SettingsState.Edited.ALIAS && edited != SettingsState.Edited.QUIET_HOURS
    Sheet(
        words.title(edited),
        { on(SettingsEvent.Edit(null)) },
        buttons = {
            MainButton(words.save, { on(SettingsEvent.Save) }, enabled = state.fits)
            QuietButton(words.cancel, { on(SettingsEvent.Edit(null)) })
        },
    ) {
        Explanation(words.help(edited, state.isServer))
        Field(
            state.text,
            { on(SettingsEvent.Write(it)) },
            words.title(edited),
            wrong = words.doesNotFit(edited).takeIf { !state.fits },
            keyboard = if (isNumber) KeyboardType.Number else KeyboardType.Text,
            onAction = { on(SettingsEvent.Save) },
        )
    }
}

private fun Strings.title(edited: SettingsState.Edited): String =
    when (edited) {
        SettingsState.Edited.ALIAS -> setAlias
        SettingsState.Edited.PORT -> setPort
        SettingsState.Edited.STORAGE -> setStorage
        SettingsState.Edited.HISTORY -> setHistory
        SettingsState.Edited.OUTBOX -> setOutbox
        SettingsState.Edited.EXPIRY -> setExpiry
        SettingsState.Edited.QUIET_HOURS -> quietHours
    }

private fun Strings.help(
    edited: SettingsState.Edited,
    isServer: Boolean,
): String =
    when (edited) {
        SettingsState.Edited.ALIAS -> setAliasHelp
        SettingsState.Edited.PORT -> setPortHelp
        SettingsState.Edited.STORAGE -> if (isServer) setStorageHelpServer else setStorageHelp
        SettingsState.Edited.HISTORY -> setHistoryHelp
        SettingsState.Edited.OUTBOX -> setOutboxHelp
        SettingsState.Edited.EXPIRY -> setExpiryHelp
        SettingsState.Edited.QUIET_HOURS -> quietHoursHelp
    }

private fun Strings.doesNotFit(edited: SettingsState.Edited): String =
    when (edited) {
        SettingsState.Edited.ALIAS -> aliasDoesNotFit
        SettingsState.Edited.QUIET_HOURS -> quietHoursDoNotFit
        else -> numberDoesNotFit(edited.range.first.toInt(), edited.range.last.toInt())
    }
