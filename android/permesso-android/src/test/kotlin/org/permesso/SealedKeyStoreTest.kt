package org.permesso

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.permesso.ffi.KeyStoreException
import org.permesso.ffi.PermessoException
import java.io.File
import java.security.InvalidKeyException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

internal class SealedKeyStoreTest {
    @get:Rule
    val folder = TemporaryFolder()

    /** Real AES keys, in memory instead of the phone's Keystore. */
    private class MemoryKeys : SealingKeys {
        val keys = mutableMapOf<String, SecretKey>()
        var failure: Throwable? = null

        /** Whether what is made is of no use, as from some StrongBoxes. */
        var makesUseless = false

        override fun find(name: String): SecretKey? {
            failure?.let { throw it }
            return keys[name]
        }

        override fun make(name: String): SecretKey {
            if (makesUseless) failure = InvalidKeyException("made and not to be used")
            val key = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
            keys[name] = key
            return key
        }

        override fun replace(name: String) {
            makesUseless = false
            failure = null
            make(name)
        }
    }

    private val keys = MemoryKeys()
    private val secret = ByteArray(32) { it.toByte() }

    private fun blobs(): File = File(folder.root, "blobs")

    private fun store(): SealedKeyStore = SealedKeyStore(FileKeyStore(blobs()), AesGcmSeal(keys))

    private fun assertUnavailable(load: () -> Unit) {
        assertThrows(KeyStoreException.Unavailable::class.java, load)
    }

    @Test
    fun `a secret comes back, and what is kept does not hold it`() {
        store().save("database", secret)
        assertArrayEquals(secret, store().load("database"))
        val blob = File(blobs(), "database").readBytes()
        assertEquals(1 + 12 + 32 + 16, blob.size)
        assertFalse(blob.toList().windowed(8).any { it == secret.toList().take(8) })
        assertNull(store().load("another"))
    }

    @Test
    fun `each sealing has a nonce of its own`() {
        val blobs =
            List(50) {
                store().save("database", secret)
                File(blobs(), "database").readBytes().toList()
            }
        assertEquals(50, blobs.map { it.subList(1, 13) }.toSet().size)
    }

    @Test
    fun `a key that is lost, or a Keystore that throws whatever it likes, is unavailable and nothing is made anew`() {
        store().save("database", secret)
        val key = keys.keys.remove("database")!!
        assertUnavailable { store().load("database") }
        assertEquals(emptyMap<String, SecretKey>(), keys.keys)
        keys.keys["database"] = key
        val failures =
            listOf(InvalidKeyException("invalidated"), IllegalStateException("a maker's own"), NullPointerException(), LinkageError())
        for (failure in failures) {
            keys.failure = failure
            assertUnavailable { store().load("database") }
            assertUnavailable { store().save("database", ByteArray(32)) }
        }
        keys.failure = null
        assertArrayEquals(secret, store().load("database"))
    }

    @Test
    fun `a key that has become useless is replaced if nothing was sealed by it`() {
        keys.failure = InvalidKeyException("invalidated")
        store().save("database", secret)
        assertArrayEquals(secret, store().load("database"))
    }

    @Test
    fun `where the best keys there are cannot be used, a plainer one keeps the secret`() {
        keys.makesUseless = true
        store().save("database", secret)
        assertArrayEquals(secret, store().load("database"))
        // Never one that opens what was sealed before.
        keys.failure = InvalidKeyException("invalidated")
        assertUnavailable { store().save("database", ByteArray(32)) }
        keys.failure = null
        assertArrayEquals(secret, store().load("database"))
    }

    @Test
    fun `what was changed, cut or put under another name does not open`() {
        store().save("database", secret)
        store().save("another", secret)
        val file = File(blobs(), "database")
        val blob = file.readBytes()
        for (place in blob.indices) {
            file.writeBytes(blob.clone().also { it[place] = (it[place] + 1).toByte() })
            assertUnavailable { store().load("database") }
            file.writeBytes(blob.copyOf(place))
            assertUnavailable { store().load("database") }
        }
        keys.keys["another"] = keys.keys.getValue("database")
        File(blobs(), "another").writeBytes(blob)
        assertUnavailable { store().load("another") }
        file.writeBytes(blob)
        assertArrayEquals(secret, store().load("database"))
    }

    @Test
    fun `a host whose key is lost gets no new identity, and is itself again when the key is back`(): Unit =
        runBlocking {
            val config = PermessoConfig(File(folder.root, "host"), "Ada", store())
            val host = Permesso.open(config)
            val id = host.id
            host.stop()
            val key = keys.keys.remove("database")!!
            assertThrows(PermessoException.KeyUnavailable::class.java) { runBlocking { Permesso.open(config) } }
            // Not even when what was sealed is gone too.
            val blob = File(blobs(), "database")
            val sealed = blob.readBytes()
            blob.delete()
            assertThrows(PermessoException.KeyUnavailable::class.java) { runBlocking { Permesso.open(config) } }
            blob.writeBytes(sealed)
            keys.keys["database"] = key
            Permesso.open(config).use { assertEquals(id, it.id) }
        }
}
