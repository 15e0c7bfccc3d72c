package org.permesso

import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.permesso.ffi.PermessoException
import java.net.Inet6Address
import java.net.InetAddress
import kotlin.time.Duration.Companion.seconds

internal class AddressesTest {
    @get:Rule
    val folder = TemporaryFolder()

    private fun address(
        text: String,
        prefix: Int,
    ): InterfaceAddress = InterfaceAddress(InetAddress.getByName(text), prefix)

    private val wifi = listOf(address("192.168.1.20", 24), address("fe80::1", 64))
    private val mobile = listOf(address("10.44.0.7", 30))

    private fun interfaces(vararg others: DeviceInterface): List<DeviceInterface> =
        listOf(DeviceInterface("wlan0", 3, true, wifi), DeviceInterface("rmnet0", 4, false, mobile)) + others

    @Test
    fun `networks near the phone count, with the numbers of their interfaces, mobile ones do not`() {
        val table = NetworkTable<Int> { 432_902_426_637L * it }
        table.setAddresses(1, "wlan0", wifi + address("127.0.0.1", 8))
        table.setLocal(1, true)
        table.setLocal(2, false)
        table.setAddresses(2, "rmnet0", mobile)
        val addresses = listOf("192.168.1.20" to 24u, "fe80:0:0:0:0:0:0:1" to 64u)
        val expected = addresses.map { (address, prefix) -> NetworkAddress("wlan0", address, prefix.toUByte(), 3u, 432_902_426_637u) }
        assertEquals(expected, reachableAddresses(table.networks(), interfaces()))
        assertTrue(table.isWhole())
        table.remove(1)
        table.remove(2)
        table.setLocal(3, true)
        assertEquals(emptyList<KnownNetwork>(), table.networks())
        // Its interface would be taken for a hotspot's.
        assertFalse(table.isWhole())
    }

    @Test
    fun `the interface of a hotspot of the phone's own counts although it is no network`() {
        val known = listOf(KnownNetwork("rmnet0", false, mobile), KnownNetwork("wlan0", false, wifi))
        val hotspot = DeviceInterface("swlan0", 9, true, listOf(address("192.168.43.1", 24)))
        val tunnel = DeviceInterface("dummy0", 10, true, listOf(address("fe80::5", 64)))
        val found = reachableAddresses(known, interfaces(hotspot, tunnel))
        assertEquals(listOf(NetworkAddress("swlan0", "192.168.43.1", 24u, 9u)), found)
    }

    @Test
    fun `this machine's own interfaces can be read`() {
        assertTrue(interfacesOfThisDevice().all { it.number > 0 && it.addresses.all { entry -> !entry.address.isLoopbackAddress } })
    }

    @Test
    fun `addresses are written as the library reads them`(): Unit =
        runBlocking {
            val linkLocal = Inet6Address.getByAddress(null, InetAddress.getByName("fe80::1").address, 7)
            val texts =
                listOf(
                    socketText(InetAddress.getByName("192.168.1.20"), 20070) to "192.168.1.20:20070",
                    socketText(linkLocal, 20070) to "[fe80:0:0:0:0:0:0:1%7]:20070",
                    socketText(InetAddress.getByName("2001:db8::1"), 1) to "[2001:db8:0:0:0:0:0:1]:1",
                )
            Permesso.open(PermessoConfig(folder.newFolder(), "Ada", FileKeyStore(folder.newFolder()))).use { host ->
                host.setNetworkAddresses(reachableAddresses(listOf(KnownNetwork("wlan0", true, wifi)), interfaces()))
                for ((text, expected) in texts) {
                    assertEquals(expected, text)
                    host.peerFound(text)
                }
            }
        }

    @Test
    fun `addresses that change while a host is paused or cannot store reach it when that is over, and telling ends when it stops`(): Unit =
        runBlocking {
            val told = mutableListOf<String>()
            val states = mutableListOf(PermessoException.Paused("paused"), PermessoException.StorageUnavailable("full"))
            val list = listOf(NetworkAddress("wlan0", "192.168.1.20", 24u, 3u))
            tellAddresses(flowOf(list)) {
                states.removeFirstOrNull()?.let { throw it }
                told += it.single().address
            }
            assertEquals(listOf("192.168.1.20"), told)
            withTimeout(5.seconds) {
                tellAddresses(flow { while (true) emit(list) }) { throw PermessoException.Stopped("stopped") }
            }
        }
}
