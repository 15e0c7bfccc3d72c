package org.permesso.app

import org.permesso.NotificationTexts
import org.permesso.ui.words.Strings

/** What notifications say: the same words as the screens. */
internal fun Strings.ofNotifications(): NotificationTexts =
    NotificationTexts(
        messages = notificationMessages,
        requests = notificationRequests,
        service = notificationService,
        quiet = notificationQuiet,
        reply = notificationReply,
        markRead = notificationMarkRead,
        you = you,
        newMessage = notificationNewMessage,
        newRequest = notificationNewRequest,
        wantsToBeFriend = stateAsksYou,
        connected = notificationConnected,
        tapToGoOn = notificationTapToGoOn,
        notSent = notificationNotSent,
    )
