package org.permesso

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

/** A disk that becomes full: a small file system of its own, which only root can mount. */
internal class FullDiskTest : InFolder() {
    @Test
    fun `lists that are watched wait while the disk is full, and go on by themselves when there is room`(): Unit =
        runBlocking {
            val world = World(folder)
            SmallDisk.mount(File(folder, "Ada")).use { disk ->
                world.start("Ada", 1).use { ada ->
                    world.start("Grace", 2).use { grace ->
                        befriend(ada, grace)

                        fun watched() =
                            listOf(
                                async(Dispatchers.Default) { ada.friends.first { list -> list.any { it.name == "Gr." } } },
                                async(Dispatchers.Default) { ada.conversation(grace.id).first { list -> list.any { it.text == "room" } } },
                            )
                        val notices = async(Dispatchers.Default) { ada.events.first { it is Event.Notice && it.notice is Notice.Restored } }
                        val before = watched()
                        delay(200.milliseconds)
                        ada.fill(disk, grace)
                        val meanwhile = watched()
                        delay(200.milliseconds)
                        disk.empty()
                        withTimeout(patience) {
                            notices.await()
                            whenStored { ada.setLocalAlias(grace.id, "Gr.") }
                            whenStored { ada.send(grace.id, "room") }
                            assertEquals(4, (before + meanwhile).awaitAll().size)
                        }
                    }
                }
            }
        }

    /** Writes until nothing can be stored. Closing a database that has failed moves its log, which makes a little room: it is taken too. */
    private suspend fun Permesso.fill(
        disk: SmallDisk,
        friend: Permesso,
    ): Unit =
        withTimeout(patience) {
            do {
                disk.fill()
                fails { send(friend.id, "x".repeat(1_000)) }
            } while (!(1..8).all {
                    delay(40.milliseconds)
                    fails { settings() }
                }
            )
        }

    private suspend fun whenStored(action: suspend () -> Unit) {
        while (fails(action)) delay(100.milliseconds)
    }

    private suspend fun fails(action: suspend () -> Unit): Boolean =
        try {
            action()
            false
        } catch (_: PermessoException.StorageUnavailable) {
            true
        }
}

/** A small file system in memory; skips the test, with a visible line, where this user may not mount. */
private class SmallDisk(
    private val at: File,
) : AutoCloseable {
    private val ballast = File(at, "ballast")

    /** Takes all the room that is left. */
    fun fill() {
        var size = 1 shl 20
        while (size >= 512) {
            try {
                FileOutputStream(ballast, true).use { it.write(ByteArray(size)) }
            } catch (_: IOException) {
                size /= 2
            }
        }
    }

    fun empty() {
        check(ballast.delete())
    }

    override fun close() {
        run("umount", "--lazy", at.path)
    }

    companion object {
        fun mount(at: File): SmallDisk {
            at.mkdirs()
            // Room for a new database with its log and some hundred messages.
            val failure = run("mount", "-t", "tmpfs", "-o", "size=1536k", "permesso-test", at.path)
            if (failure != null) System.err.println("SKIPPED: no small file system can be mounted here: $failure")
            assumeTrue(failure == null) { "no small file system can be mounted here: $failure" }
            return SmallDisk(at)
        }

        /** What it says if it fails. */
        private fun run(vararg command: String): String? =
            try {
                val process = ProcessBuilder(*command).redirectErrorStream(true).start()
                val said = process.inputStream.reader().readText()
                said.takeIf { process.waitFor() != 0 }
            } catch (failure: IOException) {
                failure.toString()
            }
    }
}
