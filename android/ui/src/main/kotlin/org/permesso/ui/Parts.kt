package org.permesso.ui

import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.width
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.selection.selectable
import androidx.compose.foundation.selection.toggleable
import androidx.compose.foundation.shape.CircleShape
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.automirrored.filled.ArrowBack
import androidx.compose.material3.Button
import androidx.compose.material3.ButtonDefaults
import androidx.compose.material3.HorizontalDivider
import androidx.compose.material3.Icon
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.RadioButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.key
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.onKeyEvent
import androidx.compose.ui.input.key.type
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.paneTitle
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp
import androidx.compose.ui.window.Dialog
import androidx.compose.material.icons.Icons as MaterialIcons

/** The least side of what is touched, by the guidelines of Android. */
internal val TouchSide: Dp = 48.dp

/** Lines of text longer than this are hard to read. */
internal val ReadingWidth: Dp = 560.dp

/** A screen: its title with what can be done there, and the content below. */
@Composable
internal fun Page(
    title: String,
    onBack: (() -> Unit)?,
    actions: @Composable () -> Unit = {},
    content: @Composable ColumnScope.() -> Unit,
) {
    Surface(color = MaterialTheme.colorScheme.background) {
        Column(Modifier.fillMaxSize()) {
            TopBar(onBack, actions) {
                Text(
                    title,
                    style = MaterialTheme.typography.titleMedium,
                    maxLines = 2,
                    overflow = TextOverflow.Ellipsis,
                    modifier = Modifier.padding(start = if (onBack == null) 12.dp else 4.dp).semantics { heading() },
                )
            }
            content()
        }
    }
}

/** The bar above a screen. */
@Composable
internal fun TopBar(
    onBack: (() -> Unit)?,
    actions: @Composable () -> Unit = {},
    title: @Composable () -> Unit,
) {
    Surface(color = MaterialTheme.colorScheme.surfaceVariant, contentColor = MaterialTheme.colorScheme.onSurface) {
        Row(
            Modifier.fillMaxWidth().heightIn(min = TouchSide),
            verticalAlignment = Alignment.CenterVertically,
        ) {
            if (onBack != null) IconAction(MaterialIcons.AutoMirrored.Filled.ArrowBack, LocalStrings.current.back, onBack)
            Box(Modifier.weight(1f)) { title() }
            actions()
        }
    }
}

/** What scrolls as a whole: everything but long lists. */
@Composable
internal fun ColumnScope.Scrolling(
    saved: Saved,
    content: @Composable ColumnScope.() -> Unit,
) {
    val scroll = rememberKeptScroll(saved)
    Column(
        Modifier.weight(1f).fillMaxWidth().verticalScroll(scroll),
        horizontalAlignment = Alignment.CenterHorizontally,
    ) {
        Column(Modifier.widthIn(max = ReadingWidth).fillMaxWidth().padding(vertical = 4.dp), content = content)
    }
}

/** An icon that does something. Its touch area is its whole box. */
@Composable
internal fun IconAction(
    icon: ImageVector,
    label: String,
    onClick: () -> Unit,
    enabled: Boolean = true,
) {
    Box(
        Modifier
            .size(TouchSide)
            .clip(CircleShape)
            .bySpace(onClick, enabled)
            .clickable(enabled = enabled, role = Role.Button, onClick = onClick)
            .semantics { contentDescription = label },
        contentAlignment = Alignment.Center,
    ) {
        val colour = if (enabled) MaterialTheme.colorScheme.onSurface else MaterialTheme.colorScheme.outline
        Icon(icon, contentDescription = null, tint = colour)
    }
}

/** The space bar does what a click does; Compose itself knows Enter alone. */
internal fun Modifier.bySpace(
    onClick: () -> Unit,
    enabled: Boolean = true,
): Modifier =
    onKeyEvent { event ->
        val isSpace = enabled && event.key == Key.Spacebar
        if (isSpace && event.type == KeyEventType.KeyUp) onClick()
        isSpace
    }

/** What should be done here. */
@Composable
internal fun MainButton(
    text: String,
    onClick: () -> Unit,
    modifier: Modifier = Modifier,
    enabled: Boolean = true,
    dangerous: Boolean = false,
) {
    val colours =
        if (dangerous) {
            ButtonDefaults.buttonColors(MaterialTheme.colorScheme.error, MaterialTheme.colorScheme.onError)
        } else {
            ButtonDefaults.buttonColors()
        }
    Button(
        onClick,
        modifier.bySpace(onClick, enabled).heightIn(min = TouchSide),
        enabled,
        colors = colours,
        contentPadding = ButtonPadding,
    ) {
        Text(text)
    }
}

