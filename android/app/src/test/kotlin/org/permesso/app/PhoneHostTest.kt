package org.permesso.app

import android.app.Application
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.permesso.AndroidKeyStore
import org.permesso.Departure
import org.permesso.FriendState
import org.permesso.HostService
import org.permesso.NetworkAddress
import org.permesso.Permesso
import org.permesso.Settings
import org.permesso.SettingsChange
import org.permesso.Visibility
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import org.permesso.ui.DatedNotice
import org.permesso.ui.Leaving
import org.permesso.ui.LockedKeyStore
import org.permesso.ui.NoticeLog
import org.permesso.ui.Phase
import org.permesso.ui.PreferenceName
import org.permesso.ui.Screen
import org.robolectric.Robolectric
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.File

/** The phone's process with a live core in it. */
@Config(shadows = [ShadowSearch::class])
internal class PhoneHostTest : WithPhone() {
    @Before
    fun forgetSearches() {
        ShadowSearch.forget()
    }

    private val service = HostService::class.java.name

    private fun begun(): String? = world.begun()

    @Test
    fun `mail is told of, answered from its notification by the live core, and gone from the screen when it leaves`(): Unit =
        onPhone {
            val grace = world.soon { world.haveFriend("Tea at five?") }
            val permesso = checkNotNull(app.host.openIfThere())
            world.await("the notification") { world.shown().isNotEmpty() }
            val notification = world.shown().single()
            assertTrue("Tea at five?" in world.lines(notification))

            world.answer(notification, "With pleasure")
            world.await("the end of the notification") { world.shown().isEmpty() }
            val newest = permesso.messages(grace).last()
            assertEquals("With pleasure" to true, newest.text to newest.mine)
            assertEquals(0u, permesso.friend(grace)?.unread)

            app.host.stayReachable()
            assertEquals(service, begun())
            app.host.leave()
            assertTrue(world.hasEnded())
            assertTrue(runCatching { permesso.settings() }.isFailure)
            // The next start is a new one of the same host.
            assertEquals(permesso.id, checkNotNull(app.host.openIfThere()).id)
        }

    @Test
    fun `a host that goes on is used again, and one that has ended or failed is opened anew`(): Unit =
        onPhone {
            val first = world.soon { app.host.open("Ada", false) }
            assertSame(first, app.host.open("", false))
            first.pause()
            assertSame(first, app.host.open("", false))
            first.resume()
            first.stop()
            val next = world.soon { app.host.open("", false) }
            assertNotSame(first, next)
            assertEquals(first.id, next.id)
            val answers =
                listOf(
                    null to true,
                    PermessoException.Paused("paused") to true,
                    PermessoException.StorageUnavailable("the disk is full") to true,
                    PermessoException.Stopped("stopped") to false,
                    PermessoException.Bug("a mistake") to false,
                )
            for ((trouble, isAlive) in answers) {
                val host =
                    object : Permesso by next {
                        override suspend fun settings(): Settings = trouble?.let { throw it } ?: next.settings()
                    }
                assertEquals("$trouble", isAlive, host.isAlive())
            }
        }

    @Test
    fun `who leaves while another part of the app has its turn comes to theirs`(): Unit =
        onPhone {
            world.soon { app.host.open("Ada", false) }.stop()
            // Works elsewhere meanwhile, and ends its turn on the phone's own thread.
            val erasing = app.scope.async(start = CoroutineStart.UNDISPATCHED) { app.host.erase() }
            app.host.leave()
            erasing.await()
            assertFalse(app.host.exists())
        }

    @Test
    fun `the phone's own discovery tells nobody of a host that was not to be seen from the beginning`(): Unit =
        onPhone {
            app.preferences[PreferenceName.CHOSEN_VISIBILITY] = Visibility.FRIENDS.name
            val ada = world.soon { app.host.open("Ada", false) }
            assertEquals(Visibility.FRIENDS, ada.settings().visibility)
            world.await("the search for others") { ShadowSearch.begun == 1 }
            world.pass()
            assertEquals(0, ShadowSearch.announced)
            ada.changeSettings(SettingsChange(visibility = Visibility.EVERYBODY))
            world.await("the announcement") { ShadowSearch.announced == 1 }
        }

