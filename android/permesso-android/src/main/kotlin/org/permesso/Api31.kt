package org.permesso

import android.app.ForegroundServiceStartNotAllowedException
import android.os.Build

/** What Android has since version 12. */
@Later(Build.VERSION_CODES.S)
internal object Api31 {
    fun isRefusalToStart(failure: IllegalStateException): Boolean = failure is ForegroundServiceStartNotAllowedException
}
