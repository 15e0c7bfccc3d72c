package org.permesso

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.ConcurrentLinkedQueue

internal class ThreadsTest : InFolder() {
    @Test
    fun `the threads of the core are known to the Java machine once, and keep no program from ending`(): Unit =
        runBlocking {
            val seen = ConcurrentLinkedQueue<Thread>()
            val sink =
                object : LogSink {
                    override fun log(
                        level: LogLevel,
                        target: String,
                        text: String,
                    ) {
                        seen += Thread.currentThread()
                    }
                }
            Permesso.setLog(LogLevel.TRACE, sink)
            try {
                World(folder).start("Ada", 1).use { ada -> repeat(10) { ada.search("nobody is called so") } }
            } finally {
                Permesso.setLog(LogLevel.ERROR, null)
            }
            val own = Thread.currentThread()
            val cores = seen.filter { it !== own && it.name.startsWith("Thread-") }
            // Else each line would come on a thread of its own.
            assertTrue(cores.size > 40 && cores.distinct().size <= 10, "${cores.size} lines on ${cores.distinct().size} threads")
            assertTrue(cores.all(Thread::isDaemon))
        }
}
