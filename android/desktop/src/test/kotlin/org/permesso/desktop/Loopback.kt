package org.permesso.desktop

import java.io.File
import java.net.DatagramSocket
import java.net.InetSocketAddress
import kotlin.random.Random

/** A network of this machine's own: hosts on 127.0.0.x with one port, which those of another port do not hear. */
internal class Loopback {
    // Not one that the system gives to sockets without a number (Linux: from 32,768 on).
    private val port =
        generateSequence { Random.nextInt(10_000, 32_768) }.first { port ->
            runCatching { DatagramSocket(InetSocketAddress(port)).close() }.isSuccess
        }

    /** What the host on 127.0.0.[last] is opened with. */
    fun parameters(last: Int): String =
        "[host]\nport = $port\n[network]\ninterfaces = [\"127.0.0.$last\"]\n[presence]\nsearch_time = \"1s\"\n[friendship]\nstamp_bits = 8\n"

    /** A folder for the program whose host is on 127.0.0.[last]. */
    fun home(
        folder: File,
        last: Int,
    ): File {
        folder.mkdirs()
        File(folder, "config.toml").writeText(parameters(last))
        return folder
    }
}
