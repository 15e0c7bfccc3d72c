package org.permesso.ui.samples

import org.permesso.AccountReport
import org.permesso.CardResult
import org.permesso.Settings
import org.permesso.Statistics
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.ui.AccountScreen
import org.permesso.ui.AccountState
import org.permesso.ui.PreferenceName
import org.permesso.ui.Saved
import org.permesso.ui.SavedContacts
import org.permesso.ui.SettingsScreen
import org.permesso.ui.SettingsState

/** The settings. */
object SettingsSamples {
    private val settings = Settings("Ada", Visibility.EVERYBODY, 20_071u, 10_000u, 1_000u, 2_592_000_000u, false, true, 67_108_864u)
    private val statistics = Statistics(false, true, 12u, 100_000u, 48_000u, 67_108_864u, 3u, 40u, 28u, 0u, 0u, 4u, 1u, 2u)
    private val state = SettingsState(settings, statistics)

    private fun sample(
        name: String,
        state: SettingsState,
        scroll: String? = null,
    ) = Sample("settings", name) { onBack -> SettingsScreen(state, savedAt(scroll), SamplePlatform(), onBack, {}, {}) }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("usual", state),
            sample("further down", state, "560"),
            sample("at the end", state, "5000"),
            sample("name", state.copy(edited = SettingsState.Edited.ALIAS, text = "Ada")),
            sample("port wrong", state.copy(edited = SettingsState.Edited.PORT, text = "70000")),
            sample("storage for others", state.copy(edited = SettingsState.Edited.STORAGE, text = "67")),
            sample(
                "storage of a server",
                state.copy(
                    edited = SettingsState.Edited.STORAGE,
                    text = "4295",
                    preferences = mapOf(PreferenceName.SERVER to "true"),
                ),
            ),
            sample("quiet hours", state.copy(edited = SettingsState.Edited.QUIET_HOURS, text = "22:00-07:00")),
            sample("storage full", state.copy(trouble = PermessoException.StorageUnavailable("the disk is full"))),
        )
}

/** The page about the account. */
object AccountSamples {
    private fun sample(
        name: String,
        state: AccountState,
    ) = Sample("account", name) { onBack -> AccountScreen(state, Saved(), SamplePlatform(), onBack) {} }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("usual", AccountState(hasLock = true)),
            sample("exporting", AccountState(percent = 42)),
            sample("exported", AccountState(exported = AccountReport(1_204u, 9u, 5_000u))),
            sample("passphrase", AccountState(open = AccountState.Sheets.EXPORT, passphrase = "correct horse", again = "correct hrose")),
            sample("passphrase short", AccountState(open = AccountState.Sheets.PASSPHRASE, hasLock = true, passphrase = "horse")),
            sample("erase", AccountState(open = AccountState.Sheets.ERASE)),
            sample(
                "contacts",
                AccountState(
                    cards =
                        listOf(
                            CardResult(1u, "Grace", sampleId(1), true, null),
                            CardResult(9u, "Pizza", null, false, "no permesso: URI"),
                        ),
                ),
            ),
            sample("contacts saved", AccountState(savedContacts = SavedContacts(added = 3, updated = 1, unchanged = 12))),
            sample("contacts updated", AccountState(savedContacts = SavedContacts(updated = 2))),
            sample("contacts unchanged", AccountState(savedContacts = SavedContacts(unchanged = 12))),
            sample("contacts refused", AccountState(savedContacts = SavedContacts(updated = 2, refused = 3))),
            sample("no permission", AccountState(bookRefused = true)),
            sample("storage full", AccountState(trouble = PermessoException.StorageUnavailable("the disk is full"))),
        )
}
