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

/** Whether nothing moves by itself: the user's wish, and that of pictures. */
internal val LocalStill = staticCompositionLocalOf { false }

/** A scroll position that is kept with its screen. */
@Composable
internal fun rememberKeptScroll(saved: Saved): ScrollState {
    val state = remember(saved) { ScrollState(saved["scroll"]?.toIntOrNull() ?: 0) }
    LaunchedEffect(saved, state) { snapshotFlow { state.value }.collect { saved["scroll"] = it.toString() } }
    return state
}

/** The same for a long list. */
@Composable
internal fun rememberKeptList(saved: Saved): LazyListState {
    val state =
        remember(saved) {
            val (index, offset) =
                saved["scroll"]
                    .orEmpty()
                    .split(',')
                    .map { it.toIntOrNull() ?: 0 }
                    .let { it[0] to (it.getOrNull(1) ?: 0) }
            LazyListState(index, offset)
        }
    LaunchedEffect(saved, state) {
        snapshotFlow { "${state.firstVisibleItemIndex},${state.firstVisibleItemScrollOffset}" }.collect { saved["scroll"] = it }
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
