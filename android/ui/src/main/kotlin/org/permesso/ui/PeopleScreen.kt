package org.permesso.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material.icons.filled.MoreVert
import androidx.compose.material.icons.filled.Search
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextDirection
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import org.permesso.Friend
import org.permesso.Ground
import org.permesso.Message
import org.permesso.NameFlag
import org.permesso.NearbyHost
import androidx.compose.material.icons.Icons as MaterialIcons

/**
 * How the host stands to the network.
 *
 * @property off Why it is not on it, although it should be.
 * @property isLacking Whether the system keeps it from it, so that nobody is seen.
 */
data class OwnNetwork(
    val off: OffNetwork? = null,
    val leaving: Leaving = Leaving(),
    val isLacking: Boolean = false,
) {
    /** Whether others can be reached: it is on the network, and may use it. */
    val isThere: Boolean get() = off == null && !leaving.isOff && !isLacking
}

/** Friends, those who ask, and who is here. */
@Composable
internal fun PeopleScreen(
    state: PeopleState,
    saved: Saved,
    drafts: Saved,
    network: OwnNetwork,
    notices: Int,
    onAgain: () -> Unit,
    onLeavingSeen: () -> Unit,
    on: (PeopleEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    BoxWithConstraints {
        val hasRoom = maxWidth >= ROOM_FOR_CODE * LocalDensity.current.fontScale
        Page(
            words.peopleTitle,
            onBack = null,
            actions = {
                IconAction(MaterialIcons.Filled.Search, words.findTitle, { show(Screen.Find) })
                // With large letters on a small screen the title needs the room; the code is under "more", too.
                if (hasRoom) IconAction(Icons.Code, words.codeTitle, { show(Screen.MyCode) })
                IconAction(MaterialIcons.Filled.MoreVert, words.moreTitle, { show(Screen.More) })
            },
        ) {
            LazyColumn(Modifier.weight(1f), rememberKeptList(saved)) {
                item("banners") {
                    NetworkBanners(network, onAgain, onLeavingSeen, show)
                    Trouble(state.trouble) { on(PeopleEvent.Seen) }
                    if (notices > 0) Banner(words.newNotices(notices), action = words.showThem) { show(Screen.Notices) }
                    if (state.wantsToNotify) {
                        Banner(
                            words.notifyQuestion,
                            action = words.notifyAllow,
                            other = words.notNow,
                            onOther = { on(PeopleEvent.Notify(false)) },
                        ) { on(PeopleEvent.Notify(true)) }
                    }
                }
                // Who has left sees nobody, however many there are.
                if (state.isEmpty && network.leaving.left == null) item("nobody") { Nobody(show) }
                people(state, drafts, on, show)
            }
        }
    }
    state.refusing?.let { host ->
        RefuseQuestion(
            state.friends
                .find { it.id == host }
                ?.name
                .orEmpty(),
            on,
        )
    }
}

/** Why nobody is seen, and the way back, where the host is not on the network as it should be. */
@Composable
internal fun NetworkBanners(
    network: OwnNetwork,
    onAgain: () -> Unit,
    onLeavingSeen: () -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val leaving = network.leaving
    if (leaving.isOff) return LeavingBanner(leaving, onAgain)
    if (network.off != null) OffNetworkBanner(network.off, onAgain, show)
    if (network.isLacking) {
        val what = "${words.conditionPermission}. ${words.conditionPermissionDo}"
        Banner(what, bad = true, action = words.doctorTitle) { show(Screen.Doctor) }
    }
    if (leaving.trouble != null) Trouble(leaving.trouble, onLeavingSeen)
}

/** That the user is about to be off the network, or is, and the way back. */
@Composable
internal fun LeavingBanner(
    leaving: Leaving,
    onReturn: () -> Unit,
) {
    val words = LocalStrings.current
    if (leaving.underWay) Banner(words.leaving) else Banner(words.leftTitle, action = words.comeBack, onAction = onReturn)
}

/** Why others do not see this host, and the ways out: to try again, and where the reason can be mended. */
@Composable
private fun OffNetworkBanner(
    offNetwork: OffNetwork,
    onAgain: () -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val diagnoses = offNetwork.examination?.diagnoses.orEmpty()
    val isPort = diagnoses.any { it.ground == Ground.PORT_TAKEN }
    val (title, screen) = if (isPort) words.settingsTitle to Screen.Settings else words.doctorTitle to Screen.Doctor
    val text = words.offNetwork(words.why(offNetwork))
    Banner(text, bad = true, action = words.again, other = title, onOther = { show(screen) }, onAction = onAgain)
}

/** Three icons and a title. */
private val ROOM_FOR_CODE = 230.dp

private fun LazyListScope.people(
    state: PeopleState,
    drafts: Saved,
    on: (PeopleEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    group(state.asks, "ask", { groupAsks(it) }) { AskRow(it, on, show) }
    group(state.talks, "friend", { groupFriends(it) }) { friend ->
        FriendRow(friend, state.last[friend.id], drafts[friend.id]) { show(Screen.Conversation(friend.id)) }
    }
    group(state.asked, "asked", { groupAsked(it) }) { friend ->
        PersonRow(friend.name, LocalStrings.current.stateAskedDetail, friend.online, friend.flags) { show(Screen.Person(friend.id)) }
    }
    val strangers = state.strangers
    if (strangers.isNotEmpty()) {
        item("nearby") { Heading(LocalStrings.current.groupNearby(strangers.size)) }
        items(strangers, key = { "nearby ${it.id}" }) { StrangerRow(it, show) }
    }
    group(state.known, "known", { groupKnown(it) }) { friend ->
        PersonRow(friend.name, LocalStrings.current.away, friend.online, friend.flags) { show(Screen.Person(friend.id)) }
    }
    group(state.others, "other", { groupOthers(it) }) { friend ->
        val words = LocalStrings.current
        val detail = if (friend.blocked) words.stateBlocked else words.stateEnded
        PersonRow(friend.name, detail, friend.online, friend.flags) { show(Screen.Person(friend.id)) }
    }
}

private fun LazyListScope.group(
    friends: List<Friend>,
    kind: String,
    title: org.permesso.ui.words.Strings.(Int) -> String,
    row: @Composable (Friend) -> Unit,
) {
    if (friends.isEmpty()) return
    item(kind) { Heading(LocalStrings.current.title(friends.size)) }
    items(friends, key = { "$kind ${it.id}" }) { row(it) }
}

@Composable
private fun Nobody(show: (Screen) -> Unit) {
    val words = LocalStrings.current
    Column(Modifier.fillMaxWidth().padding(vertical = 16.dp)) {
        Paragraph(words.nobodyYet)
        Buttons {
            MainButton(words.codeTitle, { show(Screen.MyCode) })
            QuietButton(words.doctorTitle, { show(Screen.Doctor) })
        }
    }
}

@Composable
private fun AskRow(
    friend: Friend,
    on: (PeopleEvent) -> Unit,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val greeting = friend.greeting?.takeIf { it.isNotBlank() }
    PersonRow(
        friend.name,
        greeting?.let(words::quoted) ?: words.stateAsksYou,
        friend.online,
        friend.flags,
    ) { show(Screen.Person(friend.id)) }
    Buttons {
        MainButton(words.accept, { on(PeopleEvent.Accept(friend.id)) })
        QuietButton(words.refuse, { on(PeopleEvent.AskRefuse(friend.id)) })
    }
}

@Composable
private fun StrangerRow(
    host: NearbyHost,
    show: (Screen) -> Unit,
) {
    val name = host.alias ?: host.id.take(8)
    PersonRow(name, LocalStrings.current.stateStranger, true, emptyList()) { show(Screen.Person(host.id)) }
}

/** Somebody, with one line about them. */
@Composable
internal fun PersonRow(
    name: String,
    detail: String,
    here: Boolean,
    flags: List<NameFlag>,
    onClick: () -> Unit,
) {
    val words = LocalStrings.current
    val line = if (here) words.isHere(detail) else detail
    val warnings = flags.map(words::flag)
    Row(
        Modifier
            .fillMaxWidth()
            .heightIn(min = 60.dp)
            .bySpace(onClick)
            .clickable(role = Role.Button, onClick = onClick)
            .spoken(listOf(name, line) + warnings)
            .padding(horizontal = 12.dp, vertical = 6.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        Face(name, here)
        Column(Modifier.weight(1f).padding(start = 12.dp)) {
            Name(name, false)
            Small(line)
            warnings.forEach { Warning(it) }
        }
    }
}

@Composable
private fun FriendRow(
    friend: Friend,
    last: Message?,
    draft: String?,
    onClick: () -> Unit,
) {
    val words = LocalStrings.current
    val moment = last?.let { LocalMoments.current.brief(it.localTime.toLong()) }
    val news =
        when {
            draft != null -> words.draft(draft.oneLine())
            last == null -> if (friend.online) words.hereNow else words.away
            last.mine -> words.lastMine(words.fate(last), last.text.oneLine())
            else -> last.text.oneLine()
        }
    val line = if (friend.online && last != null) words.isHere(news) else news
    val warnings = friend.flags.map(words::flag)
    val said =
        listOf(
            friend.name,
            words.verified.takeIf { friend.verified },
            if (friend.unread > 0u) words.unread(friend.unread.toInt()) else null,
            words.away.takeIf { !friend.online && line != it },
            line,
            moment,
        ) + warnings
    Row(
        Modifier
            .fillMaxWidth()
            .heightIn(min = 60.dp)
            .bySpace(onClick)
            .clickable(role = Role.Button, onClick = onClick)
            .spoken(said)
            .padding(horizontal = 12.dp, vertical = 6.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        Face(friend.name, friend.online)
        Column(Modifier.weight(1f).padding(start = 12.dp)) {
            Row(verticalAlignment = Alignment.CenterVertically) {
                Name(friend.name, friend.verified, Modifier.weight(1f))
                if (moment != null) Small(moment, Modifier.padding(start = 8.dp))
            }
            Small(line)
            warnings.forEach { Warning(it) }
        }
        if (friend.unread > 0u) Badge(friend.unread.toInt())
    }
}

/** A name with the sign of who was verified, which the line it stands in says. */
@Composable
internal fun Name(
    name: String,
    verified: Boolean,
    modifier: Modifier = Modifier,
) {
    Row(modifier, verticalAlignment = Alignment.CenterVertically) {
        Text(
            name,
            style = MaterialTheme.typography.bodyLarge,
            fontWeight = FontWeight.Medium,
            maxLines = 1,
            overflow = TextOverflow.Ellipsis,
            modifier = Modifier.weight(1f, fill = false),
        )
        if (verified) {
            Icon(
                Icons.Verified,
                contentDescription = null,
                tint = MaterialTheme.colorScheme.primary,
                modifier = Modifier.padding(start = 4.dp).size(16.dp),
            )
        }
    }
}

@Composable
internal fun Small(
    text: String,
    modifier: Modifier = Modifier,
) {
    Text(
        text,
        style = MaterialTheme.typography.bodySmall.copy(textDirection = TextDirection.Content),
        color = MaterialTheme.colorScheme.onSurfaceVariant,
        maxLines = 2,
        overflow = TextOverflow.Ellipsis,
        modifier = modifier,
    )
}

@Composable
internal fun Warning(text: String) {
    Text(text, style = MaterialTheme.typography.bodySmall, color = MaterialTheme.colorScheme.error)
}

@Composable
private fun RefuseQuestion(
    name: String,
    on: (PeopleEvent) -> Unit,
) {
    val words = LocalStrings.current
    Sheet(
        words.refuseTitle(name),
        { on(PeopleEvent.AskRefuse(null)) },
        buttons = {
            MainButton(words.refuse, { on(PeopleEvent.Refuse(tell = false)) })
            QuietButton(words.refuseAndTell, { on(PeopleEvent.Refuse(tell = true)) })
            QuietButton(words.block, { on(PeopleEvent.Block) })
            QuietButton(words.cancel, { on(PeopleEvent.AskRefuse(null)) })
        },
    ) {
        Paragraph(words.refuseText(name))
        Paragraph(words.refuseOrBlock)
    }
}

internal fun String.oneLine(): String = take(200).replace('\n', ' ').trim()
