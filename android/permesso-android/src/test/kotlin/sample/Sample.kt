package sample

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.permesso.FileKeyStore
import org.permesso.FriendState
import org.permesso.Match
import org.permesso.MessageState
import org.permesso.Permesso
import org.permesso.PermessoConfig
import java.io.File
import java.net.DatagramSocket
import java.net.InetSocketAddress
import kotlin.random.Random
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.seconds

/** An app of two hosts that become friends and write a message each; `cargo xtask aar` shrinks it with R8 and runs it. */
public fun main(arguments: Array<String>) {
    val folder = File(arguments.single())
    runBlocking {
        withTimeout(PATIENCE) {
            val port = freePort()
            val ada = start(folder, "Ada", 1, port)
            val grace = start(folder, "Grace", 2, port)
            ada.nearby.first { hosts -> hosts.any { it.id == grace.id } }
            val found = ada.search("Grace", Match.EXACT).first { it.id == grace.id }
            ada.askFriendship(found.id, "Ciao!")
            grace.friends.first { list -> list.any { it.state == FriendState.REQUEST_RECEIVED } }
            grace.acceptFriendship(ada.id)
            ada.friends.first { list -> list.any { it.state == FriendState.FRIEND } }
            chat(ada, grace, "ci vediamo alle 8?")
            chat(grace, ada, "va bene")
            ada.stop()
            grace.stop()
        }
    }
    println("both have chatted")
    exitProcess(0)
}

private suspend fun chat(
    from: Permesso,
    to: Permesso,
    text: String,
) {
    val sent = from.send(to.id, text)
    to.conversation(from.id).first { list -> list.any { it.id == sent && it.text == text } }
    check(from.waitForFate(sent, PATIENCE) == MessageState.DELIVERED)
}

private suspend fun start(
    folder: File,
    name: String,
    last: Int,
    port: Int,
): Permesso {
    val parameters =
        """
        [host]
        port = $port
        [network]
        interfaces = ["127.0.0.$last"]
        [friendship]
        stamp_bits = 8
        """.trimIndent()
    val config = PermessoConfig(File(folder, name), name, FileKeyStore(File(folder, "$name-keys")), parameters = parameters)
    return Permesso.open(config).also { it.start() }
}

// Not one that the system gives to sockets without a number (Linux: from 32,768 on).
private fun freePort(): Int =
    generateSequence { Random.nextInt(10_000, 32_768) }.first { port ->
        runCatching { DatagramSocket(InetSocketAddress(port)).close() }.isSuccess
    }

private val PATIENCE = 60.seconds
