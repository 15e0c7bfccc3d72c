package org.permesso.ui

import androidx.compose.foundation.BorderStroke
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.text.BasicTextField
import androidx.compose.foundation.text.KeyboardActions
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.SideEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.focus.FocusDirection
import androidx.compose.ui.focus.onFocusChanged
import androidx.compose.ui.graphics.SolidColor
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.isAltPressed
import androidx.compose.ui.input.key.isShiftPressed
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.onPreviewKeyEvent
import androidx.compose.ui.input.key.type
import androidx.compose.ui.platform.LocalFocusManager
import androidx.compose.ui.platform.LocalSoftwareKeyboardController
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.error
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.TextRange
import androidx.compose.ui.text.input.ImeAction
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.TextFieldValue
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.unit.dp

/**
 * A line of text with its name above and what is wrong with it below. Its last key leads to the next field, or does [onAction] and puts
 * the keyboard away, which covers what comes of it on a small screen.
 */
@Composable
internal fun Field(
    value: String,
    onChange: (String) -> Unit,
    label: String,
    wrong: String? = null,
    keyboard: KeyboardType = KeyboardType.Text,
    secret: Boolean = false,
    action: ImeAction = ImeAction.Done,
    onAction: () -> Unit = {},
) {
    val soft = LocalSoftwareKeyboardController.current
    val focus = LocalFocusManager.current
    val end = {
        if (action == ImeAction.Next) {
            focus.moveFocus(FocusDirection.Next)
        } else {
            onAction()
            soft?.hide()
        }
    }
    Column(Modifier.fillMaxWidth().padding(horizontal = 16.dp, vertical = 6.dp)) {
        Text(
            label,
            style = MaterialTheme.typography.labelLarge,
            color = MaterialTheme.colorScheme.onSurfaceVariant,
            modifier = Modifier.padding(bottom = 2.dp).clearedSemantics(),
        )
        TextBox(
            value,
            onChange,
            label,
            Modifier.onPreviewKeyEvent { event ->
                (event.key == Key.Enter && event.type == KeyEventType.KeyDown).also { if (it) end() }
            },
            wrong = wrong,
            single = true,
            transformation = if (secret) PasswordVisualTransformation() else VisualTransformation.None,
            options = KeyboardOptions(keyboardType = if (secret) KeyboardType.Password else keyboard, imeAction = action),
            actions = KeyboardActions { end() },
        )
        if (wrong != null) Warning(wrong)
    }
}

/** What puts a text where the cursor is. */
internal class Cursor {
    internal var put: (String) -> Unit = {}
}

/** Several lines; Enter sends where [onSend] is given, with Shift or Alt it makes a new line. */
@Composable
internal fun WritingField(
    value: String,
    onChange: (String) -> Unit,
    hint: String,
    onSend: (() -> Unit)?,
    modifier: Modifier = Modifier,
    cursor: Cursor? = null,
) {
    TextBox(
        value,
        onChange,
        hint,
        Modifier.onPreviewKeyEvent { event ->
            val sends = onSend != null && event.key == Key.Enter && !event.isShiftPressed && !event.isAltPressed
            if (sends && event.type == KeyEventType.KeyDown) onSend()
            sends
        },
        modifier,
        hint = hint,
        single = false,
        cursor = cursor,
    )
}

@Composable
private fun TextBox(
    value: String,
    onChange: (String) -> Unit,
    label: String,
    keys: Modifier,
    modifier: Modifier = Modifier.fillMaxWidth(),
    hint: String? = null,
    wrong: String? = null,
    single: Boolean,
    transformation: VisualTransformation = VisualTransformation.None,
    options: KeyboardOptions = KeyboardOptions.Default,
    actions: KeyboardActions = KeyboardActions.Default,
    cursor: Cursor? = null,
) {
    val colours = MaterialTheme.colorScheme
    var focused by remember { mutableStateOf(false) }
    var field by remember { mutableStateOf(TextFieldValue(value, TextRange(value.length))) }
    val echo = remember { Echo() }
    val chosen = remember { Chosen() }
    LaunchedEffect(value) {
        // Also where the field shows it already: it must not be taken for an echo later.
        val isForeign = !echo.isEcho(value)
        if (isForeign && value != field.text) field = TextFieldValue(value, TextRange(value.length))
    }
    val change = { changed: TextFieldValue ->
        val isNew = changed.text != field.text
        if (!isNew && changed.selection.collapsed && !field.selection.collapsed) chosen.before = field.selection
        field = changed
        if (isNew) {
            echo.told(changed.text)
            onChange(changed.text)
        }
    }
    val onFocus = { isFocused: Boolean ->
        val kept = chosen.before
        if (cursor != null && focused && !isFocused && kept != null) field = field.copy(selection = kept)
        focused = isFocused
    }
    SideEffect {
        chosen.before = null
        cursor?.put = { piece ->
            val place = field.selection
            change(TextFieldValue(field.text.replaceRange(place.min, place.max, piece), TextRange(place.min + piece.length)))
        }
    }
    val edge =
        when {
            wrong != null -> colours.error
            focused -> colours.primary
            else -> colours.outline
        }
    Surface(
        shape = RoundedCornerShape(12.dp),
        color = colours.surface,
        contentColor = colours.onSurface,
        border = BorderStroke(if (focused) 2.dp else 1.dp, edge),
        modifier = modifier,
    ) {
        BasicTextField(
            field,
            change,
            Modifier
                .fillMaxWidth()
                .heightIn(min = TouchSide)
                .onFocusChanged { onFocus(it.isFocused) }
                .then(keys)
                .semantics {
                    contentDescription = label
                    if (wrong != null) error(wrong)
                },
            textStyle = MaterialTheme.typography.bodyLarge.copy(color = colours.onSurface),
            singleLine = single,
            maxLines = if (single) 1 else LINES_MOST,
            cursorBrush = SolidColor(colours.primary),
            visualTransformation = transformation,
            keyboardOptions = options,
            keyboardActions = actions,
            decorationBox = { text ->
                Box(Modifier.padding(horizontal = 12.dp, vertical = 10.dp), contentAlignment = Alignment.CenterStart) {
                    if (field.text.isEmpty() && hint != null) {
                        Text(
                            hint,
                            style = MaterialTheme.typography.bodyLarge,
                            color = colours.onSurfaceVariant,
                            maxLines = 1,
                            modifier = Modifier.clearedSemantics(),
                        )
                    }
                    text()
                }
            },
        )
    }
}

/** What was selected in this frame: a field that loses the keyboard gives its selection up a moment before it says so. */
private class Chosen {
    var before: TextRange? = null
}

/**
 * Tells what comes back from what was typed apart from what somebody else changed: the state arrives a moment later than the next key,
 * and must not take it away.
 */
private class Echo {
    private val told = ArrayDeque<String>()

    fun told(text: String) {
        told.addLast(text)
        if (told.size > ECHOES_MOST) told.removeFirst()
    }

    /** What was told before that text no longer comes back; nor does anything, once the text is somebody else's. */
    fun isEcho(text: String): Boolean {
        val place = told.lastIndexOf(text)
        if (place < 0) told.clear() else repeat(place + 1) { told.removeFirst() }
        return place >= 0
    }

    private companion object {
        /** Nobody types so many keys in a frame. */
        const val ECHOES_MOST = 64
    }
}

/** So that on a PDA something is seen besides what is being written. */
private const val LINES_MOST = 4
