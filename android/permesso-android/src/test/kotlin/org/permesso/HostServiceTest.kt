package org.permesso

import android.app.Application
import android.app.ForegroundServiceStartNotAllowedException
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.Service
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
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
        started()
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
}
