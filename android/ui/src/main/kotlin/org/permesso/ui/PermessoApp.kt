package org.permesso.ui

import androidx.compose.foundation.background
import androidx.compose.foundation.focusable
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxHeight
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.width
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.remember
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.Modifier
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.isAltPressed
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.onKeyEvent
import androidx.compose.ui.input.key.type
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.unit.dp
import org.permesso.ui.words.Strings
import java.util.Locale

/** The system's way back, such as a gesture: the app tells it what to do and whether there is anything. */
interface Back {
    /** Calls [action] at the system's way back as long as what is returned is not closed. */
    fun register(action: () -> Unit): AutoCloseable
}

/** The system's way back; null where there is none besides the keyboard. */
val LocalBack = staticCompositionLocalOf<Back?> { null }

/**
 * The app.
 *
 * @param words Given where the language is not the user's choice: pictures and tests.
 * @param font Given where the machine's fonts must not matter.
 * @param edges What keeps the app off what the system draws over it; its colour goes on beneath.
 * @param onColours Told whether they are dark, first and whenever that changes.
 */
@Composable
fun PermessoApp(
    app: AppState,
    words: Strings? = null,
    dark: Boolean? = null,
    font: FontFamily? = null,
    edges: Modifier = Modifier,
    onColours: (isDark: Boolean) -> Unit = {},
) {
    val changes by app.preferencesChanged.collectAsState()
    val language = remember(changes) { app.platform.preferences[PreferenceName.LANGUAGE] ?: app.platform.systemLanguage }
    val theme = remember(changes) { app.platform.preferences[PreferenceName.THEME] }
    val isDark = dark ?: theme?.let { it == "dark" } ?: isSystemInDarkTheme()
    val calendar = rememberCalendar(app.platform::now)
    val moments =
        remember(language, calendar) {
            Moments(Locale.forLanguageTag(if (language == "it") "it" else "en-GB"), calendar, app.platform.is24Hour)
        }
    LaunchedEffect(isDark) { onColours(isDark) }
    CompositionLocalProvider(
        LocalStrings provides (words ?: stringsOf(language)),
        LocalMoments provides moments,
        LocalStill provides app.platform.reducedMotion,
    ) {
        PermessoTheme(isDark, font) {
            Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) { Box(edges) { Phases(app) } }
        }
    }
}

@Composable
private fun Phases(app: AppState) {
    val phase by app.phase.collectAsState()
    val stack by app.stack.collectAsState()
    val back = LocalBack.current
    if (back != null && phase is Phase.Live && stack.size > 1) {
        DisposableEffect(back) {
            val registered = back.register { app.back() }
            onDispose { registered.close() }
        }
    }
    Box(
        Modifier
            .fillMaxSize()
            .onKeyEvent { event ->
                val goesBack = event.key == Key.Escape || (event.key == Key.DirectionLeft && event.isAltPressed)
                goesBack && event.type == KeyEventType.KeyDown && app.back()
            }.focusable(),
    ) {
        when (val now = phase) {
            is Phase.Live -> {
                val storageFails by app.notices.storageFails.collectAsState()
                CompositionLocalProvider(LocalStorageFails provides storageFails) { Panes(app, now, stack) }
            }

            else -> {
                StartPlace(app, now)
            }
        }
    }
}

/** One screen, or two beside each other where there is room. */
@Composable
private fun Panes(
    app: AppState,
    phase: Phase.Live,
    stack: List<Entry>,
) {
    BoxWithConstraints {
        if (maxWidth < TWO_PANES) {
            val entry = stack.last()
            key(entry) { Place(app, phase.permesso, entry, onBack = if (stack.size > 1) ({ app.back() }) else null) }
        } else {
            SideBySide({ Place(app, phase.permesso, stack.first(), onBack = null, show = app::showAlone) }) {
                val entry = stack.last()
                when (stack.size) {
                    1 -> NothingChosen()
                    2 -> key(entry) { Place(app, phase.permesso, entry, onBack = null) }
                    else -> key(entry) { Place(app, phase.permesso, entry, onBack = { app.back() }) }
                }
            }
        }
    }
}

/** The list, and beside it what was chosen there. */
@Composable
internal fun SideBySide(
    list: @Composable () -> Unit,
    chosen: @Composable () -> Unit,
) {
    Row {
        Box(Modifier.width(LIST_WIDTH).fillMaxHeight()) { list() }
        Box(Modifier.width(1.dp).fillMaxHeight().background(MaterialTheme.colorScheme.outlineVariant))
        Box(Modifier.weight(1f).fillMaxHeight()) { chosen() }
    }
}

/** From here on the list and what was chosen stand beside each other: Material's medium width. */
internal val TWO_PANES = 600.dp

/** As wide as a small phone. */
private val LIST_WIDTH = 320.dp
