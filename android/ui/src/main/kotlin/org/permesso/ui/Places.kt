package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/** What every screen is shown with. */
internal class Frame(
    val app: AppState,
    val permesso: Permesso,
    val entry: Entry,
    val onBack: (() -> Unit)?,
    val show: (Screen) -> Unit,
)

/** A screen of the back stack, with its state. */
@Composable
internal fun Place(
    app: AppState,
    permesso: Permesso,
    entry: Entry,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit = app::show,
) {
    CompositionLocalProvider(LocalSaved provides entry.saved) { Frame(app, permesso, entry, onBack, show).Shown() }
}

@Composable
private fun Frame.Shown() {
    when (val screen = entry.screen) {
        Screen.People -> PeoplePlace()
        Screen.More -> MorePlace()
        Screen.Find -> FindPlace()
        is Screen.Person -> PersonPlace(screen.host)
        Screen.MyCode -> MyCodePlace()
        is Screen.Scan -> ScanPlace(screen.code)
        is Screen.Conversation -> ConversationPlace(screen)
        Screen.SearchMessages -> SearchMessagesPlace()
        Screen.Doctor -> DoctorPlace()
        Screen.Settings -> SettingsPlace()
        Screen.Account -> AccountPlace()
        Screen.Notices -> NoticesPlace()
        Screen.About -> AboutScreen(app.platform.version, entry.saved, onBack, show)
        Screen.Licences -> LicencesPlace()
        Screen.PassOn -> PassOnPlace()
    }
}

@Composable
private fun Frame.PeoplePlace() {
    val holder = app.holder(entry) { PeopleHolder(permesso, it, app.platform, entry.saved) }
    val state by holder.state.collectAsState()
    val notices by app.notices.unseen.collectAsState()
    LaunchedEffect(Unit) { app.lookForNetwork() }
    PeopleScreen(state, entry.saved, app.drafts, network(), notices, app::start, app::seeLeaving, holder::on, show)
}

@Composable
private fun Frame.network(): OwnNetwork {
    val offNetwork by app.offNetwork.collectAsState()
    val leaving by app.leaving.collectAsState()
    val lacksNetwork by app.lacksNetwork.collectAsState()
    return OwnNetwork(offNetwork, leaving, lacksNetwork)
}

@Composable
private fun Frame.ConversationPlace(screen: Screen.Conversation) {
    val holder = app.holder(entry) { ConversationHolder(permesso, it, screen.friend, app.outgoing, entry.saved, screen.message) }
    val state by holder.state.collectAsState()
    val openLink = app.platform.openLink
    val wanted = openLink?.takeIf { app.platform.preferences[PreferenceName.LINKS] == "true" }
    val means = ConversationMeans(app.platform::copyText, wanted, linksCanBeSet = openLink != null)
    ConversationScreen(state, entry.saved, means, onBack, holder::on, show)
}

@Composable
private fun Frame.FindPlace() {
    val isThere = { OwnNetwork(app.offNetwork.value, app.leaving.value, app.lacksNetwork.value).isThere }
    val holder = app.holder(entry) { FindHolder(permesso, it, entry.saved, isThere) }
    val state by holder.state.collectAsState()
    FindScreen(state, entry.saved, network(), onBack, app::start, app::seeLeaving, holder::on, show)
}

@Composable
private fun Frame.PersonPlace(host: String) {
    val holder = app.holder(entry) { PersonHolder(permesso, it, host, app.platform, entry.saved) }
    val state by holder.state.collectAsState()
    val means = PersonMeans(app.platform::copyText, app.platform.addressBook != null)
    PersonScreen(state, entry.saved, means, onBack, holder::on, show)
}

@Composable
private fun Frame.MyCodePlace() {
    val holder = app.holder(entry) { MyCodeHolder(permesso, it) }
    val state by holder.state.collectAsState()
    MyCodeScreen(state, entry.saved, app.platform::copyText, app.platform.shareText, holder::renew, onBack, show)
}

@Composable
private fun Frame.ScanPlace(code: String?) {
    val holder = app.holder(entry) { ScanHolder(permesso, it, app.platform, entry.saved, code) }
    val state by holder.state.collectAsState()
    ScanScreen(state, entry.saved, app.platform, onBack, holder::on) { app.replace(Screen.Person(it)) }
}

