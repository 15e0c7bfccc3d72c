package org.permesso

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import org.permesso.ffi.Event
import org.permesso.ffi.EventReader
import org.permesso.ffi.Notice
import java.util.concurrent.CopyOnWriteArraySet
import java.util.concurrent.atomic.AtomicLong

/** One upstream of events for every reader of them. A reader that is too slow misses some, is told so, and holds nobody up. */
internal class EventHub(
    private val reader: EventReader,
) {
    private val subscriptions = CopyOnWriteArraySet<Subscription>()
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    @Volatile
    private var ended = false

    // Begins with the first subscription, which so gets what happened since the host was opened.
    private val pump =
        scope.launch(start = CoroutineStart.LAZY) {
            try {
                while (true) {
                    val batch = reader.nextEvents(BATCH)
                    if (batch.isEmpty()) break
                    for (subscription in subscriptions) batch.forEach(subscription::offer)
                }
            } finally {
                ended = true
                subscriptions.forEach(Subscription::end)
                reader.close()
            }
        }

    /** Gets everything from now on, until it is closed or the host has stopped. */
    fun subscribe(): Subscription {
        val subscription = Subscription { subscriptions.remove(it) }
        subscriptions.add(subscription)
        pump.start()
        // The end may have come before this one was known.
        if (ended) subscription.end()
        return subscription
    }

    /** One reader's view. */
    internal class Subscription(
        private val leave: (Subscription) -> Unit,
    ) : AutoCloseable {
        private val waiting = Channel<Event>(BEHIND_MAX)
        private val missed = AtomicLong()

        /** The next event; null when the host has stopped. */
        suspend fun next(): Event? {
            val lost = missed.getAndSet(0)
            if (lost > 0) return Event.Notice(Notice.Missed(lost.toULong()))
            return waiting.receiveCatching().getOrNull()
        }

        /** Waits for an event that is wanted, and takes whatever else is there with it; false when the host has stopped. */
        suspend fun awaitAny(wanted: (Event) -> Boolean): Boolean {
            while (true) {
                val event = next() ?: return false
                if (wanted(event)) break
            }
            var more = true
            while (more) more = waiting.tryReceive().isSuccess
            return true
        }

        fun offer(event: Event) {
            if (!waiting.trySend(event).isSuccess) missed.incrementAndGet()
        }

        fun end() {
            waiting.close()
        }

        override fun close(): Unit = leave(this)
    }

    private companion object {
        /** Events taken in one call: a call with 64 costs each of them a fortieth of one alone. */
        val BATCH = 64u

        /** As many as the core keeps for a reader. */
        const val BEHIND_MAX = 4_096
    }
}
