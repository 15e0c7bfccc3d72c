package org.permesso

import android.app.Application
import android.app.KeyguardManager
import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.RemoteInput
import android.content.BroadcastReceiver
import android.content.Intent
import android.os.Bundle
import android.os.PowerManager
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowBroadcastPendingResult
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.lang.reflect.Proxy
import java.util.Locale
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], manifest = Config.NONE)
internal class HostNotificationsTest {
    private val context: Application = RuntimeEnvironment.getApplication()
    private val manager = context.getSystemService(NotificationManager::class.java)
    private val icon = android.R.drawable.ic_dialog_email
    private val notifications = HostNotifications(context, icon, { open(it) }, { open("request.$it") }, NotificationTexts.ENGLISH)

    private fun open(friend: String): PendingIntent =
        PendingIntent.getActivity(context, 0, Intent(Intent.ACTION_VIEW).setPackage(friend), PendingIntent.FLAG_IMMUTABLE)

    private fun shown(): Notification = manager.activeNotifications.single().notification

    private fun intentOf(action: Notification.Action): Intent = shadowOf(action.actionIntent).savedIntent

    /** Gives it to the receiver as Android does, until that has ended. */
    private fun receive(intent: Intent) {
        val receiver = NotificationReceiver()
        val type = BroadcastReceiver.PendingResult::class.java
        val pending =
            ReflectionHelpers.callStaticMethod<BroadcastReceiver.PendingResult>(
                ShadowBroadcastPendingResult::class.java,
                "create",
                ClassParameter.from(Int::class.javaPrimitiveType, 0),
                ClassParameter.from(String::class.java, ""),
                ClassParameter.from(Bundle::class.java, Bundle()),
                ClassParameter.from(Boolean::class.javaPrimitiveType, false),
            )
        ReflectionHelpers.callInstanceMethod<Any>(receiver, "setPendingResult", ClassParameter.from(type, pending))
        receiver.onReceive(context, intent)
        Shadow.extract<ShadowBroadcastPendingResult>(pending).future.get(20, TimeUnit.SECONDS)
    }

    @Test
    fun `the channels are there, each with its importance`() {
        val channels = manager.notificationChannels.associate { it.id to it.importance }
        val expected =
            mapOf(
                HostNotifications.MESSAGES to NotificationManager.IMPORTANCE_HIGH,
                HostNotifications.REQUESTS to NotificationManager.IMPORTANCE_DEFAULT,
                HostNotifications.SERVICE to NotificationManager.IMPORTANCE_LOW,
                HostNotifications.QUIET to NotificationManager.IMPORTANCE_LOW,
            )
        assertEquals(expected, channels)
    }

    @Suppress("DEPRECATION") // What came for it is missing on the older of the two.
    private fun lines(shown: Notification): List<CharSequence?> =
        shown.extras
            .getParcelableArray(Notification.EXTRA_MESSAGES)
            .orEmpty()
            .map { (it as Bundle).getCharSequence("text") }

    @Test
    fun `messages show as a conversation that can be answered and marked as read, and a locked screen tells nothing of it`() {
        notifications.showMessages(friend("g", unread = 2u), listOf(message("g", "ci sei?", 1u), message("g", "ciao", 2u)))
        val shown = shown()
        assertEquals(HostNotifications.MESSAGES, shown.channelId)
        assertEquals(Notification.VISIBILITY_PRIVATE, shown.visibility)
        assertEquals("New message", shown.publicVersion.extras.getString(Notification.EXTRA_TITLE))
        assertEquals(listOf("ci sei?", "ciao"), lines(shown))
        assertEquals(listOf("Reply", "Mark as read"), shown.actions.map { it.title })

        val reply = intentOf(shown.actions[0])
        RemoteInput.addResultsToIntent(
            shown.actions[0].remoteInputs,
            reply,
            Bundle().apply { putCharSequence(NotificationReceiver.ANSWER, "eccomi") },
        )
        val written = RemoteInput.getResultsFromIntent(reply)?.getCharSequence(NotificationReceiver.ANSWER)
        assertEquals(NotificationAnswer.Reply("g", "eccomi"), NotificationReceiver.read(reply, written))
        assertNull(NotificationReceiver.read(reply, "  "))
        assertEquals(NotificationAnswer.MarkRead("g"), NotificationReceiver.read(intentOf(shown.actions[1]), null))
        assertNull(NotificationReceiver.read(Intent("another"), "text"))

        notifications.remove("g")
        assertEquals(0, manager.activeNotifications.size)
    }

    @Test
    fun `an answer that is not taken is told also on a locked screen, not what it says, and stays when its friend is read`() {
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        val reply = shown().actions[0]
        val intent = intentOf(reply)
        val long = "eccomi ".repeat(40)
        RemoteInput.addResultsToIntent(reply.remoteInputs, intent, Bundle().apply { putCharSequence(NotificationReceiver.ANSWER, long) })
        // Nobody takes it.
        receive(intent)
        notifications.remove("g")
        val told = shown()
        assertEquals(NotificationTexts.ENGLISH.notSent, told.extras.getString(Notification.EXTRA_TITLE))
        assertEquals(long, told.extras.getString(Notification.EXTRA_BIG_TEXT))
        assertEquals("g", shadowOf(told.contentIntent).savedIntent.`package`)
        assertEquals(Notification.VISIBILITY_PRIVATE, told.visibility)
        val onLockedScreen = "${told.publicVersion.extras}"
        assertTrue(onLockedScreen, NotificationTexts.ENGLISH.notSent in onLockedScreen)
        assertFalse(onLockedScreen, "eccomi" in onLockedScreen)
    }

