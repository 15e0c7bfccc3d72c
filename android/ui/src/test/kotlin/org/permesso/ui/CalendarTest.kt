package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onAllNodesWithText
import androidx.compose.ui.test.onNodeWithText
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import java.time.LocalDate
import java.time.LocalTime
import java.time.ZoneId
import java.time.ZonedDateTime
import java.util.TimeZone
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Days on the screen, while the clock goes on and nobody touches anything. */
@OptIn(ExperimentalTestApi::class)
internal class CalendarTest {
    private val usual = TimeZone.getDefault()

    @BeforeEach
    fun live(): Unit = TimeZone.setDefault(TimeZone.getTimeZone(ROME))

    @AfterEach
    fun goHome(): Unit = TimeZone.setDefault(usual)

    /** A conversation whose message is of 1 o'clock in the first night of 2026, seen at that moment of its first day. */
    private fun withMessage(
        now: LocalTime,
        window: ChangingWindow = ChangingWindow(),
        steps: SkikoComposeUiTest.(World) -> Unit,
    ): Unit =
        World().let { world ->
            val grace = world.friend("Grace")
            runBlocking { grace.send(world.ada.id, "Tea?") }
            world.platform.time = inRome(FIRST_DAY, now)
            world.app.show(Screen.Conversation(grace.id))
            withApp(world, window = window) {
                onNodeWithText("Today").assertIsDisplayed()
                steps(world)
            }
        }

    @Test
    fun `what is of today is of yesterday from midnight on, though nobody touches anything`(): Unit =
        withMessage(LocalTime.of(23, 59, 59)) { world ->
            world.pass(1.seconds)
            waitUntil(10_000) { onAllNodesWithText("Yesterday").fetchSemanticsNodes().isNotEmpty() }
            onNodeWithText("Today").assertDoesNotExist()
        }

    @Test
    fun `who comes back to the window sees at once which day it is`() {
        val window = ChangingWindow()
        withMessage(LocalTime.NOON, window) { world ->
            window.isWindowFocused = false
            waitForIdle()
            world.pass(20.hours)
            window.isWindowFocused = true
            // The day is looked up elsewhere, once a minute without that.
            waitUntil(10_000) { onAllNodesWithText("Yesterday").fetchSemanticsNodes().isNotEmpty() }
        }
    }

    /** The calendars while the clock is at these moments, each waited for as long as [waits] says. */
    private fun seen(
        vararg moments: Pair<LocalDate, LocalTime>,
        waits: MutableList<Long> = mutableListOf(),
        onWait: () -> Unit = {},
    ): List<Calendar> =
        runBlocking {
            val left = moments.map { (day, time) -> inRome(day, time) }.iterator()
            calendars(left::next) {
                waits += it
                onWait()
            }.take(moments.size).toList()
        }

    @Test
    fun `midnight is waited for, and where timers stood still meanwhile no longer than a minute`() {
        val waits = mutableListOf<Long>()
        val (first, second) = FIRST_DAY to FIRST_DAY.plusDays(1)
        val days = seen(first to LocalTime.NOON, first to LocalTime.of(23, 59, 40), second to LocalTime.MIDNIGHT, waits = waits)
        assertEquals(listOf(first, first, second), days.map { it.today })
        assertEquals(listOf(60_000L, 20_000L), waits)
    }

    @Test
    fun `who travels has the days of the place`() {
        val noon = FIRST_DAY to LocalTime.NOON
        val days = seen(noon, noon) { TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati")) }
        assertEquals(listOf(FIRST_DAY, FIRST_DAY.plusDays(1)), days.map { it.today })
    }

    private fun inRome(
        day: LocalDate,
        time: LocalTime,
    ): Long = ZonedDateTime.of(day, time, ROME).toInstant().toEpochMilli()

    private fun World.pass(time: Duration) {
        platform.time += time.inWholeMilliseconds
    }

    private companion object {
        val ROME: ZoneId = ZoneId.of("Europe/Rome")

        /** The fake network's. */
        val FIRST_DAY: LocalDate = LocalDate.of(2026, 1, 1)
    }
}
