package org.permesso

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.ffi.Event
import org.permesso.ffi.KeyStoreException
import org.permesso.ffi.PermessoException
import java.io.File

/** What an app gives wrongly ends in a typed error, never in a crash. */
internal class BadInputTest : InFolder() {
    private val nobody = Calls.HOST

    private fun withHost(test: suspend (Permesso) -> Unit): Unit = runBlocking { World(folder).open("Ada", 1).use { test(it) } }

    @Test
    fun `ids that are none are invalid input in every call`(): Unit =
        withHost { ada ->
            val calls: List<suspend (String) -> Unit> =
                listOf(
                    { ada.friend(it) },
                    { ada.askFriendship(it) },
                    { ada.acceptFriendship(it) },
                    { ada.refuseFriendship(it) },
                    { ada.cancelRequest(it) },
                    { ada.endFriendship(it) },
                    { ada.block(it) },
                    { ada.unblock(it) },
                    { ada.setLocalAlias(it, "x") },
                    { ada.setVerified(it, true) },
                    { ada.safetyNumber(it) },
                    { ada.send(it, "x") },
                    { ada.markRead(it) },
                    { ada.messages(it) },
                    { ada.resend(it) },
                    { ada.cancel(it) },
                    { ada.deleteMessage(it) },
                    { ada.message(it) },
                    { ada.holders(it) },
                    { ada.fullServers(it) },
                    { ada.waitForFate(it, patience) },
                    { ada.peerFound(it) },
                    { ada.uri(it) },
                    { ada.scanUri(it) },
                )
            for (call in calls) {
                for (text in listOf("", "Grace", "0", "\u0000", "x".repeat(100_000), "\uD83D\uDE00", Calls.HALF)) {
                    val error = assertThrows<PermessoException.InvalidInput> { runBlocking { call(text) } }
                    assertTrue(error.reason.length < 400, error.reason)
                }
            }
        }

