package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/** What a screen follows, where the host fails in the middle of it. */
internal class AttemptTest {
    private val told = mutableListOf<PermessoException>()
    private val taken = mutableListOf<Int>()

    @Test
    fun `what cannot be taken while nothing can be stored or the host is paused is taken as soon as that is over`(): Unit =
        runBlocking {
            val failures = mutableListOf(PermessoException.StorageUnavailable("full"), PermessoException.Paused("paused"))
            coroutineScope {
                follow(flowOf(1, 2), told::add) { number ->
                    failures.removeFirstOrNull()?.let { throw it }
                    taken.add(number)
                }
            }
            assertEquals(listOf(1, 2), taken)
            assertEquals(emptyList<PermessoException>(), told)
        }

    @Test
    fun `what fails when it is taken is told and ends neither what is followed nor the app`(): Unit =
        runBlocking {
            val bug = PermessoException.Bug("a mistake")
            val end = PermessoException.Damaged("unreadable")
            coroutineScope {
                val numbers =
                    flow {
                        emit(1)
                        emit(2)
                        throw end
                    }
                follow(numbers, told::add) { number ->
                    if (number == 1) throw bug
                    taken.add(number)
                }
            }
            assertEquals(listOf(2), taken)
            assertEquals(listOf(bug, end), told)
        }

    @Test
    fun `somebody's page is whole also when nothing could be stored while it was read`(): Unit =
        runBlocking {
            val world = World()
            val grace = world.friend("Grace")
            var failures = 1
            val failing =
                object : Permesso by world.ada {
                    override suspend fun safetyNumber(host: String): String? {
                        if (failures-- > 0) throw PermessoException.StorageUnavailable("full")
                        return world.ada.safetyNumber(host)
                    }
                }
            val scope = CoroutineScope(Dispatchers.Unconfined + Job())
            val holder = PersonHolder(failing, scope, grace.id, world.platform, Saved())
            assertTrue(holder.state.awaitOne { it.safetyNumber != null }.code != null)
            scope.cancel()
            world.scope.cancel()
        }
}
