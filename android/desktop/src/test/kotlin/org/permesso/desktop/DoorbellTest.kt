package org.permesso.desktop

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.DisabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

/** How a program reaches the one that has its folder: whoever rings, and whatever hangs there. */
internal class DoorbellTest {
    @TempDir
    lateinit var folder: File

    private val rung = CopyOnWriteArrayList<String>()

    private fun ring(
        uri: String? = null,
        patience: Duration = 20.seconds,
        of: File = folder,
    ): Answer? = Doorbell(of).ring(uri, System.nanoTime() + patience.inWholeNanoseconds)

    private fun hang(
        at: File = folder,
        answer: Answer? = Answer.SHOWN,
    ): AutoCloseable =
        checkNotNull(
            Doorbell(at).hang {
                rung.add("$it")
                answer
            },
        )

    @Test
    fun `who rings is answered, with a link and without, and afterwards nobody is there`() {
        assertNull(ring())
        hang().use {
            assertEquals(Answer.SHOWN, ring())
            assertEquals(Answer.SHOWN, ring("permesso:x?alias=\u00e8"))
            assertEquals(listOf("null", "permesso:x?alias=\u00e8"), rung)
        }
        assertNull(ring())
        hang(answer = Answer.ENDING).use { assertEquals(Answer.ENDING, ring()) }
        assertEquals(emptyList<String>(), File(folder, "bell").list().orEmpty().toList())
    }

    @Test
    fun `one that a crash left is taken down`() {
        hang()
        // The folder's new owner does not know of it.
        hang(answer = Answer.ENDING).use { assertEquals(Answer.ENDING, ring()) }
        // And one that nobody answers is as none.
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).use { it.bind(UnixDomainSocketAddress.of(at())) }
        assertNull(ring())
        hang().use { assertEquals(Answer.SHOWN, ring()) }
    }

    private fun at(): Path = File(folder, "bell/socket").toPath()

    @Test
    fun `in a folder whose path is longer than one of a socket may be it hangs elsewhere, and is found there`() {
        val deep = File(folder, "a folder with a long name/".repeat(6)).apply { mkdirs() }
        val (bell, place) = hang(deep) to Path.of(File(deep, "bell/elsewhere").readText())
        bell.use {
            assertEquals(Answer.SHOWN, ring("permesso:x", of = deep))
            assertEquals(listOf("permesso:x"), rung)
            assertTrue(Files.exists(place))
        }
        assertFalse(Files.exists(place))
        assertNull(ring(of = deep))
    }

    @Test
    @DisabledOnOs(OS.WINDOWS, disabledReason = "Windows has no such permissions: there those of the user's own folder count")
    fun `nobody but the user can go to it`() {
        File(folder, "bell").mkdirs()
        hang().use {
            val held = Files.getPosixFilePermissions(File(folder, "bell").toPath())
            assertEquals("rwx------", PosixFilePermissions.toString(held))
        }
        val deep = File(folder, "a folder with a long name/".repeat(6)).apply { mkdirs() }
        hang(deep).use {
            val place = Path.of(File(deep, "bell/elsewhere").readText())
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(place.parent)))
        }
    }

    @Test
    fun `one that hangs, and one that says nothing, are given up in time`() {
        hang(answer = null).use { assertNull(ring()) }
        // It takes the call, and no more.
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).use { deaf ->
            deaf.bind(UnixDomainSocketAddress.of(at().also(Files::deleteIfExists)))
            val taken = measureTime { assertNull(ring(patience = 500.milliseconds)) }
            assertTrue(taken in 400.milliseconds..5.seconds, "$taken")
        }
    }

    @Test
    fun `who says nothing, too much or something else is not answered, and keeps nobody out for long`() {
        hang().use {
            val silent = call()
            // Behind it.
            val taken = measureTime { assertEquals(Answer.SHOWN, ring("permesso:x")) }
            assertTrue(taken < 10.seconds, "$taken")
            silent.close()
            for (text in listOf("", "https://example.org", "sho", "permesso:" + "x".repeat(9_000))) {
                call().use { other ->
                    // What is too much is not read to its end.
                    runCatching {
                        other.write(ByteBuffer.wrap(text.toByteArray()))
                        other.shutdownOutput()
                    }
                    val said = ByteBuffer.allocate(10)
                    assertTrue(runCatching { other.read(said) }.getOrDefault(-1) <= 0, text.take(20))
                }
            }
            assertEquals(listOf("permesso:x"), rung)
            assertNotNull(ring())
        }
    }

    private fun call(): SocketChannel = SocketChannel.open(UnixDomainSocketAddress.of(at()))
}
