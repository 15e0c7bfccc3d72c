package org.permesso

import android.app.Application
import android.content.Context
import android.net.nsd.NsdManager
import android.net.wifi.WifiManager
import android.os.Build
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The phone's own discovery, as Android 8 has it and as Android 15 does; Robolectric has no Wi-Fi for Android 8. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], manifest = Config.NONE, shadows = [ShadowDiscovery::class])
internal class LocalDiscoveryTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val context: Application = RuntimeEnvironment.getApplication()
    private val manager = context.getSystemService(NsdManager::class.java)
    private val air = Shadow.extract<ShadowDiscovery>(manager)
    private val local = LocalDiscovery(manager)

    /** One that does not wait long before it asks again. */
    private val hasty = LocalDiscovery(manager, 1.seconds)

    private suspend fun await(isSo: () -> Boolean): Unit =
        withTimeout(20.seconds) {
            while (!isSo()) delay(10.milliseconds)
        }

    /** The addresses of others, as they are found. */
    private suspend fun CoroutineScope.look(by: LocalDiscovery = local): Pair<Job, Channel<String>> {
        val told = Channel<String>(Channel.UNLIMITED)
        val looking = launch { by.others("permesso-own").collect(told::send) }
        await { air.looks == 1 }
        return looking to told
    }

    private suspend fun Channel<String>.next(): String = withTimeout(20.seconds) { receive() }

    @Test
    fun `a host is announced until that is cancelled, under a name that says nothing and is another each time`(): Unit =
        runBlocking {
            val name = LocalDiscovery.newName()
            assertTrue(name, Regex("permesso-[0-9a-f]{16}").matches(name))
            assertNotEquals(name, LocalDiscovery.newName())
            val announcing = launch { local.announce(name, 20_070) }
            await { air.announced.isNotEmpty() }
            val service = air.announced.single()
            assertEquals(listOf(name, LocalDiscovery.SERVICE_TYPE, 20_070), listOf(service.serviceName, service.serviceType, service.port))
            // What an iPhone reads.
            assertEquals("20070", service.attributes["port"]?.decodeToString())
            announcing.cancel()
            announcing.join()
            assertTrue(air.announced.isEmpty())
        }

    @Test
    fun `what the phone refuses is asked for again, and goes on once it is allowed`(): Unit =
        runBlocking {
            air.refuses = true
            val announcing = launch { hasty.announce("permesso-own", 20_070) }
            val told = Channel<String>(Channel.UNLIMITED)
            val looking = launch { hasty.others("permesso-own").collect(told::send) }
            delay(300.milliseconds)
            assertEquals(listOf(0, 0), listOf(air.announced.size, air.looks))
            air.refuses = false
            await { air.announced.isNotEmpty() && air.looks == 1 }
            air.find("permesso-grace")
            await { air.resolved == listOf("permesso-grace") }
            air.answer("permesso-grace", listOf("192.168.1.7"))
            assertEquals("192.168.1.7:20070", told.next())
            // Not again once it has begun.
            delay(1_500.milliseconds)
            assertEquals(listOf(1, 1), listOf(air.announced.size, air.looks))
            for (job in listOf(announcing, looking)) {
                job.cancel()
                job.join()
            }
            assertEquals(listOf(0, 0), listOf(air.announced.size, air.looks))
        }

    @Test
    fun `a name whose answer is lost is asked for again until it has an address or is gone`(): Unit =
        runBlocking {
            val (looking, told) = look(hasty)

            /** Waits until a name is asked for, without an answer of use. */
            suspend fun beSilent(name: String) {
                await { air.resolved == listOf(name) }
                // From Android 14 on it is given up here after a while, before that there.
                if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) air.answer(name, emptyList())
                await { air.resolved.isEmpty() }
            }
            air.find("permesso-grace")
            repeat(2) { beSilent("permesso-grace") }
            await { air.resolved == listOf("permesso-grace") }
            air.answer("permesso-grace", listOf("192.168.1.7"))
            assertEquals("192.168.1.7:20070", told.next())
            air.find("permesso-gone")
            await { air.resolved == listOf("permesso-gone") }
            air.lose("permesso-gone")
            beSilent("permesso-gone")
            delay(2.seconds)
            assertEquals(emptyList<String>(), air.resolved)
            // Who was away may have another address.
            air.lose("permesso-grace")
            air.find("permesso-grace")
            await { air.resolved == listOf("permesso-grace") }
            air.answer("permesso-grace", listOf("192.168.1.8"))
            assertEquals("192.168.1.8:20070", told.next())
            looking.cancel()
        }

    @Test
    fun `what the system has ended by itself is ended once`(): Unit =
        runBlocking {
            val announcing = launch { local.announce("permesso-own", 20_070) }
            val (looking, _) = look()
            await { air.announced.isNotEmpty() }
            air.forget()
            for (job in listOf(announcing, looking)) {
                job.cancel()
                job.join()
            }
        }

    @Test
    fun `others are found with their addresses, oneself is left out, and the looking ends when it is cancelled`(): Unit =
        runBlocking {
            val (looking, told) = look()
            air.find("permesso-own")
            air.find("permesso-grace")
            await { air.resolved.isNotEmpty() }
            assertEquals(listOf("permesso-grace"), air.resolved)
            air.answer("permesso-grace", listOf("192.168.1.7"), 20_071)
            assertEquals("192.168.1.7:20071", told.next())
            await { air.resolved.isEmpty() }
            looking.cancel()
            looking.join()
            assertEquals(0, air.looks)
            assertNull(told.tryReceive().getOrNull())
        }

    @Test
    fun `an iPhone's host has the port of its record, and one that makes no sense is not used`(): Unit =
        runBlocking {
            val (looking, told) = look()
            for ((record, wanted) in listOf("20071" to 20_071, "0" to 50_000, "70000" to 50_000, "x" to 50_000, "" to 50_000)) {
                air.find("permesso-iphone")
                await { air.resolved.isNotEmpty() }
                air.answer("permesso-iphone", listOf("192.168.1.8"), 50_000, record)
                assertEquals("192.168.1.8:$wanted", told.next())
                await { air.resolved.isEmpty() }
            }
            looking.cancel()
        }

    @Test
    fun `names that come all at once are resolved one after the other, and one that cannot be is passed over`(): Unit =
        runBlocking {
            val (looking, told) = look()
            val names = (1..100).map { "permesso-$it" }
            names.forEach(air::find)
            for ((number, name) in names.withIndex()) {
                await { air.resolved.isNotEmpty() }
                assertEquals(listOf(name), air.resolved)
                // Without a port nobody can be reached.
                val port = if (number % 2 == 0) 20_070 else 0
                air.answer(name, listOf("192.168.1.$number"), port)
                if (port > 0) assertEquals("192.168.1.$number:20070", told.next())
            }
            looking.cancel()
        }

    @Test
    fun `who comes after hundreds of others is found as well`(): Unit =
        runBlocking {
            val (looking, told) = look()
            for (number in 1..300) {
                air.find("permesso-$number")
                await { air.resolved == listOf("permesso-$number") }
                air.answer("permesso-$number", listOf("192.168.1.7"), 20_000 + number)
                assertEquals("192.168.1.7:${20_000 + number}", told.next())
            }
            looking.cancel()
        }

    @Test
    @Config(sdk = [26])
    fun `a name that is refused is passed over, and one that comes while a lost one is still being resolved waits for it`(): Unit =
        runBlocking {
            val (looking, told) = look()
            listOf("permesso-gone", "permesso-silent", "permesso-grace").forEach(air::find)
            await { air.resolved == listOf("permesso-gone") }
            air.answer("permesso-gone", emptyList())
            await { air.resolved == listOf("permesso-silent") }
            // Given up here, but not by the system; it fails there long after.
            delay(6.seconds)
            air.answer("permesso-silent", emptyList())
            await { air.resolved == listOf("permesso-grace") }
            air.answer("permesso-grace", listOf("192.168.1.7"))
            assertEquals("192.168.1.7:20070", told.next())
            looking.cancel()
        }

    @Test
    @Config(sdk = [35])
    fun `a name is watched until it has an address, given up in time, and no longer watched then`(): Unit =
        runBlocking {
            val (looking, told) = look()
            listOf("permesso-silent", "permesso-grace", "permesso-late").forEach(air::find)
            await { air.resolved == listOf("permesso-silent") }
            // After it was given up.
            await { air.resolved == listOf("permesso-grace") }
            air.answer("permesso-grace", emptyList())
            assertEquals(listOf("permesso-grace"), air.resolved)
            air.answer("permesso-grace", listOf("192.168.1.7", "2001:db8::7"))
            assertEquals(listOf("192.168.1.7:20070", "[2001:db8:0:0:0:0:0:7]:20070"), listOf(told.next(), told.next()))
            await { air.resolved == listOf("permesso-late") }
            looking.cancel()
            looking.join()
            assertTrue(air.resolved.isEmpty())
        }

    @Test
    @Config(sdk = [35])
    fun `a name that the phone will not watch is passed over`(): Unit =
        runBlocking {
            val (looking, told) = look()
            air.refuses = true
            air.find("permesso-refused")
            delay(100.milliseconds)
            air.refuses = false
            air.find("permesso-grace")
            // Long before one that is silent would be given up.
            withTimeout(3.seconds) { await { air.resolved == listOf("permesso-grace") } }
            air.answer("permesso-grace", listOf("192.168.1.7"))
            assertEquals("192.168.1.7:20070", told.next())
            looking.cancel()
        }

    /** A host, and what it is told of others. */
    private suspend fun host(
        told: Channel<String>,
        visibility: Visibility = Visibility.EVERYBODY,
    ): Permesso {
        val real = Permesso.open(PermessoConfig(folder.newFolder(), "Ada", FileKeyStore(folder.newFolder())))
        real.changeSettings(SettingsChange(visibility = visibility))
        return object : Permesso by real {
            override suspend fun peerFound(address: String) {
                real.peerFound(address)
                told.send(address)
            }
        }
    }

    private val locks: Int get() = shadowOf(context.getSystemService(WifiManager::class.java)).activeLockCount

    @Test
    @Config(sdk = [35])
    fun `a host that everybody sees is announced and told of others, and the radio lets broadcasts through, until that ends`(): Unit =
        runBlocking {
            val told = Channel<String>(Channel.UNLIMITED)
            val ada = host(told)
            val discovering = launch { DeviceNetworks(context).discover(ada) }
            await { air.announced.isNotEmpty() && air.looks == 1 }
            assertEquals(1, locks)
            assertEquals(ada.settings().port.toInt(), air.announced.single().port)
            air.find(air.announced.single().serviceName)
            air.find("permesso-grace")
            await { air.resolved == listOf("permesso-grace") }
            air.answer("permesso-grace", listOf("192.168.1.7"))
            assertEquals("192.168.1.7:20070", told.next())
            discovering.cancel()
            discovering.join()
            assertEquals(listOf(0, 0, 0), listOf(air.announced.size, air.looks, locks))
            ada.stop()
        }

    @Test
    @Config(sdk = [35])
    fun `a host that not everybody may see looks for others and is not announced`(): Unit =
        runBlocking {
            val ada = host(Channel(Channel.UNLIMITED), Visibility.FRIENDS)
            val discovering = launch { DeviceNetworks(context).discover(ada) }
            await { air.looks == 1 }
            delay(100.milliseconds)
            assertTrue(air.announced.isEmpty())
            discovering.cancel()
            discovering.join()
            ada.stop()
        }

    @Test
    @Config(sdk = [35])
    fun `who chooses not to be seen is no longer announced soon, and is again when that changes`(): Unit =
        runBlocking {
            val ada = host(Channel(Channel.UNLIMITED))
            val discovering = launch { DeviceNetworks(context).discover(ada) }
            await { air.announced.isNotEmpty() }
            ada.changeSettings(SettingsChange(visibility = Visibility.NOBODY))
            await { air.announced.isEmpty() }
            ada.changeSettings(SettingsChange(visibility = Visibility.EVERYBODY))
            await { air.announced.isNotEmpty() }
            discovering.cancel()
            discovering.join()
            ada.stop()
        }

    @Test
    @Config(sdk = [35])
    fun `where the phone has no discovery, or refuses it, broadcasts are heard all the same, and without a Wi-Fi nothing fails`(): Unit =
        runBlocking {
            val ada = host(Channel(Channel.UNLIMITED))
            air.refuses = true
            val counts =
                listOf(emptyList(), listOf(Context.NSD_SERVICE), listOf(Context.NSD_SERVICE, Context.WIFI_SERVICE)).map { missing ->
                    val phone = if (missing.isEmpty()) context else Without(context, missing)
                    val discovering = async { DeviceNetworks(phone).discover(ada) }
                    delay(300.milliseconds)
                    assertTrue("$missing", discovering.isActive)
                    locks.also {
                        discovering.cancel()
                        discovering.join()
                    }
                }
            assertEquals(listOf(1, 1, 0), counts)
            assertEquals(0, locks)
            ada.stop()
        }

    /** A device that lacks some of Android's services: a box on a cable. */
    private class Without(
        context: Context,
        private val missing: List<String>,
    ) : android.content.ContextWrapper(context) {
        override fun getApplicationContext(): Context = this

        override fun getSystemService(name: String): Any? = super.getSystemService(name).takeIf { name !in missing }
    }
}
