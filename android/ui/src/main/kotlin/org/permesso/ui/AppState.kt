package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import org.permesso.Departure
import org.permesso.Examination
import org.permesso.Permesso
import org.permesso.SettingsChange
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.whenReady

/** How far the app is. */
sealed interface Phase {
    /** The data is being opened. */
    data object Opening : Phase

    /** There is no host yet. */
    data object FirstRun : Phase

    /** The passphrase is wanted. */
    data object Locked : Phase

    /**
     * The host cannot be opened.
     *
     * @property unkept Who was to see it, if that was chosen and could not be stored yet.
     */
    data class Stuck(
        val trouble: PermessoException,
        val unkept: Visibility? = null,
    ) : Phase

    /** There is a host. */
    data class Live(
        val permesso: Permesso,
    ) : Phase
}

/**
 * Why the host is not on the network, although it should be.
 *
 * @property examination What the doctor says of it, where it is the network's fault.
 */
data class OffNetwork(
    val trouble: PermessoException,
    val examination: Examination? = null,
)

/**
 * The user's way off the network.
 *
 * @property underWay Whether waiting mail is being handed on now.
 * @property left What became of that mail, from then on until the host is on the network again.
 * @property seen Whether the user knows that.
 * @property trouble Why it failed. The host is on the network all the same then.
 */
data class Leaving(
    val underWay: Boolean = false,
    val left: Departure? = null,
    val seen: Boolean = false,
    val trouble: PermessoException? = null,
) {
    /** Whether it is leaving or has left. */
    val isOff: Boolean get() = underWay || left != null
}

/**
 * The app as long as its process lives: the host, the back stack and what the screens keep. It outlives rotation; what is to
 * outlive the process is in [save]. It is touched on the UI's thread alone, which must be [scope]'s.
 *
 * @param restored What [save] gave in an earlier process.
 * @param restoresScreens Whether the screens of then are shown again, and not the drafts and notices alone.
 * @property notices What happened that the user should know; one that has followed the host before there was a screen, if any has.
 */
