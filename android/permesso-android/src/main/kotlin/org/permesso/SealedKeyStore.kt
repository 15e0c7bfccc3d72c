package org.permesso

import org.permesso.ffi.KeyStoreException
import java.security.GeneralSecurityException
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** Keeps secrets in [blobs], sealed. */
internal class SealedKeyStore(
    private val blobs: KeyStore,
    private val seal: Seal,
) : KeyStore {
    override fun load(name: String): ByteArray? {
        val blob = blobs.load(name) ?: return null
        return unavailableIfItFails { seal.open(name, blob) }
    }

    override fun save(
        name: String,
        secret: ByteArray,
    ) {
        val blob =
            unavailableIfItFails {
                try {
                    sealed(name, secret)
                } catch (useless: Exception) {
                    // A new key would make unreadable what the old one sealed; without that, nothing depends on the old one.
                    if (blobs.load(name) != null) throw useless
                    seal.renew(name)
                    sealed(name, secret)
                }
            }
        blobs.save(name, blob)
    }

    /** What will surely open again: Keystores have been seen that take a key and do not give it back. */
    private fun sealed(
        name: String,
        secret: ByteArray,
    ): ByteArray {
        val blob = seal.close(name, secret)
        if (!seal.open(name, blob).contentEquals(secret)) throw GeneralSecurityException("what was sealed opens as something else")
        return blob
    }

    // Keystores throw whatever they like, unchecked exceptions and errors of the maker's own among them.
    private fun <T> unavailableIfItFails(action: () -> T): T =
        try {
            action()
        } catch (known: KeyStoreException) {
            throw known
        } catch (failure: Throwable) {
            throw KeyStoreException.Unavailable(failure.toString())
        }
}

/** Seals secrets under keys of the names they have; throws whatever the key's keeper throws. */
internal interface Seal {
    /** Seals a secret; makes the key if there is none of that name. */
    fun close(
        name: String,
        secret: ByteArray,
    ): ByteArray

    /** Opens what was sealed under that name; never makes a key. */
    fun open(
        name: String,
        blob: ByteArray,
    ): ByteArray

    /** Puts a new key in the place of the one of that name. */
    fun renew(name: String)
}

/** Where keys are that cannot be taken out. */
internal interface SealingKeys {
    /** The key of that name, if there is one. */
    fun find(name: String): SecretKey?

    /** A new key under that name, as well guarded as can be. */
    fun make(name: String): SecretKey

    /** A new key in place of one that failed, of a kind that asks less of the phone. */
    fun replace(name: String)
}

/** AES-256-GCM with the name as associated data: one byte of version, 12 of nonce, the text and 16 of tag. */
internal class AesGcmSeal(
    private val keys: SealingKeys,
) : Seal {
    override fun close(
        name: String,
        secret: ByteArray,
    ): ByteArray {
        val key = keys.find(name) ?: keys.make(name)
        val cipher = Cipher.getInstance(TRANSFORMATION)
        // The Keystore insists on a nonce of its own choice.
        cipher.init(Cipher.ENCRYPT_MODE, key)
        cipher.updateAAD(name.encodeToByteArray())
        val text = cipher.doFinal(secret)
        check(cipher.iv.size == NONCE) { "a nonce of ${cipher.iv.size} bytes" }
        return byteArrayOf(VERSION) + cipher.iv + text
    }

    override fun open(
        name: String,
        blob: ByteArray,
    ): ByteArray {
        if (blob.size < HEAD + TAG_BITS / 8 || blob[0] != VERSION) throw GeneralSecurityException("what is kept is no sealed secret")
        val key = keys.find(name) ?: throw GeneralSecurityException("the key is gone")
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, blob, HEAD - NONCE, NONCE))
        cipher.updateAAD(name.encodeToByteArray())
        return cipher.doFinal(blob, HEAD, blob.size - HEAD)
    }

    override fun renew(name: String): Unit = keys.replace(name)

    private companion object {
        const val TRANSFORMATION = "AES/GCM/NoPadding"

        /** The form of what is sealed; another one would be another number. */
        const val VERSION: Byte = 1

        /** Bytes of a nonce of GCM (NIST SP 800-38D, 8.2). */
        const val NONCE = 12

        /** Bits of the whole tag of GCM. */
        const val TAG_BITS = 128

        /** Bytes before the text. */
        const val HEAD = 1 + NONCE
    }
}
