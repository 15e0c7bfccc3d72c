package org.permesso.ui

import androidx.compose.foundation.BorderStroke
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListState
import androidx.compose.foundation.lazy.LazyRow
import androidx.compose.foundation.lazy.items
import androidx.compose.foundation.lazy.itemsIndexed
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.verticalScroll
import androidx.compose.material.icons.filled.Info
import androidx.compose.material.icons.filled.KeyboardArrowDown
import androidx.compose.material3.Icon
import androidx.compose.material3.LocalContentColor
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.SideEffect
import androidx.compose.runtime.derivedStateOf
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.runtime.setValue
import androidx.compose.runtime.snapshotFlow
import androidx.compose.runtime.withFrameNanos
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.layout.layout
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.platform.LocalWindowInfo
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.text.style.TextDirection
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp
import androidx.compose.ui.zIndex
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.permesso.Message
import org.permesso.MessageState
import androidx.compose.material.icons.Icons as MaterialIcons

/**
 * What the conversation asks of the platform.
 *
 * @property openLink Null where the user does not want it, or the platform cannot.
 * @property linksCanBeSet Whether that is the user's choice.
 */
internal class ConversationMeans(
    val copy: (String) -> Unit,
    val openLink: ((String) -> Unit)?,
    val linksCanBeSet: Boolean = true,
)

