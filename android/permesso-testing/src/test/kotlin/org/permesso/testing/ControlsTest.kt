package org.permesso.testing

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.FailReason
import org.permesso.Holder
import org.permesso.MessageState
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import java.io.File
import kotlin.io.path.createTempDirectory

/** What a test of an app can let happen to a fake host. */
internal class ControlsTest {
    private val network = FakeNetwork()
    private val ada = network.open("Ada")
    private val grace = network.open("Grace")
    private val library = Holder("5c146b14-3c52-8afd-938a-375d0df1fbf6", "Library", emptyList(), true)

    private suspend fun writtenToGraceWhoIsAway(): String {
        ada.start()
        grace.start()
        ada.askFriendship(grace.id)
        grace.acceptFriendship(ada.id)
        grace.leave()
        return ada.send(grace.id, "ciao")
    }

    @Test
    fun `a message that waits is held by whom the test says, and arrives all the same`(): Unit =
        runBlocking {
            val id = writtenToGraceWhoIsAway()
            ada.hold(id, library)
            assertEquals(MessageState.HELD, ada.message(id)?.state)
            assertEquals(listOf(library), ada.holders(id))
            grace.start()
            assertEquals(MessageState.DELIVERED, ada.waitForFate(id, patience))
            assertEquals(emptyList<Holder>(), ada.holders(id))
            assertThrows<IllegalStateException> { ada.hold(id, library) }
        }

    @Test
    fun `a message expires alone, and others go on`(): Unit =
        runBlocking {
            val id = writtenToGraceWhoIsAway()
            val other = ada.send(grace.id, "ci sei?")
            ada.expire(id)
            assertEquals(FailReason.EXPIRED, ada.message(id)?.failReason)
            grace.start()
            assertEquals(listOf("ci sei?"), grace.messages(ada.id).map { it.text })
            assertEquals(MessageState.DELIVERED, ada.message(other)?.state)
        }

    @Test
    fun `a call fails as the test says, once, and changes nothing`(): Unit =
        runBlocking {
            val id = writtenToGraceWhoIsAway()
            ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { ada.send(grace.id, "x") } }
            assertEquals(listOf(id), ada.messages(grace.id).map { it.id })
            ada.send(grace.id, "x")
        }

    @Test
    fun `while nothing can be stored calls fail and lists wait, and then the host goes on by itself`(): Unit =
        runBlocking {
            val id = writtenToGraceWhoIsAway()
            val told = mutableListOf<Notice>()
            val seen = mutableListOf<List<String>>()
            val telling = launch(Dispatchers.Unconfined) { ada.events.collect { if (it is Event.Notice) told.add(it.notice) } }
            val watching = launch(Dispatchers.Unconfined) { ada.conversation(grace.id).collect { list -> seen.add(list.map { it.text }) } }
            ada.failStorage("full")
            assertEquals(listOf<Notice>(Notice.StorageFailed("full")), told)
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { ada.friendList() } }
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { ada.message(id) } }
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { ada.send(grace.id, "x") } }
            assertThrows<PermessoException.StorageUnavailable> { runBlocking { ada.start() } }
            grace.start()
            assertEquals(emptyList<String>(), grace.nearby.first().map { it.id })
            grace.send(ada.id, "ci sono")
            val late = async(Dispatchers.Unconfined) { ada.friends.first() }
            assertEquals(listOf(listOf("ciao")), seen)
            ada.restoreStorage()
            assertEquals(Notice.Restored, told.last())
            assertEquals(listOf(grace.id), late.await().map { it.id })
            assertEquals(listOf("ciao", "ci sono"), seen.last())
            assertEquals(MessageState.DELIVERED, ada.message(id)?.state)
            telling.cancel()
            watching.cancel()
        }

    @Test
    fun `an export goes on as far as the test says, and leaves a whole file or none`(): Unit =
        runBlocking {
            val file = File(createTempDirectory("permesso-export").toFile(), "account")
            val told = mutableListOf<ULong>()

            fun begun(
                work: LongWork,
                goesOn: (ULong) -> Boolean,
            ) = async(Dispatchers.Unconfined) {
                ada.export = work
                runCatching {
                    ada.exportAccount(file, "four words") { done, _ ->
                        told.add(done)
                        goesOn(done)
                    }
                }
            }

            val whole = LongWork(10uL)
            val writing = begun(whole) { true }
            for (done in listOf(4uL, 9uL)) whole.reach(done)
            assertFalse(writing.isCompleted)
            whole.reach(10uL)
            assertEquals(0uL, writing.await().getOrThrow().messages)
            assertEquals(listOf(4uL, 9uL, 10uL), told)
            assertTrue(file.delete())

            val ended = LongWork(10uL)
            val ending = begun(ended) { it < 5uL }
            ended.reach(3uL)
            assertTrue(file.exists())
            ended.reach(6uL)
            assertTrue(ending.await().exceptionOrNull() is PermessoException.Cancelled)
            assertFalse(file.exists())

            val failed = LongWork(10uL).apply { fail(PermessoException.StorageUnavailable("the disk is full")) }
            assertTrue(begun(failed) { true }.await().exceptionOrNull() is PermessoException.StorageUnavailable)
            assertFalse(file.exists())
            file.parentFile.delete()
        }

    @Test
    fun `a notice that the test tells comes to readers`(): Unit =
        runBlocking {
            val reading = async(Dispatchers.Unconfined) { ada.events.first { it is Event.Notice } }
            ada.tell(Event.Notice(Notice.NoPort))
            assertEquals(Event.Notice(Notice.NoPort), reading.await())
        }
}
