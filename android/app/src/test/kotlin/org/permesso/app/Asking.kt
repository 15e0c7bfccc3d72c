package org.permesso.app

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Looper
import androidx.activity.ComponentActivity
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf

/** An activity in which the user is asked, and answers. */
internal class Asking(
    private val platform: PhonePlatform,
) {
    private val controller = Robolectric.buildActivity(ComponentActivity::class.java)
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Unconfined)
    val activity: ComponentActivity = controller.get()

    init {
        controller.create()
        platform.answers.register(activity, isFirst = true)
        controller.start().resume()
        platform.activity = activity
    }

    /** Something that asks; it has asked when this returns. */
    fun <T> begin(action: suspend () -> T): Deferred<T> = scope.async(start = CoroutineStart.UNDISPATCHED) { action() }

    /** What the system's chooser was asked for, and an answer to it; null: the user gives up. */
    fun choose(place: Uri?): Intent {
        val asked = shadowOf(activity).nextStartedActivityForResult
        val data = place?.let { Intent().setData(it) }
        shadowOf(activity).receiveResult(asked.intent, if (data == null) Activity.RESULT_CANCELED else Activity.RESULT_OK, data)
        return asked.intent
    }

    /** It is swiped away, with what is asked above it. */
    fun end() {
        activity.finish()
        controller.pause().stop().destroy()
    }

    /** What comes of it. */
    fun <T> end(begun: Deferred<T>): Result<T> {
        val end = System.nanoTime() + 20_000_000_000
        while (!begun.isCompleted) {
            assertTrue("it does not end", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(5)
        }
        @Suppress("OPT_IN_USAGE")
        return begun.getCompletionExceptionOrNull()?.let { Result.failure(it) } ?: Result.success(begun.getCompleted())
    }
}
