package org.permesso

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import java.io.File
import java.nio.file.Files
import kotlin.time.Duration.Companion.seconds

/** How long anything that should happen may take on a busy machine. */
internal val patience = 60.seconds

/** A test with a folder of its own. */
internal abstract class InFolder {
    val folder: File = Files.createTempDirectory("permesso").toFile()

    // Not JUnit's, which fails if a host that has just stopped writes a last file meanwhile.
    @AfterEach
    fun removeFolder() {
        folder.deleteRecursively()
    }
}

/** A loopback network of its own: hosts live on 127.0.0.x at one port, so that tests do not hear each other. */
internal class World(
    private val folder: File,
) {
    private val loopback = Loopback()
    val port get() = loopback.port
    private val keys = mutableMapOf<String, MemoryKeyStore>()

    fun keyStore(name: String): MemoryKeyStore = keys.getOrPut(name) { MemoryKeyStore() }

    fun config(
        name: String,
        last: Int,
        keyStore: KeyStore = keyStore(name),
        server: Boolean = false,
    ): PermessoConfig = PermessoConfig(File(folder, name), name, keyStore, server, parameters(last))

    fun parameters(last: Int): String = loopback.parameters(last, Loopback.CHEAP + "[presence]\nsearch_time = \"700ms\"\n")

    suspend fun open(
        name: String,
        last: Int,
    ): Permesso = Permesso.open(config(name, last))

    suspend fun start(
        name: String,
        last: Int,
    ): Permesso = open(name, last).also { it.start() }
}

/** Keeps secrets for as long as the test runs. */
internal class MemoryKeyStore : KeyStore {
    private val secrets = mutableMapOf<String, ByteArray>()

    override fun load(name: String): ByteArray? = secrets[name]?.clone()

    override fun save(
        name: String,
        secret: ByteArray,
    ) {
        secrets[name] = secret.clone()
    }
}

/** Waits until one host is told of another by that alias. */
internal suspend fun Permesso.awaitNearby(other: Permesso): NearbyHost =
    withTimeout(patience) { nearby.first { hosts -> hosts.any { it.id == other.id } }.first { it.id == other.id } }

/** Waits until a friend is in a state. */
internal suspend fun Permesso.awaitFriend(
    host: String,
    state: FriendState,
): Friend =
    withTimeout(patience) {
        friends.first { list -> list.any { it.id == host && it.state == state } }.first { it.id == host }
    }

/** Waits until a conversation has a text, and gives the message. */
internal suspend fun Permesso.awaitText(
    friend: String,
    text: String,
): Message =
    withTimeout(patience) {
        conversation(friend).first { list -> list.any { it.text == text } }.first { it.text == text }
    }

/** Makes two started hosts friends. */
internal suspend fun befriend(
    asker: Permesso,
    asked: Permesso,
) {
    asker.awaitNearby(asked)
    val alias = asked.settings().alias
    // Again, as a person would, where its answer took longer than a search does on a busy machine.
    withTimeout(patience) {
        do {
            val found = asker.search(alias, Match.EXACT)
        } while (found.none { it.id == asked.id })
    }
    asker.askFriendship(asked.id, "Ciao!")
    asked.awaitFriend(asker.id, FriendState.REQUEST_RECEIVED)
    asked.acceptFriendship(asker.id)
    asker.awaitFriend(asked.id, FriendState.FRIEND)
}
