package org.permesso

import android.net.nsd.NsdManager
import android.net.nsd.NsdServiceInfo
import android.os.Build
import java.net.InetAddress
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicBoolean

/** What Android has since version 14. */
@Later(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
internal object Api34 {
    /** Answers once, with no addresses if it cannot be resolved; closing it ends the looking. */
    fun resolve(
        manager: NsdManager,
        service: NsdServiceInfo,
        answer: (List<InetAddress>, Int) -> Unit,
    ): AutoCloseable {
        val watch = Watch(manager, answer)
        manager.registerServiceInfoCallback(service, Executor(Runnable::run), watch)
        return watch
    }

    @Later(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    private class Watch(
        private val manager: NsdManager,
        private val answer: (List<InetAddress>, Int) -> Unit,
    ) : NsdManager.ServiceInfoCallback,
        AutoCloseable {
        private val isOpen = AtomicBoolean(true)

        override fun onServiceUpdated(updated: NsdServiceInfo) {
            if (updated.hostAddresses.isEmpty()) return
            answer(updated.hostAddresses, LocalDiscovery.hostPort(updated))
            close()
        }

        override fun onServiceInfoCallbackRegistrationFailed(error: Int) {
            // Then it is not registered, and need not be ended.
            isOpen.set(false)
            answer(emptyList(), 0)
        }

        override fun onServiceLost(): Unit = Unit

        override fun onServiceInfoCallbackUnregistered(): Unit = Unit

        override fun close() {
            if (isOpen.getAndSet(false)) manager.unregisterServiceInfoCallback(this)
        }
    }
}
