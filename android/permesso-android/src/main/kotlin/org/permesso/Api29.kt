package org.permesso

import android.app.Notification
import android.app.Service
import android.content.pm.ServiceInfo
import android.os.Build

/** What Android has since version 10. */
@Later(Build.VERSION_CODES.Q)
internal object Api29 {
    fun goToForeground(
        service: Service,
        id: Int,
        notification: Notification,
    ) {
        service.startForeground(id, notification, ServiceInfo.FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE)
    }
}