    @Test
    fun `a message that arrives while nobody looks is told of, answered and marked as read, and leaving hands on what waits`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            val ada = checkNotNull(app.host.openIfThere())
            ada.start()
            app.host.stayReachable()
            val grace = world.open("Grace", 2)
            world.soon { world.meet(ada, grace) }
            assertTrue(world.shown().isEmpty())
            grace.send(ada.id, "Tea at five?")
            world.await("the notification") { world.shown().isNotEmpty() }
            assertEquals(listOf("Tea at five?"), world.lines(world.shown().single()))
            world.answer(world.shown().single(), "With pleasure")
            world.soon { grace.conversation(ada.id).first { it.lastOrNull()?.text == "With pleasure" } }
            world.await("the end of the notification") { world.shown().isEmpty() }

            grace.send(ada.id, "Or at six?")
            world.await("the next notification") { world.shown().isNotEmpty() }
            assertEquals(1u, ada.friend(grace.id)?.unread)
            world.markRead(world.shown().single())
            world.await("its end") { world.shown().isEmpty() }
            assertEquals(0u, ada.friend(grace.id)?.unread)

            val linus = world.open("Linus", 3)
            world.soon { linus.nearby.first { hosts -> hosts.any { it.id == ada.id } } }
            // Each hears of the other in its own time, and hands on to whom it knows.
            world.soon { ada.nearby.first { hosts -> hosts.any { it.id == linus.id } } }
            grace.leave()
            grace.stop()
            world.soon { ada.nearby.first { hosts -> hosts.none { it.id == grace.id } } }
            ada.send(grace.id, "At six, then")
            world.soon { app.host.leave() }
            // At once: one that only fell silent is missed much later.
            world.soon { linus.nearby.first { hosts -> hosts.none { it.id == ada.id } } }
            assertEquals(1uL, linus.statistics().envelopes)
            linus.stop()
        }

    @Test
    fun `an answer that begins the process is not only kept, but reaches the friend`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            checkNotNull(app.host.openIfThere())
            world.await("the notification") { world.shown().isNotEmpty() }
            val told = world.shown().single()
            // What a process shows stays when that ends.
            app.host.leave()
            assertNull(begun())
            world.answer(told, "With pleasure")
            world.await("the service") { begun() == service }
            val ada = world.soon { checkNotNull(app.host.openIfThere()) }
            val grace = world.open("Grace", 2)
            // Nobody else starts it. What does so runs on the main thread.
            val meeting = launch(Dispatchers.Default) { world.meet(ada, grace) }
            world.await("the phone on the network") { meeting.isCompleted }
            world.soon { grace.conversation(ada.id).first { it.lastOrNull()?.text == "With pleasure" } }
            grace.stop()
        }

    @Test
    fun `what a process left standing is gone in the next one if it was read meanwhile`(): Unit =
        onPhone {
            val grace = world.soon { world.haveFriend("Tea at five?") }
            checkNotNull(app.host.openIfThere())
            world.await("the notification") { world.shown().isNotEmpty() }
            app.host.leave()
            world.soon { world.read(grace) }
            assertEquals(1, world.shown().size)
            checkNotNull(app.host.openIfThere())
            world.await("its end") { world.shown().isEmpty() }
        }

    @Test
    fun `a touch on a request opens who asks, where it is answered, and one on a message its conversation`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            val ada = checkNotNull(app.host.openIfThere())
            ada.start()
            // The phone's own host takes no request that cost too little.
            val linus = world.open("Linus", 3, more = "")
            world.soon { world.meet(ada, linus) }
            linus.askFriendship(ada.id, "Ciao!")
            world.await("the request") { world.shown().isNotEmpty() }
            val window = Robolectric.buildActivity(MainActivity::class.java, world.touch(world.shown().single())).create()
            val screens = app.screens(null)
            assertEquals(listOf(Screen.People, Screen.Person(linus.id)), screens.stack.value.map { it.screen })

            ada.acceptFriendship(linus.id)
            world.await("the end of the request") { world.shown().isEmpty() }
            world.soon { linus.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } } }
            linus.send(ada.id, "Tea at five?")
            world.await("the message") { world.shown().isNotEmpty() }
            window.newIntent(world.touch(world.shown().single()))
            assertEquals(listOf(Screen.People, Screen.Conversation(linus.id)), screens.stack.value.map { it.screen })
            window.destroy()
            linus.stop()
        }

    private fun openWindow(): ActivityController<MainActivity> =
        Robolectric
            .buildActivity(MainActivity::class.java)
            .create()
            .start()
            .resume()

    @Test
    fun `who leaves the network is not held reachable any more, and is again who comes back`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            val window = openWindow()
            val screens = app.screens(null)
            world.await("the service") { begun() == service }
            world.await("the notification") { world.shown().isNotEmpty() }
            screens.leave()
            world.await("the end of the service") { world.hasEnded() }
            // What begins while nobody is to reach it stays away, too.
            app.host.preferencesChanged()
            world.answer(world.shown().single(), "With pleasure")
            world.await("the end of the notification") { world.shown().isEmpty() }
            window.recreate()
            world.pass()
            assertNull(begun())
            screens.start()
            world.await("the service again") { begun() == service }
            window.close()
        }

    @Test
    fun `who has left the network is brought back by no later process, whatever begins it, and comes back from its window`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            val window = openWindow()
            world.await("the service") { begun() == service }
            world.await("the notification") { world.shown().isNotEmpty() }
            app.screens(null).leave()
            world.await("the end of the service") { world.hasEnded() }
            window.close()
            // As far as a process can end here.
            app.leave()
            val told = world.shown().single()
            ShadowSearch.forget()
            world.receive(BootReceiver(), Intent(Intent.ACTION_BOOT_COMPLETED))
            world.pass()
            assertNull(begun())
            world.answer(told, "With pleasure")
            world.await("the end of the notification") { world.shown().isEmpty() }
            val ada = checkNotNull(app.host.openIfThere())
            val grace = world.open("Grace", 2)
            ada.setNetworkAddresses(listOf(NetworkAddress("lo", "127.0.0.1", 8u, 1u, null)))
            val next = openWindow()
            val screens = app.screens(null)
            world.await("the screens") { screens.phase.value is Phase.Live }
            world.pass()
            assertNull(begun())
            assertEquals(0, ShadowSearch.begun)
            assertTrue(grace.nearby.first().none { it.id == ada.id })
            assertEquals(false to Leaving(left = Departure(0u, 0u, 0u), seen = true), screens.present.value to screens.leaving.value)
            screens.start()
            world.await("the service again") { begun() == service }
            // Nobody else starts it. What does so runs on the main thread.
            val meeting = launch(Dispatchers.Default) { world.meet(ada, grace) }
            world.await("the phone on the network") { meeting.isCompleted }
            grace.stop()
            next.close()
        }

    @Test
    fun `who erases everything is told of nothing afterwards, and who begins afresh is held reachable as before`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            BootReceiver.set(app, true)
            val window = openWindow()
            val screens = app.screens(null)
            world.await("the notification") { world.shown().isNotEmpty() }
            world.await("the service") { begun() == service }
            screens.erase()
            world.await("the first screen") { screens.phase.value is Phase.FirstRun }
            assertTrue("${world.shown()}", world.shown().isEmpty())
            val part = ComponentName(app, BootReceiver::class.java)
            val off = PackageManager.COMPONENT_ENABLED_STATE_DISABLED
            assertEquals(off, app.packageManager.getComponentEnabledSetting(part))
            screens.begin("Ada", Visibility.EVERYBODY)
            world.await("the service again") { begun() == service }
            window.close()
        }

    @Test
    fun `what is erased leaves nothing of the account behind, and the screens look as nobody had chosen anything`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            val screens = app.screens(null)
            world.await("the screens") { screens.phase.value is Phase.Live }
            screens.set(PreferenceName.LANGUAGE, "it")
            app.keepScreens()
            val parent = app.noBackupFilesDir
            // As a process leaves it that ends in the middle of writing.
            for (half in listOf("screens.new", "notices.new")) File(parent, half).writeText("half")
            val rescued = File(passing(app).apply { mkdirs() }, "rescued").apply { writeText("Tea at five?") }

            fun left() = parent.list().orEmpty().toList()
            world.await("what is kept") { left().containsAll(listOf("host", "host.generation", "notices", "screens")) }
            val before = screens.preferencesChanged.value
            screens.erase()
            world.await("the first screen") { screens.phase.value is Phase.FirstRun }
            assertEquals(emptyList<String>(), left())
            assertFalse(rescued.exists())
            assertNull(app.preferences[PreferenceName.LANGUAGE])
            assertTrue(screens.preferencesChanged.value > before)
        }

    @Test
    fun `what the user should know waits for the first screen, if it happens before there is one`(): Unit =
        onPhone {
            val grace = world.soon { world.haveFriend() }
            val ada = checkNotNull(app.host.openIfThere())
            ada.changeSettings(SettingsChange(outboxLimit = 1u))
            repeat(2) { ada.send(grace, "Number $it") }
            world.await("the notice") { app.notices.unseen.value == 1 }
            val screens = app.screens(null)
            world.await("the screens") { screens.phase.value is Phase.Live }
            val listed = screens.notices.list
            val told = listed.value.single()
            assertTrue("$told", told.notice is Notice.OutboxDropped && told.name == "Grace")
            // Once, also for screens that come after these.
            app.leave()
            val afterwards = app.screens(null)
            world.await("the next screens") { afterwards.phase.value is Phase.Live }
            val known = afterwards.notices
            assertEquals(1 to 1, known.list.value.size to known.unseen.value)
        }

    private fun NoticeLog.told(): Pair<List<DatedNotice>, Int> = list.value to unseen.value

    /** The app as a process that begins later has it. */
    private fun nextProcess(): App {
        val base = ClassParameter.from(Context::class.java, app.baseContext)
        return App().also { ReflectionHelpers.callInstanceMethod<Any>(Application::class.java, it, "attach", base) }.also(App::onCreate)
    }

    @Test
    fun `what the user should know outlives a process that nobody looked at, sealed, and is told once`(): Unit =
        onPhone {
            val grace = world.soon { world.haveFriend() }
            val ada = checkNotNull(app.host.openIfThere())
            ada.changeSettings(SettingsChange(outboxLimit = 1u))
            repeat(2) { ada.send(grace, "Number $it") }
            val file = File(app.noBackupFilesDir, "notices")

            fun isWritten(text: String): Boolean {
                val plain = if (file.exists()) app.host.seal.open(file.readText()) else null
                return text in plain.orEmpty()
            }
            world.await("the notice") { isWritten("Grace") && isWritten("unseen 1") }
            assertFalse("Grace" in file.readText())
            app.host.leave()

            val next = nextProcess()
            checkNotNull(next.host.openIfThere())
            val (list, unseen) = next.notices.told()
            val told = list.single()
            assertTrue("$told", told.notice is Notice.OutboxDropped && told.name == "Grace")
            assertEquals(1, unseen)
            val screens = next.screens(null)
            world.await("the screens") { screens.phase.value is Phase.Live }
            assertEquals(listOf(told) to 1, screens.notices.told())
            next.notices.seen()
            world.await("that it was seen") { isWritten("unseen 0") }
            next.host.lock.change("correct horse battery")
            next.leave()

            val locked = nextProcess()
            val question = locked.screens(null)
            world.await("the question") { question.phase.value == Phase.Locked }
            assertEquals(emptyList<DatedNotice>() to 0, locked.notices.told())
            assertTrue(locked.host.lock.unlock("correct horse battery"))
            question.open()
            world.await("the screens") { question.phase.value is Phase.Live }
            assertEquals(listOf(told) to 0, question.notices.told())
            locked.leave()
        }

    @Test
    fun `under a passphrase nothing opens by itself, and the screens ask for it`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            LockedKeyStore(AndroidKeyStore(app)).change("correct horse battery")
            assertNull(app.host.openIfThere())
            val screens = app.screens(null)
            world.await("the question") { screens.phase.value == Phase.Locked }
            assertTrue(app.host.lock.unlock("correct horse battery"))
            assertNotNull(app.host.openIfThere())
            world.await("the notification") { world.shown().isNotEmpty() }
        }

    @Test
    fun `drafts outlive the process, sealed, and the screens do so if Android gives their state back`(): Unit =
        onPhone {
            world.soon { world.haveFriend("Tea at five?") }
            val before = app.screens(null)
            world.await("the host") { before.phase.value is Phase.Live }
            before.drafts["Grace"] = "Half a thought"
            before.show(Screen.Settings)
            val state = before.save()
            app.leave()
            for (file in app.noBackupFilesDir.walk().filter { it.isFile }) {
                assertTrue(file.name, "thought" !in file.readText(Charsets.ISO_8859_1))
            }

            val afresh = app.screens(null)
            assertEquals("Half a thought", afresh.drafts["Grace"])
            assertEquals(listOf(Screen.People), afresh.stack.value.map { it.screen })
            world.await("the host") { afresh.phase.value is Phase.Live }
            app.leave()
            val restored = app.screens(state)
            assertEquals("Half a thought", restored.drafts["Grace"])
            assertEquals(listOf(Screen.People, Screen.Settings), restored.stack.value.map { it.screen })
            world.await("the host") { restored.phase.value is Phase.Live }
        }
}
