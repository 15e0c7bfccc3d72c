package org.permesso.app

import android.os.Looper
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import org.junit.After
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.permesso.HostService
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.time.Duration
import kotlin.time.Duration.Companion.minutes

/** Tests of the phone's process with a live core in it, on a phone of Ada's. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = App::class)
internal abstract class WithPhone {
    @get:Rule
    val folder = TemporaryFolder()

    protected val app = RuntimeEnvironment.getApplication() as App
    protected val world by lazy { PhoneWorld(app, folder.root) }

    @Before
    fun giveKeys() {
        MemoryKeystore.install()
    }

    /**
     * Runs steps on the phone's own thread, which goes on with all else that waits for it whenever they wait: what they wait for may
     * wait for that, as for the turn of a part of the app that has yet to end it.
     */
    @OptIn(ExperimentalCoroutinesApi::class)
    protected fun onPhone(steps: suspend CoroutineScope.() -> Unit) {
        val running = CoroutineScope(Dispatchers.Main).async(start = CoroutineStart.UNDISPATCHED, block = steps)
        val end = System.nanoTime() + LONGEST.inWholeNanoseconds
        while (!running.isCompleted) {
            assertTrue("the steps do not end", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(5))
            Thread.sleep(5)
        }
        running.getCompleted()
    }

    @After
    fun end(): Unit =
        onPhone {
            app.host.leave()
            // No other test's phone comes to what this one's was asked for.
            do {
                val begun = world.begun()
            } while (begun != null)
            // Of several that were asked for each is a service of its own here, unlike on a phone: one may still count as running.
            HostService.stop(app)
        }

    private companion object {
        /** How long a test may take on a busy machine. */
        val LONGEST = 5.minutes
    }
}
