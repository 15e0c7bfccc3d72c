package org.permesso.app

import android.app.Service
import android.content.Intent
import kotlinx.coroutines.flow.first
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.permesso.AndroidKeyStore
import org.permesso.HostService
import org.permesso.NetworkAddress
import org.permesso.ui.LockedKeyStore
import org.permesso.ui.PreferenceName
import org.permesso.ui.words.EnglishStrings
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController

/** The service that keeps the phone's process, over a live core. */
internal class ServiceTest : WithPhone() {
    /** The service as an earlier process asked for it. */
    private fun asked(): Intent {
        app.host.stayReachable()
        return shadowOf(app).nextStartedService
    }

    private fun beginAnew(intent: Intent): ServiceController<HostService> {
        val service = Robolectric.buildService(HostService::class.java, intent).create()
        assertEquals(Service.START_REDELIVER_INTENT, service.get().onStartCommand(intent, Service.START_FLAG_REDELIVERY, 1))
        return service
    }

    @Test
    fun `the service that Android begins anew brings the host back, and mail comes again`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            val service = beginAnew(asked())
            val ada = world.soon { checkNotNull(app.host.openIfThere()) }
            val grace = world.open("Grace", 2)
            // Nobody else starts it.
            world.soon { world.meet(ada, grace) }
            assertFalse(shadowOf(service.get()).isStoppedBySelf)
            grace.send(ada.id, "Tea at five?")
            world.await("the notification") { world.shown().any { world.lines(it) == listOf("Tea at five?") } }
            grace.stop()
        }

    @Test
    fun `the service that Android begins anew is ended where its user has left the network, and asks for nothing`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            val asked = asked()
            app.preferences[PreferenceName.LEFT] = "0 0 0"
            beginAnew(asked)
            world.await("its end") { shadowOf(app).nextStoppedService?.component?.className == HostService::class.java.name }
            val ada = world.soon { checkNotNull(app.host.openIfThere()) }
            val grace = world.open("Grace", 2)
            ada.setNetworkAddresses(listOf(NetworkAddress("lo", "127.0.0.1", 8u, 1u, null)))
            world.pass()
            assertTrue(grace.nearby.first().none { it.id == ada.id })
            val said = world.shown().map { shadowOf(it).contentTitle }
            assertFalse("$said", EnglishStrings.notificationTapToGoOn in said)
            grace.stop()
        }

    @Test
    fun `under a passphrase the service that Android begins anew ends, and asks to be tapped`(): Unit =
        onPhone {
            world.soon { world.haveFriend() }
            LockedKeyStore(AndroidKeyStore(app)).change("correct horse battery")
            val service = beginAnew(asked())
            world.await("its end") { shadowOf(service.get()).isStoppedBySelf }
            // Android takes away what a service showed once it has ended.
            service.destroy()
            assertEquals(EnglishStrings.notificationTapToGoOn, shadowOf(world.shown().single()).contentTitle)
            assertTrue(app.host.lock.isLocked())
        }
}
