package org.permesso

import android.content.Context
import java.io.File

/**
 * Keeps secrets sealed by a key that never leaves Android's Keystore (its StrongBox, where there is one), usable while the
 * phone is locked. What is sealed stands in a folder that no backup takes.
 *
 * A key that was invalidated, that did not come along to another phone, or that fails gives
 * [org.permesso.ffi.PermessoException.KeyUnavailable] and never a new identity. The app then offers to import a backup or to
 * start afresh: both begin with [forget].
 *
 * @param name Tells several hosts of one app apart; letters, digits, `-` and `_`.
 */
public class AndroidKeyStore(
    context: Context,
    name: String = "permesso",
) : KeyStore {
    private val keys = KeystoreKeys(context.applicationContext, name.also(::requirePlain))
    private val directory = File(context.noBackupFilesDir, "$name-keys")
    private val sealed = SealedKeyStore(FileKeyStore(directory), AesGcmSeal(keys))

    override fun load(name: String): ByteArray? = sealed.load(name)

    override fun save(
        name: String,
        secret: ByteArray,
    ): Unit = sealed.save(name, secret)

    /** Forgets every secret for good: what it opened can never be read again. The host's own folder is the app's to remove. */
    public fun forget() {
        // The files first: one without its key would be taken for a host that lost it.
        directory.deleteRecursively()
        keys.removeAll()
    }

    private companion object {
        fun requirePlain(name: String) {
            require(name.matches(Regex("[A-Za-z0-9_-]+"))) { "\"$name\" cannot name a key store: use letters, digits, - and _" }
        }
    }
}
