package org.permesso.ui

import org.permesso.KeyStore
import org.permesso.ffi.KeyStoreException
import java.security.GeneralSecurityException
import java.security.SecureRandom
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** AES-256-GCM: 12 bytes of nonce, the text, 16 of tag. */
internal object Sealing {
    /** Bytes of a key of AES-256. */
    const val KEY = 32

    /** Bytes of a nonce of GCM (NIST SP 800-38D, 8.2). */
    private const val NONCE = 12

    /** Bits of the whole tag of GCM. */
    private const val TAG_BITS = 128

    private const val TRANSFORMATION = "AES/GCM/NoPadding"

    private val random = SecureRandom()

    fun random(bytes: Int): ByteArray = ByteArray(bytes).also(random::nextBytes)

    /** Seals [text]; only with the same key and [name] it opens. */
    fun close(
        key: ByteArray,
        name: String,
        text: ByteArray,
    ): ByteArray {
        val nonce = random(NONCE)
        return nonce + cipher(Cipher.ENCRYPT_MODE, key, nonce, name).doFinal(text)
    }

    /** Null if it was sealed by another key or under another name, or was changed since. */
    fun open(
        key: ByteArray,
        name: String,
        sealed: ByteArray,
    ): ByteArray? =
        try {
            val nonce = sealed.copyOf(NONCE)
            cipher(Cipher.DECRYPT_MODE, key, nonce, name).doFinal(sealed, NONCE, maxOf(sealed.size - NONCE, 0))
        } catch (_: GeneralSecurityException) {
            null
        } catch (_: IllegalArgumentException) {
            // It is shorter than a nonce.
            null
        }

    private fun cipher(
        mode: Int,
        key: ByteArray,
        nonce: ByteArray,
        name: String,
    ): Cipher =
        Cipher.getInstance(TRANSFORMATION).apply {
            init(mode, SecretKeySpec(key, "AES"), GCMParameterSpec(TAG_BITS, nonce))
            updateAAD(name.encodeToByteArray())
        }
}

/** Seals what the screens keep, for drafts are messages; its key is in [keys]. Any thread may use it. */
class TextSeal(
    private val keys: KeyStore,
) {
    private var key: ByteArray? = null
    private var last: Pair<String, String>? = null

    /** The sealed text, the same for the same text; null if there is no key now. */
    @Synchronized
    fun close(text: String): String? {
        last?.let { (plain, sealed) -> if (plain == text) return sealed }
        val key = key() ?: return null
        val sealed = FIRST + Base64.getEncoder().encodeToString(Sealing.close(key, NAME, text.encodeToByteArray()))
        last = text to sealed
        return sealed
    }

    /** The text; null if it cannot be read: the key is locked or another, or it is none of ours. */
    @Synchronized
    fun open(sealed: String): String? {
        if (!sealed.startsWith(FIRST)) return null
        val bytes =
            try {
                Base64.getDecoder().decode(sealed.removePrefix(FIRST))
            } catch (_: IllegalArgumentException) {
                return null
            }
        return key()?.let { Sealing.open(it, NAME, bytes) }?.decodeToString()
    }

    /** To be called when the keys were erased. */
    @Synchronized
    fun forget() {
        key = null
        last = null
    }

    private fun key(): ByteArray? =
        key ?: try {
            (keys.load(NAME) ?: Sealing.random(Sealing.KEY).also { keys.save(NAME, it) }).also { key = it }
        } catch (_: KeyStoreException) {
            null
        }

    internal companion object {
        /** The key's name. */
        const val NAME = "screens"

        private const val FIRST = "permesso-sealed-1 "
    }
}
