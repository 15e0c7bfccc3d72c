package org.permesso.desktop

import java.awt.Desktop
import java.awt.desktop.AppReopenedListener
import java.io.File
import java.io.IOException
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ClosedChannelException
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.PosixFilePermissions
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds

/** What the program that has the folder says when it is rung. */
internal enum class Answer {
    /** It has come to the front, with the link if there was one. */
    SHOWN,

    /** It is on its way out: the folder is free in a moment. */
    ENDING,
}

/**
 * How a program that is begun again reaches the one that has the [folder], so that there is one window and no link is lost: a
 * socket of the system's own, in a folder that nobody but its user can go into. One that a crash left is nobody's: who rings does so
 * because the folder is claimed, and whoever has claimed it hangs a new one first.
 */
internal class Doorbell(
    folder: File,
) {
    private val own = File(folder, "bell").toPath()
    private val socket = own.resolve("socket")

    /** Says where it is instead, where its path would be longer than those of sockets may be. */
    private val elsewhere = own.resolve("elsewhere")

    /**
     * Has [onRing] answer whoever rings, with the link that they were begun with, until it is closed. Only for the program that has
     * claimed the folder. Null where the system has no such sockets: who begins a second program is told then that there is one.
     */
    fun hang(onRing: (String?) -> Answer?): AutoCloseable? =
        try {
            val place = cleared()
            val server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            server.bind(UnixDomainSocketAddress.of(place), WAITING)
            thread(isDaemon = true, name = "bell") { serve(server, onRing) }
            AutoCloseable {
                server.close()
                Files.deleteIfExists(place)
            }
        } catch (failure: IOException) {
            refused(failure)
        } catch (failure: UnsupportedOperationException) {
            refused(failure)
        }

    /** Asks the program that has the folder to come to the front, with that link if there is one. Null if it has not by [end]. */
    fun ring(
        uri: String?,
        end: Long,
    ): Answer? =
        try {
            SocketChannel.open(StandardProtocolFamily.UNIX).use { channel ->
                val call = Call(channel, end)
                call.connect(UnixDomainSocketAddress.of(place()))
                call.send(uri ?: SHOW)
                val said = call.receive(SAID_MAX)
                Answer.entries.find { it.name == said }
            }
        } catch (_: IOException) {
            // Nobody has hung one yet, or whoever has is ending.
            null
        } catch (_: UnsupportedOperationException) {
            null
        }

    private fun refused(failure: Exception): AutoCloseable? {
        System.err.println("permesso: $failure")
        return null
    }

    /** Where it shall hang; nothing is there. */
    private fun cleared(): Path {
        Files.createDirectories(own)
        // Windows has no such permissions; there the folder's own count.
        if (Files.getFileStore(own).supportsFileAttributeView("posix")) Files.setPosixFilePermissions(own, OWNER_ALONE)
        Files.deleteIfExists(elsewhere)
        Files.deleteIfExists(socket)
        if ("$socket".encodeToByteArray().size <= PATH_MAX) return socket
        // Such a folder is its user's alone, too.
        val place = Files.createTempDirectory("permesso").resolve("socket")
        place.parent.toFile().deleteOnExit()
        replace(elsewhere.toFile(), "$place".encodeToByteArray())
        return place
    }

    private fun place(): Path {
        val told = elsewhere.toFile()
        return if (told.exists() && told.length() <= SAID_MAX) Path.of(told.readText()) else socket
    }

    private fun serve(
        server: ServerSocketChannel,
        onRing: (String?) -> Answer?,
    ) {
        while (true) {
            try {
                server.accept().use { answer(it, onRing) }
            } catch (_: ClosedChannelException) {
                return
            } catch (_: IOException) {
                // Who rang has gone, or too much is open in this moment.
                Thread.sleep(BREATH)
            }
        }
    }

    private fun answer(
        channel: SocketChannel,
        onRing: (String?) -> Answer?,
    ) {
        val call = Call(channel, System.nanoTime() + ASKING)
        val asked = call.receive(ASKED_MAX) ?: return
        if (asked != SHOW && !asked.startsWith(Arguments.SCHEME, ignoreCase = true)) return
        // Where there is no answer, silence says so.
        onRing(asked.takeIf { it != SHOW })?.let { call.send(it.name) }
    }

    /** One exchange, over at [end] whatever the other side does. */
    private class Call(
        private val channel: SocketChannel,
        private val end: Long,
    ) {
        init {
            channel.configureBlocking(false)
        }

        fun connect(address: UnixDomainSocketAddress) {
            if (channel.connect(address)) return
            await(SelectionKey.OP_CONNECT)
            channel.finishConnect()
        }

        /** Says that, and that it is all. */
        fun send(text: String) {
            val bytes = ByteBuffer.wrap(text.encodeToByteArray())
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) await(SelectionKey.OP_WRITE)
            }
            channel.shutdownOutput()
        }

        /** All that the other side says; null if that is more than [max] bytes. */
        fun receive(max: Int): String? {
            val bytes = ByteBuffer.allocate(max + 1)
            while (bytes.hasRemaining()) {
                when (channel.read(bytes)) {
                    -1 -> return String(bytes.array(), 0, bytes.position(), Charsets.UTF_8)
                    0 -> await(SelectionKey.OP_READ)
                }
            }
            return null
        }

        private fun await(ready: Int) {
            Selector.open().use { selector ->
                channel.register(selector, ready)
                val left = (end - System.nanoTime()) / NANOS_OF_A_MILLI
                if (left <= 0 || selector.select(left) == 0) throw IOException("the other side does not go on")
            }
        }
    }

    private companion object {
        /** What is asked without a link. */
        const val SHOW = "show"

        /** Bytes that an address of a socket surely holds: macOS takes 103, Linux 107. */
        const val PATH_MAX = 100

        /** Who rings before the others were answered. */
        const val WAITING = 8

        /** Bytes of a link: at most four for each of its characters. */
        const val ASKED_MAX = 4 * Arguments.LINK_MAX

        /** Bytes of an answer, and of a path. */
        const val SAID_MAX = 4_096

        /** Who rings says what is wanted at once. */
        val ASKING = 2.seconds.inWholeNanoseconds

        const val BREATH = 100L
        const val NANOS_OF_A_MILLI = 1_000_000L

        val OWNER_ALONE: Set<PosixFilePermission> = PosixFilePermissions.fromString("rwx------")
    }
}

/**
 * On a Mac the system begins no program twice: it tells the one there is which link was opened, and that its picture was clicked. It
 * asks it to quit, too, from its menu, its dock and at the end of the session. Other systems tell nothing.
 *
 * @param onQuit Does all that is to be done before the end. Called on a thread of its own.
 */
internal fun hearSystem(
    onRing: (String?) -> Unit,
    onQuit: () -> Unit,
) {
    if (!Desktop.isDesktopSupported()) return
    val desktop = Desktop.getDesktop()
    if (desktop.isSupported(Desktop.Action.APP_OPEN_URI)) {
        desktop.setOpenURIHandler { event -> onRing(event.uri.toString().take(Arguments.LINK_MAX)) }
    }
    if (desktop.isSupported(Desktop.Action.APP_EVENT_REOPENED)) desktop.addAppEventListener(AppReopenedListener { onRing(null) })
    if (desktop.isSupported(Desktop.Action.APP_QUIT_HANDLER)) {
        desktop.setQuitHandler { _, response ->
            thread(name = "quit") {
                onQuit()
                response.performQuit()
            }
        }
    }
}