    @Test
    fun `who is not known here is not found, and who is no friend is not written to`(): Unit =
        withHost { ada ->
            assertThrows<PermessoException.NotFound> { runBlocking { ada.askFriendship(nobody) } }
            assertThrows<PermessoException.NotFound> { runBlocking { ada.messages(nobody) } }
            assertThrows<PermessoException.NotFound> { runBlocking { ada.resend(Calls.MESSAGE) } }
            assertThrows<PermessoException.NotNow> { runBlocking { ada.send(nobody, "x") } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.askFriendship(ada.id) } }
            assertEquals(null, ada.friend(nobody))
            assertEquals(null, ada.message(Calls.MESSAGE))
            assertEquals(emptyList<Message>(), ada.searchMessages("x"))
        }

    @Test
    fun `half of an emoji is no text in any call, nor before there is a host`(): Unit =
        withHost { ada ->
            val calls = Calls(folder, ada.uri()).withHalfAnEmoji()
            assertTrue(calls.size > 30, "$calls")
            for (call in calls) {
                assertThrows<PermessoException.InvalidInput>("$call") { runBlocking { call.ask(ada) } }
            }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.conversation(Calls.HALF).first() } }
            val (keys, half, there) = Triple(MemoryKeyStore(), File(folder, Calls.HALF), File(folder, "there"))
            val opening =
                listOf<suspend () -> Unit>(
                    { Permesso.open(PermessoConfig(there, Calls.HALF, keys)) },
                    { Permesso.open(PermessoConfig(half, "Ada", keys)) },
                    { Permesso.open(PermessoConfig(there, "Ada", keys, parameters = Calls.HALF)) },
                    { Permesso.importAccount(half, "four words", there, keys) },
                    { Permesso.importAccount(there, Calls.HALF, there, keys) },
                    { Permesso.importAccount(there, "four words", half, keys) },
                    { Permesso.rescue(half, keys) { _, _ -> true } },
                    { Permesso.erase(half) },
                )
            for (open in opening) assertThrows<PermessoException.InvalidInput> { runBlocking { open() } }
            assertFalse(there.exists())
        }

    @Test
    fun `a message, a greeting and a name of one's own have their limits, and what is longer is not sent`(): Unit =
        runBlocking {
            val world = World(folder)
            world.start("Ada", 1).use { ada ->
                world.start("Grace", 2).use { grace ->
                    ada.awaitNearby(grace)
                    assertThrows<PermessoException.InvalidInput> { runBlocking { ada.askFriendship(grace.id, "x".repeat(281)) } }
                    assertEquals(null, ada.friend(grace.id))
                    befriend(ada, grace)
                    for (text in listOf("", "x".repeat(4_097), "à".repeat(2_049))) {
                        assertThrows<PermessoException.InvalidInput> { runBlocking { ada.send(grace.id, text) } }
                    }
                    assertEquals(emptyList<Message>(), ada.messages(grace.id))
                    for (alias in listOf("", "x".repeat(65))) {
                        assertThrows<PermessoException.InvalidInput> { runBlocking { ada.setLocalAlias(grace.id, alias) } }
                    }
                    assertEquals("Grace", ada.friend(grace.id)?.name)
                    ada.setLocalAlias(grace.id, "x".repeat(64))
                    ada.send(grace.id, "x".repeat(4_096))
                }
            }
        }

    @Test
    fun `what is no account file is damaged or not there`(): Unit =
        runBlocking {
            val (none, file) = File(folder, "none") to File(folder, "file").apply { writeText("x".repeat(1_000)) }
            val (new, keys) = File(folder, "new") to MemoryKeyStore()
            assertThrows<PermessoException.Damaged> { runBlocking { Permesso.importAccount(file, "four words", new, keys) } }
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { Permesso.importAccount(none, "four words", new, keys) } }
            assertFalse(new.exists())
        }

    @Test
    fun `texts and settings beyond their limits are invalid input and change nothing`(): Unit =
        withHost { ada ->
            val before = ada.settings()
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.changeSettings(SettingsChange(alias = "x".repeat(65))) } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.changeSettings(SettingsChange(alias = "")) } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.changeSettings(SettingsChange(historyLimit = 0u)) } }
            // One of several is enough.
            val some = SettingsChange(alias = "Ada L.", readReceipts = true, outboxLimit = 0u)
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.changeSettings(some) } }
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.search("x".repeat(1_000_000)) } }
            val wide = NetworkAddress("wlan0", "192.168.1.20", 33u, 0u)
            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.setNetworkAddresses(listOf(wide)) } }
            assertEquals(before, ada.settings())
            ada.changeSettings(SettingsChange(alias = "Ada L.", readReceipts = true))
            assertEquals(before.copy(alias = "Ada L.", readReceipts = true), ada.settings())
            assertEquals(SettingsChange(alias = "Ada L.", readReceipts = true), ada.changedSettings())
        }

    @Test
    fun `storage for others has its limits, and what was set is in force and there again`(): Unit =
        runBlocking {
            val world = World(folder)
            world.open("Ada", 1).use { ada ->
                val before = ada.settings()
                for (bytes in listOf(0uL, (1uL shl 20) - 1uL, (1uL shl 40) + 1uL, ULong.MAX_VALUE)) {
                    val change = SettingsChange(carryBytes = bytes)
                    val error = assertThrows<PermessoException.InvalidInput> { runBlocking { ada.changeSettings(change) } }
                    assertTrue(error.reason.contains("1 MiB to 1 TiB"), error.reason)
                }
                assertEquals(before, ada.settings())
                ada.changeSettings(SettingsChange(carryBytes = 7_000_000uL))
                assertEquals(before.copy(carryBytes = 7_000_000uL), ada.settings())
                assertEquals(7_000_000uL, ada.statistics().bytesMax)
            }
            world.open("Ada", 1).use { ada ->
                assertEquals(SettingsChange(carryBytes = 7_000_000uL), ada.changedSettings())
                assertEquals(7_000_000uL, ada.statistics().bytesMax)
            }
        }

    @Test
    fun `a server carries always, whatever was said before, and has a storage of its own`(): Unit =
        runBlocking {
            val world = World(folder)
            world.open("Ada", 1).use { ada ->
                ada.changeSettings(SettingsChange(carry = false, carryBytes = 7_000_000uL))
                assertFalse(ada.settings().carry)
            }
            Permesso.open(world.config("Ada", 1, server = true)).use { ada ->
                assertTrue(ada.settings().carry)
                assertTrue(ada.settings().carryBytes > 7_000_000uL)
                val error = assertThrows<PermessoException.NotNow> { runBlocking { ada.changeSettings(SettingsChange(carry = false)) } }
                assertTrue(error.reason.contains("server"), error.reason)
                assertEquals(SettingsChange(), ada.changedSettings())
                ada.changeSettings(SettingsChange(carry = true, carryBytes = 9_000_000uL))
                assertEquals(SettingsChange(carryBytes = 9_000_000uL), ada.changedSettings())
            }
            world.open("Ada", 1).use { ada -> assertEquals(7_000_000uL, ada.settings().carryBytes) }
        }

    @Test
    fun `before start what is kept can be read and changed, and whatever needs others finds none`(): Unit =
        withHost { ada ->
            assertEquals(emptyList<NearbyHost>(), ada.hosts().filter { it.special == null })
            assertEquals(emptyList<NearbyHost>(), ada.search("x"))
            assertEquals(emptyList<Friend>(), ada.friendList())
            assertEquals(emptyList<Message>(), ada.searchMessages("x"))
            assertEquals(emptyList<Contact>(), ada.contacts())
            ada.changeSettings(SettingsChange(readReceipts = true))
            assertTrue(ada.settings().readReceipts)
            assertTrue(ada.uri().startsWith("permesso:"))
            assertThrows<PermessoException.NotFound> { runBlocking { ada.askFriendship(nobody) } }
            assertThrows<PermessoException.NotFound> { runBlocking { ada.messages(nobody) } }
            assertThrows<PermessoException.NotNow> { runBlocking { ada.send(nobody, "x") } }
            ada.peerFound("192.0.2.1:4444")
            ada.examineNetwork()
            ada.exportAccount(File(folder, "copy"), "a word of six letters and more")
            assertEquals(Departure(0uL, 0uL, 0uL), ada.leave())
            // Of what is asked wrongly, each says so; of the host nothing is damaged.
            val kinds = setOf("InvalidInput", "NotFound", "NotNow", "TimedOut", "AlreadyThere")
            for (call in Calls(folder, ada.uri()).all().filter { it.name !in setOf("start", "pause", "resume", "stop") }) {
                val failure = runCatching { call.ask(ada) }.exceptionOrNull()
                assertTrue(failure == null || (failure is PermessoException && failure.javaClass.simpleName in kinds), "$call: $failure")
            }
            ada.start()
            assertTrue(ada.settings().readReceipts)
        }

    @Test
    fun `after stop every call says so and flows end`(): Unit =
        runBlocking {
            val ada = World(folder).open("Ada", 1)
            val calls = Calls(folder, ada.uri()).all().filter { it.name != "stop" }
            assertTrue(calls.size > 45, "$calls")
            ada.stop()
            ada.stop()
            ada.close()
            for (call in calls) assertThrows<PermessoException.Stopped>("$call") { runBlocking { call.ask(ada) } }
            assertEquals(emptyList<List<Message>>(), ada.conversation(nobody).toList())
            val events = mutableListOf<Event>()
            ada.events.collect { events += it }
            assertTrue(ada.id.isNotEmpty())
        }

    @Test
    fun `a paused host says so until it is resumed`(): Unit =
        withHost { ada ->
            ada.pause()
            assertThrows<PermessoException.Paused> { runBlocking { ada.changeSettings(SettingsChange(alias = "x")) } }
            assertThrows<PermessoException.Paused> { runBlocking { ada.searchMessages("x") } }
            ada.resume()
            assertEquals(emptyList<Message>(), ada.searchMessages("x"))
        }

    @Test
    fun `a folder that is open already is not opened twice`(): Unit =
        runBlocking {
            val world = World(folder)
            world.open("Ada", 1).use { ada ->
                assertThrows<PermessoException.AlreadyThere> { runBlocking { world.open("Ada", 1) } }
                assertEquals("Ada", ada.settings().alias)
            }
            world.open("Ada", 1).close()
        }

    @Test
    fun `a configuration that makes no sense is invalid input and names its place`(): Unit =
        runBlocking {
            val keys = MemoryKeyStore()
            val config = PermessoConfig(File(folder, "a"), "Ada", keys, parameters = "[host]\nalais = \"x\"")
            val error = assertThrows<PermessoException.InvalidInput> { runBlocking { Permesso.open(config) } }
            assertTrue(error.reason.contains("host.alais") && error.reason.contains("host.alias"), error.reason)
            val long = PermessoConfig(File(folder, "a"), "x".repeat(65), keys)
            assertThrows<PermessoException.InvalidInput> { runBlocking { Permesso.open(long) } }
            assertFalse(File(folder, "a").exists())
            val file = File(folder, "file").apply { writeText("x") }
            val inFile = PermessoConfig(File(file, "a"), "Ada", keys)
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { Permesso.open(inFile) } }
        }

    @Test
    fun `a key store that throws, lies or forgets never makes a new identity`(): Unit =
        runBlocking {
            val world = World(folder)
            val id = world.open("Ada", 1).use { it.id }
            val answers =
                failures + listOf({ null }, { ByteArray(31) }, { ByteArray(32) })
            for (answer in answers) {
                val store = keyStore(load = answer)
                val error = assertThrows<PermessoException.KeyUnavailable> { runBlocking { Permesso.open(world.config("Ada", 1, store)) } }
                assertFalse(error.reason.contains("at org."), error.reason)
            }
            assertEquals(id, world.open("Ada", 1).use { it.id })
        }

    @Test
    fun `a key that is not kept makes no host, whatever the key store throws or hides`(): Unit =
        runBlocking {
            val world = World(folder)
            val file = File(folder, "account")
            world.open("Grace", 2).use { it.exportAccount(file, "four words") }
            val place = File(folder, "Ada")
            for (failure in failures + { null }) {
                val store = keyStore(load = { null }, save = failure)
                assertThrows<PermessoException.KeyUnavailable> { runBlocking { Permesso.open(world.config("Ada", 1, store)) } }
                assertThrows<PermessoException.KeyUnavailable> { runBlocking { Permesso.importAccount(file, "four words", place, store) } }
                assertFalse(place.exists())
            }
        }

    /** Whatever an app's code may throw, what is no exception too. */
    private val failures: List<() -> ByteArray?> =
        listOf(
            { throw KeyStoreException.Unavailable("locked") },
            { throw KeyStoreException.Unavailable(Calls.HALF) },
            { error("out of order") },
            { TODO("keys") },
            { throw OutOfMemoryError() },
            { throw AssertionError(Calls.HALF) },
        )

    private fun keyStore(
        load: () -> ByteArray?,
        save: () -> Any? = { error("nothing is to be saved") },
    ): KeyStore =
        object : KeyStore {
            override fun load(name: String): ByteArray? = load()

            override fun save(
                name: String,
                secret: ByteArray,
            ) {
                save()
            }
        }
}
