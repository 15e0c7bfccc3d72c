import android.app.ActivityManager
import android.content.Context

/** Hidden: no app may call it on any Android. */
public fun hidden(): Int = ActivityManager.getCurrentUser()

/** From Android 9 on. */
public fun tooNew(context: Context): Any = context.mainExecutor
