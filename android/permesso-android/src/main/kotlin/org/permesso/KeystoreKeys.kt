package org.permesso

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

/** Keys in Android's Keystore, under aliases that begin with [space]. */
internal class KeystoreKeys(
    private val context: Context,
    private val space: String,
) : SealingKeys {
    private val store: KeyStore by lazy { KeyStore.getInstance(PROVIDER).apply { load(null) } }

    override fun find(name: String): SecretKey? = store.getKey(alias(name), null) as SecretKey?

    override fun make(name: String): SecretKey =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P && hasStrongBox()) {
            try {
                generated(specification(name).apply { Api28.inStrongBox(this) }.build())
            } catch (_: ProviderException) {
                // It has one and has no room for the key, or not for such keys.
                ordinary(name)
            }
        } else {
            ordinary(name)
        }

    // There are StrongBoxes that make keys and then fail to use them.
    override fun replace(name: String) {
        ordinary(name)
    }

    /** Removes every key of this space. */
    fun removeAll() {
        store
            .aliases()
            .toList()
            .filter { it.startsWith(alias("")) }
            .forEach(store::deleteEntry)
    }

    private fun hasStrongBox(): Boolean = context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)

    // Without a demand for the user's presence: messages are to arrive while the phone lies locked.
    private fun specification(name: String): KeyGenParameterSpec.Builder =
        KeyGenParameterSpec
            .Builder(alias(name), KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setKeySize(KEY_BITS)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)

    private fun ordinary(name: String): SecretKey = generated(specification(name).build())

    private fun generated(specification: KeyGenParameterSpec): SecretKey =
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).apply { init(specification) }.generateKey()

    private fun alias(name: String): String = "$space.$name"

    private companion object {
        const val PROVIDER = "AndroidKeyStore"

        /** AES-256. */
        const val KEY_BITS = 256
    }
}
