package org.permesso.app

import android.net.wifi.WifiManager
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Test
import org.junit.runner.JUnitCore
import org.permesso.ExaminedThing
import org.permesso.Ground
import org.permesso.Permesso
import org.permesso.ui.Condition
import java.io.File
import java.io.IOException
import java.util.concurrent.TimeUnit

/** A phone that begins with its device: before there is a Wi-Fi. */
internal class BeforeNetworkTest {
    @Test
    fun `a host that begins before there is a network starts all the same, and is on the network once it comes`() {
        val missing = listOf(listOf("unshare", "--net", "true"), listOf("ip", "-V")).filter { !runs(it) }.map { it.first() }
        if (missing.isNotEmpty()) System.err.println("SKIPPED: a host before there is a network, for $missing does not work here")
        assumeTrue("$missing", missing.isEmpty())
        val path = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val settings = System.getProperties().stringPropertyNames().filter { it.startsWith("robolectric.") }
        val java = listOf(File(System.getProperty("java.home"), "bin/java").path, "-XX:TieredStopAtLevel=1", "-cp", path)
        val call = listOf("unshare", "--net") + java + settings.map { "-D$it=${System.getProperty(it)}" }
        val process = ProcessBuilder(call + JUnitCore::class.java.name + WithoutNetwork::class.java.name).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        assertEquals(said, 0, process.exitValue())
        assertTrue(said, "OK (1 test)" in said)
    }

    private fun runs(call: List<String>): Boolean =
        try {
            ProcessBuilder(call).start().waitFor() == 0
        } catch (_: IOException) {
            false
        }
}

/** What happens on a machine that has no network at first: [BeforeNetworkTest] gives it one without. */
internal class WithoutNetwork : WithPhone() {
    @Test
    fun `it waits for one`(): Unit =
        onPhone {
            val ada = app.host.open("Ada", false)
            ada.start()
            assertEquals(Ground.NO_ADDRESS, world.soon { ground(ada) })
            @Suppress("DEPRECATION") // It is the user who does so.
            app.getSystemService(WifiManager::class.java).isWifiEnabled = false
            assertTrue(Condition.WIFI_OFF in app.platform.conditions())
            // One that Android does not name: it is taken for a hotspot.
            val coming =
                listOf(
                    "link add wlan0 type veth peer name far",
                    "addr add 192.168.77.1/24 dev wlan0",
                    "link set far up",
                    "link set wlan0 up",
                )
            for (call in coming) assertEquals(call, 0, ProcessBuilder(listOf("ip") + call.split(' ')).inheritIO().start().waitFor())
            world.await("the network") { runBlocking { ground(ada) } == Ground.FINE }
            // A phone that is the hotspot often has no Wi-Fi besides, and would end it by switching that on.
            assertFalse(Condition.WIFI_OFF in app.platform.conditions())
        }

    private suspend fun ground(permesso: Permesso): Ground =
        permesso
            .examineNetwork()
            .diagnoses
            .first { it.thing == ExaminedThing.ADDRESS }
            .ground
}
