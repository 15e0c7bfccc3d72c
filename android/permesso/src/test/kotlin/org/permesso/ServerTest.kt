package org.permesso

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.permesso.ffi.Event
import java.io.File

/** What a persistent server does with the mail of who is away, and what its sender is told of it. */
internal class ServerTest : InFolder() {
    private val world = World(folder)

    /** A server that has room for one message of a host that is no friend of its own. */
    private suspend fun library(): Permesso {
        val parameters = world.parameters(3) + "[custody]\nstranger_envelopes = 1\n"
        return Permesso.open(PermessoConfig(File(folder, "Library"), "Library", world.keyStore("Library"), true, parameters))
    }

    @Test
    fun `a message to who is away is held by a server, and one that it has no room for is not`(): Unit =
        runBlocking {
            library().use { server ->
                val ada = world.start("Ada", 1)
                val grace = world.start("Grace", 2)
                befriend(ada, grace)
                grace.stop()
                server.start()
                ada.awaitNearby(server)
                val told = Channel<Event.MessageChanged>(Channel.UNLIMITED)
                val listening = launch(Dispatchers.Default) { ada.events.collect { if (it is Event.MessageChanged) told.send(it) } }

                suspend fun await(
                    message: String,
                    isSo: (Event.MessageChanged) -> Boolean,
                ): Event.MessageChanged {
                    while (true) {
                        val event = told.receive()
                        if (event.message == message && isSo(event)) return event
                    }
                }

                val first = ada.send(grace.id, "ci sei?")
                val held = withTimeout(patience) { await(first) { it.state == MessageState.HELD } }
                val holder = Holder(server.id, "Library", emptyList(), true)
                assertEquals(listOf(holder), held.holders)
                assertEquals(listOf(holder), ada.holders(first))
                assertEquals(MessageState.HELD to listOf(holder), ada.message(first)?.let { it.state to it.holders })
                assertEquals(1uL, server.statistics().envelopes)

                val second = ada.send(grace.id, "rispondi!")
                val refused = withTimeout(patience) { await(second) { it.full.isNotEmpty() } }
                val full = FullServer(server.id, "Library", emptyList(), FullReason.QUOTA)
                assertEquals(MessageState.QUEUED to listOf(full), refused.state to refused.full)
                assertEquals(listOf(full), ada.fullServers(second))
                assertEquals(MessageState.QUEUED to listOf(full), ada.message(second)?.let { it.state to it.full })
                assertEquals(emptyList<Holder>(), ada.holders(second))
                assertEquals(emptyList<FullServer>(), ada.fullServers(first))

                listening.cancelAndJoin()
                ada.stop()
                world.start("Grace", 2).use { again ->
                    again.awaitText(ada.id, "ci sei?")
                    assertEquals(listOf("ci sei?"), again.messages(ada.id).map { it.text })
                }
            }
        }
}
