package org.permesso.app

import android.app.Application
import android.content.Context
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch
import org.permesso.NotificationAnswers
import org.permesso.ffi.PermessoException
import org.permesso.ui.AppState
import org.permesso.ui.NoticeLog
import org.permesso.ui.Screen

/** The process: its host, and the screens' state, which outlives the activity that shows it. */
internal class App : Application() {
    /** The thread of the screens, for as long as the process lives. */
    val scope: CoroutineScope = MainScope()

    /** Small choices. */
    val preferences by lazy { PhonePreferences(this) }

    /** The one host. */
    val host by lazy { PhoneHost(this) }

    /** What the phone does for the screens. */
    val platform by lazy { PhonePlatform(this) }

    /** What happened that the user should know, also while there is no screen: the device has started, or a notification was answered. */
    val notices = NoticeLog(System::currentTimeMillis)

    private var screens: AppState? = null

    /** Follows whether its user wants to be reached, also where no window is there any more. */
    private var following: Job? = null

    override fun onCreate() {
        super.onCreate()
        // What a process left there that ended in between.
        passing(this).deleteRecursively()
        // Also where nothing but an answer to a notification begins the process.
        NotificationAnswers.host = {
            try {
                host.awake()
            } catch (_: PermessoException) {
                null
            }
        }
        NotificationAnswers.goOn = { host.goOn() }
    }

    /** The state of the screens; [restored] counts only in a process that has none yet. Without it drafts and notices come back. */
    fun screens(restored: String?): AppState = screens ?: newScreens(restored)

    private fun newScreens(restored: String?): AppState {
        // First: what was kept of the screens may be older.
        host.takeUpNotices()
        return AppState(host, scope, platform, restored ?: host.kept(), restoresScreens = restored != null, notices).also {
            screens = it
            following = scope.launch { follow(it) }
        }
    }

    private suspend fun follow(screens: AppState): Unit =
        combine(screens.present, screens.reached, ::Pair).collect { (present, reached) ->
            // Null is not yet known, or erased: what ended it has ended the service too.
            if (present == true) host.comeBack(reached)
            if (present == false) host.rest()
        }

    /** Keeps drafts and notices for a process that Android gives nothing of this one. */
    fun keepScreens() {
        screens?.save()?.let(host::keep)
    }

    /** Whether the user looks at the conversation with that friend. */
    fun isOnScreen(friend: String): Boolean =
        platform.activity != null &&
            screens
                ?.stack
                ?.value
                ?.last()
                ?.screen
                .let { it is Screen.Conversation && it.friend == friend }

    /** Hands waiting mail on, says good-bye, and closes the app. */
    suspend fun leave() {
        // Its activity ends later: then there is nothing to keep any more.
        keepScreens()
        following?.cancel()
        host.leave()
        platform.activity?.finishAndRemoveTask()
        screens = null
    }
}

/** The process that something of Android's belongs to. */
internal val Context.app: App get() = applicationContext as App
