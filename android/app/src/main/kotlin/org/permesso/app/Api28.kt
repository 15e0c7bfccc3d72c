package org.permesso.app

import android.app.ActivityManager
import android.os.Build

// Android's calls above API 26 stand in files of their own, so that a phone that lacks them never loads them.

/** What Android has since version 9. */
@Later(Build.VERSION_CODES.P)
internal object Api28 {
    fun isRestricted(manager: ActivityManager): Boolean = manager.isBackgroundRestricted
}
