package org.permesso

import android.app.Application
import android.app.ForegroundServiceStartNotAllowedException
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.Service
import android.content.ComponentName
import android.content.ContextWrapper
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], manifest = Config.NONE)
internal class HostServiceTest {
    private val context: Application = RuntimeEnvironment.getApplication()
    private val manager = context.getSystemService(NotificationManager::class.java)

    @Before
    fun makeChannel() {
        manager.createNotificationChannel(NotificationChannel("c", "c", NotificationManager.IMPORTANCE_LOW))
    }

    /** What a test left asked for, and what it left running, no other knows. */
    @After
    fun end() {
        generateSequence { shadowOf(context).nextStartedService }.forEach { begin(it) }
        HostService.stop(context)
    }

    /** Comes to a start, as Android does sooner or later. */
    private fun begin(
        intent: Intent,
        service: ServiceController<HostService> = Robolectric.buildService(HostService::class.java, intent).create(),
    ): ServiceController<HostService> = service.also { it.get().onStartCommand(intent, 0, 1) }

    private fun shown(): List<String?> = manager.activeNotifications.map { title(it.notification) }

    private fun isStopped(service: ServiceController<HostService>): Boolean = shadowOf(service.get()).isStoppedBySelf

    private fun notification(title: String): Notification =
        Notification
            .Builder(context, "c")
            .setSmallIcon(android.R.drawable.ic_dialog_email)
            .setContentTitle(title)
            .build()

    private fun title(notification: Notification): String? = notification.extras.getString(Notification.EXTRA_TITLE)

    private fun started(): Intent {
        assertTrue(HostService.start(context, notification("on"), notification("tap")))
        return shadowOf(context).nextStartedService
    }

    @Test
    fun `it goes to the foreground as a connected device, and is begun anew if the process had to end`() {
        val controller = Robolectric.buildService(HostService::class.java, started()).create()
        assertEquals(Service.START_REDELIVER_INTENT, controller.get().onStartCommand(controller.intent, 0, 1))
        assertEquals("on", title(shadowOf(controller.get()).lastForegroundNotification))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            assertEquals(ServiceInfo.FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE, controller.get().foregroundServiceType)
        }
    }

    @Test
    fun `what it shows changes without another start, which Android may refuse while nobody looks`() {
        begin(started())
        val refusing =
            object : ContextWrapper(context) {
                override fun startForegroundService(service: Intent): ComponentName = throw IllegalStateException("in the background")
            }
        assertTrue(HostService.start(refusing, notification("full"), notification("tap")))
        assertEquals(listOf("full"), shown())
        assertNull(shadowOf(context).nextStartedService)
    }

    @Test
    fun `without a notification it ends itself`() {
        val controller = Robolectric.buildService(HostService::class.java, Intent()).create()
        assertEquals(Service.START_NOT_STICKY, controller.get().onStartCommand(null, 0, 1))
        assertTrue(shadowOf(controller.get()).isStoppedBySelf)
    }

    @Test
    @Config(sdk = [35])
    fun `where Android refuses, the user is asked to tap`() {
        val controller = Robolectric.buildService(HostService::class.java, started()).create()
        shadowOf(controller.get()).setThrowInStartForeground(ForegroundServiceStartNotAllowedException("in the background"))
        assertEquals(Service.START_NOT_STICKY, controller.get().onStartCommand(controller.intent, 0, 1))
        assertTrue(shadowOf(controller.get()).isStoppedBySelf)
        assertEquals("tap", title(manager.activeNotifications.single().notification))
    }

    @Test
    fun `it is stopped by the app`() {
        begin(started())
        HostService.stop(context)
        assertEquals(HostService::class.java.name, shadowOf(context).nextStoppedService.component?.className)
        assertFalse(manager.activeNotifications.any { title(it.notification) == "tap" })
    }

    @Test
    fun `what it shows gives way to what asks to be tapped, which is gone when it is stopped`() {
        val controller = Robolectric.buildService(HostService::class.java, started()).create()
        controller.get().onStartCommand(controller.intent, 0, 1)
        HostService.askToGoOn(context, notification("tap"))
        assertTrue(shadowOf(controller.get()).isStoppedBySelf)
        // Else Android would take away what stands under the same number when it ends.
        assertTrue(shadowOf(controller.get()).isForegroundStopped)
        controller.destroy()
        assertEquals(listOf("tap"), manager.activeNotifications.map { title(it.notification) })
        HostService.stop(context)
        assertEquals(0, manager.activeNotifications.size)
    }

    @Test
    fun `one that is stopped before Android has come to its start goes to the foreground all the same, and ends then`() {
        val asked = started()
        HostService.stop(context)
        // Of one that is ended by then Android ends the process.
        assertNull(shadowOf(context).nextStoppedService)
        val service = Robolectric.buildService(HostService::class.java, asked).create()
        assertEquals(Service.START_NOT_STICKY, service.get().onStartCommand(asked, 0, 1))
        assertTrue(isStopped(service))
        assertEquals(emptyList<String>(), shown())
        // Nobody waits for it any more.
        HostService.askToGoOn(context, notification("tap"))
        assertEquals(listOf("tap"), shown())
    }

    @Test
    fun `one that is to give way before Android has come to its start does so then`() {
        val asked = started()
        HostService.askToGoOn(context, notification("tap"))
        val service = begin(asked)
        assertEquals("on", title(shadowOf(service.get()).lastForegroundNotification))
        assertTrue(isStopped(service))
        service.destroy()
        assertEquals(listOf("tap"), shown())
    }

    @Test
    fun `of what is wanted before Android has come to its start the last counts`() {
        val first = started()
        HostService.stop(context)
        val second = started()
        val service = begin(first)
        assertFalse(isStopped(service))
        begin(second, service)
        assertFalse(isStopped(service))
        assertEquals(listOf("on"), shown())

        HostService.stop(context)
        val third = started()
        HostService.askToGoOn(context, notification("tap"))
        val fourth = started()
        HostService.stop(context)
        begin(third, service)
        assertFalse(isStopped(service))
        begin(fourth, service)
        assertTrue(isStopped(service))
        assertEquals(emptyList<String>(), shown())
    }

    @Test
    fun `a start of an earlier process is not the one that is waited for`() {
        val earlier = begin(started()).get()
        HostService.stop(context)
        val asked = started()
        val redelivered = Intent(asked).putExtra("org.permesso.START", "of an earlier process")
        HostService.stop(context)
        assertEquals(Service.START_REDELIVER_INTENT, earlier.onStartCommand(redelivered, 0, 1))
        assertEquals(Service.START_NOT_STICKY, earlier.onStartCommand(asked, 0, 2))
        assertTrue(shadowOf(earlier).isStoppedBySelf)
    }

    @Test
    fun `nobody waits for a start that Android refuses`() {
        val isNew = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S
        val refusing =
            object : ContextWrapper(context) {
                override fun startForegroundService(service: Intent): ComponentName =
                    throw if (isNew) ForegroundServiceStartNotAllowedException("in the background") else IllegalStateException("idle")
            }
        assertFalse(HostService.start(refusing, notification("on"), notification("tap")))
        assertEquals(listOf("tap"), shown())
        HostService.stop(context)
        assertEquals(HostService::class.java.name, shadowOf(context).nextStoppedService.component?.className)
        assertEquals(emptyList<String>(), shown())
    }
}
