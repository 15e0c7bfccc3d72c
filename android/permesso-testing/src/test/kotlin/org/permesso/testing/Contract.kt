package org.permesso.testing

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.Calls
import org.permesso.FailReason
import org.permesso.FoundHost
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.HostLink
import org.permesso.HostLinkCarrier
import org.permesso.Message
import org.permesso.MessageState
import org.permesso.NearbyHost
import org.permesso.Permesso
import org.permesso.SettingsChange
import org.permesso.SpecialHost
import org.permesso.ffi.Event
import org.permesso.ffi.PermessoException
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** How long anything that should happen may take on a busy machine. */
internal val patience = 60.seconds

/** What an app may rely on: the same tests run on real hosts and on fake ones. */
internal abstract class Contract {
    /** Opens the host of that name in this test's network; the number tells hosts apart. */
    abstract suspend fun open(
        name: String,
        number: Int,
    ): Permesso

    private val nobody = Calls.HOST

    private suspend fun start(
        name: String,
        number: Int,
    ): Permesso = open(name, number).also { it.start() }

    private fun withFriends(test: suspend CoroutineScope.(ada: Permesso, grace: Permesso) -> Unit): Unit =
        runBlocking {
            start("Ada", 1).use { ada ->
                start("Grace", 2).use { grace ->
                    befriend(ada, grace)
                    test(ada, grace)
                }
            }
        }

    /** Searches until that host answers, for on a busy machine its answer may take longer than a search. */
    private suspend fun Permesso.find(
        alias: String,
        other: Permesso,
    ): FoundHost {
        val answers = flow { while (true) emit(search(alias)) }
        return withTimeout(patience) { answers.mapNotNull { found -> found.singleOrNull { it.id == other.id } }.first() }
    }

    private suspend fun befriend(
        asker: Permesso,
        asked: Permesso,
    ) {
        withTimeout(patience) { asker.nearby.first { hosts -> hosts.any { it.id == asked.id } } }
        val found = asker.find(asked.settings().alias.take(3), asked)
        assertEquals(FriendState.UNKNOWN, found.friendState)
        asker.askFriendship(found.id, "Ciao!")
        assertEquals("Ciao!", asked.awaitFriend(asker.id, FriendState.REQUEST_RECEIVED).greeting)
        asked.acceptFriendship(asker.id)
        asker.awaitFriend(asked.id, FriendState.FRIEND)
        asked.awaitFriend(asker.id, FriendState.FRIEND)
    }

    private suspend fun Permesso.awaitFriend(
        host: String,
        state: FriendState,
    ): Friend =
        withTimeout(patience) {
            friends.first { list -> list.any { it.id == host && it.state == state } }.first { it.id == host }
        }

    private suspend fun Permesso.awaitMessage(
        friend: String,
        wanted: (Message) -> Boolean,
    ): Message = withTimeout(patience) { conversation(friend).first { list -> list.any(wanted) }.first(wanted) }

    @Test
    fun `who is near is shown as is known now, to one who looks all the time`(): Unit =
        runBlocking {
            start("Ada", 1).use { ada ->
                start("Grace", 2).use { grace ->
                    val shown = MutableStateFlow<NearbyHost?>(null)
                    val looking = launch { ada.nearby.collect { list -> shown.value = list.find { it.id == grace.id } } }

                    suspend fun await(isSo: (NearbyHost) -> Boolean) {
                        withTimeout(patience) { shown.first { it != null && isSo(it) } }
                    }
                    await { it.friendState == FriendState.UNKNOWN }
                    ada.find("Gra", grace)
                    await { it.alias == "Grace" }
                    ada.askFriendship(grace.id)
                    await { it.friendState == FriendState.REQUEST_SENT }
                    looking.cancel()
                }
            }
        }

