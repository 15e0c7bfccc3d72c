package org.permesso

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking
import org.permesso.ffi.Event
import org.permesso.ffi.Host
import org.permesso.ffi.HostConfig
import org.permesso.ffi.PermessoException
import org.permesso.ffi.ProgressException
import org.permesso.ffi.ProgressListener
import java.io.File
import kotlin.time.Duration

/**
 * What a host needs to live.
 *
 * @property directory The folder of its database; made if it is not there. One host, one folder.
 * @property alias What others call it, at most 64 bytes; a change made while it ran counts more.
 * @property keyStore Where the key of the database is kept.
 * @property server Whether it is a persistent server: it keeps mail for everybody.
 * @property parameters Every other parameter, in the form of [Permesso.defaultParameters].
 */
public class PermessoConfig(
    public val directory: File,
    public val alias: String,
    public val keyStore: KeyStore,
    public val server: Boolean = false,
    public val parameters: String? = null,
)

/** How far an export or import is; with false it ends, and nothing has changed. */
public typealias OnProgress = (done: ULong, total: ULong) -> Boolean

/**
 * A live host: people near each other chat with no server, no account and no internet.
 *
 * Every call may be made from any thread and any coroutine. One that changes something returns when the change is durable;
 * cancelling it only ends the waiting. What fails throws a [PermessoException], after [stop] with
 * [PermessoException.Stopped]. Ids are texts, moments are milliseconds since 1970.
 */
