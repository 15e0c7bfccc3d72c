package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.permesso.Permesso
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException

/** A notice, its moment, and the names of whom it is about, as they were then. */
data class DatedNotice(
    val time: Long,
    val notice: Notice,
    val name: String = "",
    val other: String = "",
)

/**
 * Notices, the newest first. The host tells them once: they are kept here and, with what the screens keep or by [written], over the end of
 * the process. Any thread may use it.
 */
class NoticeLog(
    private val now: () -> Long,
) {
    private val listNow = MutableStateFlow<List<DatedNotice>>(emptyList())
    private val unseenNow = MutableStateFlow(0)
    private val storageFailsNow = MutableStateFlow(false)
    private var followed: Permesso? = null
    private var following: Job? = null

    /** The newest first. */
    val list: StateFlow<List<DatedNotice>> = listNow.asStateFlow()

    /** How many came since they were looked at. */
    val unseen: StateFlow<Int> = unseenNow.asStateFlow()

    /** Whether nothing can be stored now: what is asked of the host fails, its lists stand still, and it is off the network. */
    val storageFails: StateFlow<Boolean> = storageFailsNow.asStateFlow()

    /** What [takeUp] needs in a later process: as it is now, and whenever that changes. */
    val written: Flow<String> =
        combine(listNow, unseenNow) { notices, unseen -> Snapshot(emptyList(), Saved(), notices, unseen).encode() }.distinctUntilChanged()

    /** Goes on where an earlier process ended, by what was [written] there; null and what is none of ours change nothing. */
    fun takeUp(text: String?) {
        Snapshot.decode(text)?.let { restore(it.notices, it.unseen) }
    }

    /** The user looks at them. */
    fun seen() {
        unseenNow.value = 0
    }

    /** What was kept: of an earlier process, or of screens that have ended since. */
    internal fun restore(
        notices: List<DatedNotice>,
        unseen: Int,
    ) {
        val lost = notices - listNow.value.toSet()
        listNow.update { (it + lost).take(MOST) }
        unseenNow.update { it + unseen.coerceIn(0, lost.size) }
    }

    internal fun clear() {
        listNow.value = emptyList()
        unseenNow.value = 0
    }

    /**
     * Hears that host from now on and no other; nothing changes if it does already. Whoever opens a host calls this before anything
     * else follows it: its events wait for the first who does.
     */
    @Synchronized
    fun follow(
        permesso: Permesso,
        scope: CoroutineScope,
    ) {
        if (permesso === followed && following?.isActive == true) return
        following?.cancel()
        followed = permesso
        storageFailsNow.value = false
        following =
            scope.launch(start = CoroutineStart.UNDISPATCHED) {
                permesso.events
                    .catch { if (it !is PermessoException) throw it }
                    .collect { event -> if (event is Event.Notice) add(permesso, event.notice) }
            }
    }

    private suspend fun add(
        permesso: Permesso,
        notice: Notice,
    ) {
        // What was missed may have been one of the two.
        storageFailsNow.value =
            when (notice) {
                is Notice.StorageFailed -> true
                is Notice.Restored -> false
                is Notice.Missed -> permesso.cannotStore()
                else -> storageFailsNow.value
            }
        val name = notice.host?.let { nameOf(permesso, it) }.orEmpty()
        val other = (notice as? Notice.CodeShared)?.let { nameOf(permesso, it.other) }.orEmpty()
        val dated = DatedNotice(now(), notice, name, other)
        listNow.update { (listOf(dated) + it).take(MOST) }
        unseenNow.update { it + 1 }
    }

    private companion object {
        /** More than anybody reads; the log of the host has them all. */
        const val MOST = 200
    }
}

private suspend fun Permesso.cannotStore(): Boolean =
    try {
        settings()
        false
    } catch (trouble: PermessoException) {
        trouble is PermessoException.StorageUnavailable
    }

/** What somebody is called here; the beginning of the id where nothing is known. */
internal suspend fun nameOf(
    permesso: Permesso,
    host: String,
): String =
    try {
        permesso.friend(host)?.name ?: permesso.hosts().find { it.id == host }?.alias ?: host.take(8)
    } catch (_: PermessoException) {
        host.take(8)
    }

/** Whom a notice is about. */
internal val Notice.host: String?
    get() =
        when (this) {
            is Notice.AskExpired -> host
            is Notice.AskRefused -> host
            is Notice.CodeShared -> host
            is Notice.EncryptionReset -> host
            is Notice.FriendAsksAgain -> host
            is Notice.HeldDropped -> host
            is Notice.HistoryDropped -> host
            is Notice.MessagesLost -> host
            is Notice.OutboxDropped -> host
            else -> null
        }