    @Test
    fun `friends chat, and each message has the state that is true`(): Unit =
        withFriends { ada, grace ->
            val sent = ada.send(grace.id, "ci vediamo alle 8?")
            val received = grace.awaitMessage(ada.id) { it.text == "ci vediamo alle 8?" }
            assertEquals(sent, received.id)
            assertTrue(received.unread && !received.mine)
            assertEquals(MessageState.DELIVERED, ada.waitForFate(sent, patience))
            assertEquals(MessageState.DELIVERED, ada.message(sent)?.state)
            assertEquals(1u, grace.friend(ada.id)?.unread)
            grace.markRead(ada.id)
            assertEquals(0u, grace.friend(ada.id)?.unread)
            assertEquals(false, grace.message(sent)?.unread)
            // She does not tell, unless she wants to.
            assertEquals(MessageState.DELIVERED, ada.message(sent)?.state)
            grace.changeSettings(SettingsChange(readReceipts = true))
            val next = ada.send(grace.id, "o alle 9?")
            grace.awaitMessage(ada.id) { it.id == next }
            grace.markRead(ada.id)
            ada.awaitMessage(grace.id) { it.id == next && it.state == MessageState.READ }
            assertEquals(listOf("o alle 9?"), ada.searchMessages("ALLE 9").map { it.text })
            assertEquals(listOf("o alle 9?", "ci vediamo alle 8?"), grace.searchMessages("alle").map { it.text })
            grace.deleteMessage(next)
            assertEquals(null, grace.message(next))
            assertEquals(MessageState.READ, ada.message(next)?.state)
        }

    @Test
    fun `what is written to who is away waits, and arrives when both are there, also after both have restarted`(): Unit =
        withFriends { ada, grace ->
            grace.stop()
            val waiting = ada.send(grace.id, "ci sei?")
            assertThrows<PermessoException.TimedOut> { runBlocking { ada.waitForFate(waiting, 300.milliseconds) } }
            assertEquals(MessageState.QUEUED, ada.message(waiting)?.state)
            ada.stop()
            start("Ada", 1).use { later ->
                assertEquals(ada.id, later.id)
                assertEquals(MessageState.QUEUED, later.message(waiting)?.state)
                start("Grace", 2).use { again ->
                    assertEquals(grace.id, again.id)
                    assertEquals(listOf("Ada"), again.friendList().map { it.name })
                    assertEquals("ci sei?", again.awaitMessage(ada.id) { it.id == waiting }.text)
                    assertEquals(MessageState.DELIVERED, later.waitForFate(waiting, patience))
                }
            }
        }

    @Test
    fun `what one writes and removes oneself shows at once in a conversation that is watched, also while nobody is near`(): Unit =
        withFriends { ada, grace ->
            grace.stop()
            val shown = Channel<List<String>>(Channel.UNLIMITED)
            val showing = launch { ada.conversation(grace.id).collect { list -> shown.send(list.map { it.text }) } }

            suspend fun see(texts: List<String>) {
                do {
                    val seen = shown.receive()
                } while (seen != texts)
            }
            withTimeout(patience) {
                see(emptyList())
                val id = ada.send(grace.id, "ci sei?")
                see(listOf("ci sei?"))
                ada.cancel(id)
                see(listOf("ci sei?"))
                ada.deleteMessage(id)
                see(emptyList())
            }
            showing.cancel()
        }

    @Test
    fun `a message that waits is cancelled and sent again, and one that was delivered is neither`(): Unit =
        withFriends { ada, grace ->
            grace.stop()
            val id = ada.send(grace.id, "ci sei?")
            assertThrows<PermessoException.NotFound> { runBlocking { ada.resend(id) } }
            ada.cancel(id)
            assertEquals(MessageState.FAILED, ada.waitForFate(id, patience))
            assertEquals(FailReason.CANCELLED, ada.message(id)?.failReason)
            ada.resend(id)
            assertEquals(MessageState.QUEUED to null, ada.message(id)?.let { it.state to it.failReason })
            start("Grace", 2).use { again ->
                again.awaitMessage(ada.id) { it.id == id }
                assertEquals(MessageState.DELIVERED, ada.waitForFate(id, patience))
                assertThrows<PermessoException.NotFound> { runBlocking { ada.cancel(id) } }
            }
        }

