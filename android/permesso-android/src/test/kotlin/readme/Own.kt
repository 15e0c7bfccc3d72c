package readme

import android.app.Activity

/** What an app has of its own: its activity. */
class MainActivity : Activity()

/** And its pictures, as Android's build would number them. */
object R {
    /** Drawn ones. */
    @Suppress("ktlint:standard:class-naming")
    object drawable {
        /** The app's sign in the bar. */
        @Suppress("ktlint:standard:property-naming")
        const val ic_chat: Int = 1
    }
}
