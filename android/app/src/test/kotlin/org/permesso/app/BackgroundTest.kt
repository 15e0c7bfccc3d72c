package org.permesso.app

import android.app.Notification
import android.app.NotificationManager
import android.content.Intent
import android.os.PowerManager
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.first
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.permesso.AndroidKeyStore
import org.permesso.HostNotifications
import org.permesso.HostService
import org.permesso.NetworkAddress
import org.permesso.Permesso
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ui.LockedKeyStore
import org.permesso.ui.PreferenceName
import org.permesso.ui.Screen
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.net.DatagramSocket
import java.net.InetSocketAddress
import java.time.LocalTime
import java.time.format.DateTimeFormatter

/** What the user set for the time in which nobody looks, over a live core. */
@Config(shadows = [ShadowSearch::class])
internal class BackgroundTest : WithPhone() {
    @Before
    fun forgetSearches() {
        ShadowSearch.forget()
    }

    private fun set(
        name: String,
        value: String?,
    ) {
        app.preferences[name] = value
    }

    /** Quiet hours that began or will begin so many hours from now, and last two. */
    private fun quiet(from: Long): String =
        listOf(from, from + 2).joinToString("-") { LocalTime.now().plusHours(it).format(DateTimeFormatter.ofPattern("HH:mm")) }

    private suspend fun ada(): Permesso = checkNotNull(app.host.openIfThere()).also { it.start() }

    /** The app's host, and a friend's beside it. */
    private suspend fun friendsNear(): Pair<Permesso, Permesso> {
        world.soon { world.haveFriend() }
        val ada = ada()
        val grace = world.open("Grace", 2)
        world.soon { world.meet(ada, grace) }
        return ada to grace
    }

    /** The only notification, once it tells of that. */
    private fun toldOf(text: String): Notification {
        world.await("the notification of $text") { world.shown().any { world.lines(it).lastOrNull() == text } }
        return world.shown().single()
    }

    @Test
    fun `a locked screen shows that there is something, and what it is only if the user wants that`(): Unit =
        onPhone {
            val (ada, grace) = friendsNear()
            grace.send(ada.id, "Tea at five?")
            val hidden = toldOf("Tea at five?")
            assertEquals(Notification.VISIBILITY_PRIVATE, hidden.visibility)
            val onLockedScreen = "${hidden.publicVersion.extras}"
            assertTrue(onLockedScreen, EnglishStrings.notificationNewMessage in onLockedScreen)
            for (secret in listOf("Tea", "Grace")) assertFalse(onLockedScreen, secret in onLockedScreen)

            set(PreferenceName.CONTENT_WHEN_LOCKED, "true")
            app.host.preferencesChanged()
            grace.send(ada.id, "Or at six?")
            assertEquals(Notification.VISIBILITY_PUBLIC, toldOf("Or at six?").visibility)

            set(PreferenceName.CONTENT_WHEN_LOCKED, "false")
            app.host.preferencesChanged()
            grace.send(ada.id, "At seven")
            assertEquals(Notification.VISIBILITY_PRIVATE, toldOf("At seven").visibility)
            grace.stop()
        }

    /** The screen goes off, or its user unlocks it, and whoever wants to know hears of it. */
    private fun show(isOn: Boolean) {
        shadowOf(app.getSystemService(PowerManager::class.java)).turnScreenOn(isOn)
        app.sendBroadcast(Intent(if (isOn) Intent.ACTION_USER_PRESENT else Intent.ACTION_SCREEN_OFF))
    }

    @Test
    fun `what stands there when the screen goes off says only that somebody wrote until it is unlocked`(): Unit =
        onPhone {
            val (ada, grace) = friendsNear()
            grace.send(ada.id, "Tea at five?")
            toldOf("Tea at five?")
            show(isOn = false)
            world.await("the rest") { titles() == listOf(EnglishStrings.notificationNewMessage) }
            assertEquals(emptyList<String>(), world.lines(world.shown().single()))
            grace.send(ada.id, "Or at six?")
            world.soon { ada.friends.first { friends -> friends.any { it.unread == 2u } } }
            world.pass()
            assertEquals(listOf(EnglishStrings.notificationNewMessage), titles())
            show(isOn = true)
            assertEquals(listOf("Tea at five?", "Or at six?"), world.lines(toldOf("Or at six?")))
            grace.stop()
        }

