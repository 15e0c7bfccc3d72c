package org.permesso.app

import android.app.Notification
import android.app.NotificationManager
import android.app.RemoteInput
import android.content.BroadcastReceiver
import android.os.Bundle
import android.os.Looper
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.permesso.AndroidKeyStore
import org.permesso.FileKeyStore
import org.permesso.FriendState
import org.permesso.HostService
import org.permesso.NotificationReceiver
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.ui.LockedKeyStore
import org.permesso.ui.Phase
import org.permesso.ui.Screen
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowBroadcastPendingResult
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.File
import java.net.DatagramSocket
import java.net.InetSocketAddress
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

/** The phone's process with a live core in it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE, application = App::class)
internal class PhoneHostTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val app = RuntimeEnvironment.getApplication() as App
    private val manager = app.getSystemService(NotificationManager::class.java)
    private val port =
        generateSequence { Random.nextInt(10_000, 32_768) }.first { port ->
            runCatching { DatagramSocket(InetSocketAddress(port)).close() }.isSuccess
        }

    @Before
    fun giveKeys() {
        MemoryKeystore.install()
    }

    @After
    fun end(): Unit = runBlocking { app.host.leave() }

    private fun parameters(last: Int) = "[host]\nport = $port\n[network]\ninterfaces = [\"127.0.0.$last\"]\n[friendship]\nstamp_bits = 8\n"

    /** The phone's host of an earlier day: it has a friend, who wrote [text] last. Both are away now. */
    private suspend fun haveMail(text: String): String {
        val keys = LockedKeyStore(AndroidKeyStore(app))
        val ada = Permesso.open(PermessoConfig(File(app.noBackupFilesDir, "host"), "Ada", keys, parameters = parameters(1)))
        val hers = FileKeyStore(folder.newFolder("keys"))
        val grace = Permesso.open(PermessoConfig(folder.newFolder("grace"), "Grace", hers, parameters = parameters(2)))
        ada.start()
        grace.start()
        ada.nearby.first { hosts -> hosts.any { it.id == grace.id } }
        ada.askFriendship(grace.id)
        grace.friends.first { friends -> friends.any { it.state == FriendState.REQUEST_RECEIVED } }
        grace.acceptFriendship(ada.id)
        ada.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } }
        grace.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } }
        grace.send(ada.id, text)
        ada.friends.first { friends -> friends.any { it.unread == 1u } }
        ada.stop()
        grace.stop()
        return grace.id
    }

    private fun shown(): List<Notification> = manager.activeNotifications.map { it.notification }

    /** Waits for what other threads do, while the phone's own goes on. */
    private fun await(
        what: String,
        isSo: () -> Boolean,
    ) {
        val end = System.nanoTime() + 60_000_000_000
        while (!isSo()) {
            assertTrue("$what does not come", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(20)
        }
    }

    private suspend fun <T> soon(action: suspend () -> T): T = withTimeout(60.seconds) { action() }

    @Test
    fun `mail is told of, answered from its notification by the live core, and gone from the screen when it leaves`(): Unit =
        runBlocking {
            val grace = soon { haveMail("Tea at five?") }
            val permesso = checkNotNull(app.host.openIfThere())
            await("the notification") { shown().isNotEmpty() }
            val notification = shown().single()
            assertTrue("Tea at five?" in lines(notification))

            answer(notification, "With pleasure")
            await("the end of the notification") { shown().isEmpty() }
            val newest = permesso.messages(grace).last()
            assertEquals("With pleasure" to true, newest.text to newest.mine)
            assertEquals(0u, permesso.friend(grace)?.unread)

            app.host.stayReachable()
            val service = HostService::class.java.name
            assertEquals(service, shadowOf(app).nextStartedService.component?.className)
            app.host.leave()
            assertEquals(service, shadowOf(app).nextStoppedService.component?.className)
            assertTrue(runCatching { permesso.settings() }.isFailure)
            // The next start is a new one of the same host.
            assertEquals(permesso.id, checkNotNull(app.host.openIfThere()).id)
        }

    @Suppress("DEPRECATION") // What came for it is missing on older ones.
    private fun lines(shown: Notification): List<String> =
        shown.extras
            .getParcelableArray(Notification.EXTRA_MESSAGES)
            .orEmpty()
            .map { (it as Bundle).getCharSequence("text").toString() }

    /** Writes into the notification, as the user does. */
    private fun answer(
        notification: Notification,
        text: String,
    ) {
        val action = notification.actions.first { it.remoteInputs != null }
        val intent = shadowOf(action.actionIntent).savedIntent
        val written = Bundle().apply { putCharSequence(action.remoteInputs.single().resultKey, text) }
        RemoteInput.addResultsToIntent(action.remoteInputs, intent, written)
        val receiver = NotificationReceiver()
        val pending =
            ReflectionHelpers.callStaticMethod<BroadcastReceiver.PendingResult>(
                ShadowBroadcastPendingResult::class.java,
                "create",
                ClassParameter.from(Int::class.javaPrimitiveType, 0),
                ClassParameter.from(String::class.java, ""),
                ClassParameter.from(Bundle::class.java, Bundle()),
                ClassParameter.from(Boolean::class.javaPrimitiveType, false),
            )
        val type = BroadcastReceiver.PendingResult::class.java
        ReflectionHelpers.callInstanceMethod<Any>(receiver, "setPendingResult", ClassParameter.from(type, pending))
        receiver.onReceive(app, intent)
    }

    @Test
    fun `under a passphrase nothing opens by itself, and the screens ask for it`(): Unit =
        runBlocking {
            soon { haveMail("Tea at five?") }
            LockedKeyStore(AndroidKeyStore(app)).change("correct horse battery")
            assertNull(app.host.openIfThere())
            val screens = app.screens(null)
            await("the question") { screens.phase.value == Phase.Locked }
            assertTrue(app.host.lock.unlock("correct horse battery"))
            assertNotNull(app.host.openIfThere())
            await("the notification") { shown().isNotEmpty() }
        }

    @Test
    fun `drafts outlive the process, sealed, and the screens do so if Android gives their state back`(): Unit =
        runBlocking {
            soon { haveMail("Tea at five?") }
            val before = app.screens(null)
            await("the host") { before.phase.value is Phase.Live }
            before.drafts["Grace"] = "Half a thought"
            before.show(Screen.Settings)
            val state = before.save()
            app.keepScreens()
            app.leave()
            for (file in app.noBackupFilesDir.walk().filter { it.isFile }) {
                assertTrue(file.name, "thought" !in file.readText(Charsets.ISO_8859_1))
            }

            val afresh = app.screens(null)
            assertEquals("Half a thought", afresh.drafts["Grace"])
            assertEquals(listOf(Screen.People), afresh.stack.value.map { it.screen })
            await("the host") { afresh.phase.value is Phase.Live }
            app.leave()
            val restored = app.screens(state)
            assertEquals("Half a thought", restored.drafts["Grace"])
            assertEquals(listOf(Screen.People, Screen.Settings), restored.stack.value.map { it.screen })
            await("the host") { restored.phase.value is Phase.Live }
        }
}
