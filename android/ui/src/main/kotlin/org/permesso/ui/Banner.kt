package org.permesso.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.compositionLocalOf
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.permesso.ffi.PermessoException

/** What stands out: a hint, with [bad] something that is wrong, with [good] that all is well. Read out when it appears. */
@Composable
internal fun Banner(
    text: String,
    bad: Boolean = false,
    good: Boolean = false,
    action: String? = null,
    other: String? = null,
    onOther: () -> Unit = {},
    onAction: () -> Unit = {},
) {
    val colours = MaterialTheme.colorScheme
    val (colour, content) =
        when {
            bad -> colours.errorContainer to colours.onErrorContainer
            good -> colours.primaryContainer to colours.onPrimaryContainer
            else -> colours.tertiaryContainer to colours.onTertiaryContainer
        }
    Surface(
        color = colour,
        contentColor = content,
        modifier = Modifier.fillMaxWidth().semantics { liveRegion = LiveRegionMode.Polite },
    ) {
        Column(Modifier.padding(horizontal = 16.dp, vertical = 8.dp)) {
            Text(text, style = MaterialTheme.typography.bodyMedium)
            if (action != null) BannerAction(action, onAction)
            if (other != null) BannerAction(other, onOther)
        }
    }
}

/** What went wrong, until that is [seen]; where there is no such thing, that nothing can be stored, for as long as it lasts. */
@Composable
internal fun Trouble(
    trouble: PermessoException?,
    seen: () -> Unit,
) {
    val words = LocalStrings.current
    if (trouble != null) {
        Banner(words.trouble(trouble), bad = true, action = words.gotIt, onAction = seen)
    } else if (LocalStorageFails.current) {
        Banner(words.storageFails, bad = true)
    }
}

/** Whether nothing can be stored now. */
internal val LocalStorageFails = compositionLocalOf { false }

@Composable
private fun BannerAction(
    text: String,
    onClick: () -> Unit,
) {
    Text(
        text,
        style = MaterialTheme.typography.labelLarge,
        modifier =
            Modifier
                .heightIn(min = TouchSide)
                .widthIn(min = TouchSide)
                .bySpace(onClick)
                .clickable(role = Role.Button, onClick = onClick)
                .padding(vertical = 14.dp),
    )
}
