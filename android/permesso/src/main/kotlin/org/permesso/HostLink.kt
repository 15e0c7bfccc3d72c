package org.permesso

/** An open host link. It is closed by [end], by the host that stops, and when the app gives it up without a word. */
public interface HostLink : AutoCloseable {
    /**
     * Takes in a packet that the radio brought. Never blocks; what is no packet, what comes faster than it can be taken in, and what
     * comes after the end is dropped.
     */
    public fun receive(packet: ByteArray)

    /** Whether it is still open. */
    public fun isOpen(): Boolean

    /** The radio is gone, or the app wants no more of it. Nothing here fails afterwards. */
    public fun end()

    /** The same as [end]. */
    override fun close()
}

/** A host link of the native library. */
internal class LiveHostLink(
    private val link: org.permesso.ffi.HostLink,
) : HostLink {
    override fun receive(packet: ByteArray): Unit = link.receive(packet)

    override fun isOpen(): Boolean = link.isOpen()

    override fun end(): Unit = link.end()

    // The generated class throws at every call after its own close, and a radio's packet may come at any time, on the radio's thread.
    // What it holds over there is small, and goes when nobody refers to this any more.
    override fun close(): Unit = end()
}
