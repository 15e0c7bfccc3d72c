package org.permesso

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.merge
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.permesso.ffi.Event
import org.permesso.ffi.Host
import org.permesso.ffi.PermessoException
import java.io.File
import kotlin.coroutines.ContinuationInterceptor
import kotlin.time.Duration

/** A host of the native library. */
internal class LiveHost(
    private val host: Host,
) : Permesso {
    /** The first reader, and so with what the opening brought. */
    private val hub = EventHub(host.events())

    /** For lists that are watched, which take nothing from the first who reads [events]. */
    private val news by lazy { EventHub(host.events()) }

    /** Of what goes on though nobody waits for it any more. */
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Changes when a pause ends. */
    private val turns = MutableStateFlow(0)

    /** Changes when something was written or removed here: where nobody is near there is no event of it. */
    private val own = MutableStateFlow(0)

    override val id: String = host.id()

    override val identityKey: String = host.identityKey()

    override val isRestoredCopy: Boolean = host.isRestoredCopy()

    override val events: Flow<Event> =
        flow {
            hub.subscribe().use { subscription ->
                while (true) emit(subscription.next() ?: break)
            }
        }

    override val nearby: Flow<List<NearbyHost>> =
        watched({ it is Event.HostChanged }) { hosts().filter { it.online && it.special == null } }

    override val friends: Flow<List<Friend>> =
        watched({ it is Event.FriendChanged || it is Event.HostChanged || it is Event.MessageReceived }) { friendList() }

    override fun conversation(
        friend: String,
        limit: Int,
    ): Flow<List<Message>> =
        watched({
            when (it) {
                is Event.MessageReceived -> it.host == friend
                is Event.MessageChanged -> it.host == friend
                else -> false
            }
        }, own) { messages(friend, limit = limit) }

    override suspend fun start(): Unit = ask { start() }

    override suspend fun pause(): Unit = ask { pause() }

    override suspend fun resume(): Unit = toItsEnd(turns) { resume() }

    override suspend fun leave(): Departure = ask { leave() }

    override suspend fun stop(): Unit = ask { stop() }

    override fun close(): Unit = runBlocking { stop() }

    override suspend fun hosts(): List<NearbyHost> = ask { all { offset, limit -> hosts(offset, limit) } }

    override suspend fun search(
        alias: String,
        matching: Match,
    ): List<FoundHost> = ask(alias) { search(alias, matching) }

    override suspend fun friendList(): List<Friend> = ask { all { offset, limit -> friends(offset, limit) } }

    override suspend fun friend(host: String): Friend? = ask(host) { friend(host) }

    override suspend fun askFriendship(
        host: String,
        greeting: String,
    ): Unit = ask(host, greeting) { askFriendship(host, greeting) }

    override suspend fun acceptFriendship(host: String): Unit = ask(host) { acceptFriendship(host) }

    override suspend fun refuseFriendship(
        host: String,
        tell: Boolean,
    ): Unit = ask(host) { refuseFriendship(host, tell) }

    override suspend fun cancelRequest(host: String): Unit = ask(host) { cancelRequest(host) }

    override suspend fun endFriendship(host: String): Unit = ask(host) { endFriendship(host) }

    override suspend fun block(host: String): Unit = ask(host) { block(host) }

    override suspend fun unblock(host: String): Unit = ask(host) { unblock(host) }

    override suspend fun setLocalAlias(
        host: String,
        alias: String?,
    ): Unit = ask(host, alias) { setLocalAlias(host, alias) }

    override suspend fun setVerified(
        host: String,
        verified: Boolean,
    ): Unit = ask(host) { setVerified(host, verified) }

    override suspend fun safetyNumber(host: String): String? = ask(host) { safetyNumber(host) }

    override suspend fun scanUri(uri: String): String = ask(uri) { scanUri(uri) }

    override suspend fun uri(address: String?): String = ask(address) { uri(address) }

    override suspend fun renewCode(): Unit = ask { renewCode() }

    override suspend fun send(
        friend: String,
        text: String,
    ): String = write(friend, text) { send(friend, text) }

    override suspend fun resend(message: String): Unit = write(message) { resend(message) }

    override suspend fun cancel(message: String): Unit = write(message) { cancel(message) }

    override suspend fun markRead(friend: String): Unit = write(friend) { markRead(friend) }

    override suspend fun deleteMessage(message: String): Unit = write(message) { deleteMessage(message) }

    override suspend fun messages(
        friend: String,
        before: MessagePlace?,
        limit: Int,
    ): List<Message> = ask(friend) { messages(friend, before, limit.coerceAtLeast(0).toUInt()) }

    override suspend fun message(message: String): Message? = ask(message) { message(message) }

    override suspend fun searchMessages(
        text: String,
        limit: Int,
    ): List<Message> = ask(text) { searchMessages(text, limit.coerceAtLeast(0).toUInt()) }

    override suspend fun holders(message: String): List<Holder> = ask(message) { holders(message) }

    override suspend fun fullServers(message: String): List<FullServer> = ask(message) { fullServers(message) }

    override suspend fun waitForFate(
        message: String,
        timeout: Duration,
    ): MessageState = ask(message) { waitForFate(message, timeout.inWholeMilliseconds.coerceAtLeast(0).toULong()) }

    override suspend fun settings(): Settings = ask { settings() }

    override suspend fun changedSettings(): SettingsChange = ask { changedSettings() }

    override suspend fun changeSettings(change: SettingsChange): Unit = ask(change.alias) { changeSettings(change) }

    override suspend fun contacts(): List<Contact> = ask { all { offset, limit -> contacts(offset, limit) } }

    override suspend fun exportContacts(): String = ask { exportContacts() }

    override suspend fun importContacts(vcards: String): List<CardResult> = ask(vcards) { importContacts(vcards) }

    override suspend fun exportAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress?,
    ): AccountReport = ask(file.path, passphrase) { exportAccount(file.path, passphrase, onProgress?.let(::listener)) }

    override suspend fun examineNetwork(): Examination = ask { examineNetwork() }

    override suspend fun addresses(): List<String> = ask { addresses() }

    override suspend fun peerFound(address: String): Unit = ask(address) { peerFound(address) }

    override suspend fun setNetworkAddresses(addresses: List<NetworkAddress>?) {
        val texts = addresses.orEmpty().flatMap { listOf(it.name, it.address) }
        ask(*texts.toTypedArray()) { setNetworkAddresses(addresses) }
    }

    override suspend fun openHostLink(carrier: HostLinkCarrier): HostLink = LiveHostLink(ask { openHostLink(GuardedCarrier(carrier)) })

    override suspend fun statistics(): Statistics = ask { statistics() }

    override suspend fun packets(): List<Packet> = ask { all { offset, limit -> packets(offset, limit) } }

    override suspend fun counters(): Map<String, ULong> = ask { counters() }

    /**
     * Reads at once, and again whenever something happened that concerns it, or [own] changed. While the host is paused or nothing can be
     * stored it waits: whatever ends that is a sign to read again.
     */
    private fun <T : Any> watched(
        concerns: (Event) -> Boolean,
        own: StateFlow<Int>? = null,
        read: suspend () -> T,
    ): Flow<T> =
        channelFlow {
            // One after the other, so that nothing older comes after what is newer.
            val reading = Mutex()
            val signs = listOfNotNull(turns, own).map { count -> count.value.let { before -> count.filter { it != before } } }

            suspend fun readAgain(): Boolean =
                reading.withLock {
                    try {
                        send(read())
                        true
                    } catch (_: PermessoException.Paused) {
                        true
                    } catch (_: PermessoException.StorageUnavailable) {
                        true
                    } catch (_: PermessoException.Stopped) {
                        false
                    }
                }
            news.subscribe().use { subscription ->
                val here = launch { signs.merge().collect { readAgain() } }
                do if (!readAgain()) break while (subscription.awaitAny { concerns(it) || it is Event.Notice })
                here.cancel()
            }
        }.buffer(Channel.RENDEZVOUS).distinctUntilChanged()

    private suspend fun <T> write(
        vararg texts: String,
        call: suspend Host.() -> T,
    ): T {
        checkTexts(*texts)
        return toItsEnd(own, call)
    }

    /** The core does what was begun though the caller is cancelled, and whoever watches shall see that too. */
    private suspend fun <T> toItsEnd(
        sign: MutableStateFlow<Int>,
        call: suspend Host.() -> T,
    ): T {
        val doing =
            // Undispatched, so that what is cancelled at once has begun all the same.
            scope.async(start = CoroutineStart.UNDISPATCHED) { runCatching { host.call() }.onSuccess { sign.update { it + 1 } } }
        return doing.await().getOrThrow()
    }

    private suspend fun <T> ask(
        vararg texts: String?,
        call: suspend Host.() -> T,
    ): T {
        checkTexts(*texts)
        return aside { host.call() }
    }
}

/**
 * Calls the library so that its threads never run what comes after the call: without a dispatcher the one that brings the answer
 * would, and an app that blocks there would stop the host.
 */
internal suspend fun <T> aside(call: suspend () -> T): T {
    val dispatcher = currentCoroutineContext()[ContinuationInterceptor]
    if (dispatcher != null && dispatcher != Dispatchers.Unconfined) return call()
    // Undispatched, so that what is cancelled at once has begun all the same.
    return coroutineScope { async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { runCatching { call() } }.await() }.getOrThrow()
}

/** Entries of lists taken in one call. */
private const val PAGE = 500u

/** All pages of a list. */
private suspend fun <T> all(page: suspend (UInt, UInt) -> List<T>): List<T> {
    val list = mutableListOf<T>()
    do {
        val next = page(list.size.toUInt(), PAGE)
        list += next
    } while (next.size.toUInt() == PAGE)
    return list
}
