package org.permesso

import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import android.os.Build
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import java.net.InetAddress
import java.util.concurrent.atomic.AtomicBoolean
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
            found().filter { it.serviceName != own }.buffer(FOUND_MAX).collect { service ->
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
            suspendCancellableCoroutine { waiting ->
                val answer = { addresses: List<InetAddress>, port: Int ->
                    waiting.resumeOnce(if (port > 0) addresses.map { socketText(it, port) } else emptyList())
                }
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
                    val watch = Api34.resolve(manager, service, answer)
                    waiting.invokeOnCancellation { ended(watch::close) }
                } else {
                    resolveOnce(service, answer)
                }
            }
        }.orEmpty()

    @Suppress("DEPRECATION") // Newer ones go by Api34.
    private fun resolveOnce(
        service: NsdServiceInfo,
        answer: (List<InetAddress>, Int) -> Unit,
    ) {
        manager.resolveService(
            service,
            object : NsdManager.ResolveListener {
                override fun onServiceResolved(resolved: NsdServiceInfo): Unit = answer(listOfNotNull(resolved.host), resolved.port)

                override fun onResolveFailed(
                    failed: NsdServiceInfo,
                    error: Int,
                ): Unit = answer(emptyList(), 0)
            },
        )
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

        /** Found and not yet resolved; more than a crowded room has, and a flood is not kept. */
        private const val FOUND_MAX = 256

        /** A phone that is there answers within two rounds of multicast DNS (RFC 6762, 5.2: 1 s and 2 s). */
        private val RESOLVE_MAX = 5.seconds

        /** A name that says nothing of who it is, and is another each time. */
        fun newName(): String = "permesso-%016x".format(Random.nextLong())

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
