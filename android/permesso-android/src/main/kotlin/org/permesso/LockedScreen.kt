package org.permesso

import android.app.KeyguardManager
import android.app.Notification
import android.app.NotificationManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Build
import android.os.PowerManager
import android.service.notification.StatusBarNotification
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlin.time.Duration.Companion.milliseconds

/**
 * Has a locked screen show no more of a private notification than its [Notification.publicVersion]. Android does so by itself only where
 * its user has chosen that in the phone's own settings, and else shows all of it; so what is not for that screen is not given to it.
 */
internal class LockedScreen(
    private val context: Context,
) {
    private val manager = context.getSystemService(NotificationManager::class.java)

    /** Shows it, or as much as may be seen now; the rest follows by [look]. */
    fun notify(
        tag: String,
        id: Int,
        notification: Notification,
    ): Unit = manager.notify(tag, id, if (isPrivate(notification) && isLocked()) veiled(notification) else notification)

    /** Whether the screen is locked or will be; whenever that may have changed, beginning with now. */
    fun changes(): Flow<Boolean> =
        callbackFlow {
            val receiver =
                object : BroadcastReceiver() {
                    override fun onReceive(
                        context: Context,
                        intent: Intent,
                    ) {
                        trySend(intent.action != Intent.ACTION_USER_PRESENT && isLocked())
                    }
                }
            val filter = IntentFilter(Intent.ACTION_USER_PRESENT)
            listOf(Intent.ACTION_SCREEN_OFF, Intent.ACTION_SCREEN_ON).forEach(filter::addAction)
            context.registerReceiver(receiver, filter)
            trySend(isLocked())
            awaitClose { context.unregisterReceiver(receiver) }
        }.conflate()

    /** Takes from what stands there what a locked screen should not show, or gives it back. Nothing sounds. */
    suspend fun look(isLocked: Boolean) {
        var done = 0
        for (standing in manager.activeNotifications.filter { it.id in OURS }) {
            val notification = standing.notification
            val other = if (isLocked) notification.takeIf(::isPrivate)?.let(::veiled) else whole(notification)
            if (other == null) continue
            other.flags = other.flags or Notification.FLAG_ONLY_ALERT_ONCE
            // What is to be hidden does not wait: the device may fall asleep.
            if (!isLocked && ++done > AT_ONCE) delay(PAUSE)
            if (stands(standing)) manager.notify(standing.tag, standing.id, other)
        }
    }

    /** Whether it is there still, and the same: it may have been read or have got a successor. */
    private fun stands(notification: StatusBarNotification): Boolean =
        manager.activeNotifications.any {
            it.tag == notification.tag && it.id == notification.id && it.postTime == notification.postTime
        }

    private fun isLocked(): Boolean =
        !context.getSystemService(PowerManager::class.java).isInteractive ||
            context.getSystemService(KeyguardManager::class.java).isKeyguardLocked

    private fun isPrivate(notification: Notification): Boolean =
        notification.visibility == Notification.VISIBILITY_PRIVATE && notification.publicVersion != null

    /** What anybody may see of it, with all of it inside: a process that begins later knows nothing else of it. */
    private fun veiled(notification: Notification): Notification =
        notification.publicVersion.clone().apply {
            visibility = Notification.VISIBILITY_PUBLIC
            contentIntent = notification.contentIntent
            category = notification.category
            flags = flags or (notification.flags and Notification.FLAG_AUTO_CANCEL)
            extras.putParcelable(WHOLE, notification)
        }

    private fun whole(notification: Notification): Notification? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            Api33.notification(notification.extras, WHOLE)
        } else {
            @Suppress("DEPRECATION") // Newer ones go by Api33.
            notification.extras.getParcelable(WHOLE)
        }

    internal companion object {
        /** Between two of an app's that are changed: of more than 5 a second Android drops some. */
        val PAUSE = 250.milliseconds

        /** As many it takes one after the other. */
        private const val AT_ONCE = 4

        private const val WHOLE = "org.permesso.WHOLE"

        private val OURS = setOf(NotificationIds.OF_A_FRIEND, NotificationIds.NOT_SENT)
    }
}
