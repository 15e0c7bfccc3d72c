package org.permesso

import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import android.os.Build
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import java.net.InetAddress
import kotlin.coroutines.resume
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

/** The phone's own discovery (DNS-SD, RFC 6763): it works on networks that drop broadcasts, and with iPhones. */
internal class LocalDiscovery(
    private val manager: NsdManager,
) {
    /** Lets others find this host under [name], until it is cancelled. A phone that refuses is found in the other ways. */
    suspend fun announce(
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

    /** The addresses, with ports, of others than [own]; ends if the phone cannot look. */
    fun others(own: String): Flow<String> =
        channelFlow {
            // One after the other: older Androids resolve one name at a time.
            found().buffer(FOUND_MAX).filter { it.serviceName != own }.collect { service ->
                for (address in resolved(service)) send(address)
            }
        }

    private fun found(): Flow<NsdServiceInfo> =
        callbackFlow {
            val listener =
                object : NsdManager.DiscoveryListener {
                    override fun onServiceFound(service: NsdServiceInfo) {
                        trySend(service)
                    }

                    override fun onServiceLost(service: NsdServiceInfo): Unit = Unit

                    override fun onDiscoveryStarted(type: String): Unit = Unit

                    override fun onDiscoveryStopped(type: String): Unit = Unit

                    override fun onStartDiscoveryFailed(
                        type: String,
                        error: Int,
                    ) {
                        close()
                    }

                    override fun onStopDiscoveryFailed(
                        type: String,
                        error: Int,
                    ): Unit = Unit
                }
            manager.discoverServices(SERVICE_TYPE, NsdManager.PROTOCOL_DNS_SD, listener)
            awaitClose { ended { manager.stopServiceDiscovery(listener) } }
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

        /** Found and not yet resolved; more than a crowded room has, and a flood is not kept. */
        private const val FOUND_MAX = 256

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
