package org.permesso

import android.app.Notification
import android.app.PendingIntent
import android.content.Intent
import android.os.Build
import android.os.Bundle

/** What Android has since version 13. */
@Later(Build.VERSION_CODES.TIRAMISU)
internal object Api33 {
    fun notification(
        intent: Intent,
        name: String,
    ): Notification? = intent.getParcelableExtra(name, Notification::class.java)

    fun notification(
        extras: Bundle,
        name: String,
    ): Notification? = extras.getParcelable(name, Notification::class.java)

    fun pendingIntent(
        intent: Intent,
        name: String,
    ): PendingIntent? = intent.getParcelableExtra(name, PendingIntent::class.java)
}
