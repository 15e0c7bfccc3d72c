package org.permesso.app

import android.content.Intent
import android.graphics.Color
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.OnBackPressedCallback
import androidx.activity.SystemBarStyle
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.Modifier
import org.permesso.ui.AppState
import org.permesso.ui.Back
import org.permesso.ui.LocalBack
import org.permesso.ui.PermessoApp
import org.permesso.ui.Screen

/** The window of the app. What it shows outlives it: see [App.screens]. */
internal class MainActivity : ComponentActivity() {
    private lateinit var screens: AppState

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        enableEdgeToEdge()
        app.platform.answers.register(this, isFirst = savedInstanceState == null)
        screens = app.screens(savedInstanceState?.getString(SCREENS))
        setContent {
            CompositionLocalProvider(LocalBack provides SystemBack()) {
                PermessoApp(screens, edges = Modifier.safeDrawingPadding(), onColours = ::colourBars)
            }
        }
        // One that was begun anew by a rotation, or from the list of apps that were open, has done so already.
        if (savedInstanceState == null && intent.flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY == 0) take(intent)
    }

    // The user's choice counts, which may be another than the system's.
    private fun colourBars(isDark: Boolean) {
        enableEdgeToEdge(
            SystemBarStyle.auto(Color.TRANSPARENT, Color.TRANSPARENT) { isDark },
            SystemBarStyle.auto(LIGHT_BAR, DARK_BAR) { isDark },
        )
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        take(intent)
    }

    override fun onStart() {
        super.onStart()
        app.platform.activity = this
    }

    override fun onResume() {
        super.onResume()
        screens.lookForNetwork()
    }

    override fun onStop() {
        if (app.platform.activity === this) app.platform.activity = null
        app.keepScreens()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        // Android ends an app that gives it more; of that much the file keeps the drafts all the same.
        outState.putString(SCREENS, screens.save().takeIf { it.length <= SAVED_MAX })
    }

    /** Any app may send such an intent: it opens a screen, and nothing happens by itself. */
    private fun take(intent: Intent) {
        val data = intent.data ?: return
        when {
            data.scheme == "permesso-friend" -> shown(intent.action, data.schemeSpecificPart.take(TAKEN_MAX))?.let(screens::showAlone)
            intent.action == Intent.ACTION_VIEW && data.scheme == "permesso" -> screens.openUri(data.toString().take(TAKEN_MAX))
        }
    }

    private fun shown(
        action: String?,
        friend: String,
    ): Screen? =
        when (action) {
            SHOW -> Screen.Conversation(friend)
            SHOW_REQUEST -> Screen.Person(friend)
            else -> null
        }

    /** Android's way back, with its picture of where it leads. */
    private inner class SystemBack : Back {
        override fun register(action: () -> Unit): AutoCloseable {
            val callback =
                object : OnBackPressedCallback(true) {
                    override fun handleOnBackPressed() = action()
                }
            onBackPressedDispatcher.addCallback(callback)
            return AutoCloseable(callback::remove)
        }
    }

    companion object {
        /** Opens the conversation with whom the intent's data names. */
        const val SHOW = "org.permesso.app.SHOW"

        /** Opens the page of whom the intent's data names, where a request is answered. */
        const val SHOW_REQUEST = "org.permesso.app.SHOW_REQUEST"

        /** What enableEdgeToEdge lays beneath the buttons of older Androids. */
        private val LIGHT_BAR = Color.argb(0xE6, 0xFF, 0xFF, 0xFF)
        private val DARK_BAR = Color.argb(0x80, 0x1B, 0x1B, 0x1B)

        private const val SCREENS = "screens"

        /** Characters: more than a code has, so that the core says of a longer one what is wrong, and little enough to be kept. */
        private const val TAKEN_MAX = 2_048

        /** Characters, of two bytes each. Android takes 1 MB from all activities together. */
        private const val SAVED_MAX = 100_000
    }
}
