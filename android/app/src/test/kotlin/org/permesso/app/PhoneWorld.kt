package org.permesso.app

import android.app.Notification
import android.app.NotificationManager
import android.app.RemoteInput
import android.content.BroadcastReceiver
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.os.Looper
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.permesso.AndroidKeyStore
import org.permesso.FileKeyStore
import org.permesso.FriendState
import org.permesso.HostService
import org.permesso.Loopback
import org.permesso.NetworkAddress
import org.permesso.NotificationReceiver
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.SettingsChange
import org.permesso.ffi.PermessoException
import org.permesso.ui.LockedKeyStore
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowBroadcastPendingResult
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.File
import java.time.Duration
import java.util.concurrent.Future
import kotlin.time.Duration.Companion.seconds

/** The phone of Ada and, in [folder], other hosts on this machine's own network; those of another port do not hear them. */
internal class PhoneWorld(
    private val app: App,
    private val folder: File,
) {
    private val manager = app.getSystemService(NotificationManager::class.java)

    private val loopback = Loopback()
    private val joining = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Somebody else's host, with [more] parameters; the same one if it was there before. */
    suspend fun open(
        name: String,
        last: Int,
        more: String = Loopback.CHEAP,
    ): Permesso {
        val (home, keys) = listOf(name, "$name-keys").map { File(folder, it).apply { mkdirs() } }
        val config = PermessoConfig(home, name, FileKeyStore(keys), parameters = loopback.parameters(last, more))
        return Permesso.open(config).also { it.start() }
    }

    /** The phone's host of an earlier day: its friend Grace wrote [text], if anything. Both are away now; the friend's id. */
    suspend fun haveFriend(text: String? = null): String {
        val ada = ada()
        val grace = open("Grace", 2)
        ada.start()
        // Of this the phone's own host knows, too.
        ada.changeSettings(SettingsChange(port = loopback.port.toUShort()))
        ada.nearby.first { hosts -> hosts.any { it.id == grace.id } }
        ada.askFriendship(grace.id)
        grace.friends.first { friends -> friends.any { it.state == FriendState.REQUEST_RECEIVED } }
        grace.acceptFriendship(ada.id)
        ada.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } }
        grace.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } }
        if (text != null) {
            grace.send(ada.id, text)
            ada.friends.first { friends -> friends.any { it.unread == 1u } }
        }
        ada.stop()
        grace.stop()
        return grace.id
    }

    /** Reads what [friend] wrote while nothing of the app follows that. */
    suspend fun read(friend: String) {
        val ada = ada()
        ada.markRead(friend)
        ada.stop()
    }

    private suspend fun ada(): Permesso {
        val keys = LockedKeyStore(AndroidKeyStore(app))
        return Permesso.open(PermessoConfig(File(app.noBackupFilesDir, "host"), "Ada", keys, parameters = loopback.parameters(1)))
    }

    /**
     * The phone comes into the network where [other] is, and stays there for as long as its host lives: its own way to know of networks
     * knows none of this kind, and says so whenever it begins.
     */
    suspend fun meet(
        permesso: Permesso,
        other: Permesso,
    ) {
        joining.launch {
            try {
                while (true) {
                    permesso.setNetworkAddresses(listOf(NetworkAddress("lo", "127.0.0.1", 8u, 1u, null)))
                    delay(1.seconds)
                }
            } catch (_: PermessoException) {
                // It has ended.
            }
        }
        other.nearby.first { hosts -> hosts.any { it.id == permesso.id } }
    }

    /** All that stands there but the running service's own. */
    fun shown(): List<Notification> =
        manager.activeNotifications.map { it.notification }.filter { it.flags and Notification.FLAG_ONGOING_EVENT == 0 }

    /** The service as Android has last come to a start of it. */
    private var service: HostService? = null

    /** What Android was asked to begin and does now; its name. */
    fun begun(): String? {
        val asked = shadowOf(app).nextStartedService ?: return null
        val name = checkNotNull(asked.component).className
        assertEquals(HostService::class.java.name, name)
        val begun = Robolectric.buildService(HostService::class.java, asked).create().get()
        service = begun
        begun.onStartCommand(asked, 0, 1)
        return name
    }

    /** Whether the service was ended since it began. Android comes to every start of it; one that is not wanted any more ends by itself. */
    fun hasEnded(): Boolean {
        val isStopped = shadowOf(app).nextStoppedService?.component?.className == HostService::class.java.name
        begun()
        return isStopped || service?.let { shadowOf(it).isStoppedBySelf } == true
    }

    @Suppress("DEPRECATION") // What came for it is missing on older ones.
    fun lines(shown: Notification): List<String> =
        shown.extras
            .getParcelableArray(Notification.EXTRA_MESSAGES)
            .orEmpty()
            .map { (it as Bundle).getCharSequence("text").toString() }

    /** Writes into the notification, as the user does. */
    fun answer(
        notification: Notification,
        text: String,
    ) {
        val action = notification.actions.first { it.remoteInputs != null }
        val intent = shadowOf(action.actionIntent).savedIntent
        val written = Bundle().apply { putCharSequence(action.remoteInputs.single().resultKey, text) }
        RemoteInput.addResultsToIntent(action.remoteInputs, intent, written)
        receive(intent)
    }

    /** Touches the notification; what that opens. */
    fun touch(notification: Notification): Intent = shadowOf(notification.contentIntent).savedIntent

    /** Touches what marks the messages of the notification as read. */
    fun markRead(notification: Notification) {
        val action = notification.actions.first { it.remoteInputs == null }
        receive(shadowOf(action.actionIntent).savedIntent)
    }

    private fun receive(intent: Intent) {
        receive(NotificationReceiver(), intent)
    }

    /** Gives it to a part of the app as Android does; done once that has ended, also where it goes on in another thread. */
    fun receive(
        receiver: BroadcastReceiver,
        intent: Intent,
    ): Future<*> {
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
        return Shadow.extract<ShadowBroadcastPendingResult>(pending).future
    }

    /** Waits for what other threads do, while the phone's own goes on and draws. */
    fun await(
        what: String,
        isSo: () -> Boolean,
    ) {
        val end = System.nanoTime() + PATIENCE.inWholeNanoseconds
        while (!isSo()) {
            assertTrue("$what does not come", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(20))
            Thread.sleep(20)
        }
    }

    /** Lets a second pass, in which what should not happen would. */
    fun pass(): Unit = repeat(PASSING) { shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(20)).also { Thread.sleep(20) } }

    suspend fun <T> soon(action: suspend () -> T): T = withTimeout(PATIENCE) { action() }

    private companion object {
        /** How long anything may take on a busy machine. */
        val PATIENCE = 60.seconds

        /** Of 20 ms each. */
        const val PASSING = 50
    }
}

/** On an Android 17, with an app that is made for that or for the one before. */
internal inline fun App.onAndroid17(
    isMadeForIt: Boolean = true,
    steps: () -> Unit,
) {
    val (version, target) = Build.VERSION.SDK_INT to applicationInfo.targetSdkVersion
    try {
        // Robolectric has none that new.
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 37)
        applicationInfo.targetSdkVersion = if (isMadeForIt) 37 else 36
        steps()
    } finally {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", version)
        applicationInfo.targetSdkVersion = target
    }
}