class AppState(
    val opener: Opener,
    val scope: CoroutineScope,
    val platform: Platform,
    restored: String? = null,
    private val restoresScreens: Boolean = true,
    val notices: NoticeLog = NoticeLog(platform::now),
) {
    /** What an earlier process left, until it could be read. */
    private var left = restored
    private val phaseNow = MutableStateFlow<Phase>(Phase.Opening)
    private val stackNow = MutableStateFlow(listOf(Entry(Screen.People)))
    private val offNetworkNow = MutableStateFlow<OffNetwork?>(null)
    private val presentNow = MutableStateFlow<Boolean?>(null)
    private val reachedNow = MutableStateFlow<Boolean?>(null)
    private val leavingNow = MutableStateFlow(Leaving())
    private val lacksNetworkNow = MutableStateFlow(false)
    private var asksForNetwork = false

    /** What is about to go on the network. */
    private val starts = CoroutineScope(scope.coroutineContext + SupervisorJob(scope.coroutineContext.job))

    /** What a host was to begin with that was not made, for that could not be kept. */
    private var unbegun: Beginning? = null
    private val preferencesNow = MutableStateFlow(0)
    private val holders = HashMap<Any, Pair<Job, Any>>()

    /** Unsent texts by friend: they outlive their screen and, by [save], the process. */
    val drafts: Saved = Saved()

    /** What is being sent, which goes on whatever is on the screen. */
    val outgoing: Outgoing = Outgoing(scope, drafts)

    /** The export of the account, which goes on whatever is on the screen. */
    val export: Export = Export(scope, platform)

    /** How far the app is. */
    val phase: StateFlow<Phase> = phaseNow.asStateFlow()

    /** The screens, the visible one last. */
    val stack: StateFlow<List<Entry>> = stackNow.asStateFlow()

    /** Why the host is not on the network, although it should be. */
    val offNetwork: StateFlow<OffNetwork?> = offNetworkNow.asStateFlow()

    /** Whether the user wants the host to be reached: true from its start on, false once it has left; null while there is none. */
    val present: StateFlow<Boolean?> = presentNow.asStateFlow()

    /** Whether others can reach the host; null where there is none, it has left, or that is not known yet. */
    val reached: StateFlow<Boolean?> = reachedNow.asStateFlow()

    /** Whether the user is leaving the network, or has left it: that outlives the process, and only [start] ends it. */
    val leaving: StateFlow<Leaving> = leavingNow.asStateFlow()

    /** Whether the system keeps the local network from it, so that nobody is seen. */
    val lacksNetwork: StateFlow<Boolean> = lacksNetworkNow.asStateFlow()

    /** Changes when [set] changed a preference. */
    val preferencesChanged: StateFlow<Int> = preferencesNow.asStateFlow()

    init {
        takeUp()
        openNow()
    }

    /** Opens the host, if there is one and it is neither open nor about to be. */
    fun open() {
        if (!isOpen()) openNow()
    }

    /** Whether there is a host or will be: a second opening would find the data in use by the first, and be all that is shown. */
    private fun isOpen(): Boolean = phaseNow.value.let { it is Phase.Opening || it is Phase.Live }

    private fun openNow() {
        phaseNow.value = Phase.Opening
        attempt {
            phaseNow.value =
                when {
                    !opener.exists() -> unbegun?.let { begun(it) } ?: firstRun()
                    opener.lock?.isLocked() == true -> Phase.Locked
                    else -> live(opened(""))
                }
        }
    }

    /** Makes the host of that alias and goes on the network, if none is open or about to be. */
    fun begin(
        alias: String,
        visibility: Visibility,
    ) {
        if (isOpen()) return
        phaseNow.value = Phase.Opening
        attempt {
            phaseNow.value = begun(Beginning(alias, visibility))
        }
    }

    /** Goes on the network, or tries again; not while it leaves. */
    fun start() {
        if (!leavingNow.value.underWay) host?.let(::startOf)
    }

    /** Tries again, where something that kept it from the network may be mended. */
    fun startIfOff() {
        if (offNetworkNow.value != null) start()
    }

    /** Hands waiting mail on, says good-bye, and is off the network until [start]. It goes on whatever is on the screen. */
    fun leave() {
        val permesso = host ?: return
        if (leavingNow.value.underWay) return
        leavingNow.value = Leaving(underWay = true)
        platform.preferences.beginLeaving()
        // What still waits for the network would go on it afterwards.
        starts.coroutineContext.cancelChildren()
        val failed: (PermessoException) -> Unit = { trouble ->
            if (permesso === host) {
                // Also where it still waited for that.
                startOf(permesso)
                leavingNow.value = Leaving(trouble = trouble)
            }
        }
        scope.attempt(failed) {
            val left = departureOf(permesso)
            if (permesso === host) {
                platform.preferences.departure = left
                leavingNow.value = Leaving(left = left)
                reachedNow.value = null
                presentNow.value = false
                offNetworkNow.value = null
            }
        }
    }

    private suspend fun departureOf(permesso: Permesso): Departure =
        try {
            permesso.leave()
        } catch (_: PermessoException.TimedOut) {
            // It goes all the same, and has by now.
            permesso.leave()
        }

    /** The user has seen what became of leaving. */
    fun seeLeaving() {
        leavingNow.update { it.copy(seen = true, trouble = null) }
    }

    /** The user wants to see it once more. */
    fun seeLeavingAgain() {
        leavingNow.update { it.copy(seen = false) }
    }

    /** Removes everything from this device and begins afresh. */
    fun erase() {
        val before = host
        phaseNow.value = Phase.Opening
        attempt {
            forget()
            before?.stop()
            try {
                opener.erase()
            } finally {
                // Language and colours are the system's again.
                preferencesNow.value++
            }
            phaseNow.value = firstRun()
        }
    }

    /** Stops the host and opens it again, for what counts only from an opening on. Screens, drafts and notices stay. */
    fun reopen() {
        val before = host ?: return
        phaseNow.value = Phase.Opening
        starts.coroutineContext.cancelChildren()
        leavingNow.update { it.copy(underWay = false) }
        attempt {
            endHolders()
            before.stop()
            val permesso = opened("")
            // A screen may have been drawn once more before it was gone.
            endHolders()
            phaseNow.value = live(permesso)
        }
    }

    /**
     * Shows a screen; one that is open already comes back as it was. No conversation is open twice: the one would keep as a draft what is
     * sent in the other.
     */
    fun show(screen: Screen) {
        val before = stackNow.value
        val same = before.indexOfFirst { screen.isShownBy(it.screen) }
        keep(if (same >= 0) before.take(same + 1) else before.filterNot { screen.isOneConversationWith(it.screen) } + Entry(screen))
    }

    /** Shows a screen as the only one above the first, as a notification or the list beside it does. */
    fun showAlone(screen: Screen) {
        val before = stackNow.value
        keep(listOf(before.first()) + (before.drop(1).find { it.screen == screen } ?: Entry(screen)))
    }

    /** Shows a screen in place of the visible one. */
    fun replace(screen: Screen) {
        keep(stackNow.value.dropLast(1) + Entry(screen))
    }

    /** Goes back by one screen. False at the first. */
    fun back(): Boolean {
        val before = stackNow.value
        // Before there is a host nobody sees what would be left.
        if (phaseNow.value !is Phase.Live || before.size == 1) return false
        keep(before.dropLast(1))
        return true
    }

    /** A `permesso:` URI came from outside: it is shown, and nothing happens by itself. */
    fun openUri(uri: String) {
        // Afresh, also where the same one was shown and put away.
        keep(listOf(stackNow.value.first(), Entry(Screen.Scan(uri))))
    }

    /** Sets a preference. */
    fun set(
        name: String,
        value: String?,
    ) {
        platform.preferences[name] = value
        preferencesNow.value++
        platform.background?.preferencesChanged()
    }

    /** Everything that a later process needs to show the same screens as they are now. */
    fun save(): String {
        // While the passphrase is asked for, what is sealed stays as it was.
        left?.takeIf { phaseNow.value !is Phase.Live && phaseNow.value !is Phase.FirstRun }?.let { return it }
        val text = Snapshot(stackNow.value, drafts, notices.list.value, notices.unseen.value).encode()
        val seal = opener.seal ?: return text
        return seal.close(text).orEmpty()
    }

    /** The state holder of a screen: made once, ends with it. */
    fun <T : Any> holder(
        entry: Entry,
        make: (CoroutineScope) -> T,
    ): T = keptFor(entry, make)

    internal fun <T : Any> keptFor(
        key: Any,
        make: (CoroutineScope) -> T,
    ): T {
        val kept =
            holders.getOrPut(key) {
                val job = SupervisorJob(scope.coroutineContext.job)
                job to make(CoroutineScope(scope.coroutineContext + job))
            }
        @Suppress("UNCHECKED_CAST")
        return kept.second as T
    }

    /** Whoever begins afresh has not left the network, whatever the host before did. */
    private fun firstRun(): Phase {
        platform.preferences.departure = null
        return Phase.FirstRun
    }

    /** No host is made whose user's choice might be lost: it would show itself to everybody. */
    private suspend fun begun(beginning: Beginning): Phase {
        unbegun = beginning
        platform.preferences.keep(PreferenceName.CHOSEN_VISIBILITY, beginning.visibility.name)
        unbegun = null
        return live(opened(beginning.alias))
    }

    /** The host, once it has stored what was chosen before it was there; if it cannot, it is closed again: nobody may see it otherwise. */
    private suspend fun opened(alias: String): Permesso {
        val permesso = opener.open(alias, server)
        var isReady = false
        try {
            permesso.takeChosenVisibility(platform.preferences)
            if (alias.isNotEmpty()) permesso.changeSettings(SettingsChange(alias = alias))
            // The process ended while its user left.
            if (platform.preferences.run { hasLeft && departure == null }) platform.preferences.departure = departureOf(permesso)
            isReady = true
        } finally {
            if (!isReady) permesso.stopAnyway()
        }
        return permesso
    }

    private val host: Permesso? get() = (phaseNow.value as? Phase.Live)?.permesso
    private val server: Boolean get() = platform.preferences[PreferenceName.SERVER] == "true"

    /** Goes on where an earlier process ended, if that can be read now. */
    private fun takeUp() {
        val text = left ?: return
        val snapshot = Snapshot.decode(text) ?: Snapshot.decode(opener.seal?.open(text)) ?: return
        left = null
        snapshot.drafts.entries.forEach { (friend, draft) -> drafts[friend] = draft }
        notices.restore(snapshot.notices, snapshot.unseen)
        val shownMeanwhile = stackNow.value.drop(1)
        if (restoresScreens && snapshot.entries.isNotEmpty()) stackNow.value = snapshot.entries
        shownMeanwhile.forEach { showAlone(it.screen) }
    }

    private fun live(permesso: Permesso): Phase {
        takeUp()
        left = null
        notices.follow(permesso, scope)
        val departure = platform.preferences.departure
        if (departure == null) startOf(permesso) else stayAway(departure)
        return Phase.Live(permesso)
    }

    /** The host is opened again, or by a later process, and its user has left the network: it stays off that. */
    private fun stayAway(departure: Departure) {
        // What became of the mail was on the screen before the process ended; it can be seen again.
        leavingNow.update { if (it.left == null) Leaving(left = departure, seen = true) else it }
        presentNow.value = false
    }

    /** What the system's settings say of the network may have changed meanwhile: the app comes to the front, or its first screen. */
    fun lookForNetwork() {
        if (asksForNetwork) return
        val lacked = lacksNetworkNow.value
        lacksNetworkNow.value = platform.lacks(Permission.LOCAL_NETWORK)
        if (lacksNetworkNow.value && reachedNow.value == true) reachedNow.value = false
        // What it could not open before it can open now.
        if (lacked && !lacksNetworkNow.value && presentNow.value != false) start()
    }

    private suspend fun mayUseNetwork(): Boolean {
        asksForNetwork = true
        // The system's question says it already.
        lacksNetworkNow.value = false
        return try {
            platform.permission(Permission.LOCAL_NETWORK)
        } finally {
            asksForNetwork = false
        }
    }

    private fun startOf(permesso: Permesso) {
        platform.preferences.departure = null
        leavingNow.value = Leaving()
        reachedNow.value = null
        presentNow.value = true
        starts.launch { start(permesso) }
    }

    private suspend fun start(permesso: Permesso) {
        offNetworkNow.value =
            try {
                lacksNetworkNow.value = !mayUseNetwork()
                whenReady({ stayOff(OffNetwork(it)) }) { permesso.start() }
                null
            } catch (trouble: PermessoException) {
                OffNetwork(trouble, if (trouble is PermessoException.NetworkUnavailable) examined(permesso) else null)
            }
        reachedNow.value = offNetworkNow.value == null && !lacksNetworkNow.value
    }

    private fun stayOff(why: OffNetwork) {
        offNetworkNow.value = why
        reachedNow.value = false
    }

    /** The doctor knows which fault of the network it is. */
    private suspend fun examined(permesso: Permesso): Examination? =
        try {
            permesso.examineNetwork()
        } catch (_: PermessoException) {
            null
        }

    private fun keep(entries: List<Entry>) {
        for (gone in stackNow.value - entries.toSet()) holders.remove(gone)?.first?.cancel()
        stackNow.value = entries
    }

    private fun endHolders() {
        holders.values.forEach { it.first.cancel() }
        holders.clear()
    }

    private fun forget() {
        left = null
        starts.coroutineContext.cancelChildren()
        presentNow.value = null
        reachedNow.value = null
        offNetworkNow.value = null
        leavingNow.value = Leaving()
        unbegun = null
        platform.preferences[PreferenceName.CHOSEN_VISIBILITY] = null
        endHolders()
        export.forget()
        outgoing.forget()
        drafts.entries.keys
            .toList()
            .forEach { drafts[it] = null }
        notices.clear()
        stackNow.value = listOf(Entry(Screen.People))
    }

    private fun attempt(action: suspend () -> Unit) {
        scope.attempt(
            { phaseNow.value = Phase.Stuck(it, unbegun?.visibility ?: chosenVisibility(platform.preferences)) },
            action,
        )
    }
}

/** What a host begins with. */
private class Beginning(
    val alias: String,
    val visibility: Visibility,
)