@Composable
private fun Frame.SearchMessagesPlace() {
    val holder = app.holder(entry) { SearchMessagesHolder(permesso, it, entry.saved) }
    val state by holder.state.collectAsState()
    SearchMessagesScreen(state, entry.saved, onBack, holder::write, show)
}

@Composable
private fun Frame.DoctorPlace() {
    val leaving by app.leaving.collectAsState()
    // To look would bring it back to the network.
    if (leaving.isOff) return LeftDoctorScreen(leaving, onBack, app::start)
    val holder = app.holder(entry) { DoctorHolder(permesso, it, app.platform, entry.saved, app::startIfOff) }
    val state by holder.state.collectAsState()
    DoctorScreen(state, entry.saved, app.platform, holder::look, holder::showDetails, onBack, show)
}

@Composable
private fun Frame.SettingsPlace() {
    val holder = app.holder(entry) { SettingsHolder(permesso, it, app, entry.saved) }
    val state by holder.state.collectAsState()
    SettingsScreen(state, entry.saved, app.platform, onBack, holder::on, show)
}

@Composable
private fun Frame.AccountPlace() {
    val holder = app.holder(entry) { AccountHolder(permesso, it, app, entry.saved) }
    val state by holder.state.collectAsState()
    AccountScreen(state, entry.saved, app.platform, onBack, holder::on)
}

@Composable
private fun Frame.NoticesPlace() {
    val notices by app.notices.list.collectAsState()
    LaunchedEffect(notices) { app.notices.seen() }
    NoticesScreen(notices, entry.saved, onBack, show)
}

@Composable
private fun Frame.MorePlace() {
    val holder = app.holder(entry) { MoreHolder(app, entry.saved) }
    val asking by holder.asking.collectAsState()
    val leaving by app.leaving.collectAsState()
    val notices by app.notices.unseen.collectAsState()
    val quit = app.platform.quit
    MoreScreen(
        MoreState(asking, leaving, quit != null, app.platform.ownPackage != null, notices),
        entry.saved,
        onBack,
        MoreMeans(holder::ask, holder::leave, app::seeLeaving, app::seeLeavingAgain, { quit?.invoke() }, app::start),
        show,
    )
}

@Composable
private fun Frame.LicencesPlace() {
    val holder = app.holder(entry) { LicencesHolder(app.platform, it) }
    val licences by holder.licences.collectAsState()
    LicencesScreen(licences, entry.saved, onBack)
}

@Composable
private fun Frame.PassOnPlace() {
    val own = app.platform.ownPackage
    val holder = app.holder(entry) { PassOnHolder(own, it) }
    val trouble by holder.trouble.collectAsState()
    PassOnScreen(own, trouble, entry.saved, holder::share, onBack)
}

/** The state of the page with everything else: whether one wants to leave the network. */
class MoreHolder(
    private val app: AppState,
    private val saved: Saved,
) {
    private val now = MutableStateFlow(saved["asking"] != null)

    /** Whether that is asked about. */
    val asking: StateFlow<Boolean> = now.asStateFlow()

    /** Whether one wants to leave. */
    fun ask(asking: Boolean) {
        saved.ask("asking", "yes".takeIf { asking })
        now.value = asking
    }

    /** Hands waiting mail on and says good-bye. */
    fun leave() {
        ask(false)
        app.leave()
    }
}

/** The state of the page with the licences. */
class LicencesHolder(
    platform: Platform,
    scope: CoroutineScope,
) {
    private val now = MutableStateFlow<String?>(null)

    /** The text, once it is read. */
    val licences: StateFlow<String?> = now.asStateFlow()

    init {
        scope.launch { now.value = platform.licences() }
    }
}

/** The state of the page that hands the app on. */
class PassOnHolder(
    private val own: OwnPackage?,
    private val scope: CoroutineScope,
) {
    private val now = MutableStateFlow<PermessoException?>(null)

    /** Why it could not be handed on. */
    val trouble: StateFlow<PermessoException?> = now.asStateFlow()

    /** Hands it on. */
    fun share() {
        now.value = null
        scope.attempt({ now.value = it }) { own?.share() }
    }
}

/** Beside the list, as long as nothing was chosen. */
@Composable
internal fun NothingChosen() {
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        Box(contentAlignment = Alignment.Center) { Paragraph(LocalStrings.current.nothingChosen, Modifier.padding(24.dp)) }
    }
}
