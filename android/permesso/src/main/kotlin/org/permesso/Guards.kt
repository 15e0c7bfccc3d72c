package org.permesso

import org.permesso.ffi.CarrierException
import org.permesso.ffi.KeyStoreException
import org.permesso.ffi.LogSinkException
import org.permesso.ffi.PermessoException
import org.permesso.ffi.ProgressException
import org.permesso.ffi.ProgressListener
import org.permesso.ffi.RescueListener

// What goes through the door, either way, is what the generated code can handle. Of what an app's own code throws that are exceptions
// alone: with an error of the machine's (no memory, a class that is missing) the call would count as done, as if a key had been kept.

/** An app's key store, whatever it does. */
internal class GuardedKeyStore(
    private val store: KeyStore,
) : KeyStore {
    override fun load(name: String): ByteArray? = guarded(KeyStoreException::Unavailable) { store.load(name) }

    override fun save(
        name: String,
        secret: ByteArray,
    ): Unit = guarded(KeyStoreException::Unavailable) { store.save(name, secret) }
}

/** An app's other radio, whatever it does. */
internal class GuardedCarrier(
    private val carrier: HostLinkCarrier,
) : HostLinkCarrier {
    override fun carry(packet: ByteArray): Unit = guarded(CarrierException::Gone) { carrier.carry(packet) }

    override fun closed(): Unit = guarded(CarrierException::Gone) { carrier.closed() }
}

/** An app's log, whatever it does. */
internal class GuardedSink(
    private val sink: LogSink,
) : LogSink {
    override fun log(
        level: LogLevel,
        target: String,
        text: String,
    ): Unit = guarded(LogSinkException::Failed) { sink.log(level, target, text) }
}

/** A progress listener of the library that asks the app. */
internal fun listener(onProgress: OnProgress): ProgressListener =
    object : ProgressListener {
        override fun onProgress(
            done: ULong,
            total: ULong,
        ): Boolean = guarded(ProgressException::Failed) { onProgress(done, total) }
    }

/** A listener of the library that hands the app what was found. */
internal fun finder(onFound: OnFound): RescueListener =
    object : RescueListener {
        override fun onFound(
            friends: List<Contact>,
            messages: List<RescuedMessage>,
        ): Boolean = guarded(ProgressException::Failed) { onFound(friends, messages) }
    }

/** Does what is the app's; whatever it throws is thrown as what [failed] makes of its words. */
internal fun <T> guarded(
    failed: (String) -> Exception,
    action: () -> T,
): T =
    try {
        action()
    } catch (failure: Throwable) {
        throw failed(words(failure))
    }

private fun words(failure: Throwable): String =
    try {
        val said =
            when (failure) {
                is KeyStoreException.Unavailable -> failure.reason
                is CarrierException.Gone -> failure.reason
                else -> failure.toString()
            }
        // Half of a character would not come through.
        said.encodeToByteArray().decodeToString()
    } catch (_: Throwable) {
        failure.javaClass.name
    }

/**
 * Refuses what is no text, half of an emoji for one, before the library is asked: the generated code finds it out only when it has taken
 * hold of the host, and would never let go of it.
 */
internal fun checkTexts(vararg texts: String?) {
    if (texts.any { it != null && !Charsets.UTF_8.newEncoder().canEncode(it) }) {
        throw PermessoException.InvalidInput("what was given is no text: it holds half of a character")
    }
}
