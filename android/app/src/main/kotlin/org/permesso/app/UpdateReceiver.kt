package org.permesso.app

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent

/** Begins the host again after the app was replaced by another version: that ends the process and its service, and Android begins neither. */
internal class UpdateReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        // Who has quit wants no other version to begin by itself.
        if (intent.action == Intent.ACTION_MY_PACKAGE_REPLACED && context.app.preferences.runs) bringBack(context.app)
    }
}
