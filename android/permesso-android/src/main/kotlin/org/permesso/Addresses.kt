package org.permesso

import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetAddress
import java.net.NetworkInterface

/** An address of an interface, with the bits of its network prefix. */
internal data class InterfaceAddress(
    val address: InetAddress,
    val prefix: Int,
)

/** An interface of this device. */
internal data class DeviceInterface(
    val name: String,
    val number: Int,
    val hasMulticast: Boolean,
    val addresses: List<InterfaceAddress>,
)

/** A network the system speaks of. */
internal data class KnownNetwork(
    val interfaceName: String,
    /** Whether those on it are near. */
    val isLocal: Boolean,
    val addresses: List<InterfaceAddress>,
    /** By which the system puts sockets on it. */
    val handle: ULong? = null,
)

/** What the system has told of each network so far; it tells in pieces. */
internal class NetworkTable<N>(
    private val handleOf: (N) -> Long,
) {
    private class Entry(
        var isLocal: Boolean = false,
        var interfaceName: String? = null,
        var addresses: List<InterfaceAddress> = emptyList(),
    )

    private val entries = linkedMapOf<N, Entry>()

    @Synchronized
    fun setLocal(
        network: N,
        isLocal: Boolean,
    ) {
        entry(network).isLocal = isLocal
    }

    @Synchronized
    fun setAddresses(
        network: N,
        interfaceName: String?,
        addresses: List<InterfaceAddress>,
    ) {
        entry(network).apply {
            this.interfaceName = interfaceName
            this.addresses = addresses
        }
    }

    @Synchronized
    fun remove(network: N) {
        entries.remove(network)
    }

    @Synchronized
    fun networks(): List<KnownNetwork> =
        entries.mapNotNull { (network, entry) ->
            entry.interfaceName?.let { KnownNetwork(it, entry.isLocal, entry.addresses, handleOf(network).toULong()) }
        }

    /** Whether of each network all pieces were told. */
    @Synchronized
    fun isWhole(): Boolean = entries.values.all { it.interfaceName != null }

    private fun entry(network: N): Entry = entries.getOrPut(network) { Entry() }
}

/** The addresses others near this device may use: those of local networks, and those of a hotspot of its own. */
internal fun reachableAddresses(
    networks: List<KnownNetwork>,
    interfaces: List<DeviceInterface>,
): List<NetworkAddress> {
    val numbers = interfaces.associate { it.name to it.number }
    val ofNetworks =
        networks.filter { it.isLocal }.flatMap { network ->
            network.addresses.mapNotNull { told(network.interfaceName, numbers[network.interfaceName] ?: 0, it, network.handle) }
        }
    val known = networks.map { it.interfaceName }.toSet()
    // A hotspot is no network to the system: its interface is one more, with a private address. Mobile ones have no multicast.
    val ofHotspots =
        interfaces
            .filter { it.name !in known && it.hasMulticast && it.addresses.any(::isPrivate) }
            .flatMap { own -> own.addresses.mapNotNull { told(own.name, own.number, it, null) } }
    return (ofNetworks + ofHotspots).distinct()
}

/** The interfaces that are up, without the loopback; empty if the system does not say. */
internal fun interfacesOfThisDevice(): List<DeviceInterface> =
    try {
        NetworkInterface.getNetworkInterfaces().orEmpty().mapNotNull(::read)
    } catch (_: java.net.SocketException) {
        emptyList()
    } catch (_: NullPointerException) {
        // Android's own, over an interface of several names.
        emptyList()
    }

/** What is known of an interface that counts; null for another, and for one that went meanwhile. */
private fun read(found: NetworkInterface): DeviceInterface? =
    try {
        if (!found.isUp || found.isLoopback || found.isPointToPoint) {
            null
        } else {
            val addresses =
                found.interfaceAddresses.mapNotNull { entry ->
                    // Java gives entries without an address on some systems.
                    @Suppress("UNNECESSARY_SAFE_CALL")
                    entry?.address?.let { InterfaceAddress(it, entry.networkPrefixLength.toInt()) }
                }
            DeviceInterface(found.name, found.index, found.supportsMulticast(), addresses)
        }
    } catch (_: java.net.SocketException) {
        null
    }

/** An address with a port as the library reads it: an interface by its number. */
internal fun socketText(
    address: InetAddress,
    port: Int,
): String =
    when (address) {
        is Inet6Address -> {
            val scope = if (address.isLinkLocalAddress && address.scopeId != 0) "%${address.scopeId}" else ""
            "[${plain(address)}$scope]:$port"
        }

        else -> {
            "${plain(address)}:$port"
        }
    }

private fun told(
    name: String,
    number: Int,
    entry: InterfaceAddress,
    network: ULong?,
): NetworkAddress? {
    if (entry.address.isLoopbackAddress || entry.address.isMulticastAddress || entry.address.isAnyLocalAddress) return null
    return NetworkAddress(name, plain(entry.address), entry.prefix.toUByte(), number.toUInt(), network)
}

private fun isPrivate(entry: InterfaceAddress): Boolean = entry.address is Inet4Address && entry.address.isSiteLocalAddress

// Java writes the interface behind an address.
private fun plain(address: InetAddress): String = address.hostAddress.orEmpty().substringBefore('%')

private fun <T> java.util.Enumeration<T>?.orEmpty(): List<T> = this?.toList() ?: emptyList()
