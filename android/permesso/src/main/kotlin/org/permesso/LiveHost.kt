package org.permesso

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.runBlocking
import org.permesso.ffi.Event
import org.permesso.ffi.Host
import org.permesso.ffi.PermessoException
import org.permesso.ffi.ProgressException
import org.permesso.ffi.ProgressListener
import java.io.File
import kotlin.time.Duration

/** A host of the native library. */
internal class LiveHost(
    private val host: Host,
) : Permesso {
    private val hub = EventHub(host.events())

    /** Changes when a pause ends. */
    private val turns = MutableStateFlow(0)

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
        }) { messages(friend, limit = limit) }

    override suspend fun start(): Unit = host.start()

    override suspend fun pause(): Unit = host.pause()

    override suspend fun resume() {
        host.resume()
        turns.update { it + 1 }
    }

    override suspend fun leave(): Departure = host.leave()

    override suspend fun stop() {
        host.stop()
        turns.update { it + 1 }
    }

    override fun close(): Unit = runBlocking { stop() }

    override suspend fun hosts(): List<NearbyHost> = all { offset, limit -> host.hosts(offset, limit) }

    override suspend fun search(
        alias: String,
        matching: Match,
    ): List<FoundHost> = host.search(alias, matching)

    override suspend fun friendList(): List<Friend> = all { offset, limit -> host.friends(offset, limit) }

    override suspend fun friend(host: String): Friend? = this.host.friend(host)

    override suspend fun askFriendship(
        host: String,
        greeting: String,
    ): Unit = this.host.askFriendship(host, greeting)

    override suspend fun acceptFriendship(host: String): Unit = this.host.acceptFriendship(host)

    override suspend fun refuseFriendship(
        host: String,
        tell: Boolean,
    ): Unit = this.host.refuseFriendship(host, tell)

    override suspend fun cancelRequest(host: String): Unit = this.host.cancelRequest(host)

    override suspend fun endFriendship(host: String): Unit = this.host.endFriendship(host)

    override suspend fun block(host: String): Unit = this.host.block(host)

    override suspend fun unblock(host: String): Unit = this.host.unblock(host)

    override suspend fun setLocalAlias(
        host: String,
        alias: String?,
    ): Unit = this.host.setLocalAlias(host, alias)

    override suspend fun setVerified(
        host: String,
        verified: Boolean,
    ): Unit = this.host.setVerified(host, verified)

    override suspend fun safetyNumber(host: String): String? = this.host.safetyNumber(host)

    override suspend fun scanUri(uri: String): String = host.scanUri(uri)

    override suspend fun uri(address: String?): String = host.uri(address)

    override suspend fun renewCode(): Unit = host.renewCode()

    override suspend fun send(
        friend: String,
        text: String,
    ): String = host.send(friend, text)

    override suspend fun resend(message: String): Unit = host.resend(message)

    override suspend fun cancel(message: String): Unit = host.cancel(message)

    override suspend fun markRead(friend: String): Unit = host.markRead(friend)

    override suspend fun deleteMessage(message: String): Unit = host.deleteMessage(message)

    override suspend fun messages(
        friend: String,
        before: MessagePlace?,
        limit: Int,
    ): List<Message> = host.messages(friend, before, limit.coerceAtLeast(0).toUInt())

    override suspend fun message(message: String): Message? = host.message(message)

    override suspend fun searchMessages(
        text: String,
        limit: Int,
    ): List<Message> = host.searchMessages(text, limit.coerceAtLeast(0).toUInt())

    override suspend fun holders(message: String): List<Holder> = host.holders(message)

    override suspend fun fullServers(message: String): List<FullServer> = host.fullServers(message)

    override suspend fun waitForFate(
        message: String,
        timeout: Duration,
    ): MessageState = host.waitForFate(message, timeout.inWholeMilliseconds.coerceAtLeast(0).toULong())

    override suspend fun settings(): Settings = host.settings()

    override suspend fun changedSettings(): SettingsChange = host.changedSettings()

    override suspend fun changeSettings(change: SettingsChange): Unit = host.changeSettings(change)

    override suspend fun contacts(): List<Contact> = all { offset, limit -> host.contacts(offset, limit) }

    override suspend fun exportContacts(): String = host.exportContacts()

    override suspend fun importContacts(vcards: String): List<CardResult> = host.importContacts(vcards)

    override suspend fun exportAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress?,
    ): AccountReport = host.exportAccount(file.path, passphrase, onProgress?.let(::listener))

    override suspend fun examineNetwork(): Examination = host.examineNetwork()

    override suspend fun addresses(): List<String> = host.addresses()

    override suspend fun peerFound(address: String): Unit = host.peerFound(address)

    override suspend fun setNetworkAddresses(addresses: List<NetworkAddress>?): Unit = host.setNetworkAddresses(addresses)

    override suspend fun openHostLink(carrier: HostLinkCarrier): HostLink = host.openHostLink(carrier)

    override suspend fun statistics(): Statistics = host.statistics()

    override suspend fun packets(): List<Packet> = all { offset, limit -> host.packets(offset, limit) }

    override suspend fun counters(): Map<String, ULong> = host.counters()

    /** Reads at once, and again whenever something happened that concerns it. */
    private fun <T : Any> watched(
        concerns: (Event) -> Boolean,
        read: suspend () -> T,
    ): Flow<T> =
        flow {
            hub.subscribe().use { subscription ->
                do emit(readInTime(read) ?: break) while (subscription.awaitAny { concerns(it) || it is Event.Notice })
            }
        }.distinctUntilChanged()

    /** Reads, if need be after the pause; null if the host has stopped. */
    private suspend fun <T : Any> readInTime(read: suspend () -> T): T? {
        while (true) {
            val turn = turns.value
            try {
                return read()
            } catch (_: PermessoException.Paused) {
                turns.first { it != turn }
            } catch (_: PermessoException.Stopped) {
                return null
            }
        }
    }
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

/** A progress listener of the library that asks the app. */
internal fun listener(onProgress: OnProgress): ProgressListener =
    object : ProgressListener {
        override fun onProgress(
            done: ULong,
            total: ULong,
        ): Boolean =
            try {
                onProgress(done, total)
            } catch (failure: Exception) {
                throw ProgressException.Failed(failure.toString())
            }
    }
