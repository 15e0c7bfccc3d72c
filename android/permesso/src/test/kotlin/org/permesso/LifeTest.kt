package org.permesso

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.merge
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.ffi.Event
import org.permesso.ffi.Host
import org.permesso.ffi.HostConfig
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import java.io.File
import java.util.concurrent.Callable
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Threads, cancellation, mistakes, moving: what an app does to a host in its life. */
internal class LifeTest : InFolder() {
    @Test
    fun `calls from 32 threads at once all get their own answer`(): Unit =
        runBlocking {
            World(folder).open("Ada", 1).use { ada ->
                val threads = Executors.newFixedThreadPool(32)
                try {
                    val work =
                        (0 until 32).map { number ->
                            Callable {
                                runBlocking {
                                    repeat(50) { round ->
                                        val shown =
                                            assertThrows<PermessoException.InvalidInput> { runBlocking { ada.friend("$number-$round") } }
                                        assertTrue(shown.reason.contains("\"$number-$round\""), shown.reason)
                                        assertEquals(ada.port(), ada.settings().port)
                                        assertEquals(3, ada.hosts().size)
                                    }
                                }
                            }
                        }
                    threads.invokeAll(work, 120, TimeUnit.SECONDS).forEach { it.get() }
                } finally {
                    threads.shutdownNow()
                }
            }
        }

    private suspend fun Permesso.port(): UShort =
        addresses()
            .first()
            .substringAfterLast(':')
            .toUShort()

    @Test
    fun `cancelling ends the waiting at once and what was begun goes on`(): Unit =
        runBlocking {
            World(folder).start("Ada", 1).use { ada ->
                val search = launch(Dispatchers.Default) { ada.search("nobody is called so") }
                val waiting = launch(Dispatchers.Default) { ada.events.collect {} }
                delay(200.milliseconds)
                withTimeout(500.milliseconds) {
                    search.cancelAndJoin()
                    waiting.cancelAndJoin()
                }
                // Begun and cancelled before its answer can be here: it is done all the same.
                giveUp { ada.changeSettings(SettingsChange(alias = "Ada the second")) }
                withTimeout(patience) { while (ada.settings().alias != "Ada the second") delay(20.milliseconds) }
            }
        }

    @Test
    fun `what was begun and given up shows in the lists that are watched, though nobody is near`(): Unit =
        runBlocking {
            val world = World(folder)
            world.start("Ada", 1).use { ada ->
                val grace =
                    world.start("Grace", 2).use { grace ->
                        befriend(ada, grace)
                        grace.id
                    }
                val shown = Channel<List<String>>(Channel.UNLIMITED)
                val showing = launch(Dispatchers.Default) { ada.conversation(grace).collect { list -> shown.send(list.map { it.text }) } }
                assertEquals(emptyList<String>(), withTimeout(patience) { shown.receive() })
                giveUp { ada.send(grace, "ci sei?") }
                assertEquals(listOf("ci sei?"), withTimeout(patience) { shown.receive() })
                showing.cancelAndJoin()

                ada.pause()
                val waiting = async(Dispatchers.Default) { ada.conversation(grace).first() }
                delay(200.milliseconds)
                giveUp { ada.resume() }
                assertEquals(listOf("ci sei?"), withTimeout(patience) { waiting.await() }.map { it.text })
            }
        }

    @Test
    fun `an opening that was given up keeps nobody from opening the host again, a new one and one that is there`(): Unit =
        runBlocking {
            val world = World(folder)
            repeat(20) {
                giveUp { world.open("Ada", 1).close() }
                world.open("Ada", 1).stop()
            }
        }

