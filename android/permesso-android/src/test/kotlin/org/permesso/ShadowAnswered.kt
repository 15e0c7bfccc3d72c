package org.permesso

import android.app.NotificationManager
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowNotificationManager

/** Keeps what was answered from its notification, as Android 15 does: no app cancels it, until it is shown anew. */
@Implements(NotificationManager::class)
internal class ShadowAnswered : ShadowNotificationManager() {
    /** Refused for what the system has marked so. */
    @Implementation
    override fun cancel(
        tag: String?,
        id: Int,
    ) {
        val flags = getNotification(tag, id)?.flags ?: 0
        if (flags and NotificationFlags.KEPT == 0) super.cancel(tag, id)
    }
}