    @Test
    @Config(sdk = [35], manifest = Config.NONE, shadows = [ShadowAnswered::class])
    fun `what was answered is taken away although the system keeps it`() {
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        val (intent, told) = intentOf(shown().actions[0]) to shown()
        val written = Bundle().apply { putCharSequence(NotificationReceiver.ANSWER, "eccomi") }
        RemoteInput.addResultsToIntent(told.actions[0].remoteInputs, intent, written)
        told.flags = told.flags or NotificationFlags.KEPT
        notifications.remove("g")
        assertEquals(told, shown())
        receive(intent)
        assertEquals(listOf(NotificationIds.NOT_SENT), manager.activeNotifications.map { it.id })
        manager.cancelAll()

        // One that was sent, too; but not what the friend wrote meanwhile.
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        NotificationReceiver.end(context, intent, "g")
        assertEquals(1, manager.activeNotifications.size)
        shown().flags = shown().flags or NotificationFlags.KEPT
        NotificationReceiver.end(context, intent, "g")
        assertEquals(0, manager.activeNotifications.size)
    }

    @Test
    fun `in quiet hours nothing sounds, and a locked screen shows what was written only if that is allowed`() {
        var isQuiet = true
        val open = HostNotifications(context, icon, { open(it) }, { open(it) }, NotificationTexts.ENGLISH, { true }, { isQuiet })
        open.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        assertEquals(HostNotifications.QUIET, shown().channelId)
        assertEquals(Notification.VISIBILITY_PUBLIC, shown().visibility)
        open.remove("g")
        open.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = "Ciao!"))
        assertEquals(HostNotifications.QUIET, shown().channelId)
        isQuiet = false
        open.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = "Ciao!"))
        assertEquals(HostNotifications.REQUESTS, shown().channelId)
    }

    private fun lock(isLocked: Boolean) {
        shadowOf(context.getSystemService(KeyguardManager::class.java)).setKeyguardLocked(isLocked)
    }

    private fun look(isLocked: Boolean): Unit = runBlocking { LockedScreen(context).look(isLocked) }

    private fun isSilent(shown: Notification): Boolean = shown.flags and Notification.FLAG_ONLY_ALERT_ONCE != 0

    /** No more can be seen of it. */
    private fun assertTellsNothing(shown: Notification) {
        val seen = listOf(Notification.EXTRA_TITLE, Notification.EXTRA_TEXT, Notification.EXTRA_BIG_TEXT)
        assertEquals(listOf("New message", null, null), seen.map { shown.extras.getCharSequence(it)?.toString() })
        assertEquals(emptyList<CharSequence>(), lines(shown))
        assertNull(shown.actions)
        assertNull(shown.extras.getString(Notification.EXTRA_TEMPLATE))
        assertEquals("g", shadowOf(shown.contentIntent).savedIntent.`package`)
    }

    @Test
    fun `a locked screen is given nothing but that somebody wrote, whatever the phone shows there, and all of it once it is unlocked`() {
        lock(true)
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        assertTellsNothing(shown())
        assertEquals(HostNotifications.MESSAGES, shown().channelId)
        assertFalse(isSilent(shown()))
        lock(false)
        look(isLocked = false)
        assertEquals(listOf("ciao"), lines(shown()))
        assertEquals(Notification.VISIBILITY_PRIVATE, shown().visibility)
        assertTrue(isSilent(shown()))
        // What stands there when it is locked is given back as it was.
        repeat(2) {
            look(isLocked = true)
            assertTellsNothing(shown())
            assertTrue(isSilent(shown()))
        }
        look(isLocked = false)
        assertEquals(listOf("ciao"), lines(shown()))
        notifications.remove("g")
        look(isLocked = true)
        assertEquals(0, manager.activeNotifications.size)
    }

    @Test
    fun `a screen that is off will be locked, and where all may be seen all is`() {
        shadowOf(context.getSystemService(PowerManager::class.java)).turnScreenOn(false)
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        assertTellsNothing(shown())
        val open = HostNotifications(context, icon, { open(it) }, { open(it) }, NotificationTexts.ENGLISH, { true })
        open.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        look(isLocked = true)
        assertEquals(listOf("ciao"), lines(shown()))
    }

    @Test
    fun `an answer that was written on a locked screen and not taken stands there when it is unlocked, and not before`() {
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        val (intent, reply) = intentOf(shown().actions[0]) to shown().actions[0]
        val written = Bundle().apply { putCharSequence(NotificationReceiver.ANSWER, "eccomi") }
        RemoteInput.addResultsToIntent(reply.remoteInputs, intent, written)
        lock(true)
        receive(intent)
        notifications.remove("g")
        assertEquals(NotificationTexts.ENGLISH.notSent, shown().extras.getString(Notification.EXTRA_TITLE))
        assertNull(shown().extras.getString(Notification.EXTRA_TEXT))
        assertNull(shown().extras.getString(Notification.EXTRA_BIG_TEXT))
        look(isLocked = false)
        assertEquals("eccomi", shown().extras.getString(Notification.EXTRA_BIG_TEXT))
    }

    /** A host that has as many unread messages as its list of friends says. */
    private fun host(friends: Flow<List<Friend>>): Permesso =
        Proxy.newProxyInstance(javaClass.classLoader, arrayOf(Permesso::class.java)) { _, method, _ ->
            when (method.name) {
                "getFriends" -> friends
                "messages" -> List(unread) { message("g", "number $it", it.toULong()) }
                else -> throw UnsupportedOperationException(method.name)
            }
        } as Permesso

    @Volatile
    private var unread = 0

    @Test
    @Config(shadows = [ShadowCounted::class])
    fun `of a burst no more is shown than Android takes, and the last in the end`(): Unit =
        runBlocking {
            val counted = Shadow.extract<ShadowCounted>(manager)
            val burst =
                flow {
                    repeat(BURST) {
                        unread = it + 1
                        emit(listOf(friend("g", unread = unread.toUInt())))
                        delay(20.milliseconds)
                    }
                    awaitCancellation()
                }
            val following = launch(Dispatchers.Default) { notifications.follow(host(burst)) }
            withTimeout(20.seconds) {
                while (manager.activeNotifications.none { lines(it.notification).size == BURST }) delay(20.milliseconds)
            }
            following.cancelAndJoin()
            assertTrue(counted.shown.size >= 2)
            // It takes 5 a second.
            val gaps = counted.shown.zipWithNext { before, after -> (after - before).nanoseconds }
            assertTrue("$gaps", gaps.all { it >= 240.milliseconds })
        }

    @Test
    fun `intents of two friends are two`() {
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        notifications.showMessages(friend("h"), listOf(message("h", "ciao", 1u)))
        val intents = manager.activeNotifications.flatMap { it.notification.actions.toList() }.map(::intentOf)
        assertEquals(4, intents.distinctBy { it.filterHashCode() }.size)
    }

    @Test
    fun `a request shows its greeting, or that somebody asks`() {
        notifications.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = "Ciao!"))
        assertEquals("Ciao!", shown().extras.getString(Notification.EXTRA_TEXT))
        notifications.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = ""))
        assertEquals("wants to be your friend", shown().extras.getString(Notification.EXTRA_TEXT))
        assertEquals(HostNotifications.REQUESTS, shown().channelId)
    }

    @Test
    fun `a touch opens the conversation of a message, and of a request where it is answered, which is then told of no more`() {
        notifications.showMessages(friend("g"), listOf(message("g", "ciao", 1u)))
        assertEquals("g", shadowOf(shown().contentIntent).savedIntent.`package`)
        assertFalse(shown().flags and Notification.FLAG_AUTO_CANCEL != 0)
        notifications.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = "Ciao!"))
        assertEquals("request.g", shadowOf(shown().contentIntent).savedIntent.`package`)
        assertTrue(shown().flags and Notification.FLAG_AUTO_CANCEL != 0)
    }

    @Test
    fun `another language counts from the next notification on, and for the channels at once`() {
        val spoken = HostNotifications(context, icon, { open(it) }, texts = NotificationTexts.ENGLISH)
        spoken.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = ""))
        spoken.texts = NotificationTexts.ITALIAN
        assertEquals("wants to be your friend", shown().extras.getString(Notification.EXTRA_TEXT))
        assertEquals("Messaggi", manager.getNotificationChannel(HostNotifications.MESSAGES).name)
        spoken.showRequest(friend("g", FriendState.REQUEST_RECEIVED, greeting = ""))
        assertEquals("vuole fare amicizia con te", shown().extras.getString(Notification.EXTRA_TEXT))
    }

    @Test
    fun `the service's notification stays, the one that asks to go on does not`() {
        assertTrue(notifications.ongoing(open("x")).flags and Notification.FLAG_ONGOING_EVENT != 0)
        val tap = notifications.tapToGoOn(open("x"))
        assertFalse(tap.flags and Notification.FLAG_ONGOING_EVENT != 0)
        assertTrue(tap.flags and Notification.FLAG_AUTO_CANCEL != 0)
    }

    @Test
    fun `texts are in the phone's language, and no text is left in English`() {
        assertEquals(NotificationTexts.ITALIAN, NotificationTexts.of(Locale.ITALY))
        assertEquals(NotificationTexts.ENGLISH, NotificationTexts.of(Locale.FRANCE))
        val texts = NotificationTexts::class.java.methods.filter { it.name.startsWith("get") && it.returnType == String::class.java }
        assertEquals(13, texts.size)
        for (text in texts) assertFalse(text.invoke(NotificationTexts.ENGLISH) == text.invoke(NotificationTexts.ITALIAN))
    }

    private companion object {
        /** More within half a second than Android takes. */
        const val BURST = 20
    }
}