    /** Begins something and cancels it before its answer can be here. */
    private suspend fun giveUp(call: suspend () -> Unit): Unit =
        coroutineScope { launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) { call() }.cancelAndJoin() }

    @Test
    fun `whoever watches lists takes nothing of what the opening brought from the first who reads events`(): Unit =
        runBlocking {
            val world = World(folder)
            val file = File(folder, "account")
            world.open("Ada", 1).use { it.exportAccount(file, "four words") }
            Permesso.importAccount(file, "four words", File(folder, "new"), world.keyStore("new"))
            world.start("new", 1).use { ada ->
                val watching = launch(Dispatchers.Default) { merge(ada.friends, ada.nearby).collect {} }
                ada.friends.first()
                delay(300.milliseconds)
                withTimeout(patience) { ada.events.first { it is Event.Notice && it.notice is Notice.CopyRestored } }
                watching.cancelAndJoin()
            }
        }

    @Test
    fun `an app's code never runs on a thread of the library, and may block without a dispatcher`(): Unit =
        runBlocking {
            withContext(Dispatchers.Unconfined) {
                val threads = mutableSetOf<String>()
                val world = World(folder)
                repeat(20) {
                    world.start("Ada", 1).use { ada ->
                        threads += Thread.currentThread().name
                        ada.settings()
                        threads += Thread.currentThread().name
                        ada.friends.first()
                        threads += Thread.currentThread().name
                    }
                }
                assertTrue(threads.none { it.startsWith("permesso") }, "$threads")
            }
        }

    @Test
    fun `two readers of events get the same, and one that does not read holds nobody up`(): Unit =
        runBlocking {
            val world = World(folder)
            world.start("Ada", 1).use { ada ->
                val stuck = launch(Dispatchers.Default) { ada.events.collect { delay(Long.MAX_VALUE) } }
                val readers = (1..2).map { async(Dispatchers.Default) { ada.nearby.first { list -> list.isNotEmpty() } } }
                world.start("Grace", 2).use { grace ->
                    val seen = withTimeout(patience) { readers.awaitAll() }
                    assertEquals(listOf(listOf(grace.id), listOf(grace.id)), seen.map { list -> list.map { it.id } })
                }
                stuck.cancelAndJoin()
            }
        }

    @Test
    fun `a bug in the core becomes an exception, and the host goes on and can be opened again`(): Unit =
        runBlocking {
            val world = World(folder)
            val keys = world.keyStore("Ada")
            Library.load()
            val host = Host.open(HostConfig(File(folder, "Ada").path, "Ada", false, world.parameters(1)), keys)
            val bug = assertThrows<PermessoException.Bug> { runBlocking { host.rehearseBug() } }
            assertEquals("a bug is rehearsed", bug.reason)
            assertEquals("Ada", host.settings().alias)
            val id = host.id()
            host.stop()
            host.close()
            world.open("Ada", 1).use { assertEquals(id, it.id) }
        }

    @Test
    fun `a bug in the task of a host ends that host alone, which can be opened again`(): Unit =
        runBlocking {
            val world = World(folder)
            Library.load()
            val keys = world.keyStore("Ada")
            val host = Host.open(HostConfig(File(folder, "Ada").path, "Ada", false, world.parameters(1)), keys)
            val (id, reader) = host.id() to host.events()
            assertThrows<PermessoException.Stopped> { runBlocking { host.rehearseEnd() } }
            assertThrows<PermessoException.Stopped> { runBlocking { host.settings() } }
            withTimeout(30.seconds) {
                do {
                    val batch = reader.nextEvents(64u)
                } while (batch.isNotEmpty())
            }
            // Neither stopped nor closed: it has ended.
            world.open("Ada", 1).use { assertEquals(id, it.id) }
            reader.close()
            host.close()
        }

    @Test
    fun `an account moves by a file, with progress, and a wrong passphrase or a second copy is refused`(): Unit =
        runBlocking {
            val world = World(folder)
            val file = File(folder, "account.permesso")
            val told = ConcurrentLinkedQueue<Pair<ULong, ULong>>()
            val id =
                world.open("Ada", 1).use { ada ->
                    for (ending in listOf<OnProgress>({ _, _ -> false }, { _, _ -> error("x") }, { _, _ -> TODO("x") })) {
                        assertThrows<PermessoException.Cancelled> { runBlocking { ada.exportAccount(file, "four words", ending) } }
                    }
                    assertThrows<PermessoException.InvalidInput> { runBlocking { ada.exportAccount(file, "") } }
                    assertTrue(!file.exists())
                    ada.exportAccount(file, "four words") { done, total -> told.add(done to total) }
                    assertThrows<PermessoException.AlreadyThere> { runBlocking { ada.exportAccount(file, "four words") } }
                    ada.id
                }
            assertTrue(told.isNotEmpty() && told.all { (done, total) -> done <= total })
            val keys = world.keyStore("new")
            val new = File(folder, "new")
            assertThrows<PermessoException.WrongPassphrase> { runBlocking { Permesso.importAccount(file, "five words", new, keys) } }
            Permesso.importAccount(file, "four words", new, keys)
            assertThrows<PermessoException.AlreadyThere> { runBlocking { Permesso.importAccount(file, "four words", new, keys) } }
            world.open("new", 1).use {
                assertEquals(id, it.id)
                assertTrue(it.isRestoredCopy)
            }
        }

    @Test
    fun `contacts go out as vCards and come in, and a code verifies`(): Unit =
        runBlocking {
            val world = World(folder)
            world.open("Ada", 1).use { ada ->
                world.open("Grace", 2).use { grace ->
                    assertEquals(grace.id, ada.scanUri(grace.uri()))
                    assertTrue(ada.contacts().single().verified)
                    val cards = ada.exportContacts()
                    world.open("Marie", 3).use { marie ->
                        val taken = marie.importContacts(cards).single()
                        assertEquals(grace.id to true, taken.host to taken.added)
                        assertEquals(false, marie.contacts().single().verified)
                    }
                    val spoilt = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:X\r\nEND:VCARD\r\n"
                    assertTrue(
                        ada
                            .importContacts(spoilt)
                            .single()
                            .skippedBecause!!
                            .contains("permesso:"),
                    )
                    ada.renewCode()
                }
            }
        }

    @Test
    fun `the log goes to its sink, and a sink that throws harms nobody`(): Unit =
        runBlocking {
            val lines = ConcurrentLinkedQueue<String>()
            val sink =
                object : LogSink {
                    override fun log(
                        level: LogLevel,
                        target: String,
                        text: String,
                    ) {
                        lines.add(text)
                        error("the sink is broken")
                    }
                }
            Permesso.setLog(LogLevel.DEBUG, sink)
            World(folder).start("Ada", 1).use { assertEquals("Ada", it.settings().alias) }
            assertTrue(lines.isNotEmpty())
            Permesso.setLog(LogLevel.ERROR, null)
        }

    @Test
    fun `a file key store keeps its secret for its owner alone`() {
        val keys = FileKeyStore(File(folder, "keys"))
        assertEquals(null, keys.load("database"))
        keys.save("database", ByteArray(32) { 7 })
        keys.save("database", ByteArray(32) { 8 })
        assertTrue(keys.load("database").contentEquals(ByteArray(32) { 8 }))
        val rights =
            java.nio.file.Files
                .getPosixFilePermissions(File(folder, "keys/database").toPath())
        assertEquals(
            "rw-------",
            java.nio.file.attribute.PosixFilePermissions
                .toString(rights),
        )
        assertEquals(listOf("database"), File(folder, "keys").list()!!.toList())
    }
}
