package org.permesso

import android.content.Context
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.net.nsd.NsdManager
import android.net.wifi.WifiManager
import android.util.Log
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import org.permesso.ffi.PermessoException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * This phone's networks, as a host needs to know them: an app may not ask the system for its interfaces since Android 11.
 *
 * ```
 * val networks = DeviceNetworks(context)
 * permesso.setNetworkAddresses(networks.addresses.first())   // before its start: else that fails where there is no network yet
 * scope.launch { networks.follow(permesso) }      // for as long as the host is started
 * scope.launch { networks.discover(permesso) }    // while somebody looks at the app, or a service keeps it running
 * ```
 */
public class DeviceNetworks(
    context: Context,
) {
    private val connectivity = context.applicationContext.getSystemService(ConnectivityManager::class.java)

    // A device on a cable may have neither.
    private val wifi: WifiManager? = context.applicationContext.getSystemService(WifiManager::class.java)
    private val discovery: NsdManager? = context.applicationContext.getSystemService(NsdManager::class.java)

    /** The addresses by which others near this phone may reach it. Emits at once and whenever that changes. */
    public val addresses: Flow<List<NetworkAddress>> =
        networks()
            .map { known -> reachableAddresses(known, interfacesOfThisDevice()) }
            .flowOn(Dispatchers.IO)
            .distinctUntilChanged()

    /** Tells a host the addresses of this phone whenever they change, until it is cancelled or the host is stopped. */
    public suspend fun follow(permesso: Permesso): Unit = tellAddresses(addresses, permesso::setNetworkAddresses)

    /**
     * Lets a host hear broadcasts and multicasts, and finds others by the phone's own discovery too, until it is cancelled.
     * That costs battery: run it only while it is of use.
     *
     * Others find this phone by it only while the host is visible to everybody, which is looked at every five seconds. Where Android
     * refuses that discovery, as until its user has allowed an app for Android 17 the local network, it is asked again every ten.
     */
    public suspend fun discover(permesso: Permesso) {
        // Without it the radio's chip throws broadcasts and multicasts away. Not counted, so that one release is enough.
        val lock = wifi?.createMulticastLock("permesso")?.apply { setReferenceCounted(false) }
        lock?.acquire()
        try {
            unlessStopped {
                if (discovery != null) find(discovery, permesso)
                // A device without one hears what the lock lets in all the same.
                awaitCancellation()
            }
        } finally {
            lock?.release()
        }
    }

    private suspend fun find(
        manager: NsdManager,
        permesso: Permesso,
    ): Unit =
        coroutineScope {
            val name = LocalDiscovery.newName()
            val local = LocalDiscovery(manager)
            launch { announced(permesso).collectLatest { port -> if (port != null) local.announce(name, port.toInt()) } }
            local.others(name).collect { address -> whenReady { permesso.peerFound(address) } }
        }

    /** The port others may be told of; none while not everybody may see the host. */
    private fun announced(permesso: Permesso): Flow<UShort?> =
        flow {
            while (true) {
                val settings = whenReady { permesso.settings() }
                emit(settings.port.takeIf { settings.visibility == Visibility.EVERYBODY })
                delay(LOOK_AGAIN)
            }
        }.distinctUntilChanged()

    /** Every network this app may see, by what Android calls it; read again now and then, for a hotspot tells nobody. */
    private fun networks(): Flow<List<KnownNetwork>> =
        callbackFlow {
            val table = NetworkTable<Network> { it.networkHandle }
            val callback =
                object : ConnectivityManager.NetworkCallback() {
                    override fun onCapabilitiesChanged(
                        network: Network,
                        capabilities: NetworkCapabilities,
                    ) {
                        // A tunnel has what it goes through, too; who is at its other end is not near.
                        val isTunnel = capabilities.hasTransport(NetworkCapabilities.TRANSPORT_VPN)
                        table.setLocal(network, !isTunnel && LOCAL.any(capabilities::hasTransport))
                        if (table.isWhole()) trySend(table.networks())
                    }

                    override fun onLinkPropertiesChanged(
                        network: Network,
                        properties: LinkProperties,
                    ) {
                        table.setAddresses(network, properties.interfaceName, properties.addresses())
                        if (table.isWhole()) trySend(table.networks())
                    }

                    override fun onLost(network: Network) {
                        table.remove(network)
                        trySend(table.networks())
                    }
                }
            val isTold =
                try {
                    connectivity.registerNetworkCallback(request(), callback)
                    true
                } catch (refusal: SecurityException) {
                    // Android 11 takes an app for another now and then. The interfaces tell most of it.
                    Log.w("permesso", "networks are not told", refusal)
                    false
                }
            launch {
                // The system tells at once of the networks there are, and of none where there is none.
                delay(FIRST_TOLD)
                while (true) {
                    trySend(table.networks())
                    delay(READ_AGAIN)
                }
            }
            awaitClose { if (isTold) connectivity.unregisterNetworkCallback(callback) }
        }.conflate()

    private companion object {
        /** Networks whose others are near. */
        val LOCAL =
            listOf(NetworkCapabilities.TRANSPORT_WIFI, NetworkCapabilities.TRANSPORT_ETHERNET, NetworkCapabilities.TRANSPORT_BLUETOOTH)

        /** How long the system has to tell of what there is. What is not told yet looks like a hotspot, which has no network. */
        val FIRST_TOLD = 300.milliseconds

        /** How soon a hotspot that was switched on is seen: a person who did so waits about as long before trying again. */
        val READ_AGAIN = 10.seconds

        // The others too: an interface that belongs to none of them is a hotspot's.
        fun request(): NetworkRequest =
            NetworkRequest
                .Builder()
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_TRUSTED)
                .build()

        fun LinkProperties.addresses(): List<InterfaceAddress> = linkAddresses.map { InterfaceAddress(it.address, it.prefixLength) }
    }
}

/** Passes on lists of addresses, the newest only; tries again while the host is paused or cannot store, ends when it is stopped. */
internal suspend fun tellAddresses(
    addresses: Flow<List<NetworkAddress>>,
    tell: suspend (List<NetworkAddress>) -> Unit,
): Unit = unlessStopped { addresses.collectLatest { list -> whenReady { tell(list) } } }

/** A change of the settings tells nobody. */
private val LOOK_AGAIN = 5.seconds

/** Does something with a host until that is stopped. */
internal suspend fun unlessStopped(action: suspend () -> Unit) {
    try {
        action()
    } catch (_: PermessoException.Stopped) {
        return
    }
}
