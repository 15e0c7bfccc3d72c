package org.permesso

import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.ffi.CarrierException
import org.permesso.ffi.PermessoException
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Hosts that reach each other over a radio alone, which is written here. */
internal class HostLinkTest : InFolder() {
    /** One direction of a radio that brings packets into [ear]. */
    private class Carrier : HostLinkCarrier {
        @Volatile
        var ear: HostLink? = null

        @Volatile
        var broken: Throwable? = null

        /** How long a packet takes, in milliseconds. */
        @Volatile
        var slowness = 0L
        private val underWay = AtomicInteger()
        val mostAtOnce = AtomicInteger()
        val carried = AtomicInteger()
        val longest = AtomicInteger()
        val isClosed = AtomicBoolean()

        override fun carry(packet: ByteArray) {
            broken?.let { throw it }
            mostAtOnce.accumulateAndGet(underWay.incrementAndGet(), ::maxOf)
            Thread.sleep(slowness)
            underWay.decrementAndGet()
            carried.incrementAndGet()
            longest.accumulateAndGet(packet.size, ::maxOf)
            ear?.receive(packet)
        }

        override fun closed() {
            isClosed.set(true)
        }
    }

    private class Radio(
        val there: Carrier,
        val back: Carrier,
    ) {
        fun part() {
            there.ear?.end()
            back.ear?.end()
        }
    }

    private suspend fun join(
        one: Permesso,
        other: Permesso,
    ): Radio {
        val (there, back) = Carrier() to Carrier()
        back.ear = one.openHostLink(there)
        there.ear = other.openHostLink(back)
        return Radio(there, back)
    }

    private suspend fun World.alone(
        name: String,
        last: Int,
    ): Permesso =
        open(name, last).also {
            it.setNetworkAddresses(emptyList())
            it.start()
        }

    /** Ada and Grace are friends who have no network, and a radio joins them. */
    private fun friendsByRadio(steps: suspend (Permesso, Permesso, Radio) -> Unit): Unit =
        runBlocking {
            val world = World(folder)
            world.alone("Ada", 1).use { ada ->
                world.alone("Grace", 2).use { grace ->
                    val radio = join(ada, grace)
                    befriend(ada, grace)
                    steps(ada, grace, radio)
                }
            }
        }

    @Test
    fun `two hosts without a network chat over a host link alone, and what was written without it arrives later`(): Unit =
        friendsByRadio { ada, grace, radio ->
            val sent = ada.send(grace.id, "ci vediamo alle 8?")
            grace.awaitText(ada.id, "ci vediamo alle 8?")
            assertEquals(MessageState.DELIVERED, ada.waitForFate(sent, patience))
            assertTrue(radio.there.carried.get() > 0 && radio.back.carried.get() > 0)
            val longest = maxOf(radio.there.longest.get(), radio.back.longest.get())
            assertTrue(longest in 1_000..Permesso.hostPacketMax(), "$longest bytes")

            radio.part()
            val later = grace.send(ada.id, "a dopo")
            assertThrows(PermessoException.TimedOut::class.java) { runBlocking { grace.waitForFate(later, 1.seconds) } }
            val again = join(ada, grace)
            ada.awaitText(grace.id, "a dopo")
            again.part()
        }

    @Test
    fun `a radio that is slow slows the host down, which sends little twice`(): Unit =
        friendsByRadio { ada, grace, radio ->
            // As fast as Bluetooth LE on a good day: 240 kB a second.
            radio.there.slowness = 5
            val before = radio.there.carried.get()
            val sent = List(50) { ada.send(grace.id, "x".repeat(4_000)) }
            for (message in sent) assertEquals(MessageState.DELIVERED, ada.waitForFate(message, patience))
            val carried = radio.there.carried.get() - before
            assertEquals(1, radio.there.mostAtOnce.get())
            val needed = 50 * 4_000 / Permesso.hostPacketMax()
            assertTrue(carried in needed..3 * needed, "$carried packets were carried where $needed would do")
            radio.part()
        }

    @Test
    fun `a radio that lies changes nothing, and one that breaks is closed and told`(): Unit =
        runBlocking {
            val world = World(folder)
            world.alone("Ada", 1).use { ada ->
                world.alone("Mallory", 3).use { mallory ->
                    val radio = join(ada, mallory)
                    val random = Random(7)
                    repeat(2_000) { radio.back.ear!!.receive(random.nextBytes(random.nextInt(3_000))) }
                    radio.back.ear!!.receive(ByteArray(1_000_000))
                    ada.awaitNearby(mallory)
                    assertEquals("Ada", ada.settings().alias)

                    radio.part()
                    for (failure in listOf(CarrierException.Gone("out of reach"), IllegalStateException("off"), NotImplementedError())) {
                        val breaking = join(ada, mallory)
                        breaking.there.broken = failure
                        // A search is sent by every way there is.
                        ada.search("nobody")
                        withTimeout(patience) { while (!breaking.there.isClosed.get()) delay(20.milliseconds) }
                        assertFalse(breaking.back.ear!!.isOpen())
                        breaking.part()
                    }
                    radio.back.ear!!.receive(ByteArray(100))
                }
            }
        }
}
