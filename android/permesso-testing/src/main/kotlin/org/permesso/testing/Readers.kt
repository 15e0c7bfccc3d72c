package org.permesso.testing

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import org.permesso.ffi.Event
import org.permesso.ffi.PermessoException
import java.util.concurrent.CopyOnWriteArrayList

/** Those who read what a host tells, until it has stopped. */
internal class Readers(
    private val hasStopped: () -> Boolean,
) {
    /** Null only wakes them up. */
    private val channels = CopyOnWriteArrayList<Channel<Event?>>()

    /** Everything that is told from now on. */
    val events: Flow<Event> =
        flow {
            val mine = subscribe()
            try {
                for (event in mine) event?.let { emit(it) }
            } finally {
                channels.remove(mine)
            }
        }

    /** Reads at once, and again whenever something happened; the flow gets what is new alone. */
    fun <T : Any> watched(read: suspend () -> T): Flow<T> =
        flow {
            val news = subscribe()
            try {
                do {
                    val now =
                        try {
                            read()
                        } catch (_: PermessoException.Paused) {
                            null
                        } catch (_: PermessoException.StorageUnavailable) {
                            null
                        } catch (_: PermessoException.Stopped) {
                            break
                        }
                    now?.let { emit(it) }
                    val happened = news.receiveCatching().isSuccess
                    while (news.tryReceive().isSuccess) continue
                } while (happened)
            } finally {
                channels.remove(news)
            }
        }.distinctUntilChanged()

    fun tell(event: Event): Unit = channels.forEach { it.trySend(event) }

    /** Lets them read again, though nothing is told. */
    fun wake(): Unit = channels.forEach { it.trySend(null) }

    fun end(): Unit = channels.forEach { it.close() }

    private fun subscribe(): Channel<Event?> =
        Channel<Event?>(Channel.UNLIMITED).also { channel ->
            channels.add(channel)
            // The end may have come before this one was known.
            if (hasStopped()) channel.close()
        }
}
