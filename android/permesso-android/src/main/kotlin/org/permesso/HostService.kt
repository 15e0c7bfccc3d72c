package org.permesso

import android.app.Notification
import android.app.NotificationManager
import android.app.Service
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.IBinder
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import java.util.UUID

/**
 * Keeps the process alive while the host runs and nobody looks at the app: a foreground service of type `connectedDevice`,
 * which may run for as long as it takes. It does nothing itself; the host lives in the app's process.
 *
 * Android begins it anew after it had to end the process. Then it asks [NotificationAnswers.goOn], or
 * [NotificationAnswers.host] for the host and starts it; where there is none now, as under a passphrase, it ends, and the user is asked to
 * tap.
 */
public class HostService : Service() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Nobody binds it. */
    override fun onBind(intent: Intent?): IBinder? = null

    /** Shows that the host is there, and keeps its process; Android calls it. */
    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        startId: Int,
    ): Int {
        val ongoing = intent?.notification(ONGOING)
        if (ongoing == null) {
            stopSelf(startId)
            return START_NOT_STICKY
        }
        // Within 5 s of its start, or Android ends the process; also where it is wanted no more.
        val isAllowed = unlessRefused(this, intent.notification(TAP_TO_GO_ON)) { goToForeground(ongoing) }
        if (!goesOn(intent.getStringExtra(START), startId, isAllowed)) return START_NOT_STICKY
        if (flags and START_FLAG_REDELIVERY != 0) scope.launch { goOn(intent.notification(TAP_TO_GO_ON)) }
        return START_REDELIVER_INTENT
    }

    /** Ends what was begun for it; Android calls it. */
    override fun onDestroy() {
        synchronized(turns) { forget(this) }
        scope.cancel()
        super.onDestroy()
    }

    /** Does what was wanted of it before it came, once the last start is here. */
    private fun goesOn(
        start: String?,
        startId: Int,
        isAllowed: Boolean,
    ): Boolean =
        synchronized(turns) {
            if (start == awaited) awaited = null
            val wanted = if (awaited == null) wish else null
            when {
                wanted != null -> wanted()
                isAllowed -> running = this
                else -> stopSelf(startId)
            }
            if (wanted != null) wish = null
            wanted == null && isAllowed
        }

    // What its notification says is true only with a host. Whoever started or stopped it meanwhile knows better.
    private suspend fun goOn(tapToGoOn: Notification?) {
        if (!NotificationAnswers.begin()) synchronized(turns) { if (awaited == null && running === this) giveWay(tapToGoOn) }
    }

    private fun giveWay(tapToGoOn: Notification?) {
        forget(this)
        // So that what follows under the same number stays when it ends.
        stopForeground(STOP_FOREGROUND_DETACH)
        ask(this, tapToGoOn)
        stopSelf()
    }

    private fun end() {
        forget(this)
        stopForeground(STOP_FOREGROUND_REMOVE)
        ask(this, null)
        stopSelf()
    }

    private fun goToForeground(ongoing: Notification) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            Api29.goToForeground(this, NotificationIds.ONGOING, ongoing)
        } else {
            startForeground(NotificationIds.ONGOING, ongoing)
        }
    }

    /** Starting and ending it. */
    public companion object {
        private const val ONGOING = "org.permesso.ONGOING"
        private const val TAP_TO_GO_ON = "org.permesso.TAP_TO_GO_ON"
        private const val START = "org.permesso.START"

        /** Whoever starts, stops or begins it waits for the others; of all of them this knows. */
        private val turns = Any()

        /** The one in the foreground. */
        private var running: HostService? = null

        /** The last start that Android took and has not come to: it ends the process of a service that is stopped by then. */
        private var awaited: String? = null

        /** What is wanted of that one since, if not that it runs. */
        private var wish: (HostService.() -> Unit)? = null

        /**
         * Starts it, or changes its notification. To be called while the app is visible; at other times newer Androids refuse,
         * then [tapToGoOn] is shown in its place.
         *
         * @return Whether it is allowed.
         */
        @JvmStatic
        public fun start(
            context: Context,
            ongoing: Notification,
            tapToGoOn: Notification? = null,
        ): Boolean {
            val start = UUID.randomUUID().toString()
            val intent = Intent(context, HostService::class.java).putExtra(ONGOING, ongoing).putExtra(TAP_TO_GO_ON, tapToGoOn)
            intent.putExtra(START, start)
            return synchronized(turns) {
                wish = null
                if (running != null && awaited == null) {
                    // It needs no start, which Android may refuse to an app that nobody sees.
                    context.getSystemService(NotificationManager::class.java).notify(NotificationIds.ONGOING, ongoing)
                    return@synchronized true
                }
                unlessRefused(context, tapToGoOn) { if (context.startForegroundService(intent) != null) awaited = start }
            }
        }

        /** Ends it, or takes away what is shown in its place; the host goes on for as long as Android lets the process live. */
        @JvmStatic
        public fun stop(context: Context): Unit =
            synchronized(turns) {
                if (awaited == null) {
                    running = null
                    context.stopService(Intent(context, HostService::class.java))
                } else {
                    wish = { end() }
                }
                ask(context, null)
            }

        /**
         * Shows [tapToGoOn] in its place, where it cannot begin, or what it shows is no longer true: what opens the host, or brings it to
         * the network, waits for the user.
         */
        @JvmStatic
        public fun askToGoOn(
            context: Context,
            tapToGoOn: Notification,
        ): Unit =
            synchronized(turns) {
                if (awaited == null) {
                    running?.giveWay(tapToGoOn) ?: ask(context, tapToGoOn)
                } else {
                    wish = { giveWay(tapToGoOn) }
                }
            }

        private fun forget(service: HostService) {
            if (running === service) running = null
        }

        private fun unlessRefused(
            context: Context,
            tapToGoOn: Notification?,
            action: () -> Unit,
        ): Boolean {
            try {
                action()
                return true
            } catch (refusal: IllegalStateException) {
                // What Android 12 throws is one; older ones throw the plain one. Anything else is a mistake and shows.
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && !Api31.isRefusalToStart(refusal)) throw refusal
                ask(context, tapToGoOn)
                return false
            }
        }

        private fun ask(
            context: Context,
            tapToGoOn: Notification?,
        ) {
            val notifications = context.getSystemService(NotificationManager::class.java)
            notifications.cancel(NotificationIds.ONGOING)
            if (tapToGoOn != null) notifications.notify(NotificationIds.ONGOING, tapToGoOn)
        }

        private fun Intent.notification(name: String): Notification? =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
                Api33.notification(this, name)
            } else {
                @Suppress("DEPRECATION") // Newer ones go by Api33.
                getParcelableExtra(name)
            }
    }
}