    @Test
    fun `a changed preference tells nothing again and looks for nobody anew, and what comes next is told in the chosen language`(): Unit =
        onPhone {
            val (ada, grace) = friendsNear()
            grace.send(ada.id, "Tea at five?")
            toldOf("Tea at five?")
            // The user wipes it away.
            val manager = app.getSystemService(NotificationManager::class.java)
            manager.cancelAll()
            world.await("the search for others") { ShadowSearch.begun == 1 }
            val changes =
                listOf(
                    PreferenceName.LANGUAGE to "it",
                    PreferenceName.THEME to "dark",
                    PreferenceName.QUIET_HOURS to quiet(from = -1),
                    PreferenceName.LINKS to "true",
                )
            for ((name, value) in changes) {
                set(name, value)
                app.platform.background.preferencesChanged()
                world.pass()
                assertTrue(name, world.shown().isEmpty())
            }
            assertEquals(1, ShadowSearch.begun)
            assertEquals(ItalianStrings.notificationMessages, manager.getNotificationChannel(HostNotifications.MESSAGES).name)
            grace.send(ada.id, "Or at six?")
            val told = toldOf("Or at six?")
            assertEquals(ItalianStrings.notificationMarkRead, told.actions.single { it.remoteInputs == null }.title)
            assertEquals(HostNotifications.QUIET, told.channelId)
            grace.stop()
        }

    @Test
    fun `in quiet hours it is told without a sound, and with one before and after them`(): Unit =
        onPhone {
            val (ada, grace) = friendsNear()
            set(PreferenceName.QUIET_HOURS, quiet(from = -1))
            grace.send(ada.id, "Are you asleep?")
            assertEquals(HostNotifications.QUIET, toldOf("Are you asleep?").channelId)
            set(PreferenceName.QUIET_HOURS, quiet(from = 1))
            grace.send(ada.id, "Good morning")
            assertEquals(HostNotifications.MESSAGES, toldOf("Good morning").channelId)
            set(PreferenceName.QUIET_HOURS, null)
            grace.send(ada.id, "Tea?")
            assertEquals(HostNotifications.MESSAGES, toldOf("Tea?").channelId)
            grace.stop()
        }

