package org.permesso

import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import android.os.Build
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import java.net.InetAddress
import kotlin.coroutines.resume
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * The phone's own discovery (DNS-SD, RFC 6763): it works on networks that drop broadcasts, and with iPhones.
 *
 * What the phone refuses may be allowed soon: it is asked again after [pause].
 */
internal class LocalDiscovery(
    private val manager: NsdManager,
    private val pause: Duration = ASK_AGAIN,
) {
    /** Lets others find this host under [name], until it is cancelled. Where the phone refuses, it is found in the other ways. */
    suspend fun announce(
        name: String,
        port: Int,
    ): Unit = againAndAgain { announceOnce(name, port) }

    /** Returns if the phone refuses. */
    private suspend fun announceOnce(
        name: String,
        port: Int,
    ) {
        val service =
            NsdServiceInfo().apply {
                serviceName = name
                serviceType = SERVICE_TYPE
                setPort(port)
                // On an iPhone the service has a port of its own, so that there and here the host's stands in the record.
                setAttribute(PORT, port.toString())
            }
        suspendCancellableCoroutine<Unit> { waiting ->
            val listener = Registration { waiting.resumeOnce(Unit) }
            manager.registerService(service, NsdManager.PROTOCOL_DNS_SD, listener)
            waiting.invokeOnCancellation { ended { manager.unregisterService(listener) } }
        }
    }

    /** The addresses, with ports, of others than [own]. Who is there without an address is asked again: its answer may have been lost. */
    fun others(own: String): Flow<String> =
        channelFlow {
            val here = MutableStateFlow(emptyList<NsdServiceInfo>())
            launch { againAndAgain { lookOnce(here) } }
            // When each is to be asked again.
            val asked = mutableMapOf<NsdServiceInfo, TimeSource.Monotonic.ValueTimeMark>()
            while (true) {
                val seen = here.value
                asked.keys.retainAll(seen.toSet())
                // One after the other, as older Androids want it; who is new goes first.
                val next =
                    seen.find { it.serviceName != own && it !in asked }
                        ?: asked.filterValues { it.hasPassedNow() }.minByOrNull { it.value }?.key
                if (next != null) {
                    val addresses = resolved(next)
                    for (address in addresses) send(address)
                    asked[next] = TimeSource.Monotonic.markNow() + if (addresses.isEmpty()) pause else Duration.INFINITE
                } else {
                    val wait = asked.values.minOrNull()?.let { -it.elapsedNow() } ?: Duration.INFINITE
                    withTimeoutOrNull(wait) { here.first { it != seen } }
                }
            }
        }

    /** Keeps [here] what the phone sees; returns if it refuses to look. */
    private suspend fun lookOnce(here: MutableStateFlow<List<NsdServiceInfo>>): Unit =
        suspendCancellableCoroutine { waiting ->
            val listener =
                object : NsdManager.DiscoveryListener {
                    override fun onServiceFound(service: NsdServiceInfo): Unit = here.update { (it + service).takeLast(FOUND_MAX) }

                    override fun onServiceLost(service: NsdServiceInfo): Unit =
                        here.update { seen -> seen.filter { it.serviceName != service.serviceName } }

                    override fun onDiscoveryStarted(type: String): Unit = Unit

                    override fun onDiscoveryStopped(type: String): Unit = Unit

                    override fun onStartDiscoveryFailed(
                        type: String,
                        error: Int,
                    ): Unit = waiting.resumeOnce(Unit)

                    override fun onStopDiscoveryFailed(
                        type: String,
                        error: Int,
                    ): Unit = Unit
                }
            manager.discoverServices(SERVICE_TYPE, NsdManager.PROTOCOL_DNS_SD, listener)
            waiting.invokeOnCancellation { ended { manager.stopServiceDiscovery(listener) } }
        }

    private suspend fun againAndAgain(action: suspend () -> Unit) {
        while (true) {
            action()
            delay(pause)
        }
    }

    private suspend fun resolved(service: NsdServiceInfo): List<String> =
        withTimeoutOrNull(RESOLVE_MAX) {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) watched(service) else resolvedInTurn(service)
        }.orEmpty()

    private suspend fun watched(service: NsdServiceInfo): List<String> =
        suspendCancellableCoroutine { waiting ->
            val watch = Api34.resolve(manager, service) { addresses, port -> waiting.resumeOnce(texts(addresses, port)) }
            waiting.invokeOnCancellation { ended(watch::close) }
        }

    // One that was given up goes on in the system, which has no way to end it, and takes no other meanwhile.
    private suspend fun resolvedInTurn(service: NsdServiceInfo): List<String> {
        while (true) {
            resolvedAtOnce(service)?.let { return it }
            delay(TRY_AGAIN)
        }
    }

    /** Null if another one is being resolved. */
    @Suppress("DEPRECATION") // Newer ones go by Api34.
    private suspend fun resolvedAtOnce(service: NsdServiceInfo): List<String>? =
        suspendCancellableCoroutine { waiting ->
            val listener =
                object : NsdManager.ResolveListener {
                    override fun onServiceResolved(resolved: NsdServiceInfo) {
                        waiting.resumeOnce(texts(listOfNotNull(resolved.host), hostPort(resolved)))
                    }

                    override fun onResolveFailed(
                        failed: NsdServiceInfo,
                        error: Int,
                    ) {
                        waiting.resumeOnce(emptyList<String>().takeIf { error != NsdManager.FAILURE_ALREADY_ACTIVE })
                    }
                }
            manager.resolveService(service, listener)
        }

    private class Registration(
        private val failed: () -> Unit,
    ) : NsdManager.RegistrationListener {
        override fun onRegistrationFailed(
            service: NsdServiceInfo,
            error: Int,
        ): Unit = failed()

        override fun onServiceRegistered(service: NsdServiceInfo): Unit = Unit

        override fun onServiceUnregistered(service: NsdServiceInfo): Unit = Unit

        override fun onUnregistrationFailed(
            service: NsdServiceInfo,
            error: Int,
        ): Unit = Unit
    }

    internal companion object {
        /** The same on iPhones (NSBonjourServices). */
        const val SERVICE_TYPE = "_permesso._udp"

        /** What the record calls the host's port; the same on iPhones. */
        private const val PORT = "port"

        private const val PORT_MAX = 65_535

        /** Others that are kept in mind, the newest; more than a crowded room has at once, and a flood is not kept. */
        private const val FOUND_MAX = 256

        /** How soon a refusal or a silence is asked about again; the same on iPhones. */
        private val ASK_AGAIN = 10.seconds

        /** A phone that is there answers within two rounds of multicast DNS (RFC 6762, 5.2: 1 s and 2 s). */
        private val RESOLVE_MAX = 5.seconds

        /** How soon the one before is asked after: a few times within [RESOLVE_MAX]. */
        private val TRY_AGAIN = 1.seconds

        /** A name that says nothing of who it is, and is another each time. */
        fun newName(): String = "permesso-%016x".format(Random.nextLong())

        /** The port of the host that a service stands for: that of its record (RFC 6763, 6), else its own. */
        fun hostPort(service: NsdServiceInfo): Int {
            val told = service.attributes[PORT]?.decodeToString()?.toIntOrNull()
            return told?.takeIf { it in 1..PORT_MAX } ?: service.port
        }

        private fun texts(
            addresses: List<InetAddress>,
            port: Int,
        ): List<String> = if (port > 0) addresses.map { socketText(it, port) } else emptyList()

        /** The system throws if it has ended that already, and there is nothing to do about it. */
        private fun ended(action: () -> Unit) {
            try {
                action()
            } catch (_: IllegalArgumentException) {
                return
            }
        }
    }
}

private fun <T> kotlinx.coroutines.CancellableContinuation<T>.resumeOnce(value: T) {
    if (isActive) resume(value)
}
