package org.permesso.ui

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.KeyStore
import org.permesso.ffi.KeyStoreException
import org.permesso.ffi.PermessoException
import java.nio.ByteBuffer
import java.text.Normalizer
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.PBEKeySpec

/**
 * Keeps secrets in [kept]: as they are, or, once the user set a passphrase, sealed by a key that only the passphrase opens.
 *
 * What is interrupted while the passphrase is set or taken away loses nothing: a secret that is not sealed yet, or no longer, is
 * read as it is, and sealed when it is next saved.
 */
class LockedKeyStore(
    private val kept: KeyStore,
) : KeyStore,
    Lock {
    private val names = mutableSetOf(DATABASE, TextSeal.NAME)

    /** Null while it is locked, and where there is no passphrase. */
    private var key: ByteArray? = null

    override fun load(name: String): ByteArray? =
        synchronized(names) {
            names.add(name)
            val secret = kept.load(name) ?: return null
            if (!secret.isSealed()) return secret
            val key = key ?: throw locked()
            Sealing.open(key, name, secret.copyOfRange(MARK.size, secret.size))
                ?: throw KeyStoreException.Unavailable("the secret \"$name\" was sealed by another key")
        }

    override fun save(
        name: String,
        secret: ByteArray,
    ): Unit =
        synchronized(names) {
            names.add(name)
            val key = key
            if (key == null && record() != null) throw locked()
            kept.save(name, if (key == null) secret else MARK + Sealing.close(key, name, secret))
        }

    override suspend fun isLocked(): Boolean = aside { key == null && record() != null }

    override suspend fun isSet(): Boolean = aside { record() != null }

    override suspend fun unlock(passphrase: String): Boolean =
        aside {
            val record = record() ?: return@aside true
            val opened = Sealing.open(derived(passphrase, record.salt, record.rounds), RECORD, record.sealed)
            if (opened != null) key = opened
            opened != null
        }

    override suspend fun change(passphrase: String?): Unit = aside { if (passphrase == null) unset() else set(passphrase) }

    /** To be called when the secrets were erased. */
    fun forget(): Unit = synchronized(names) { key = null }

    private fun set(passphrase: String) {
        val secrets = names.mapNotNull { name -> load(name)?.let { name to it } }
        val master = key ?: Sealing.random(Sealing.KEY)
        val salt = Sealing.random(SALT)
        val sealed = Sealing.close(derived(passphrase, salt, ROUNDS), RECORD, master)
        kept.save(
            RECORD,
            ByteBuffer
                .allocate(Int.SIZE_BYTES + SALT + sealed.size)
                .putInt(ROUNDS)
                .put(salt)
                .put(sealed)
                .array(),
        )
        key = master
        secrets.forEach { (name, secret) -> save(name, secret) }
    }

    private fun unset() {
        if (record() == null) return
        // The record last: without it what is still sealed could never be read.
        for (name in names) load(name)?.let { kept.save(name, it) }
        kept.save(RECORD, ByteArray(0))
        key = null
    }

    private class Record(
        val rounds: Int,
        val salt: ByteArray,
        val sealed: ByteArray,
    )

    private fun record(): Record? {
        // No key store can remove one: it is empty then.
        val bytes = kept.load(RECORD)?.takeIf { it.isNotEmpty() } ?: return null
        if (bytes.size <= Int.SIZE_BYTES + SALT) throw KeyStoreException.Unavailable("what is kept of the passphrase is damaged")
        val buffer = ByteBuffer.wrap(bytes)
        val rounds = buffer.getInt()
        if (rounds !in 1..ROUNDS_MOST) throw KeyStoreException.Unavailable("what is kept of the passphrase is damaged")
        val salt = ByteArray(SALT).also(buffer::get)
        return Record(rounds, salt, ByteArray(buffer.remaining()).also(buffer::get))
    }

    private suspend fun <T> aside(action: () -> T): T =
        withContext(Dispatchers.Default) {
            try {
                synchronized(names, action)
            } catch (failure: KeyStoreException) {
                throw PermessoException.KeyUnavailable(failure.message.orEmpty().removePrefix("reason="))
            }
        }

    private companion object {
        /** The name under which the core keeps its key. */
        const val DATABASE = "database"

        /** The name of what is kept of the passphrase: rounds, salt, and the key that it seals. */
        const val RECORD = "passphrase"

        /** What a sealed secret begins with; a secret of the core is random, and does not. */
        val MARK = "permesso-locked-1\n".encodeToByteArray()

        /** Bytes of salt (NIST SP 800-132, 5.1: at least 16). */
        const val SALT = 16

        /** Rounds of PBKDF2 with SHA-256: what OWASP's Password Storage Cheat Sheet asks for since 2023. */
        const val ROUNDS = 600_000

        /** More is none of ours, and would seem to hang. */
        const val ROUNDS_MOST = 100 * ROUNDS

        fun locked() = KeyStoreException.Unavailable("a passphrase is wanted")

        fun ByteArray.isSealed() = size > MARK.size && copyOf(MARK.size).contentEquals(MARK)

        /** The same words give the same key however a keyboard writes their accents. */
        fun derived(
            passphrase: String,
            salt: ByteArray,
            rounds: Int,
        ): ByteArray {
            val plain = Normalizer.normalize(passphrase, Normalizer.Form.NFKC).toCharArray()
            val given = PBEKeySpec(plain, salt, rounds, 8 * Sealing.KEY)
            return try {
                SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(given).encoded
            } finally {
                given.clearPassword()
                plain.fill(' ')
            }
        }
    }
}