public class Permesso private constructor(
    private val host: Host,
) : AutoCloseable {
    private val hub = EventHub(host.events())

    /** This host's id. */
    public val id: String = host.id()

    /** This host's identity key: 64 hexadecimal digits. */
    public val identityKey: String = host.identityKey()

    /** Whether the database was found to be an older copy: what came since is not in it. */
    public val isRestoredCopy: Boolean = host.isRestoredCopy()

    /** What happens from now on, until the host is stopped; the first reader also gets what the opening brought. */
    public val events: Flow<Event> =
        flow {
            hub.subscribe().use { subscription ->
                while (true) emit(subscription.next() ?: break)
            }
        }

    /** The people here now, without the special hosts. Emits at once and whenever that changes. */
    public val nearby: Flow<List<NearbyHost>> =
        watched({ it is Event.HostChanged }) { hosts().filter { it.online && it.special == null } }

    /** Friends, askers and ended friends, in the order they were met. Emits at once and whenever that changes. */
    public val friends: Flow<List<Friend>> =
        watched({ it is Event.FriendChanged || it is Event.HostChanged || it is Event.MessageReceived }) { friendList() }

    /** The newest [limit] messages of a conversation, oldest first. Emits at once and whenever that changes. */
    public fun conversation(
        friend: String,
        limit: Int = 100,
    ): Flow<List<Message>> =
        watched({
            when (it) {
                is Event.MessageReceived -> it.host == friend
                is Event.MessageChanged -> it.host == friend
                else -> false
            }
        }) { messages(friend, limit = limit) }

    /** Binds the sockets and joins the network. Does nothing if it has been started. */
    public suspend fun start(): Unit = host.start()

    /** Closes links, sockets and the database, so that the app may be suspended; until [resume], calls fail. */
    public suspend fun pause(): Unit = host.pause()

    /** Opens again what [pause] closed and goes on. */
    public suspend fun resume(): Unit = host.resume()

    /** Hands waiting mail to those who are here and have room for it, and says good-bye, within 2 s. */
    public suspend fun leave(): Departure = host.leave()

    /** Closes everything and ends the host; what was accepted is durable. Flows end. */
    public suspend fun stop(): Unit = host.stop()

    /** [stop], for `use`; blocks. */
    override fun close(): Unit = runBlocking { stop() }

    /** Every host known, the three special ones first. */
    public suspend fun hosts(): List<NearbyHost> = all { offset, limit -> host.hosts(offset, limit) }

    /** Looks for hosts by alias and waits for the answers, 3 s unless the parameters say otherwise. */
    public suspend fun search(
        alias: String,
        matching: Match = Match.PARTIAL,
    ): List<FoundHost> = host.search(alias, matching)

    /** Friends, askers and ended friends as they are now, in the order they were met. */
    public suspend fun friendList(): List<Friend> = all { offset, limit -> host.friends(offset, limit) }

    /** One of them, if the host is among them. */
    public suspend fun friend(host: String): Friend? = this.host.friend(host)

    /** Asks a host to become a friend, with a few words (at most 280 bytes); the answer comes as an event. */
    public suspend fun askFriendship(
        host: String,
        greeting: String = "",
    ): Unit = this.host.askFriendship(host, greeting)

    /** Accepts a friend request. */
    public suspend fun acceptFriendship(host: String): Unit = this.host.acceptFriendship(host)

    /** Refuses a friend request; the asker is told only if [tell] is set. */
    public suspend fun refuseFriendship(
        host: String,
        tell: Boolean = false,
    ): Unit = this.host.refuseFriendship(host, tell)

    /** Takes back a friend request that has not been answered. */
    public suspend fun cancelRequest(host: String): Unit = this.host.cancelRequest(host)

    /** Ends a friendship and tells the other. */
    public suspend fun endFriendship(host: String): Unit = this.host.endFriendship(host)

    /** Hears nothing more of a host; it is not told. */
    public suspend fun block(host: String): Unit = this.host.block(host)

    /** Allows a blocked host to ask again. */
    public suspend fun unblock(host: String): Unit = this.host.unblock(host)

    /** Gives a friend a name of one's own (at most 64 bytes), or takes it away. */
    public suspend fun setLocalAlias(
        host: String,
        alias: String?,
    ): Unit = this.host.setLocalAlias(host, alias)

    /** Notes that the user compared the safety numbers, or takes that back. */
    public suspend fun setVerified(
        host: String,
        verified: Boolean,
    ): Unit = this.host.setVerified(host, verified)

    /** The 60 digits two users compare, if the host's key is known. */
    public suspend fun safetyNumber(host: String): String? = this.host.safetyNumber(host)

    /** Takes in a scanned `permesso:` URI: pins and verifies its host. Returns whom it names. */
    public suspend fun scanUri(uri: String): String = host.scanUri(uri)

    /** This host's `permesso:` URI, the content of its QR code, to be shown to one person. */
    public suspend fun uri(address: String? = null): String = host.uri(address)

    /** Makes a new code: those shown so far verify nobody any more who was not accepted yet. */
    public suspend fun renewCode(): Unit = host.renewCode()

    /** Writes to a friend, at most 4,096 bytes. Returns the message's id when it is stored. */
    public suspend fun send(
        friend: String,
        text: String,
    ): String = host.send(friend, text)

    /** Tries a failed message again. */
    public suspend fun resend(message: String): Unit = host.resend(message)

    /** Gives up a message that is not yet delivered. */
    public suspend fun cancel(message: String): Unit = host.cancel(message)

    /** Notes that every received message of a conversation has been seen. */
    public suspend fun markRead(friend: String): Unit = host.markRead(friend)

    /** Removes a message from this device's history. */
    public suspend fun deleteMessage(message: String): Unit = host.deleteMessage(message)

    /** The newest messages that stand before [before] (the end, if null), oldest of them first; never more than 1,000. */
    public suspend fun messages(
        friend: String,
        before: MessagePlace? = null,
        limit: Int = 100,
    ): List<Message> = host.messages(friend, before, limit.coerceAtLeast(0).toUInt())

    /** One message, if it is in the history. */
    public suspend fun message(message: String): Message? = host.message(message)

    /** Messages of all conversations that contain a text (case is ignored), newest first; never more than 1,000. */
    public suspend fun searchMessages(
        text: String,
        limit: Int = 100,
    ): List<Message> = host.searchMessages(text, limit.coerceAtLeast(0).toUInt())

    /** Who has a copy of a message of ours that is not yet delivered: servers first, then friends, then others. */
    public suspend fun holders(message: String): List<Holder> = host.holders(message)

    /** Servers that had no room for a message of ours when it was offered to them last. */
    public suspend fun fullServers(message: String): List<FullServer> = host.fullServers(message)

    /** Waits until a message is delivered, read or failed; after [timeout] with [PermessoException.TimedOut]. */
    public suspend fun waitForFate(
        message: String,
        timeout: Duration,
    ): MessageState = host.waitForFate(message, timeout.inWholeMilliseconds.coerceAtLeast(0).toULong())

    /** The settings in force. */
    public suspend fun settings(): Settings = host.settings()

    /** The settings that were changed while the host ran, now or earlier. */
    public suspend fun changedSettings(): SettingsChange = host.changedSettings()

    /** Changes settings; what is null stays. */
    public suspend fun changeSettings(change: SettingsChange): Unit = host.changeSettings(change)

    /** Everybody whose key is pinned. */
    public suspend fun contacts(): List<Contact> = all { offset, limit -> host.contacts(offset, limit) }

    /** Friends, those asked and those only pinned, as vCards with a `permesso:` URI each. */
    public suspend fun exportContacts(): String = host.exportContacts()

    /** Takes in the vCards of a text that have a `permesso:` URI; cards that cannot be used are told and skipped. */
    public suspend fun importContacts(vcards: String): List<CardResult> = host.importContacts(vcards)

    /** Writes everything this host is and has to a new file, encrypted under the passphrase. */
    public suspend fun exportAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress? = null,
    ): AccountReport = host.exportAccount(file.path, passphrase, onProgress?.let(::listener))

    /** Looks which ways of finding others work, and why not; within 12 s, somewhat more with several small networks. */
    public suspend fun examineNetwork(): Examination = host.examineNetwork()

    /** The presence addresses this host has now, with their port. */
    public suspend fun addresses(): List<String> = host.addresses()

    /** Names an address, with its port, where another host may listen. */
    public suspend fun peerFound(address: String): Unit = host.peerFound(address)

    /** Names the addresses this device has; empty: there is no network now; null: the system is asked again. */
    public suspend fun setNetworkAddresses(addresses: List<NetworkAddress>?): Unit = host.setNetworkAddresses(addresses)

    /**
     * Opens a host link: another radio (Bluetooth LE, Wi-Fi Aware) reaches one other host, and the app carries packets between
     * the two. Nothing is taken on trust: links prove the other's key, as on any network.
     */
    public suspend fun openHostLink(carrier: HostLinkCarrier): HostLink = host.openHostLink(carrier)

    /** What this host carries for others, and how busy it is. */
    public suspend fun statistics(): Statistics = host.statistics()

    /** The newest packets and their states. */
    public suspend fun packets(): List<Packet> = all { offset, limit -> host.packets(offset, limit) }

    /** Counts of what was dropped or refused, by reason. */
    public suspend fun counters(): Map<String, ULong> = host.counters()

    /** Reads at once, and again whenever something happened that concerns it. */
    private fun <T> watched(
        concerns: (Event) -> Boolean,
        read: suspend () -> T,
    ): Flow<T> =
        flow {
            hub.subscribe().use { subscription ->
                do emit(read()) while (subscription.awaitAny { concerns(it) || it is Event.Notice })
            }
        }.distinctUntilChanged()

    /** Opening, and what needs no host. */
    public companion object {
        /** Entries of lists taken in one call. */
        private const val PAGE = 500u

        /**
         * Opens the host in a folder, or makes a new one there. It is not on the network before [start]; its history can be
         * read and messages can be written all the same.
         *
         * @throws PermessoException.KeyUnavailable if the key store has no key for a host that is there.
         * @throws PermessoException.AlreadyThere if it is open already.
         * @throws PermessoException.InvalidInput if a parameter makes no sense.
         */
        public suspend fun open(config: PermessoConfig): Permesso {
            Library.load()
            val given = HostConfig(config.directory.path, config.alias, config.server, config.parameters)
            return Permesso(Host.open(given, config.keyStore))
        }

        /** Makes the host of an account file in [directory], which must hold none, with a key of this device's own. */
        public suspend fun importAccount(
            file: File,
            passphrase: String,
            directory: File,
            keyStore: KeyStore,
            onProgress: OnProgress? = null,
        ): AccountReport {
            Library.load()
            return org.permesso.ffi.importAccount(file.path, passphrase, directory.path, keyStore, onProgress?.let(::listener))
        }

        /** The text with every parameter, its meaning and its default value; in Italian, else in English. */
        public fun defaultParameters(italian: Boolean = false): String {
            Library.loadNow()
            return org.permesso.ffi.defaultParameters(italian)
        }

        /** Sets how much is logged and to whom, for the whole process; null ends it. On Android the system's log takes it. */
        public fun setLog(
            level: LogLevel,
            sink: LogSink?,
        ) {
            Library.loadNow()
            org.permesso.ffi.setLog(level, sink)
        }

        private suspend fun <T> all(page: suspend (UInt, UInt) -> List<T>): List<T> {
            val list = mutableListOf<T>()
            do {
                val next = page(list.size.toUInt(), PAGE)
                list += next
            } while (next.size.toUInt() == PAGE)
            return list
        }

        private fun listener(onProgress: OnProgress): ProgressListener =
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
    }
}
