package org.permesso.app

import android.content.BroadcastReceiver
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import kotlinx.coroutines.launch
import org.permesso.ffi.PermessoException
import org.permesso.ui.hasLeft

/** Begins the host with the device, if the user wants that: until then this part of the app is switched off. */
internal class BootReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        if (intent.action == Intent.ACTION_BOOT_COMPLETED) bringBack(context.app)
    }

    companion object {
        /** Switches it on or off. */
        fun set(
            context: Context,
            isOn: Boolean,
        ) {
            val state = if (isOn) PackageManager.COMPONENT_ENABLED_STATE_ENABLED else PackageManager.COMPONENT_ENABLED_STATE_DISABLED
            val part = ComponentName(context, BootReceiver::class.java)
            context.packageManager.setComponentEnabledSetting(part, state, PackageManager.DONT_KILL_APP)
        }
    }
}

/** Begins the host where no window asks for it, or says that nobody can reach it. */
internal fun BroadcastReceiver.bringBack(app: App) {
    // The user wants to be off the network until coming back is chosen.
    if (app.preferences.hasLeft) return
    val pending = goAsync()
    app.scope.launch {
        try {
            val permesso = app.host.openIfThere() ?: return@launch app.host.askIfLocked()
            app.host.begin(permesso)
        } catch (trouble: PermessoException) {
            // Why, the app says when it is opened.
            app.host.askToGoOn()
            android.util.Log.w("permesso", trouble)
        } finally {
            pending.finish()
        }
    }
}
