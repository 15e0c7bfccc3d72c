package org.permesso

import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.RemoteInput
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch

/** Takes answers and marks from notifications of [HostNotifications]; declared in the library's manifest. */
public class NotificationReceiver : BroadcastReceiver() {
    /** Hands an answer or a mark on to the host; Android calls it. */
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val answer = read(intent, RemoteInput.getResultsFromIntent(intent)?.getCharSequence(ANSWER)) ?: return
        val pending = goAsync()
        scope.launch {
            try {
                when {
                    !NotificationAnswers.perform(answer) -> sayNotSent(context, intent, answer)
                    answer is NotificationAnswer.Reply -> end(context, intent, answer.friend)
                }
            } finally {
                pending.finish()
            }
        }
    }

    internal companion object {
        const val ANSWER = "org.permesso.ANSWER"
        private const val REPLY = "org.permesso.REPLY"
        private const val MARK_READ = "org.permesso.MARK_READ"
        private const val CHANNEL = "org.permesso.CHANNEL"
        private const val ICON = "org.permesso.ICON"
        private const val NOT_SENT = "org.permesso.NOT_SENT"
        private const val OPEN = "org.permesso.OPEN"

        /** Should it not go at once; in milliseconds. */
        private const val EMPTY_FOR = 1_000L

        private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

        fun reply(
            context: Context,
            friend: String,
            channel: String,
            smallIcon: Int,
            notSent: String,
            open: PendingIntent,
        ): PendingIntent {
            val intent =
                intent(context, REPLY, friend)
                    .putExtra(CHANNEL, channel)
                    .putExtra(ICON, smallIcon)
                    .putExtra(NOT_SENT, notSent)
                    .putExtra(OPEN, open)
            // Android puts what the user wrote into it.
            val mutable = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
            return PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or mutable)
        }

        fun markRead(
            context: Context,
            friend: String,
        ): PendingIntent {
            val flags = PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE
            return PendingIntent.getBroadcast(context, 0, intent(context, MARK_READ, friend), flags)
        }

        /** What an intent asks for; null if it is none of ours. */
        fun read(
            intent: Intent,
            text: CharSequence?,
        ): NotificationAnswer? {
            val friend = intent.data?.schemeSpecificPart ?: return null
            return when (intent.action) {
                MARK_READ -> NotificationAnswer.MarkRead(friend)
                REPLY -> text?.toString()?.ifBlank { null }?.let { NotificationAnswer.Reply(friend, it) }
                else -> null
            }
        }

        // By the data, since two intents that differ in extras alone are the same to Android.
        private fun intent(
            context: Context,
            action: String,
            friend: String,
        ): Intent =
            Intent(context, NotificationReceiver::class.java)
                .setAction(action)
                .setData(Uri.fromParts("permesso-friend", friend, null))

        /**
         * Takes away what was answered, if the system keeps it, as from Android 15 on: until it is shown anew, no app can cancel it. What
         * has come since is another notification by now.
         */
        internal fun end(
            context: Context,
            intent: Intent,
            friend: String,
        ) {
            val shown = context.getSystemService(NotificationManager::class.java).activeNotifications
            val answered = shown.find { it.tag == friend && it.id == NotificationIds.OF_A_FRIEND }?.notification
            if (answered != null && answered.flags and NotificationFlags.KEPT != 0) takeAway(context, intent, friend)
        }

        private fun takeAway(
            context: Context,
            intent: Intent,
            friend: String,
        ) {
            val notifications = context.getSystemService(NotificationManager::class.java)
            // First shown without anything in it: as it was it could not be cancelled.
            val empty = builder(context, intent, HostNotifications.QUIET).setTimeoutAfter(EMPTY_FOR).build()
            notifications.notify(friend, NotificationIds.OF_A_FRIEND, empty)
            notifications.cancel(friend, NotificationIds.OF_A_FRIEND)
        }

        private fun builder(
            context: Context,
            intent: Intent,
            channel: String? = intent.getStringExtra(CHANNEL),
        ): Notification.Builder = Notification.Builder(context, channel).setSmallIcon(intent.getIntExtra(ICON, 0))

        private fun sayNotSent(
            context: Context,
            intent: Intent,
            answer: NotificationAnswer,
        ) {
            if (answer !is NotificationAnswer.Reply) return
            val title = intent.getStringExtra(NOT_SENT)

            fun builder() = builder(context, intent).setContentTitle(title)
            val notification =
                builder()
                    .setContentText(answer.text)
                    .setStyle(Notification.BigTextStyle().bigText(answer.text))
                    .setContentIntent(open(intent))
                    // Also on a locked screen, from which it may have been written.
                    .setVisibility(Notification.VISIBILITY_PRIVATE)
                    .setPublicVersion(builder().build())
                    .build()
            // It would show for ever that the answer is on its way.
            takeAway(context, intent, answer.friend)
            // Beside what is told of the friend, and until it is wiped away: the text stands nowhere else, and reading what the
            // friend wrote takes away only that.
            LockedScreen(context).notify(answer.friend, NotificationIds.NOT_SENT, notification)
        }

        private fun open(intent: Intent): PendingIntent? =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
                Api33.pendingIntent(intent, OPEN)
            } else {
                @Suppress("DEPRECATION") // Newer ones go by Api33.
                intent.getParcelableExtra(OPEN)
            }
    }
}