    @Test
    fun `who is blocked, friend or stranger, is a friend no more, and may ask again once unblocked`(): Unit =
        withFriends { ada, grace ->
            grace.stop()
            val waiting = ada.send(grace.id, "ci sei?")
            ada.block(grace.id)
            assertEquals(FriendState.ENDED to true, ada.friend(grace.id)?.let { it.state to it.blocked })
            assertEquals(MessageState.FAILED to FailReason.FRIENDSHIP_ENDED, ada.message(waiting)?.let { it.state to it.failReason })
            assertEquals(listOf("ci sei?"), ada.messages(grace.id).map { it.text })
            ada.unblock(grace.id)
            assertEquals(FriendState.ENDED to false, ada.friend(grace.id)?.let { it.state to it.blocked })
            start("Linus", 3).use { linus ->
                withTimeout(patience) { ada.nearby.first { hosts -> hosts.any { it.id == linus.id } } }
                // Who is only heard has no alias yet.
                ada.find("Linus", linus)
                ada.block(linus.id)
                val stranger = checkNotNull(ada.friend(linus.id))
                assertEquals(FriendState.UNKNOWN to true, stranger.state to stranger.blocked)
                assertEquals("Linus" to "Linus", stranger.alias to stranger.name)
            }
        }

    @Test
    fun `a conversation is read page by page, oldest first in each`(): Unit =
        withFriends { ada, grace ->
            grace.stop()
            val texts = (1..25).map { "$it" }
            val ids = texts.map { ada.send(grace.id, it) }
            assertEquals(25, ids.toSet().size)
            val newest = ada.messages(grace.id, limit = 10)
            assertEquals(texts.takeLast(10), newest.map { it.text })
            val middle = ada.messages(grace.id, newest.first().place, 10)
            assertEquals(texts.subList(5, 15), middle.map { it.text })
            assertEquals(texts.take(5), ada.messages(grace.id, middle.first().place, 10).map { it.text })
            assertEquals(texts, ada.messages(grace.id, limit = Int.MAX_VALUE).map { it.text })
            assertEquals(emptyList<Message>(), ada.messages(grace.id, limit = 0))
            assertEquals(emptyList<Message>(), ada.messages(grace.id, limit = -1))
            assertEquals(texts.takeLast(3), ada.conversation(grace.id, 3).first().map { it.text })
        }

    @Test
    fun `every reader gets the same events, and flows end when the host is stopped`(): Unit =
        runBlocking {
            start("Ada", 1).use { ada ->
                val grace = start("Grace", 2)
                befriend(ada, grace)
                val readers =
                    (1..2).map {
                        async(Dispatchers.Default) {
                            val mine = ada.events.takeWhile { it !is Event.FriendChanged || it.friend.localAlias == null }.toList()
                            mine.filterIsInstance<Event.MessageReceived>().map { it.text }
                        }
                    }
                val lists = async(Dispatchers.Default) { grace.friends.toList() }
                // Until all of them read.
                delay(300.milliseconds)
                val texts = (1..5).map { "$it" }
                for (text in texts) {
                    val id = grace.send(ada.id, text)
                    assertEquals(MessageState.DELIVERED, grace.waitForFate(id, patience))
                }
                ada.setLocalAlias(grace.id, "Gr.")
                assertEquals(listOf(texts, texts), withTimeout(patience) { readers.awaitAll() })
                assertEquals("Gr.", ada.friend(grace.id)?.name)
                grace.stop()
                assertEquals(listOf(ada.id), withTimeout(patience) { lists.await() }.last().map { it.id })
                // Who reads only now gets what came before, but no end is missing.
                grace.events.collect {}
                assertEquals(emptyList<Event>(), grace.events.toList())
            }
        }

    @Test
    fun `a list that is watched waits while the host is paused, and goes on`(): Unit =
        withFriends { ada, grace ->
            fun watch() = async(Dispatchers.Default) { grace.conversation(ada.id).first { list -> list.any { it.text == "dopo" } } }
            val before = watch()
            delay(200.milliseconds)
            grace.pause()
            val meanwhile = watch()
            delay(200.milliseconds)
            grace.resume()
            ada.send(grace.id, "dopo")
            assertEquals(2, withTimeout(patience) { listOf(before, meanwhile).awaitAll() }.size)
        }

