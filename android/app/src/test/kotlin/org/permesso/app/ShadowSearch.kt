package org.permesso.app

import android.net.Network
import android.net.nsd.NsdManager
import android.net.nsd.NsdManager.DiscoveryListener
import android.net.nsd.NsdManager.RegistrationListener
import android.net.nsd.NsdServiceInfo
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicInteger

/** The phone's own discovery, which finds nobody: how often it was asked. */
@Implements(NsdManager::class)
@Suppress("UNUSED_PARAMETER") // They are Android's.
internal class ShadowSearch {
    @Implementation
    protected fun registerService(
        service: NsdServiceInfo,
        protocol: Int,
        executor: Executor,
        listener: RegistrationListener,
    ) {
        announcements.incrementAndGet()
    }

    @Implementation
    protected fun unregisterService(listener: RegistrationListener): Unit = Unit

    @Implementation
    protected fun discoverServices(
        type: String,
        protocol: Int,
        network: Network?,
        executor: Executor,
        listener: DiscoveryListener,
    ) {
        searches.incrementAndGet()
    }

    @Implementation
    protected fun stopServiceDiscovery(listener: DiscoveryListener): Unit = Unit

    companion object {
        private val announcements = AtomicInteger()
        private val searches = AtomicInteger()

        /** How often others were to be told of this phone. */
        val announced: Int get() = announcements.get()

        /** How often others were looked for. */
        val begun: Int get() = searches.get()

        fun forget() {
            announcements.set(0)
            searches.set(0)
        }
    }
}
