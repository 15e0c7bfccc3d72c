package org.permesso

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.ffi.PermessoException
import kotlin.time.Duration.Companion.milliseconds

internal class ReadyTest {
    @Test
    fun `what a host refuses while it is paused or cannot store is done once it can, and other refusals are told`(): Unit =
        runBlocking {
            val refusals = ArrayDeque(listOf(PermessoException.Paused("p"), PermessoException.StorageUnavailable("s")))
            val told = mutableListOf<PermessoException>()
            val all = refusals.toList()
            assertEquals("done", whenReady(told::add) { refusals.removeFirstOrNull()?.let { throw it } ?: "done" })
            assertEquals(all, told)
            assertThrows<PermessoException.Stopped> { runBlocking { whenReady { throw PermessoException.Stopped("over") } } }
            assertNull(withTimeoutOrNull(300.milliseconds) { whenReady { throw PermessoException.Paused("p") } })
        }
}
