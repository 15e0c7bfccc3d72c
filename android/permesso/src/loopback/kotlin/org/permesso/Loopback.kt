package org.permesso

import java.net.DatagramSocket
import java.net.InetSocketAddress
import kotlin.random.Random

/** A network of this machine's own, for the tests of each module: hosts on 127.0.0.x with one port, which those of another port do not hear. */
internal class Loopback {
    /** Not one that the system gives to sockets without a number (Linux: from 32,768 on). */
    val port: Int =
        generateSequence { Random.nextInt(10_000, 32_768) }.first { port ->
            runCatching { DatagramSocket(InetSocketAddress(port)).close() }.isSuccess
        }

    /** What the host on 127.0.0.[last] is opened with, [more] being further sections. A request of friendship costs little unless that is told. */
    fun parameters(
        last: Int,
        more: String = CHEAP,
    ): String = "[host]\nport = $port\n[network]\ninterfaces = [\"127.0.0.$last\"]\n$more"

    /** Sections of parameters. */
    companion object {
        /** Little work for a request, among hosts that all ask for no more. */
        const val CHEAP: String = "[friendship]\nstamp_bits = 8\n"
    }
}
