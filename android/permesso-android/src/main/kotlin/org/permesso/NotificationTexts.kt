package org.permesso

import java.util.Locale

/**
 * What notifications say.
 *
 * @property messages The name of the channel of messages.
 * @property requests The name of the channel of friend requests.
 * @property service The name of the channel of the foreground service.
 * @property quiet The name of the channel of what comes in quiet hours.
 * @property reply The button that answers.
 * @property markRead The button that marks all as read.
 * @property you How the user is called in a conversation.
 * @property newMessage What a locked screen shows of messages.
 * @property newRequest What a locked screen shows of a friend request.
 * @property wantsToBeFriend What stands under the name of somebody who asks without a greeting.
 * @property connected What the foreground service says.
 * @property tapToGoOn What is said when Android does not let the service start.
 * @property notSent What is said when an answer could not be taken.
 */
public class NotificationTexts(
    public val messages: String,
    public val requests: String,
    public val service: String,
    public val quiet: String,
    public val reply: String,
    public val markRead: String,
    public val you: String,
    public val newMessage: String,
    public val newRequest: String,
    public val wantsToBeFriend: String,
    public val connected: String,
    public val tapToGoOn: String,
    public val notSent: String,
) {
    /** The languages there are. */
    public companion object {
        /** In English. */
        @JvmField
        public val ENGLISH: NotificationTexts =
            NotificationTexts(
                messages = "Messages",
                requests = "Friend requests",
                service = "Staying reachable",
                quiet = "In quiet hours",
                reply = "Reply",
                markRead = "Mark as read",
                you = "You",
                newMessage = "New message",
                newRequest = "New friend request",
                wantsToBeFriend = "wants to be your friend",
                connected = "People nearby can reach you",
                tapToGoOn = "People nearby cannot reach you now. Tap to go on.",
                notSent = "Not sent. Open the app and try again.",
            )

        /** In Italian. */
        @JvmField
        public val ITALIAN: NotificationTexts =
            NotificationTexts(
                messages = "Messaggi",
                requests = "Richieste di amicizia",
                service = "Restare raggiungibile",
                quiet = "Nelle ore di silenzio",
                reply = "Rispondi",
                markRead = "Segna come letto",
                you = "Tu",
                newMessage = "Nuovo messaggio",
                newRequest = "Nuova richiesta di amicizia",
                wantsToBeFriend = "vuole fare amicizia con te",
                connected = "Chi è vicino può raggiungerti",
                tapToGoOn = "Ora chi è vicino non può raggiungerti. Tocca per continuare.",
                notSent = "Non inviato. Apri l'app e riprova.",
            )

        /** In Italian for an Italian [locale], else in English. */
        @JvmStatic
        public fun of(locale: Locale): NotificationTexts = if (locale.language == "it") ITALIAN else ENGLISH
    }
}