    @Test
    fun `a friendship that ends is over on both sides`(): Unit =
        withFriends { ada, grace ->
            ada.endFriendship(grace.id)
            assertEquals(FriendState.ENDED, ada.friend(grace.id)?.state)
            grace.awaitFriend(ada.id, FriendState.ENDED)
            assertThrows<PermessoException.NotNow> { runBlocking { ada.send(grace.id, "x") } }
            assertThrows<PermessoException.NotNow> { runBlocking { grace.send(ada.id, "x") } }
            assertThrows<PermessoException.NotNow> { runBlocking { grace.acceptFriendship(ada.id) } }
        }

    @Test
    fun `safety numbers agree, and a code verifies`(): Unit =
        withFriends { ada, grace ->
            val number = ada.safetyNumber(grace.id)
            assertEquals(60, number?.count(Char::isDigit))
            assertEquals(number, grace.safetyNumber(ada.id))
            assertEquals(false, ada.friend(grace.id)?.verified)
            assertEquals(grace.id, ada.scanUri(grace.uri()))
            assertEquals(true, ada.friend(grace.id)?.verified)
            assertEquals(listOf(grace.id to grace.identityKey), ada.contacts().map { it.id to it.key })
            ada.setVerified(grace.id, false)
            assertEquals(false, ada.friend(grace.id)?.verified)
        }

