package org.permesso

import android.app.Notification
import android.app.NotificationManager
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowNotificationManager
import java.util.concurrent.CopyOnWriteArrayList

/** Remembers when something was shown, of which Android drops what is too much. */
@Implements(NotificationManager::class)
internal class ShadowCounted : ShadowNotificationManager() {
    /** When, in nanoseconds. */
    val shown = CopyOnWriteArrayList<Long>()

    /** Shows it all the same. */
    @Implementation
    override fun notify(
        tag: String?,
        id: Int,
        notification: Notification,
    ) {
        shown += System.nanoTime()
        super.notify(tag, id, notification)
    }
}
