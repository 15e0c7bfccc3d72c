package org.permesso.app

import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.permesso.HostService
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

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

    @After
    fun end(): Unit =
        runBlocking {
            app.host.leave()
            // No other test's phone comes to what this one's was asked for.
            do {
                val begun = world.begun()
            } while (begun != null)
            // Of several that were asked for each is a service of its own here, unlike on a phone: one may still count as running.
            HostService.stop(app)
        }
}
