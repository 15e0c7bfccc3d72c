package org.permesso

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

internal class TwoHostsTest : InFolder() {
    @Test
    fun `two hosts meet, become friends and chat, and one that restarts has kept everything`(): Unit =
        runBlocking {
            val world = World(folder)
            world.start("Ada", 1).use { ada ->
                val grace = world.start("Grace", 2)
                befriend(ada, grace)

                val sent = ada.send(grace.id, "ci vediamo alle 8?")
                assertEquals(sent, grace.awaitText(ada.id, "ci vediamo alle 8?").id)
                assertEquals(MessageState.DELIVERED, ada.waitForFate(sent, patience))
                grace.send(ada.id, "va bene")
                ada.awaitText(grace.id, "va bene")

                val id = grace.id
                grace.stop()
                val waiting = ada.send(id, "ci sei?")
                world.start("Grace", 2).use { again ->
                    assertEquals(id, again.id)
                    assertEquals(listOf("Ada"), again.friendList().map { it.name })
                    assertEquals(MessageState.DELIVERED, ada.waitForFate(waiting, patience))
                    val texts = again.messages(ada.id).map { it.text }
                    assertEquals(listOf("ci vediamo alle 8?", "va bene", "ci sei?"), texts)
                    assertEquals(2u, again.friend(ada.id)?.unread)
                    again.markRead(ada.id)
                    assertEquals(0u, again.friend(ada.id)?.unread)
                    assertEquals(listOf("va bene"), again.searchMessages("BENE").map { it.text })
                    assertEquals(ada.safetyNumber(again.id), again.safetyNumber(ada.id))
                    assertTrue(again.statistics().hostsOnline >= 1uL)
                }
            }
        }
}
