package org.permesso.testing

import org.junit.jupiter.api.AfterEach
import org.permesso.KeyStore
import org.permesso.Permesso
import org.permesso.PermessoConfig
import java.io.File
import java.net.DatagramSocket
import java.net.InetSocketAddress
import java.nio.file.Files
import kotlin.random.Random

internal class RealContractTest : Contract() {
    private val folder = Files.createTempDirectory("permesso").toFile()

    // Not one that the system gives to sockets without a number (Linux: from 32,768 on).
    private val port =
        generateSequence { Random.nextInt(10_000, 32_768) }.first { port ->
            runCatching { DatagramSocket(InetSocketAddress(port)).close() }.isSuccess
        }

    private val keys = mutableMapOf<String, KeyStore>()

    @AfterEach
    fun removeFolder() {
        folder.deleteRecursively()
    }

    /** A host on 127.0.0.[number]; hosts of another port do not hear it. */
    override suspend fun open(
        name: String,
        number: Int,
    ): Permesso {
        val parameters =
            """
            [host]
            port = $port
            [network]
            interfaces = ["127.0.0.$number"]
            [presence]
            search_time = "700ms"
            [friendship]
            stamp_bits = 8
            """.trimIndent()
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
