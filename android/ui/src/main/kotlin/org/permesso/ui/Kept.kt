package org.permesso.ui

import androidx.compose.foundation.ScrollState
import androidx.compose.foundation.lazy.LazyListState
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.remember
import androidx.compose.runtime.snapshotFlow
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.semantics.text
import androidx.compose.ui.text.AnnotatedString
import kotlinx.coroutines.flow.first

/** Whether nothing moves by itself: the user's wish, and that of pictures. */
internal val LocalStill = staticCompositionLocalOf { false }

/** What the visible screen keeps, for what is shown above it. */
internal val LocalSaved = staticCompositionLocalOf { Saved() }

private const val SCROLL = "scroll"

/**
 * A scroll position that is kept with its screen. After the end of the process what is shown comes a moment later than the screen:
 * then it waits for it, unless the user scrolls.
 */
@Composable
internal fun rememberKeptScroll(
    saved: Saved,
    key: String = SCROLL,
): ScrollState {
    val place = remember(saved) { saved[key]?.toIntOrNull() ?: 0 }
    val state = remember(saved) { ScrollState(place) }
    LaunchedEffect(saved, state) {
        if (place > 0) {
            // Until it is laid out the first time there is no end.
            snapshotFlow { state.isScrollInProgress || state.maxValue in place..<Int.MAX_VALUE }.first { it }
            if (!state.isScrollInProgress) state.scrollTo(place)
        }
        snapshotFlow { state.value }.collect { saved[key] = it.toString() }
    }
    return state
}

/** The same for a long list. */
@Composable
internal fun rememberKeptList(
    saved: Saved,
    key: String = SCROLL,
): LazyListState {
    val (index, offset) =
        remember(saved) {
            saved[key]
                .orEmpty()
                .split(',')
                .map { it.toIntOrNull() ?: 0 }
                .let { it[0] to (it.getOrNull(1) ?: 0) }
        }
    val state = remember(saved) { LazyListState(index, offset) }
    LaunchedEffect(saved, state) {
        if (index > 0) {
            snapshotFlow { state.isScrollInProgress || state.layoutInfo.totalItemsCount > index }.first { it }
            if (!state.isScrollInProgress) state.scrollToItem(index, offset)
        }
        snapshotFlow { "${state.firstVisibleItemIndex},${state.firstVisibleItemScrollOffset}" }.collect { saved[key] = it }
    }
    return state
}

internal fun Modifier.clearedSemantics(): Modifier = clearAndSetSemantics { }

/**
 * What a screen reader says of a line as a whole. A desktop's reads the first text of a line and would leave out the rest; a phone's
 * reads the description in place of the texts.
 */
internal fun Modifier.spoken(parts: List<String?>): Modifier =
    semantics {
        val whole = parts.filterNot { it.isNullOrBlank() }.joinToString(", ")
        text = AnnotatedString(whole)
        contentDescription = whole
    }
