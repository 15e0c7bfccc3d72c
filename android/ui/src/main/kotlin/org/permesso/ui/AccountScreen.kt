package org.permesso.ui

import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.runtime.Composable
import androidx.compose.ui.text.input.ImeAction
import org.permesso.ui.words.Strings

/** Export, contacts, passphrase, erasing. */
@Composable
internal fun AccountScreen(
    state: AccountState,
    saved: Saved,
    platform: Platform,
    onBack: (() -> Unit)?,
    on: (AccountEvent) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.accountTitle, onBack) {
        Scrolling(saved) {
            (state.trouble ?: state.exportTrouble)?.let { Banner(words.trouble(it), bad = true) }
            if (platform.files != null) Export(state, on)
            Contacts(state, platform, on)
            if (state.hasLock) Passphrase(state, on)
            Heading(words.eraseHeading)
            Explanation(words.eraseText)
            Buttons { QuietButton(words.eraseYes, { on(AccountEvent.Open(AccountState.Sheets.ERASE)) }) }
        }
    }
    AccountSheet(state, on)
}

@Composable
private fun ColumnScope.Export(
    state: AccountState,
    on: (AccountEvent) -> Unit,
) {
    val words = LocalStrings.current
    Heading(words.exportHeading)
    val exported = state.exported
    if (exported != null) {
        Banner(words.exported(exported.messages.toInt(), exported.friends.toInt()), good = true)
        Explanation(words.exportedWarning)
    } else {
        Explanation(words.exportHelp)
    }
    val percent = state.percent
    if (percent != null) {
        Progress(percent)
        Buttons { QuietButton(words.cancel, { on(AccountEvent.CancelExport) }) }
    } else {
        Buttons { MainButton(words.exportAccount, { on(AccountEvent.Open(AccountState.Sheets.EXPORT)) }) }
        Explanation(words.importElsewhere)
    }
}

@Composable
private fun ColumnScope.Contacts(
    state: AccountState,
    platform: Platform,
    on: (AccountEvent) -> Unit,
) {
    if (platform.files == null && platform.addressBook == null) return
    val words = LocalStrings.current
    Heading(words.contactsHeading)
    Explanation(words.contactsHelp)
    if (state.bookRefused) {
        val leadsOn = platform.hasPage(SystemPage.APP)
        Banner(words.bookRefused, bad = true, action = words.openSettings.takeIf { leadsOn }) { platform.openPage(SystemPage.APP) }
    }
    state.savedContacts?.let { saved ->
        if (saved.refused > 0) {
            val asFile = words.contactsToFile.takeIf { platform.files != null }
            Banner(words.bookNeedsAccount, bad = true, action = asFile) { on(AccountEvent.ContactsToFile) }
        }
        if (saved.refused == 0 || saved.added + saved.updated + saved.unchanged > 0) Banner(words.saved(saved), good = true)
    }
    state.cards?.let { cards ->
        Banner(words.contactsAdded(cards.count { it.added }), good = true)
        val skipped = cards.count { it.host == null }
        if (skipped > 0) Explanation(words.contactsSkipped(skipped))
    }
    Buttons {
        if (platform.addressBook != null) {
            QuietButton(words.contactsToBook, { on(AccountEvent.ContactsToBook) })
            QuietButton(words.contactsFromBook, { on(AccountEvent.ContactsFromBook) })
        }
        if (platform.files != null) {
            QuietButton(words.contactsToFile, { on(AccountEvent.ContactsToFile) })
            QuietButton(words.contactsFromFile, { on(AccountEvent.ContactsFromFile) })
        }
    }
}

/** What became of several contacts; of those that are nothing new only where there are some. */
private fun Strings.saved(contacts: SavedContacts): String =
    listOfNotNull(
        contactsSaved(contacts.added).takeIf { contacts.added > 0 || contacts.updated + contacts.unchanged == 0 },
        contactsUpdated(contacts.updated).takeIf { contacts.updated > 0 },
        contactsUnchanged(contacts.unchanged).takeIf { contacts.unchanged > 0 },
    ).joinToString(" ")

@Composable
private fun ColumnScope.Passphrase(
    state: AccountState,
    on: (AccountEvent) -> Unit,
) {
    val words = LocalStrings.current
    Heading(words.passphrase)
    Explanation(if (state.lockSet) words.passphraseIsSet else words.passphraseIsNot)
    Buttons {
        QuietButton(
            if (state.lockSet) words.passphraseChange else words.passphraseSet,
            { on(AccountEvent.Open(AccountState.Sheets.PASSPHRASE)) },
        )
        if (state.lockSet) QuietButton(words.passphraseRemove, { on(AccountEvent.Open(AccountState.Sheets.NO_PASSPHRASE)) })
    }
}

@Composable
private fun AccountSheet(
    state: AccountState,
    on: (AccountEvent) -> Unit,
) {
    val words = LocalStrings.current
    val close = { on(AccountEvent.Open(null)) }
    val yes = { on(AccountEvent.Yes) }
    when (state.open) {
        AccountState.Sheets.EXPORT -> {
            PassphraseSheet(
                words.exportAccount,
                words.exportPassphraseHelp,
                words.chooseWhere,
                state,
                yes,
                close,
                on,
            )
        }

        AccountState.Sheets.PASSPHRASE -> {
            PassphraseSheet(words.passphraseSet, words.lockedText, words.save, state, yes, close, on)
        }

        AccountState.Sheets.ERASE -> {
            Question(words.eraseTitle, words.eraseText, words.eraseYes, yes, close, dangerous = true)
        }

        AccountState.Sheets.NO_PASSPHRASE -> {
            Question(
                words.areYouSure,
                words.passphraseRemoveText,
                words.passphraseRemove,
                yes,
                close,
                dangerous = true,
            )
        }

        null -> {}
    }
}

@Composable
private fun PassphraseSheet(
    title: String,
    help: String,
    yes: String,
    state: AccountState,
    onYes: () -> Unit,
    onNo: () -> Unit,
    on: (AccountEvent) -> Unit,
) {
    val words = LocalStrings.current
    val short = state.passphrase.isNotEmpty() && state.passphrase.length < AccountState.PASSPHRASE_LEAST
    val differs = state.again.isNotEmpty() && state.again != state.passphrase
    Sheet(
        title,
        onNo,
        buttons = {
            MainButton(yes, onYes, enabled = state.passphraseFits)
            QuietButton(words.cancel, onNo)
        },
    ) {
        Field(
            state.passphrase,
            { on(AccountEvent.Passphrase(it)) },
            words.passphrase,
            wrong = words.passphraseShort(AccountState.PASSPHRASE_LEAST).takeIf { short },
            secret = true,
            action = ImeAction.Next,
        )
        Field(
            state.again,
            { on(AccountEvent.Again(it)) },
            words.passphraseAgain,
            wrong = words.passphrasesDiffer.takeIf { differs },
            secret = true,
            onAction = onYes,
        )
        Explanation(help)
    }
}
