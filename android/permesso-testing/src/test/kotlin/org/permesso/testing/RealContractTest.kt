package org.permesso.testing

import org.junit.jupiter.api.AfterEach
import org.permesso.KeyStore
import org.permesso.Loopback
import org.permesso.Permesso
import org.permesso.PermessoConfig
import java.io.File
import java.nio.file.Files

internal class RealContractTest : Contract() {
    private val folder = Files.createTempDirectory("permesso").toFile()

    private val loopback = Loopback()
    private val keys = mutableMapOf<String, KeyStore>()

    @AfterEach
    fun removeFolder() {
        folder.deleteRecursively()
    }

    /** A host on 127.0.0.[number]. */
    override suspend fun open(
        name: String,
        number: Int,
    ): Permesso {
        val parameters = loopback.parameters(number, Loopback.CHEAP + "[presence]\nsearch_time = \"700ms\"\n")
        val keyStore = keys.getOrPut(name) { MemoryKeyStore() }
        return Permesso.open(PermessoConfig(File(folder, name), name, keyStore, parameters = parameters))
    }

    private class MemoryKeyStore : KeyStore {
        private val secrets = mutableMapOf<String, ByteArray>()

        override fun load(name: String): ByteArray? = secrets[name]?.clone()

        override fun save(
            name: String,
            secret: ByteArray,
        ) {
            secrets[name] = secret.clone()
        }
    }
}
