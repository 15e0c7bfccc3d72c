package org.permesso

import android.app.Application
import android.net.ConnectivityManager
import android.net.LinkAddress
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities
import java.net.InetAddress
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE)
internal class DeviceNetworksTest {
    private val context: Application = RuntimeEnvironment.getApplication()
    private val connectivity = shadowOf(context.getSystemService(ConnectivityManager::class.java))

    private fun callbacks(): Set<ConnectivityManager.NetworkCallback> = connectivity.networkCallbacks

    private fun capabilities(transports: List<Int>): NetworkCapabilities =
        ShadowNetworkCapabilities.newInstance().also { transports.forEach(shadowOf(it)::addTransportType) }

    private fun properties(
        name: String,
        address: String,
    ): LinkProperties =
        LinkProperties().apply {
            interfaceName = name
            // Hidden, and the only constructor before Android 12.
            val constructor = LinkAddress::class.java.getDeclaredConstructor(InetAddress::class.java, Int::class.javaPrimitiveType)
            constructor.isAccessible = true
            setLinkAddresses(listOf(constructor.newInstance(InetAddress.getByName(address), 24)))
        }

    private fun appear(
        network: Network,
        properties: LinkProperties,
        vararg transports: Int,
    ) {
        for (callback in callbacks()) {
            callback.onCapabilitiesChanged(network, capabilities(transports.asList()))
            callback.onLinkPropertiesChanged(network, properties)
        }
    }

    @Test
    fun `a host hears of networks that come, change and go, for as long as somebody listens`(): Unit =
        runBlocking {
            val told = Channel<List<String>>(Channel.UNLIMITED)
            val listening = launch { DeviceNetworks(context).addresses.collect { list -> told.send(list.map { it.address }) } }
            withTimeout(20.seconds) {
                while (callbacks().isEmpty()) delay(20.milliseconds)
                val ours = told.receive()
                val wifi = ShadowNetwork.newInstance(7)
                appear(wifi, properties("permesso0", "192.168.1.20"), NetworkCapabilities.TRANSPORT_WIFI)
                awaitList(told, listOf("192.168.1.20") + ours)
                appear(ShadowNetwork.newInstance(8), properties("permesso1", "10.44.0.7"), NetworkCapabilities.TRANSPORT_CELLULAR)
                // A tunnel over Wi-Fi leads to somewhere far away.
                val tunnel = intArrayOf(NetworkCapabilities.TRANSPORT_WIFI, NetworkCapabilities.TRANSPORT_VPN)
                appear(ShadowNetwork.newInstance(9), properties("permesso2", "10.8.0.2"), *tunnel)
                appear(wifi, properties("permesso0", "192.168.1.21"), NetworkCapabilities.TRANSPORT_WIFI)
                awaitList(told, listOf("192.168.1.21") + ours)
                callbacks().forEach { it.onLost(wifi) }
                awaitList(told, ours)
            }
            listening.cancel()
            listening.join()
            assertTrue(callbacks().isEmpty())
        }

    private suspend fun awaitList(
        told: Channel<List<String>>,
        wanted: List<String>,
    ) {
        var last: List<String> = emptyList()
        while (last != wanted) last = told.receive()
        assertEquals(wanted, last)
    }
}