    @Test
    fun `mistakes have typed errors`(): Unit =
        withFriends { ada, grace ->
            for (text in listOf("", "Grace", "x".repeat(1_000))) {
                assertThrows<PermessoException.InvalidInput> { runBlocking { ada.friend(text) } }
                assertThrows<PermessoException.InvalidInput> { runBlocking { ada.send(text, "x") } }
                assertThrows<PermessoException.InvalidInput> { runBlocking { ada.message(text) } }
                assertThrows<PermessoException.InvalidInput> { runBlocking { ada.scanUri(text) } }
                assertThrows<PermessoException.InvalidInput> { runBlocking { ada.peerFound(text) } }
            }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.send(grace.id, "") } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.send(grace.id, "x".repeat(4_097)) } }
            ada.send(grace.id, "x".repeat(4_096))
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.askFriendship(ada.id) } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.changeSettings(SettingsChange(alias = "")) } }
            assertThrows<PermessoException.NotFound> { runBlocking { ada.askFriendship(nobody) } }
            assertThrows<PermessoException.NotFound> { runBlocking { ada.messages(nobody) } }
            assertThrows<PermessoException.NotFound> { runBlocking { ada.resend(Calls.MESSAGE) } }
            assertThrows<PermessoException.NotNow> { runBlocking { ada.send(nobody, "x") } }
            assertThrows<PermessoException.NotNow> { runBlocking { ada.askFriendship(grace.id) } }
            assertEquals(null, ada.friend(nobody))
            assertEquals(null, ada.message(Calls.MESSAGE))
            assertThrows<PermessoException.AlreadyThere> { runBlocking { open("Ada", 1) } }
        }

    /** A radio that brings nothing, and counts how often it is told that it is closed. */
    private class Radio : HostLinkCarrier {
        val told = AtomicInteger()

        override fun carry(packet: ByteArray): Unit = Unit

        override fun closed() {
            told.incrementAndGet()
        }
    }

    @Test
    fun `whatever comes over a host link after its end is dropped without a word, whoever ended it`(): Unit =
        runBlocking {
            start("Ada", 1).use { ada ->
                val ends = listOf<suspend (HostLink) -> Unit>({ it.end() }, { it.close() }, { link -> link.use {} }, { ada.stop() })
                for ((way, end) in ends.withIndex()) {
                    val radio = Radio()
                    val link = ada.openHostLink(radio)
                    assertTrue(link.isOpen(), "$way")
                    end(link)
                    repeat(2) {
                        link.receive(ByteArray(100))
                        assertFalse(link.isOpen(), "$way")
                        link.end()
                        link.close()
                    }
                    withTimeout(patience) { while (radio.told.get() == 0) delay(20.milliseconds) }
                    assertEquals(1, radio.told.get(), "$way")
                }
            }
        }

    @Test
    fun `of host links 64 are open at a time, and one that ends makes room for another`(): Unit =
        runBlocking {
            start("Ada", 1).use { ada ->
                val links = List(64) { ada.openHostLink(Radio()) }
                val refused = Radio()
                assertThrows<PermessoException.NotNow> { runBlocking { ada.openHostLink(refused) } }
                links[10].end()
                val another = ada.openHostLink(Radio())
                assertThrows<PermessoException.NotNow> { runBlocking { ada.openHostLink(refused) } }
                assertTrue((links + another - links[10]).all { it.isOpen() })
                assertEquals(0, refused.told.get())
            }
        }

    @Test
    fun `half of an emoji is no text, in no call`(): Unit =
        withFriends { ada, grace ->
            for (call in Calls(File("nowhere"), grace.uri()).withHalfAnEmoji()) {
                assertThrows<PermessoException.InvalidInput>("$call") { runBlocking { call.ask(ada) } }
            }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.send(grace.id, "ciao ${Calls.HALF}") } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.conversation(Calls.HALF).first() } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { open(Calls.HALF, 3) } }
            assertEquals(emptyList<Message>(), ada.messages(grace.id))
        }

    @Test
    fun `settings have limits, and of several that are changed at once all count or none`(): Unit =
        runBlocking {
            start("Ada", 1).use { ada ->
                val year = 365uL * 86_400_000uL
                val (mebibyte, tebibyte) = (1uL shl 20) to (1uL shl 40)
                val taken =
                    listOf(1u, 1_000_000u).map { SettingsChange(historyLimit = it) } +
                        listOf(1u, 99_999u).map { SettingsChange(outboxLimit = it) } +
                        listOf(60_000uL, year).map { SettingsChange(outboxExpiryMs = it) } +
                        listOf(mebibyte, tebibyte).map { SettingsChange(carryBytes = it) }
                for (change in taken) ada.changeSettings(change)
                val before = ada.settings()
                assertEquals(1_000_000u to 99_999u, before.historyLimit to before.outboxLimit)
                assertEquals(year to tebibyte, before.outboxExpiryMs to before.carryBytes)
                val refused =
                    listOf(SettingsChange(port = 0u)) +
                        listOf(0u, 1_000_001u).map { SettingsChange(historyLimit = it) } +
                        listOf(0u, 100_000u).map { SettingsChange(outboxLimit = it) } +
                        listOf(0uL, 59_999uL, year + 1u).map { SettingsChange(outboxExpiryMs = it) } +
                        listOf(0uL, mebibyte - 1u, tebibyte + 1u).map { SettingsChange(carryBytes = it) }
                for (change in refused) {
                    assertThrows<PermessoException.InvalidInput>("$change") {
                        runBlocking { ada.changeSettings(change.copy(alias = "Augusta")) }
                    }
                }
                assertEquals(before, ada.settings())
            }
        }

    @Test
    fun `a host that is paused or stopped says so`(): Unit =
        runBlocking {
            val ada = start("Ada", 1)
            ada.pause()
            assertThrows<PermessoException.Paused> { runBlocking { ada.changeSettings(SettingsChange(alias = "x")) } }
            assertThrows<PermessoException.Paused> { runBlocking { ada.searchMessages("x") } }
            assertEquals("Ada", ada.settings().alias)
            ada.resume()
            assertEquals(emptyList<Message>(), ada.searchMessages("x"))
            ada.changeSettings(SettingsChange(alias = "Ada L.", readReceipts = true))
            assertEquals("Ada L." to true, ada.settings().let { it.alias to it.readReceipts })
            assertEquals(SettingsChange(alias = "Ada L.", readReceipts = true), ada.changedSettings())
            val special = ada.hosts().take(3).map { it.special }
            assertEquals(listOf(SpecialHost.LOCAL, SpecialHost.BROADCAST, SpecialHost.PERSISTENT_SERVER), special)
            val uri = ada.uri()
            ada.leave()
            ada.start()
            ada.stop()
            ada.stop()
            ada.close()
            for (call in Calls(File("nowhere"), uri).all().filter { it.name != "stop" }) {
                assertThrows<PermessoException.Stopped>("$call") { runBlocking { call.ask(ada) } }
            }
            assertTrue(ada.id.isNotEmpty())
        }
}
