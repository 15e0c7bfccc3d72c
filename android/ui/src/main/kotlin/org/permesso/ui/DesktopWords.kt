package org.permesso.ui

import org.permesso.ui.words.Strings

/**
 * The words of a language, where the key of the data lies in a file, and not in a key store of the device's, and where a notification
 * is shown or not.
 */
class DesktopWords(
    private val words: Strings,
) : Strings by words {
    override val passphraseIsNot: String get() = words.desktopPassphraseIsNot

    override val troubleKey: String get() = words.desktopTroubleKey

    override val quietHoursHelp: String get() = words.desktopQuietHoursHelp
}
