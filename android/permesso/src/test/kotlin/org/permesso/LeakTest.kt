package org.permesso

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.ffi.Alive
import org.permesso.ffi.Event
import org.permesso.ffi.FfiConverterTypeHostLinkCarrier
import org.permesso.ffi.FfiConverterTypeKeyStore
import org.permesso.ffi.FfiConverterTypeLogSink
import org.permesso.ffi.FfiConverterTypeProgressListener
import org.permesso.ffi.FfiConverterTypeRescueListener
import org.permesso.ffi.Notice
import org.permesso.ffi.rehearseCensus
import org.permesso.ffi.rehearseEvents
import org.permesso.ffi.uniffiContinuationHandleMap
import java.io.File
import kotlin.time.Duration.Companion.milliseconds

/** What goes through the door and what is handed out leaves nothing behind, on either side of it. */
internal class LeakTest : InFolder() {
    private val million = 1_000_000

    @Test
    fun `a million events come in order and none stays`(): Unit =
        runBlocking {
            Library.load()
            val before = readAll(200_000)
            val after = readAll(million)
            // Those events weigh 150 MB. The heap is touched from the start, see pom.xml.
            assertTrue(after < before + 30_000_000, "$before bytes before, $after after")
            assertEquals(0, uniffiContinuationHandleMap.size)
        }

    /** Reads so many events; the memory resident then, in bytes. */
    private suspend fun readAll(count: Int): Long {
        var seen = 0
        rehearseEvents(count.toULong()).use { reader ->
            while (true) {
                val batch = reader.nextEvents(64u)
                if (batch.isEmpty()) break
                for (event in batch) {
                    seen++
                    assertEquals(seen, number(event))
                }
            }
        }
        assertEquals(count, seen)
        return resident()
    }

    private fun number(event: Event): Int =
        when (event) {
            is Event.MessageReceived -> event.message.toInt(16)
            is Event.MessageChanged -> event.message.toInt(16)
            else -> error("$event was not to come")
        }

    private fun resident(): Long {
        val status = File("/proc/self/status").takeIf { it.exists() } ?: return 0
        val line = status.readLines().first { it.startsWith("VmRSS:") }
        return line.filter(Char::isDigit).toLong() * 1_024
    }

    @Test
    fun `of a million events a reader that is too slow gets or is told of each one`(): Unit =
        runBlocking {
            Library.load()
            var (seen, missed) = 0uL to 0uL
            EventHub(rehearseEvents(million.toULong())).subscribe().use { subscription ->
                while (true) {
                    val event = subscription.next() ?: break
                    val notice = (event as? Event.Notice)?.notice as? Notice.Missed
                    if (notice == null) seen++ else missed += notice.count
                    if (seen < 50uL) delay(20.milliseconds)
                }
            }
            assertTrue(missed > 0uL)
            assertEquals(million.toULong(), seen + missed)
        }

    @Test
    fun `what an app gives up without a word is freed on either side`() {
        runBlocking { Library.load() }
        useAndForget()
        // None of this class, and none that the tests before have left.
        val nobody = Alive(0u, 0u, 0u)
        val deadline = System.nanoTime() + patience.inWholeNanoseconds
        while ((rehearseCensus() != nobody || foreigners().any { it > 0 }) && System.nanoTime() < deadline) {
            System.gc()
            Thread.sleep(50)
        }
        assertEquals(nobody, rehearseCensus())
        assertEquals(List(foreigners().size) { 0 }, foreigners())
    }

    /** How many objects of the app's the library holds, and how many calls wait. */
    private fun foreigners(): List<Int> =
        listOf(
            FfiConverterTypeKeyStore.handleMap.size,
            FfiConverterTypeHostLinkCarrier.handleMap.size,
            FfiConverterTypeProgressListener.handleMap.size,
            FfiConverterTypeRescueListener.handleMap.size,
            FfiConverterTypeLogSink.handleMap.size,
            uniffiContinuationHandleMap.size,
        )

    private fun useAndForget(): Unit =
        runBlocking {
            val world = World(folder)
            Permesso.setLog(LogLevel.WARN, SilentSink)
            val ada = world.start("Ada", 1)
            val grace = world.open("Grace", 2)
            val links = List(3) { ada.openHostLink(SilentCarrier()) }
            ada.exportAccount(File(folder, "account"), "four words") { _, _ -> true }
            world.open("Linus", 3).close()
            assertEquals(0uL, Permesso.rescue(File(folder, "Linus"), world.keyStore("Linus")) { _, _ -> true }.messages)
            assertEquals(emptyList<NearbyHost>(), grace.nearby.first())
            val reading = launch(Dispatchers.Default) { ada.events.collect {} }
            val cancelled = launch(Dispatchers.Default) { ada.search("nobody is called so") }
            delay(100.milliseconds)
            reading.cancelAndJoin()
            cancelled.cancelAndJoin()
            val alive = rehearseCensus()
            assertTrue(alive.hosts >= 2uL && alive.readers >= 2uL && alive.hostLinks >= 3uL, "$alive")
            assertTrue(links.all { it.isOpen() })
            Permesso.setLog(LogLevel.ERROR, null)
        }

    private object SilentSink : LogSink {
        override fun log(
            level: LogLevel,
            target: String,
            text: String,
        ): Unit = Unit
    }

    private class SilentCarrier : HostLinkCarrier {
        override fun carry(packet: ByteArray): Unit = Unit

        override fun closed(): Unit = Unit
    }
}