    @Test
    fun `what was there before the app began makes no sound, and nothing is told again when it comes back to the network`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            val ada = ada()
            assertEquals(HostNotifications.QUIET, toldOf("Tea at five?").channelId)
            val grace = world.open("Grace", 2)
            world.soon { world.meet(ada, grace) }
            grace.send(ada.id, "Or at six?")
            assertEquals(HostNotifications.MESSAGES, toldOf("Or at six?").channelId)
            val linus = world.open("Linus", 3, more = "")
            world.soon { world.meet(ada, linus) }
            linus.askFriendship(ada.id, "Ciao!")
            world.await("the request") { world.shown().any { it.channelId == HostNotifications.REQUESTS } }
            assertEquals(2, world.shown().size)
            // The user has wiped them away.
            app.getSystemService(NotificationManager::class.java).cancelAll()
            val searches = ShadowSearch.begun
            app.host.rest()
            app.host.comeBack(isReached = true)
            world.await("the search for others again") { ShadowSearch.begun == searches + 1 }
            world.pass()
            assertTrue("${world.shown()}", world.shown().isEmpty())
            linus.stop()
            grace.stop()
        }

    @Test
    fun `what was read or answered in the app is told no more, and what is on the screen is not told at all`(): Unit =
        onPhone {
            val (ada, grace) = friendsNear()
            grace.send(ada.id, "Tea at five?")
            toldOf("Tea at five?")
            ada.markRead(grace.id)
            world.await("its end") { world.shown().isEmpty() }

            grace.send(ada.id, "Or at six?")
            val told = toldOf("Or at six?")
            // Its conversation is opened by a touch, and read there.
            val window = Robolectric.buildActivity(MainActivity::class.java, world.touch(told)).create().start()
            val stack = app.screens(null).stack
            assertEquals(Screen.Conversation(grace.id), stack.value.last().screen)
            ada.markRead(grace.id)
            world.await("the end of what was read") { world.shown().isEmpty() }
            // While it is on the screen nothing tells of what comes there.
            grace.send(ada.id, "Still there?")
            world.soon { ada.friends.first { friends -> friends.any { it.unread > 0u } } }
            world.pass()
            assertTrue(world.shown().isEmpty())
            window.stop()
            grace.send(ada.id, "Good night")
            toldOf("Good night")
            ada.markRead(grace.id)
            world.await("its end") { world.shown().isEmpty() }

            val linus = world.open("Linus", 3, more = "")
            world.soon { world.meet(ada, linus) }
            linus.askFriendship(ada.id)
            world.await("the request") { world.shown().isNotEmpty() }
            // As the screens say it.
            val request = world.shown().single()
            assertEquals(EnglishStrings.stateAsksYou, request.extras.getString(Notification.EXTRA_TEXT))
            ada.refuseFriendship(linus.id)
            world.await("its end") { world.shown().isEmpty() }
            linus.stop()
            grace.stop()
            window.destroy()
        }

    private fun begin(action: String = Intent.ACTION_BOOT_COMPLETED) {
        val ended = world.receive(BootReceiver(), Intent(action))
        if (action == Intent.ACTION_BOOT_COMPLETED) world.await("the end of what Android waits for") { ended.isDone } else world.pass()
    }

    /** Android has replaced the app by another version. */
    private fun update() {
        val ended = world.receive(UpdateReceiver(), Intent(Intent.ACTION_MY_PACKAGE_REPLACED))
        world.await("the end of what Android waits for") { ended.isDone }
    }

    /** What is told to no effect. */
    private fun updateInVain(action: String = Intent.ACTION_MY_PACKAGE_REPLACED) {
        world.receive(UpdateReceiver(), Intent(action))
        world.pass()
        assertNull(begun())
        assertEquals(emptyList<String>(), titles())
    }

    private fun begun(): String? = world.begun()

    @Test
    fun `the device's begin reaches this app only if the user wants that`() {
        fun listens() = app.packageManager.queryBroadcastReceivers(Intent(Intent.ACTION_BOOT_COMPLETED), 0).isNotEmpty()
        assertFalse(listens())
        set(PreferenceName.START_WITH_DEVICE, "true")
        app.platform.background.preferencesChanged()
        assertTrue(listens())
        set(PreferenceName.START_WITH_DEVICE, "false")
        app.platform.background.preferencesChanged()
        assertFalse(listens())
    }

    /** The service was begun, and its host is reached and tells of mail. */
    private suspend fun assertServes() {
        assertEquals(HostService::class.java.name, begun())
        val ada = checkNotNull(app.host.openIfThere())
        val grace = world.open("Grace", 2)
        // Nobody else starts it.
        world.soon { world.meet(ada, grace) }
        grace.send(ada.id, "Tea at five?")
        toldOf("Tea at five?")
        grace.stop()
    }

    @Test
    fun `with the device the host begins, is reached, and tells of mail`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            begin()
            assertServes()
        }

    @Test
    fun `what stands there while it is reached is in the language that is chosen meanwhile`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            begin()
            assertServes()
            val manager = app.getSystemService(NotificationManager::class.java)

            fun said() = manager.activeNotifications.map { it.notification.extras.getString(Notification.EXTRA_TITLE) }
            assertTrue("${said()}", EnglishStrings.notificationConnected in said())
            set(PreferenceName.LANGUAGE, "it")
            app.platform.background.preferencesChanged()
            world.await("the other language") {
                // Android comes to every start that it was asked for, also to one that came after the first.
                begun()
                ItalianStrings.notificationConnected in said()
            }
            assertFalse("${said()}", EnglishStrings.notificationConnected in said())
        }

    @Test
    fun `with the device nothing begins where there is no host, it needs a passphrase, or something else is told`(): Unit =
        onPhone {
            begin()
            assertNull(begun())
            assertFalse(app.host.exists())
            world.soon { world.haveFriend() }
            begin(Intent.ACTION_POWER_CONNECTED)
            assertNull(begun())
            LockedKeyStore(AndroidKeyStore(app)).change("correct horse battery")
            assertTrue("${world.shown()}", world.shown().isEmpty())
            begin()
            assertNull(begun())
            assertTrue(app.host.lock.isLocked())
            // Else the user would take it that messages arrive.
            val asked = world.shown().single()
            assertEquals(EnglishStrings.notificationTapToGoOn, asked.extras.getString(Notification.EXTRA_TITLE))
            assertEquals(MainActivity::class.java.name, world.touch(asked).component?.className)
        }

    @Test
    fun `a new version of the app brings the host back, whether or not that begins with the device, and tells of mail`(): Unit =
        onPhone {
            val told = Intent(Intent.ACTION_MY_PACKAGE_REPLACED).setPackage(app.packageName)
            val listening = app.packageManager.queryBroadcastReceivers(told, 0).map { it.activityInfo }
            assertEquals(listOf(UpdateReceiver::class.java.name to false), listening.map { it.name to it.exported })
            world.soon { world.haveFriend() }
            app.preferences.runs = true
            update()
            assertServes()
        }

    @Test
    fun `a new version brings nothing back where there is no host, its user has quit or left, or something else is told`(): Unit =
        onPhone {
            app.preferences.runs = true
            update()
            assertNull(begun())
            assertFalse(app.host.exists())
            world.soon { world.haveFriend() }
            app.preferences.runs = true
            updateInVain(Intent.ACTION_BOOT_COMPLETED)
            set(PreferenceName.LEFT, "0 0 0")
            updateInVain()
            set(PreferenceName.LEFT, null)
            app.host.openIfThere()
            app.host.stayReachable()
            assertEquals(HostService::class.java.name, begun())
            app.host.leave()
            updateInVain()
            app.preferences.runs = true
            LockedKeyStore(AndroidKeyStore(app)).change("correct horse battery")
            update()
            assertNull(begun())
            assertEquals(listOf(EnglishStrings.notificationTapToGoOn), titles())
        }

    private fun titles(): List<String?> = world.shown().map { it.extras.getString(Notification.EXTRA_TITLE) }

    /** Another program has the port of the app's host. */
    private suspend fun <T> withoutPort(action: suspend () -> T): T {
        world.soon { world.haveFriend() }
        val ada = checkNotNull(app.host.openIfThere())
        // The phone's own way to know of networks knows none of this kind, and says so once.
        world.pass()
        ada.setNetworkAddresses(listOf(NetworkAddress("lo", "127.0.0.1", 8u, 1u, null)))
        return DatagramSocket(InetSocketAddress("127.0.0.1", ada.settings().port.toInt())).use { action() }
    }

    @Test
    fun `a host that begins with the device and cannot be on the network says so, and is reached once it can`(): Unit =
        onPhone {
            withoutPort {
                begin()
                assertNull(begun())
                assertEquals(listOf(EnglishStrings.notificationTapToGoOn), titles())
            }
            begin()
            assertEquals(HostService::class.java.name, begun())
        }

    @Test
    fun `a host that cannot even be opened with the device says so, too`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            MemoryKeystore.made.clear()
            begin()
            assertNull(begun())
            assertEquals(listOf(EnglishStrings.notificationTapToGoOn), titles())
        }

    @Test
    fun `nobody is told of being reached while the app's host is kept from the network, and who leaves is asked for nothing`(): Unit =
        onPhone {
            val screens =
                withoutPort {
                    val screens = app.screens(null)
                    world.await("why it is off") { screens.offNetwork.value != null }
                    world.await("what is said of it") { titles() == listOf(EnglishStrings.notificationTapToGoOn) }
                    assertNull(begun())
                    screens.leave()
                    world.await("the end of that") { titles().isEmpty() }
                    screens.start()
                    world.await("what is said of it again") { titles() == listOf(EnglishStrings.notificationTapToGoOn) }
                    screens
                }
            assertNull(begun())
            screens.start()
            world.await("the service") { begun() == HostService::class.java.name }
        }

    @Test
    fun `a host that begins where the network is not allowed says that nobody can be reached`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            val ada = checkNotNull(app.host.openIfThere())
            app.onAndroid17 { app.host.begin(ada) }
            assertNull(begun())
            assertEquals(listOf(EnglishStrings.notificationTapToGoOn), titles())
        }

    @Test
    fun `nobody is told of being reached while nothing can be stored, also without a window`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            begin()
            assertEquals(HostService::class.java.name, begun())
            val ada = checkNotNull(app.host.openIfThere())
            // No disk can be filled here: what the core tells of one comes from elsewhere.
            val told = MutableSharedFlow<Event>(extraBufferCapacity = 2)
            val full =
                object : Permesso by ada {
                    override val events: Flow<Event> = told
                }
            app.notices.follow(full, app.scope)
            told.tryEmit(Event.Notice(Notice.StorageFailed("the disk is full")))
            world.await("what is said of it") { titles() == listOf(EnglishStrings.notificationTapToGoOn) }
            // The network is there all the same.
            app.host.comeBack(isReached = true)
            world.pass()
            assertNull(begun())
            assertEquals(listOf(EnglishStrings.notificationTapToGoOn), titles())
            told.tryEmit(Event.Notice(Notice.Restored))
            world.await("what is said again") { titles().isEmpty() }
            // It was there all the time: Android may refuse to begin one while nobody looks.
            assertNull(begun())
            assertNull(shadowOf(app).nextStoppedService)
        }
}
