package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.permesso.Permesso
import org.permesso.ffi.Event
import org.permesso.ffi.Notice

/** What the host tells once, and whether nothing can be stored. */
internal class NoticeLogTest {
    @Test
    fun `where some of what was told is missing the log asks the host whether it can store`() {
        val world = World()
        val told = MutableSharedFlow<Event>()
        val deaf =
            object : Permesso by world.ada {
                override val events = told
            }
        val scope = CoroutineScope(Dispatchers.Unconfined + Job())
        val log = NoticeLog { 7 }
        log.follow(deaf, scope)

        fun isTold(notice: Notice): Boolean = runBlocking { told.emit(Event.Notice(notice)) }.let { log.storageFails.value }
        world.ada.failStorage()
        assertEquals(false, log.storageFails.value)
        assertEquals(false, isTold(Notice.NoPort))
        assertEquals(true, isTold(Notice.Missed(3uL)))
        // Another fault of the network says nothing of the disk.
        assertEquals(true, isTold(Notice.NoPort))
        world.ada.restoreStorage()
        assertEquals(false, isTold(Notice.Missed(1uL)))
        assertEquals(listOf(Notice.Missed(1uL), Notice.NoPort, Notice.Missed(3uL), Notice.NoPort), log.list.value.map { it.notice })
        assertEquals(4, log.unseen.value)
        scope.cancel()
        world.scope.cancel()
    }
}
