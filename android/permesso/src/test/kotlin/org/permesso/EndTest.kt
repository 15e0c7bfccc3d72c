package org.permesso

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.ffi.PermessoException
import java.io.File
import java.util.concurrent.ConcurrentLinkedQueue

/** What is left of a host that cannot be opened any more, and erasing one. */
internal class EndTest : InFolder() {
    @Test
    fun `friends and messages are read of a damaged host that cannot be opened`(): Unit =
        runBlocking {
            val world = World(folder)
            val place = File(folder, "Ada")
            val keys = world.keyStore("Ada")
            val friends = ConcurrentLinkedQueue<Contact>()
            val messages = ConcurrentLinkedQueue<RescuedMessage>()
            val sizes = ConcurrentLinkedQueue<Int>()
            val onFound: OnFound = { someFriends, someMessages ->
                sizes.add(someFriends.size + someMessages.size)
                friends.addAll(someFriends)
                messages.addAll(someMessages)
            }
            val theirs =
                world.start("Ada", 1).use { ada ->
                    world.start("Grace", 2).use { grace ->
                        befriend(ada, grace)
                        repeat(150) { ada.send(grace.id, "$it") }
                        grace.send(ada.id, "va bene")
                        ada.awaitText(grace.id, "va bene")
                        assertThrows<PermessoException.AlreadyThere> { runBlocking { Permesso.rescue(place, keys, onFound) } }
                        grace.id
                    }
                }
            val database = File(place, "permesso.db")
            val rest = database.readBytes().let { it.copyOf(it.size - 4096) }
            database.writeBytes(rest)
            assertThrows<PermessoException.Damaged> { runBlocking { world.open("Ada", 1) } }

            val report = Permesso.rescue(place, keys, onFound)
            assertEquals(friends.size.toULong() to messages.size.toULong(), report.friends to report.messages)
            assertEquals(listOf(Triple(theirs, "Grace", FriendState.FRIEND)), friends.map { Triple(it.id, it.name, it.state) })
            assertTrue(messages.size in 101..151 && sizes.all { it in 1..100 }, "${messages.size} in $sizes")
            assertEquals(setOf(theirs to "Grace"), messages.map { it.host to it.name }.toSet())
            assertEquals(messages.size, messages.map { it.id }.toSet().size)
            assertTrue((0 until 150).map { "$it" }.containsAll(messages.filter { it.mine }.map { it.text }))
            assertArrayEquals(rest, database.readBytes())

            for (ending in listOf<OnFound>({ _, _ -> false }, { _, _ -> error("x") })) {
                assertThrows<PermessoException.Cancelled> { runBlocking { Permesso.rescue(place, keys, ending) } }
            }
            val none = MemoryKeyStore()
            assertThrows<PermessoException.KeyUnavailable> { runBlocking { Permesso.rescue(place, none, onFound) } }
            assertNull(none.load("database"))
            val other = MemoryKeyStore().apply { save("database", ByteArray(32) { 8 }) }
            assertThrows<PermessoException.KeyUnavailable> { runBlocking { Permesso.rescue(place, other, onFound) } }
            database.writeBytes(ByteArray(9_000) { 'x'.code.toByte() })
            assertThrows<PermessoException.Damaged> { runBlocking { Permesso.rescue(place, keys, onFound) } }
        }

    @Test
    fun `a host is erased with its folder once it has stopped, and the next is another`(): Unit =
        runBlocking {
            val world = World(folder)
            val place = File(folder, "Ada")
            val id =
                world.open("Ada", 1).use { ada ->
                    assertThrows<PermessoException.AlreadyThere> { runBlocking { Permesso.erase(place) } }
                    ada.id
                }
            assertTrue(File(place, "permesso.db").exists())
            repeat(2) {
                Permesso.erase(place)
                assertEquals(emptyList<String>(), folder.list()!!.filter { it.startsWith("Ada") })
            }
            world.open("Ada", 1).use {
                assertNotEquals(id, it.id)
                assertFalse(it.isRestoredCopy)
            }
        }
}
