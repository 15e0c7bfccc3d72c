package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.Contact
import org.permesso.FriendState
import org.permesso.MessageState
import org.permesso.RescueReport
import org.permesso.RescuedMessage
import org.permesso.ffi.PermessoException
import org.permesso.testing.LongWork
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import java.io.File
import java.io.IOException
import java.time.ZoneOffset

/** What can still be read of data that does not open: offered, written into a file, and said. */
@OptIn(ExperimentalTestApi::class)
internal class RescueTest {
    private val work = LongWork(400uL)

    private val grace = Contact("id", "ea4a".repeat(16), "Grace", "Grace", null, FriendState.FRIEND, true, false)

    private fun found(
        text: String,
        mine: Boolean = false,
        name: String? = "Grace",
    ) = RescuedMessage("m", 7u, "id", name, mine, text, MOMENT, MOMENT, MessageState.DELIVERED, null)

    private fun damaged(failure: PermessoException = PermessoException.Damaged("page 3")) =
        World().apply {
            opener.failure = failure
            opener.rescue = { onFound ->
                work.follow { done, _ -> onFound(listOf(grace), List(done.toInt() - 1) { found("Letter $it") }) }
                RescueReport(1u, 399u, 2u, 1u)
            }
            dieAndComeBack()
        }

    private fun SkikoComposeUiTest.sees(text: String) {
        onNodeWithText(text, substring = true).performScrollTo().assertIsDisplayed()
    }

    private fun SkikoComposeUiTest.isGone(text: String) = onNodeWithText(text, substring = true).assertDoesNotExist()

    private fun SkikoComposeUiTest.click(text: String) {
        onNodeWithText(text).performScrollTo().performClick()
    }

    @Test
    fun `damaged data says that it is not changed, and what can be read of it goes into a file, whose size grows and is told`(): Unit =
        withApp(damaged()) { world ->
            sees("The damaged data itself is not changed")
            click("Rescue what can be read")
            work.reach(84uL)
            sees("84 entries so far")
            // What would open or remove what is being read.
            isGone("Try again")
            isGone("Start afresh")
            work.reach(400uL)
            sees("399 messages, friends and contacts: 1")
            sees("2 entries could not be read")
            sees("More may be lost")
            sees("Try again")
            val text = File(world.platform.folder, "permesso-rescued.txt").readText()
            assertEquals(83 + 399, text.lines().count { "Grace: Letter" in it })
        }

    @Test
    fun `a rescue that is ended says nothing, one without anything to read or without room says so, and all can be begun again`(): Unit =
        withApp(damaged()) { world ->
            click("Rescue what can be read")
            work.reach(84uL)
            click("Cancel")
            work.reach(90uL)
            isGone("so far")
            isGone("could not")
            world.platform.cannotWrite = IOException("it was taken out")
            click("Rescue what can be read")
            sees("Nothing can be stored")
            world.platform.cannotWrite = null
            world.opener.rescue = null
            click("Rescue what can be read")
            sees("Nothing of it can be read any more")
            isGone("Nothing can be stored")
            sees("Rescue what can be read")
        }

    @Test
    fun `only damage is rescued from`() {
        val others =
            listOf(
                PermessoException.KeyUnavailable("the key is gone"),
                PermessoException.StorageUnavailable("the disk is full"),
                PermessoException.TooNew("schema 9"),
            )
        for (other in others) withApp(damaged(other)) { isGone("Rescue what can be read") }
    }

    @Test
    fun `a place that is full ends the rescue, and is told as that`(): Unit =
        runBlocking {
            val full = File("/dev/full")
            assumeTrue(full.exists())
            val told = mutableListOf<Int>()
            val opener = damaged().opener
            // More than waits to be written.
            opener.rescue = { onFound ->
                val goesOn = generateSequence(0) { it + 1 }.take(1_000).all { onFound(emptyList(), List(100) { found("A long letter") }) }
                if (!goesOn) throw PermessoException.Cancelled("it was ended")
                RescueReport(0u, 0u, 0u, 0u)
            }
            assertThrows<IOException> { runBlocking { rescueInto(full, opener, EnglishStrings) { told.add(it) } } }
            assertTrue(told.size < 900, "${told.size}")
        }

    @Test
    fun `the file says who the friends are, by which code they are found, and who wrote what and when`() {
        val written = StringBuilder()
        RescuedText(written, EnglishStrings, ZoneOffset.UTC).apply {
            add(listOf(grace), emptyList())
            add(emptyList(), listOf(found("Tea?\nAt five?"), found("Yes", mine = true), found("Lost", name = null)))
            add(emptyList(), listOf(found("The last")))
            assertEquals(5, entries)
        }
        assertEquals(
            """
            |What could still be read of the data of Permesso
            |
            |Friends and contacts
            |
            |Grace (friend): permesso:${"ea4a".repeat(16)}
            |
            |Messages
            |
            |2026-03-14 15:09  Grace: Tea?
            |    At five?
            |2026-03-14 15:09  Me to Grace: Yes
            |2026-03-14 15:09  Somebody 7: Lost
            |2026-03-14 15:09  Grace: The last
            |
            """.trimMargin(),
            "$written",
        )
        val italian = StringBuilder().also { RescuedText(it, ItalianStrings, ZoneOffset.UTC).add(listOf(grace), listOf(found("x"))) }
        assertEquals(listOf("Amici e contatti", "Messaggi"), italian.lines().filter { it in setOf("Amici e contatti", "Messaggi") })
    }

    private companion object {
        /** 2026-03-14, 15:09 UTC. */
        const val MOMENT = 1_773_500_940_000uL
    }
}
