package org.permesso.testing

import org.permesso.HostLink
import org.permesso.HostLinkCarrier

/** A host link that carries nothing: it is open until it is ended, or its host stops. */
internal class FakeHostLink(
    private val carrier: HostLinkCarrier,
) : HostLink {
    @Volatile
    private var open = true

    override fun receive(packet: ByteArray): Unit = Unit

    override fun isOpen(): Boolean = open

    override fun end() {
        if (open) {
            open = false
            runCatching { carrier.closed() }
        }
    }

    override fun close(): Unit = end()
}