/** What else can be done here. */
@Composable
internal fun QuietButton(
    text: String,
    onClick: () -> Unit,
    modifier: Modifier = Modifier,
    enabled: Boolean = true,
) {
    OutlinedButton(onClick, modifier.bySpace(onClick, enabled).heightIn(min = TouchSide), enabled, contentPadding = ButtonPadding) {
        Text(text)
    }
}

private val ButtonPadding = PaddingValues(horizontal = 16.dp, vertical = 8.dp)

/** Buttons in a row, or below each other where they do not fit. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun Buttons(
    modifier: Modifier = Modifier,
    content: @Composable () -> Unit,
) {
    FlowRow(
        modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 6.dp),
        horizontalArrangement = Arrangement.spacedBy(8.dp),
        verticalArrangement = Arrangement.spacedBy(8.dp),
    ) { content() }
}

/** The name of a part of a list or page. */
@Composable
internal fun Heading(text: String) {
    Text(
        text,
        style = MaterialTheme.typography.titleSmall,
        color = MaterialTheme.colorScheme.primary,
        modifier = Modifier.fillMaxWidth().padding(start = 16.dp, end = 16.dp, top = 14.dp, bottom = 4.dp).semantics { heading() },
    )
}

/** A paragraph. */
@Composable
internal fun Paragraph(
    text: String,
    modifier: Modifier = Modifier,
) {
    Text(
        text,
        style = MaterialTheme.typography.bodyMedium,
        modifier = modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 6.dp),
    )
}

/** A smaller explanation below something. */
@Composable
internal fun Explanation(text: String) {
    Text(
        text,
        style = MaterialTheme.typography.bodySmall,
        color = MaterialTheme.colorScheme.onSurfaceVariant,
        modifier = Modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 4.dp),
    )
}

