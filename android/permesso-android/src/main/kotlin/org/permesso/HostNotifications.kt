package org.permesso

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.RemoteInput
import android.content.Context
import android.graphics.drawable.Icon
import android.os.Build
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.launch

/**
 * Notifications of messages, answered and marked as read without opening the app, and of friend requests; their channels are
 * made with it. From Android 13 on the user must allow them (POST_NOTIFICATIONS); without that nothing is shown.
 *
 * @param smallIcon The app's drawable for the status bar.
 * @param openConversation What a tap on messages opens, for a host's id.
 * @param openRequest What a tap on a friend request opens, for a host's id: where it can be answered.
 * @param texts What they say at first.
 * @param showsContentWhenLocked Whether a locked screen, which anybody may read, shows who wrote and what; asked each time. What stands there
 * when it is locked shows no more either, as long as [follow] runs.
 * @param isQuiet Whether nothing may sound now, as at night; asked each time.
 */
public class HostNotifications(
    context: Context,
    private val smallIcon: Int,
    private val openConversation: (String) -> PendingIntent,
    private val openRequest: (String) -> PendingIntent = openConversation,
    texts: NotificationTexts = NotificationTexts.of(context.resources.configuration.locales[0]),
    private val showsContentWhenLocked: () -> Boolean = { false },
    private val isQuiet: () -> Boolean = { false },
) {
    private val context = context.applicationContext
    private val manager = this.context.getSystemService(NotificationManager::class.java)
    private val screen = LockedScreen(this.context)

    /** What they say from now on, in another language for one; the channels are called so at once, and nothing is told again. */
    @Volatile
    public var texts: NotificationTexts = texts
        set(value) {
            field = value
            nameChannels()
        }

    init {
        nameChannels()
    }

    private fun nameChannels() {
        manager.createNotificationChannels(
            listOf(
                NotificationChannel(MESSAGES, texts.messages, NotificationManager.IMPORTANCE_HIGH),
                NotificationChannel(REQUESTS, texts.requests, NotificationManager.IMPORTANCE_DEFAULT),
                NotificationChannel(SERVICE, texts.service, NotificationManager.IMPORTANCE_LOW),
                NotificationChannel(QUIET, texts.quiet, NotificationManager.IMPORTANCE_LOW),
            ),
        )
    }

    /**
     * Shows what is unread and who asks, and takes away what was read or answered, until it is cancelled or the host is
     * stopped. Not the conversation that [isOnScreen]. What is there already when it begins makes no sound: it is not new; and what
     * was read or answered before, while nobody followed, is taken away then.
     */
    public suspend fun follow(
        permesso: Permesso,
        isOnScreen: (friend: String) -> Boolean = { false },
    ): Unit =
        coroutineScope {
            val looking = launch { screen.changes().collectLatest(screen::look) }
            try {
                tell(permesso, isOnScreen)
            } finally {
                looking.cancel()
            }
        }

    private suspend fun tell(
        permesso: Permesso,
        isOnScreen: (friend: String) -> Boolean,
    ) {
        val plan = NotificationPlan(manager.activeNotifications.filter { it.id == NotificationIds.OF_A_FRIEND }.mapNotNull { it.tag })
        var isNew = false
        unlessStopped {
            permesso.friends.conflate().collect { friends ->
                for (step in plan.next(friends, isOnScreen)) {
                    whenReady { take(step, permesso, isNew) }
                    // Else the last of a burst might be what Android drops, and the rest stays as it was.
                    if (step !is NotificationPlan.Step.Remove) delay(LockedScreen.PAUSE)
                }
                isNew = true
            }
        }
    }

    private suspend fun take(
        step: NotificationPlan.Step,
        permesso: Permesso,
        isNew: Boolean,
    ) {
        when (step) {
            is NotificationPlan.Step.Messages -> {
                val unread = permesso.messages(step.friend.id, limit = SHOWN_MAX).filter { it.unread }
                if (unread.isNotEmpty()) show(step.friend, unread, if (isNew) aloud(MESSAGES) else QUIET)
            }

            is NotificationPlan.Step.Request -> {
                show(step.friend, if (isNew) aloud(REQUESTS) else QUIET)
            }

            is NotificationPlan.Step.Remove -> {
                remove(step.friend)
            }
        }
    }

    /** Shows messages of a friend, oldest first, in place of those shown before. */
    public fun showMessages(
        friend: Friend,
        messages: List<Message>,
    ): Unit = show(friend, messages, aloud(MESSAGES))

    private fun show(
        friend: Friend,
        messages: List<Message>,
        channel: String,
    ) {
        val style = messagingStyle()
        for (message in messages) style.addMessage(line(friend, message))
        val builder =
            builder(channel, texts.newMessage)
                .setStyle(style)
                .setCategory(Notification.CATEGORY_MESSAGE)
                .setContentIntent(openConversation(friend.id))
                .setOnlyAlertOnce(false)
                .addAction(reply(friend.id))
                .addAction(action(NotificationReceiver.markRead(context, friend.id), texts.markRead))
        screen.notify(friend.id, NotificationIds.OF_A_FRIEND, builder.build())
    }

    /** Shows that somebody asks. */
    public fun showRequest(friend: Friend): Unit = show(friend, aloud(REQUESTS))

    private fun show(
        friend: Friend,
        channel: String,
    ) {
        val text = friend.greeting?.ifBlank { null } ?: texts.wantsToBeFriend
        val builder =
            builder(channel, texts.newRequest)
                .setContentTitle(friend.name)
                .setContentText(text)
                .setCategory(Notification.CATEGORY_SOCIAL)
                .setContentIntent(openRequest(friend.id))
                // What it told is on the screen from then on, though nothing is answered yet.
                .setAutoCancel(true)
        screen.notify(friend.id, NotificationIds.OF_A_FRIEND, builder.build())
    }

    /** Takes away what is shown of a friend. */
    public fun remove(friend: String): Unit = manager.cancel(friend, NotificationIds.OF_A_FRIEND)

    /** What [HostService] shows while it runs; a tap does [open]. */
    public fun ongoing(open: PendingIntent): Notification =
        builder(SERVICE, texts.connected)
            .setContentTitle(texts.connected)
            .setContentIntent(open)
            .setOngoing(true)
            .build()

    /** What is shown when Android does not let [HostService] start; a tap does [open]. */
    public fun tapToGoOn(open: PendingIntent): Notification =
        builder(SERVICE, texts.tapToGoOn)
            .setContentTitle(texts.tapToGoOn)
            .setContentIntent(open)
            .setAutoCancel(true)
            .build()

    // A channel decides what sounds.
    private fun aloud(channel: String): String = if (isQuiet()) QUIET else channel

    // A locked screen may be read by anybody: it shows that there is something, not what.
    private fun builder(
        channel: String,
        onLockedScreen: String,
    ): Notification.Builder =
        Notification
            .Builder(context, channel)
            .setSmallIcon(smallIcon)
            .setVisibility(if (showsContentWhenLocked()) Notification.VISIBILITY_PUBLIC else Notification.VISIBILITY_PRIVATE)
            .setPublicVersion(
                Notification
                    .Builder(context, channel)
                    .setSmallIcon(smallIcon)
                    .setContentTitle(onLockedScreen)
                    .build(),
            )

    private fun messagingStyle(): Notification.MessagingStyle =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            Api28.messagingStyle(texts.you)
        } else {
            @Suppress("DEPRECATION") // Newer ones go by Api28.
            Notification.MessagingStyle(texts.you)
        }

    private fun line(
        friend: Friend,
        message: Message,
    ): Notification.MessagingStyle.Message {
        val time = message.localTime.toLong()
        return if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            Api28.message(message.text, time, friend.name)
        } else {
            @Suppress("DEPRECATION") // Newer ones go by Api28.
            Notification.MessagingStyle.Message(message.text, time, friend.name)
        }
    }

    private fun reply(friend: String): Notification.Action {
        val intent = NotificationReceiver.reply(context, friend, MESSAGES, smallIcon, texts.notSent, openConversation(friend))
        val input = RemoteInput.Builder(NotificationReceiver.ANSWER).setLabel(texts.reply).build()
        return actionBuilder(intent, texts.reply).addRemoteInput(input).setAllowGeneratedReplies(false).build()
    }

    private fun action(
        intent: PendingIntent,
        label: String,
    ): Notification.Action = actionBuilder(intent, label).build()

    private fun actionBuilder(
        intent: PendingIntent,
        label: String,
    ): Notification.Action.Builder = Notification.Action.Builder(Icon.createWithResource(context, smallIcon), label, intent)

    /** Names of the channels, for the app's page of settings. */
    public companion object {
        /** Messages. */
        public const val MESSAGES: String = "permesso.messages"

        /** Friend requests. */
        public const val REQUESTS: String = "permesso.requests"

        /** The foreground service. */
        public const val SERVICE: String = "permesso.service"

        /** Messages and requests in quiet hours. */
        public const val QUIET: String = "permesso.quiet"

        /** As many as Android shows of a conversation. */
        private const val SHOWN_MAX = 25
    }
}

/** Numbers of notifications, which are the app's too: hence these. */
internal object NotificationIds {
    /** The foreground service's. */
    const val ONGOING = 0x7065_726D

    /** A friend's, under a tag that is its id. */
    const val OF_A_FRIEND = 0x7065_726E

    /** What was written to a friend and not taken, under the same tag. */
    const val NOT_SENT = 0x7065_726F
}

/** What the system writes in a notification's flags. */
internal object NotificationFlags {
    /** `Notification.FLAG_LIFETIME_EXTENDED_BY_DIRECT_REPLY`, which is hidden. */
    const val KEPT = 0x0001_0000
}