/** The messages with a friend, each with its fate. */
@Composable
internal fun ConversationScreen(
    state: ConversationState,
    saved: Saved,
    means: ConversationMeans,
    onBack: (() -> Unit)?,
    on: (ConversationEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val name = state.friend?.name ?: words.somebody
    Surface(color = MaterialTheme.colorScheme.background) {
        Column {
            TopBar(
                onBack,
                actions = {
                    state.friend?.let {
                        IconAction(
                            MaterialIcons.Filled.Info,
                            words.about(name),
                            { show(Screen.Person(it.id)) },
                        )
                    }
                },
            ) { ConversationTitle(state, name, Modifier.padding(start = if (onBack == null) 12.dp else 4.dp)) }
            if (state.trouble != null || LocalStorageFails.current) {
                Box(Modifier.halfAtMost().verticalScroll(rememberScrollState())) {
                    Trouble(state.trouble) { on(ConversationEvent.Seen) }
                }
            }
            Messages(state, name, saved, on)
            if (state.canWrite) {
                Composer(state, saved, on)
            } else if (state.loaded) {
                val why = if (state.friend?.blocked == true) words.youBlocked else words.notAFriend
                Box(Modifier.halfAtMost().verticalScroll(rememberScrollState())) {
                    Banner(why, action = words.about(name)) { state.friend?.let { show(Screen.Person(it.id)) } }
                }
            }
        }
    }
    val detailed = state.detailed
    if (detailed != null) MessageSheet(detailed, name, state.asked, state.canResend, means, on)
}

/** Half of the height that is left, so that on the smallest screen there is still room to write. */
private fun Modifier.halfAtMost(): Modifier =
    layout { measurable, constraints ->
        val shown = measurable.measure(constraints.copy(maxHeight = constraints.maxHeight / 2))
        layout(shown.width, shown.height) { shown.place(0, 0) }
    }

@Composable
private fun ConversationTitle(
    state: ConversationState,
    name: String,
    modifier: Modifier,
) {
    val words = LocalStrings.current
    val verified = state.friend?.verified == true
    val presence = state.friend?.let { if (it.online) words.hereNow else words.away }
    Column(
        modifier
            .semantics(mergeDescendants = true) { heading() }
            .spoken(listOf(name, words.verified.takeIf { verified }, presence)),
    ) {
        Name(name, verified)
        if (presence != null) Small(presence)
    }
}

@Composable
private fun ColumnScope.Messages(
    state: ConversationState,
    name: String,
    saved: Saved,
    on: (ConversationEvent) -> Unit,
) {
    val words = LocalStrings.current
    val moments = LocalMoments.current
    // Then its first message comes before somebody's eyes.
    var wasEmpty by remember { mutableStateOf(false) }
    if (!state.loaded || state.messages.isEmpty()) {
        SideEffect { wasEmpty = state.loaded }
        Box(Modifier.weight(1f).fillMaxWidth(), contentAlignment = Alignment.Center) {
            if (state.loaded) Paragraph(words.noMessages, Modifier.verticalScroll(rememberScrollState()).padding(16.dp))
        }
        return
    }
    val rows = remember(state.messages, state.firstUnread, moments) { rows(state.messages, state.firstUnread, moments::day) }
    val list = rememberKeptList(saved)
    val atOldest by remember {
        derivedStateOf {
            (
                list.layoutInfo.visibleItemsInfo
                    .lastOrNull()
                    ?.index ?: 0
            ) >=
                list.layoutInfo.totalItemsCount - 10
        }
    }
    LaunchedEffect(atOldest, state.messages.size) { if (atOldest) on(ConversationEvent.Older) }
    val isLookedAt = LocalWindowInfo.current.isWindowFocused
    val isThere = reached(state, rows, list, saved)
    val newest = state.messages.last().id
    val unread = remember(rows) { rows.indexOfFirst { it is ConversationRow.Text && it.message.unread } }
    val isUnread = state.friend != null && (unread >= 0 || state.friend.unread > 0u)
    val isFollowed = followed(state.messages, rows, list, isLookedAt, isUnread, wasEmpty) { on(ConversationEvent.Below(it)) } == newest
    val isAtEnd by remember(newest) { derivedStateOf { list.showsEndOf(newest) } }
    val isUnreadBelow by remember(unread) { derivedStateOf { unread in 0..list.firstVisibleItemIndex } }
    // What stands in a window that nobody looks at is not read, and neither is what stands below the window.
    val isSeen = isThere && isFollowed && isAtEnd && isLookedAt
    LaunchedEffect(newest, rows.getOrNull(unread)?.key, isSeen, isUnread) { if (isSeen && isUnread) on(ConversationEvent.Read) }
    LazyColumn(
        Modifier.weight(1f).fillMaxWidth(),
        list,
        contentPadding = PaddingValues(horizontal = 8.dp, vertical = 6.dp),
        reverseLayout = true,
    ) {
        itemsIndexed(rows, key = { _, row -> row.key }, contentType = { _, row -> row::class }) { index, row ->
            // Screen readers of desktops go by the order of drawing: from above, although the list begins below.
            Box(Modifier.zIndex(-index.toFloat())) {
                when (row) {
                    is ConversationRow.Day -> DayLine(moments.dayName(row.day, words))
                    is ConversationRow.Unread -> Mark(words.unreadFromHere)
                    is ConversationRow.Gap -> Mark(words.gap)
                    is ConversationRow.Text -> Bubble(row.message, name, row.key == state.sought) { on(ConversationEvent.Look(row.key)) }
                }
            }
        }
        if (!state.hasOlder) {
            item("beginning") { Box(Modifier.zIndex(-rows.size.toFloat())) { DayLine(words.beginning) } }
        }
    }
    val scope = rememberCoroutineScope()
    if (isThere && isFollowed && isUnreadBelow && !isAtEnd) NewBelow { scope.launch { list.scrollToItem(0) } }
}

/**
 * Goes to the message that somebody looked for, once: afterwards the screen stays where it was left. Else to where what is unread begins,
 * unless the screen was left further up. Whether it is there.
 */
@Composable
private fun reached(
    state: ConversationState,
    rows: List<ConversationRow>,
    list: LazyListState,
    saved: Saved,
): Boolean {
    val isSought = remember { state.sought != null && saved["reached"] == null }
    val goal =
        remember {
            when {
                isSought -> rows.place(state.sought)
                list.firstVisibleItemIndex == 0 -> rows.place(state.messages.firstOrNull { it.unread }?.id)
                else -> -1
            }
        }
    var isThere by remember { mutableStateOf(goal < 0) }
    val lines = linesHeight()
    LaunchedEffect(Unit) {
        if (goal < 0) return@LaunchedEffect
        val height = snapshotFlow { list.layoutInfo.viewportSize.height }.first { it > 0 }
        unlessTouched {
            // It jumps there: thousands of messages that fly by help nobody.
            if (isSought) list.scrollToItem(goal, -height / 2) else list.bringToTop(goal, lines)
        }
        if (isSought) saved["reached"] = "yes"
        isThere = true
    }
    return isThere
}

/** A finger on a list goes before a jump, and ends that. */
private suspend fun unlessTouched(jump: suspend () -> Unit) {
    try {
        jump()
    } catch (_: CancellationException) {
        currentCoroutineContext().ensureActive()
    }
}

private fun List<ConversationRow>.place(message: String?): Int = indexOfFirst { it is ConversationRow.Text && it.message.id == message }

/** As high as the lines before a message, that something is new or missing, and [NewBelow], which takes its height from the list: about. */
@Composable
private fun linesHeight(): Int = with(LocalDensity.current) { 48.sp.roundToPx() + 56.dp.roundToPx() }

/** Shows that row at the top of the window, below so much; or the end, if that comes first. */
private suspend fun LazyListState.bringToTop(
    place: Int,
    below: Int,
) {
    // Jumping lays out at once, which must wait until what was composed is applied.
    withFrameNanos {}
    scrollToItem(place)
    val row = layoutInfo.visibleItemsInfo.find { it.index == place } ?: return
    scrollToItem(place, row.size + below - layoutInfo.viewportSize.height)
}

/**
 * Shows one's own new message, and to whom sees the end another's; where more come than the window shows, the first of them. It pulls
 * away nothing that is read further up. What nobody saw come is told to [onNew], with the first of it. Up to which message it is done.
 */
@Composable
private fun followed(
    messages: List<Message>,
    rows: List<ConversationRow>,
    list: LazyListState,
    isLookedAt: Boolean,
    isUnread: Boolean,
    wasEmpty: Boolean,
    onNew: (String) -> Unit,
): String? {
    val newest = messages.last().id
    val lines = linesHeight()
    var followed by remember { mutableStateOf<String?>(null) }
    var hasLookedAway by remember { mutableStateOf(false) }
    // A phone draws nothing while it shows another app: what came then is here at once when it shows this one again.
    LaunchedEffect(isLookedAt, isUnread) { hasLookedAway = !isLookedAt || (hasLookedAway && isUnread) }
    LaunchedEffect(newest) {
        val last = followed
        val come = if (last == null) emptyList() else messages.takeLastWhile { it.id != last }
        val firstUnread = messages.firstOrNull { it.unread }
        when {
            // It was opened, or comes back.
            last == null -> {
                snapshotFlow { list.layoutInfo.visibleItemsInfo.isNotEmpty() }.first { it }
                val isSeen = wasEmpty && isLookedAt && list.showsEndOf(newest)
                if (firstUnread != null && !isSeen) onNew(firstUnread.id)
            }

            come.size < messages.size && come.any { it.mine } -> {
                unlessTouched { list.scrollToItem(0) }
            }

            list.showsEndOf(last) -> {
                unlessTouched { if (firstUnread == null) list.scrollToItem(0) else list.bringToTop(rows.place(firstUnread.id), lines) }
                if (firstUnread != null && (!isLookedAt || hasLookedAway || !list.showsEndOf(newest))) onNew(firstUnread.id)
            }

            // Else it was removed, or the list begins anew.
            come.size < messages.size -> {
                // The list keeps the row that it began with: what is new stands below the window.
                onNew(come.first().id)
            }
        }
        followed = newest
    }
    return followed
}

/** Whether that message's end is in the window or nearly so; one that is longer than the window can be shown without it. */
private fun LazyListState.showsEndOf(message: String): Boolean {
    val info = layoutInfo
    return info.visibleItemsInfo.any { it.key == message && -it.offset <= info.viewportSize.height / 4 }
}

/** Messages have come below what is shown. */
@Composable
private fun NewBelow(onClick: () -> Unit) {
    Surface(
        color = MaterialTheme.colorScheme.tertiaryContainer,
        contentColor = MaterialTheme.colorScheme.onTertiaryContainer,
    ) {
        Row(
            Modifier
                .fillMaxWidth()
                .heightIn(min = TouchSide)
                .bySpace(onClick)
                .clickable(role = Role.Button, onClick = onClick)
                .semantics { liveRegion = LiveRegionMode.Polite }
                .padding(horizontal = 16.dp, vertical = 6.dp),
            horizontalArrangement = Arrangement.Center,
            verticalAlignment = Alignment.CenterVertically,
        ) {
            Icon(MaterialIcons.Filled.KeyboardArrowDown, contentDescription = null, Modifier.padding(end = 8.dp))
            Text(LocalStrings.current.newBelow, style = MaterialTheme.typography.labelLarge)
        }
    }
}

@Composable
private fun DayLine(text: String) {
    Text(
        text,
        style = MaterialTheme.typography.labelMedium,
        color = MaterialTheme.colorScheme.onSurfaceVariant,
        textAlign = TextAlign.Center,
        modifier = Modifier.fillMaxWidth().padding(vertical = 8.dp).semantics { heading() },
    )
}

@Composable
private fun Mark(text: String) {
    Surface(
        color = MaterialTheme.colorScheme.tertiaryContainer,
        contentColor = MaterialTheme.colorScheme.onTertiaryContainer,
        shape = RoundedCornerShape(8.dp),
        modifier = Modifier.fillMaxWidth().padding(vertical = 4.dp),
    ) {
        Text(
            text,
            style = MaterialTheme.typography.labelMedium,
            textAlign = TextAlign.Center,
            modifier = Modifier.padding(horizontal = 8.dp, vertical = 4.dp),
        )
    }
}

@Composable
private fun Bubble(
    message: Message,
    name: String,
    sought: Boolean,
    onClick: () -> Unit,
) {
    val words = LocalStrings.current
    val time = LocalMoments.current.time(message.localTime.toLong())
    val fate = if (message.mine) words.fate(message) else null
    val colours = MaterialTheme.colorScheme
    val failed = message.state == MessageState.FAILED && message.mine
    val colour =
        when {
            failed -> colours.errorContainer
            message.mine -> colours.primaryContainer
            else -> colours.surfaceVariant
        }
    val content =
        when {
            failed -> colours.onErrorContainer
            message.mine -> colours.onPrimaryContainer
            else -> colours.onSurface
        }
    Box(
        Modifier.fillMaxWidth().padding(vertical = 2.dp),
        contentAlignment = if (message.mine) Alignment.CenterEnd else Alignment.CenterStart,
    ) {
        Surface(
            color = colour,
            contentColor = content,
            shape = RoundedCornerShape(14.dp),
            border = if (sought) BorderStroke(3.dp, colours.tertiary) else null,
            modifier =
                Modifier
                    .padding(start = if (message.mine) 28.dp else 0.dp, end = if (message.mine) 0.dp else 28.dp)
                    .widthIn(min = 72.dp, max = 480.dp),
        ) {
            Column(
                Modifier
                    .heightIn(min = TouchSide)
                    .bySpace(onClick)
                    .clickable(onClickLabel = words.messageTitle, role = Role.Button, onClick = onClick)
                    .spoken(listOf(words.sought.takeIf { sought }, if (message.mine) words.you else name, message.text, time, fate))
                    .padding(horizontal = 12.dp, vertical = 6.dp),
            ) {
                Text(message.text, style = MaterialTheme.typography.bodyLarge.copy(textDirection = TextDirection.Content))
                FateLine(message, time, fate)
            }
        }
    }
}

@Composable
private fun FateLine(
    message: Message,
    time: String,
    fate: String?,
) {
    Row(verticalAlignment = Alignment.CenterVertically) {
        Text(time, style = MaterialTheme.typography.labelMedium)
        if (fate != null) {
            Icon(
                fateIcon(message.state),
                contentDescription = null,
                tint = LocalContentColor.current,
                modifier = Modifier.padding(start = 6.dp, end = 4.dp).size(14.dp),
            )
            // Whole, however small the screen: it says who has the message.
            Text(fate, style = MaterialTheme.typography.labelMedium)
        }
    }
}

internal fun fateIcon(state: MessageState) =
    when (state) {
        MessageState.QUEUED -> Icons.Waiting
        MessageState.HELD -> Icons.Held
        MessageState.DELIVERED -> Icons.Delivered
        MessageState.READ -> Icons.Read
        MessageState.FAILED -> Icons.Failed
    }

@Composable
private fun Composer(
    state: ConversationState,
    saved: Saved,
    on: (ConversationEvent) -> Unit,
) {
    val words = LocalStrings.current
    val cursor = remember { Cursor() }
    val left = ConversationState.TEXT_BYTES - state.draftBytes
    Surface(color = MaterialTheme.colorScheme.surfaceVariant) {
        Column {
            if (left < TELL_LEFT) {
                val text = if (left < 0) words.tooLong(-left) else words.bytesLeft(left)
                Text(
                    text,
                    style = MaterialTheme.typography.labelMedium,
                    color = if (left < 0) MaterialTheme.colorScheme.error else MaterialTheme.colorScheme.onSurfaceVariant,
                    modifier = Modifier.padding(start = 16.dp, end = 16.dp, top = 6.dp),
                )
            }
            if (state.emoji) {
                LazyRow(state = rememberKeptList(saved, EMOJI_PLACE)) {
                    items(EMOJI) { emoji ->
                        Box(
                            Modifier.size(TouchSide).bySpace({ cursor.put(emoji) }).clickable(role = Role.Button) { cursor.put(emoji) },
                            contentAlignment = Alignment.Center,
                        ) { Text(emoji, fontSize = with(LocalDensity.current) { EMOJI_SIDE.toSp() }) }
                    }
                }
            }
            Row(verticalAlignment = Alignment.Bottom) {
                IconAction(Icons.Smile, words.emoji, { on(ConversationEvent.Emoji) })
                WritingField(
                    state.draft,
                    { on(ConversationEvent.Write(it)) },
                    words.writeHere,
                    { on(ConversationEvent.Send) },
                    Modifier.weight(1f).padding(vertical = 4.dp),
                    cursor,
                )
                IconAction(Icons.Send, words.send, { on(ConversationEvent.Send) }, enabled = state.canSend)
            }
        }
    }
}

/** The limit is mentioned when so many bytes are left. */
private const val TELL_LEFT = 300

/** As large as an icon: a picture need not grow with the letters. */
private val EMOJI_SIDE = 24.dp

/** Those that people use most, by Unicode's own count; a keyboard has the others. */
internal val EMOJI = "😂 ❤️ 👍 😊 😭 🙏 😘 🥰 😍 🎉 😁 💕 🔥 😅 🤣 👏 🤔 😎 😢 ☕ 🍕 🚲 🏠 ✅ ❓".split(' ')