/** A line that leads somewhere. */
@Composable
internal fun LinkRow(
    icon: ImageVector?,
    title: String,
    detail: String? = null,
    badge: Int = 0,
    onClick: () -> Unit,
) {
    Row(
        Modifier
            .fillMaxWidth()
            .heightIn(min = 52.dp)
            .bySpace(onClick)
            .clickable(role = Role.Button, onClick = onClick)
            .spoken(listOf(title, detail, if (badge > 0) LocalStrings.current.unread(badge) else null))
            .padding(horizontal = 16.dp, vertical = 6.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        if (icon != null) {
            Icon(icon, contentDescription = null, tint = MaterialTheme.colorScheme.primary)
            Spacer(Modifier.width(16.dp))
        }
        Column(Modifier.weight(1f)) {
            Text(title, style = MaterialTheme.typography.bodyLarge)
            if (detail != null) {
                Text(detail, style = MaterialTheme.typography.bodySmall, color = MaterialTheme.colorScheme.onSurfaceVariant)
            }
        }
        if (badge > 0) Badge(badge)
    }
}

/** A number that waits to be seen; the line it stands in says it. */
@Composable
internal fun Badge(count: Int) {
    Surface(
        shape = CircleShape,
        color = MaterialTheme.colorScheme.primary,
        contentColor = MaterialTheme.colorScheme.onPrimary,
        modifier = Modifier.padding(start = 8.dp).hidden(),
    ) {
        Text(
            if (count > BADGE_MOST) "$BADGE_MOST+" else "$count",
            style = MaterialTheme.typography.labelMedium,
            maxLines = 1,
            modifier = Modifier.padding(horizontal = 7.dp, vertical = 2.dp),
        )
    }
}

/** What is on or off; the whole line switches it. */
@Composable
internal fun SwitchRow(
    title: String,
    detail: String?,
    on: Boolean,
    onChange: (Boolean) -> Unit,
) {
    Row(
        Modifier
            .fillMaxWidth()
            .heightIn(min = 52.dp)
            .bySpace({ onChange(!on) })
            .toggleable(on, role = Role.Switch, onValueChange = onChange)
            .spoken(listOf(title, detail))
            .padding(horizontal = 16.dp, vertical = 6.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        Column(Modifier.weight(1f).padding(end = 12.dp)) {
            Text(title, style = MaterialTheme.typography.bodyLarge)
            if (detail != null) {
                Text(detail, style = MaterialTheme.typography.bodySmall, color = MaterialTheme.colorScheme.onSurfaceVariant)
            }
        }
        Settled(on) { Switch(on, onCheckedChange = null) }
    }
}

/** What would move from one state to the other: where no movement is welcome it is drawn anew, at once where it belongs. */
@Composable
private fun Settled(
    state: Boolean,
    content: @Composable () -> Unit,
) {
    if (LocalStill.current) key(state) { content() } else content()
}

/** One of several; the whole line chooses it. */
@Composable
internal fun ChoiceRow(
    title: String,
    chosen: Boolean,
    detail: String? = null,
    onChoose: () -> Unit,
) {
    Row(
        Modifier
            .fillMaxWidth()
            .heightIn(min = TouchSide)
            .bySpace(onChoose)
            .selectable(chosen, role = Role.RadioButton, onClick = onChoose)
            .spoken(listOf(title, detail))
            .padding(horizontal = 16.dp, vertical = 6.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        Settled(chosen) { RadioButton(chosen, onClick = null) }
        Column(Modifier.padding(start = 12.dp)) {
            Text(title, style = MaterialTheme.typography.bodyLarge)
            if (detail != null) {
                Text(detail, style = MaterialTheme.typography.bodySmall, color = MaterialTheme.colorScheme.onSurfaceVariant)
            }
        }
    }
}

/** A question or a closer look above the screen. It fits the smallest screen, and scrolls. */
@Composable
internal fun Sheet(
    title: String,
    onDismiss: () -> Unit,
    buttons: @Composable () -> Unit,
    content: @Composable ColumnScope.() -> Unit,
) {
    val scroll = rememberKeptScroll(LocalSaved.current, SHEET)
    Dialog(onDismissRequest = onDismiss) {
        BoxWithConstraints(contentAlignment = Alignment.Center) {
            // Where the buttons would take all the room, they scroll with the rest.
            val isShort = maxHeight < SHORT * LocalDensity.current.fontScale
            Surface(
                shape = RoundedCornerShape(16.dp),
                color = MaterialTheme.colorScheme.surface,
                shadowElevation = 6.dp,
                modifier = Modifier.padding(4.dp).widthIn(max = ReadingWidth).semantics { paneTitle = title },
            ) {
                if (isShort) {
                    Column(Modifier.verticalScroll(scroll).padding(vertical = 8.dp)) {
                        SheetTitle(title)
                        content()
                        Buttons { buttons() }
                    }
                } else {
                    Column(Modifier.padding(vertical = 8.dp)) {
                        SheetTitle(title)
                        Column(Modifier.weight(1f, fill = false).verticalScroll(scroll), content = content)
                        Buttons { buttons() }
                    }
                }
            }
        }
    }
}

@Composable
private fun SheetTitle(title: String) {
    Text(
        title,
        style = MaterialTheme.typography.titleMedium,
        modifier = Modifier.padding(horizontal = 16.dp, vertical = 6.dp).semantics { heading() },
    )
}

/** Two rows of buttons and three lines of text need about so much. */
private val SHORT = 400.dp

/** A question that is answered by yes or no. */
@Composable
internal fun Question(
    title: String,
    text: String,
    yes: String,
    onYes: () -> Unit,
    onNo: () -> Unit,
    dangerous: Boolean = false,
) {
    Sheet(
        title,
        onNo,
        buttons = {
            MainButton(yes, onYes, dangerous = dangerous)
            QuietButton(LocalStrings.current.cancel, onNo)
        },
    ) { Paragraph(text) }
}

/** Something takes a while; [what] says what. It moves only where movement is welcome. */
@Composable
internal fun Busy(what: String) {
    Paragraph(what)
    if (LocalStill.current) return
    LinearProgressIndicator(Modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 8.dp).clearedSemantics())
}

/** A thin line between parts. */
@Composable
internal fun Line() {
    HorizontalDivider(color = MaterialTheme.colorScheme.outlineVariant)
}

/** The first letter of a name, and whether somebody is here as a dot; both are said in words beside it. */
@Composable
internal fun Face(
    name: String,
    here: Boolean,
) {
    val colours = MaterialTheme.colorScheme
    Box(Modifier.size(40.dp)) {
        Box(
            Modifier.size(38.dp).clip(CircleShape).background(colours.primaryContainer),
            contentAlignment = Alignment.Center,
        ) {
            Text(
                firstLetter(name),
                color = colours.onPrimaryContainer,
                style = MaterialTheme.typography.titleMedium,
                maxLines = 1,
                modifier = Modifier.hidden(),
            )
        }
        if (here) {
            Box(
                Modifier
                    .align(Alignment.BottomEnd)
                    .size(14.dp)
                    .clip(CircleShape)
                    .background(colours.background),
            ) {
                Box(
                    Modifier
                        .align(Alignment.Center)
                        .size(10.dp)
                        .clip(CircleShape)
                        .background(colours.primary),
                )
            }
        }
    }
}

/** Screen readers pass it over. */
internal fun Modifier.hidden(): Modifier = this.clearedSemantics()

private fun firstLetter(name: String): String {
    val text = name.trim()
    if (text.isEmpty()) return "?"
    return String(Character.toChars(text.codePointAt(0))).uppercase()
}

/** More is not worth counting on a list. */
private const val BADGE_MOST = 99
