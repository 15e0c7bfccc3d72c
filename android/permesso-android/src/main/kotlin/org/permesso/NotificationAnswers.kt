package org.permesso

import kotlinx.coroutines.withTimeoutOrNull
import org.permesso.ffi.PermessoException
import kotlin.time.Duration.Companion.seconds

/**
 * How the app's host is reached when its user answers from a notification, or Android begins [HostService] anew: either may be what
 * starts the process.
 */
public object NotificationAnswers {
    /**
     * Gives the open host, opening and starting it if need be: an answer that a host takes lies there until that is on the network. Set it
     * in `Application.onCreate`. Null: there is none now.
     */
    @Volatile
    public var host: (suspend () -> Permesso?)? = null

    /**
     * Has the host go on the network for [HostService], and tells whether others can reach it now; else the service ends, and the user is
     * asked to tap. True also where the user wants it off the network, and the app stops the service. Null: [host] is asked, and started.
     */
    @Volatile
    public var goOn: (suspend () -> Boolean)? = null

    /** Whether it was done in time; of an answer, whether the host took it: what it answers may go on being unread. */
    internal suspend fun perform(answer: NotificationAnswer): Boolean {
        var isDone = false
        withTimeoutOrNull(TIME) {
            try {
                val permesso = host?.invoke() ?: return@withTimeoutOrNull
                if (answer is NotificationAnswer.Reply) {
                    permesso.send(answer.friend, answer.text)
                    isDone = true
                }
                permesso.markRead(answer.friend)
                isDone = true
            } catch (_: PermessoException) {
                // What is not done is told.
            }
        }
        return isDone
    }

    /** Opens the host and goes on the network; false where that cannot be now. True where the app sees to it by itself. */
    internal suspend fun begin(): Boolean {
        val (goOn, open) = goOn to host
        return try {
            when {
                goOn != null -> goOn()
                open != null -> open()?.start() != null
                else -> true
            }
        } catch (_: PermessoException) {
            false
        }
    }

    /** Android gives a receiver 10 s. */
    private val TIME = 8.seconds
}

/** What the user did with a notification. */
internal sealed interface NotificationAnswer {
    /** Whose notification. */
    val friend: String

    data class Reply(
        override val friend: String,
        val text: String,
    ) : NotificationAnswer

    data class MarkRead(
        override val friend: String,
    ) : NotificationAnswer
}
