package org.permesso

import kotlinx.coroutines.flow.Flow
import org.permesso.ffi.Event
import org.permesso.ffi.Host
import org.permesso.ffi.HostConfig
import org.permesso.ffi.PermessoException
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

/** What more could be read of a damaged database: friends first, then messages, at most 100 at once; with false it ends. */
public typealias OnFound = (friends: List<Contact>, messages: List<RescuedMessage>) -> Boolean

/**
 * A live host: people near each other chat with no server, no account and no internet.
 *
 * Every call may be made from any thread and any coroutine. One that changes something returns when the change is durable;
 * cancelling it only ends the waiting: it is done all the same, and flows show it. What fails throws a [PermessoException],
 * after [stop] with [PermessoException.Stopped]. Ids are texts, moments are milliseconds since 1970.
 *
 * From `Notice.StorageFailed` to `Notice.Restored` there is no room for more, as on a full disk: calls may throw
 * [PermessoException.StorageUnavailable], and flows of lists wait and go on by themselves.
 *
 * It is an interface so that an app's tests can use the fake of `permesso-testing` instead; apps call it and do not implement it,
 * for it grows.
 */
public interface Permesso : AutoCloseable {
    /** This host's id. */
    public val id: String

    /** This host's identity key: 64 hexadecimal digits. */
    public val identityKey: String

    /** Whether the database was found to be an older copy: what came since is not in it. */
    public val isRestoredCopy: Boolean

    /**
     * What happens from now on, until the host is stopped. The first who collects it also gets what the opening brought, such as
     * `Notice.CopyRestored`, whatever lists are watched before.
     */
    public val events: Flow<Event>

    /** The people here now, without the special hosts. Emits at once and whenever that changes. */
    public val nearby: Flow<List<NearbyHost>>

    /** Friends, askers and ended friends, in the order they were met. Emits at once and whenever that changes. */
    public val friends: Flow<List<Friend>>

    /** The newest [limit] messages of a conversation, oldest first. Emits at once and whenever that changes. */
    public fun conversation(
        friend: String,
        limit: Int = 100,
    ): Flow<List<Message>>

    /** Binds the sockets and joins the network. Does nothing if it has been started. */
    public suspend fun start(): Unit

    /**
     * Closes links, sockets and the database, so that the app may be suspended: nothing is locked and nothing is lost. Until [resume],
     * calls fail with [PermessoException.Paused]; what is kept in memory can still be looked at.
     */
    public suspend fun pause(): Unit

    /** Opens again what [pause] closed and goes on. Flows of lists wait for it. */
    public suspend fun resume(): Unit

    /** Hands waiting mail to those who are here and have room for it, and says good-bye, within 2 s. */
    public suspend fun leave(): Departure

    /** Closes everything and ends the host; what was accepted is durable. Flows end. */
    public suspend fun stop(): Unit

    /** [stop], for `use`; blocks. */
    override fun close(): Unit

    /** Every host known, the three special ones first. */
    public suspend fun hosts(): List<NearbyHost>

    /** Looks for hosts by alias and waits for the answers, 3 s unless the parameters say otherwise. */
    public suspend fun search(
        alias: String,
        matching: Match = Match.PARTIAL,
    ): List<FoundHost>

    /** Friends, askers and ended friends as they are now, in the order they were met. */
    public suspend fun friendList(): List<Friend>

    /** One of them, if the host is among them. */
    public suspend fun friend(host: String): Friend?

    /** Asks a host to become a friend, with a few words (at most 280 bytes); the answer comes as an event. */
    public suspend fun askFriendship(
        host: String,
        greeting: String = "",
    ): Unit

    /** Accepts a friend request. */
    public suspend fun acceptFriendship(host: String): Unit

    /** Refuses a friend request; the asker is told only if [tell] is set. */
    public suspend fun refuseFriendship(
        host: String,
        tell: Boolean = false,
    ): Unit

    /** Takes back a friend request that has not been answered. */
    public suspend fun cancelRequest(host: String): Unit

    /** Ends a friendship and tells the other. */
    public suspend fun endFriendship(host: String): Unit

    /** Hears nothing more of a host; it is not told. */
    public suspend fun block(host: String): Unit

    /** Allows a blocked host to ask again. */
    public suspend fun unblock(host: String): Unit

    /** Gives a friend a name of one's own (at most 64 bytes), or takes it away. */
    public suspend fun setLocalAlias(
        host: String,
        alias: String?,
    ): Unit

    /** Notes that the user compared the safety numbers, or takes that back. */
    public suspend fun setVerified(
        host: String,
        verified: Boolean,
    ): Unit

    /** The 60 digits two users compare, if the host's key is known. */
    public suspend fun safetyNumber(host: String): String?

    /** Takes in a scanned `permesso:` URI: pins and verifies its host. Returns whom it names. */
    public suspend fun scanUri(uri: String): String

    /** This host's `permesso:` URI, the content of its QR code, to be shown to one person. */
    public suspend fun uri(address: String? = null): String

    /** Makes a new code: those shown so far verify nobody any more who was not accepted yet. */
    public suspend fun renewCode(): Unit

    /** Writes to a friend, at most 4,096 bytes. Returns the message's id when it is stored. */
    public suspend fun send(
        friend: String,
        text: String,
    ): String

    /** Tries a failed message again. */
    public suspend fun resend(message: String): Unit

    /** Gives up a message that is not yet delivered. */
    public suspend fun cancel(message: String): Unit

    /** Notes that every received message of a conversation has been seen. */
    public suspend fun markRead(friend: String): Unit

    /** Removes a message from this device's history. */
    public suspend fun deleteMessage(message: String): Unit

    /** The newest messages that stand before [before] (the end, if null), oldest of them first; never more than 1,000. */
    public suspend fun messages(
        friend: String,
        before: MessagePlace? = null,
        limit: Int = 100,
    ): List<Message>

    /** One message, if it is in the history. */
    public suspend fun message(message: String): Message?

    /** Messages of all conversations that contain a text (case is ignored), newest first; never more than 1,000. */
    public suspend fun searchMessages(
        text: String,
        limit: Int = 100,
    ): List<Message>

    /** Who has a copy of a message of ours that is not yet delivered: servers first, then friends, then others. */
    public suspend fun holders(message: String): List<Holder>

    /** Servers that had no room for a message of ours when it was offered to them last. */
    public suspend fun fullServers(message: String): List<FullServer>

    /** Waits until a message is delivered, read or failed; after [timeout] with [PermessoException.TimedOut]. */
    public suspend fun waitForFate(
        message: String,
        timeout: Duration,
    ): MessageState

    /** The settings in force. */
    public suspend fun settings(): Settings

    /** The settings that were changed while the host ran, now or earlier. */
    public suspend fun changedSettings(): SettingsChange

    /** Changes settings; what is null stays. */
    public suspend fun changeSettings(change: SettingsChange): Unit

    /** Everybody whose key is pinned. */
    public suspend fun contacts(): List<Contact>

    /** Friends, those asked and those only pinned, as vCards with a `permesso:` URI each. */
    public suspend fun exportContacts(): String

    /** Takes in the vCards of a text that have a `permesso:` URI; cards that cannot be used are told and skipped. */
    public suspend fun importContacts(vcards: String): List<CardResult>

    /** Writes everything this host is and has to a new file, encrypted under the passphrase. */
    public suspend fun exportAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress? = null,
    ): AccountReport

    /** Looks which ways of finding others work, and why not; within 12 s, somewhat more with several small networks. */
    public suspend fun examineNetwork(): Examination

    /** The presence addresses this host has now, with their port. */
    public suspend fun addresses(): List<String>

    /** Names an address, with its port, where another host may listen. */
    public suspend fun peerFound(address: String): Unit

    /** Names the addresses this device has; empty: there is no network now; null: the system is asked again. */
    public suspend fun setNetworkAddresses(addresses: List<NetworkAddress>?): Unit

    /**
     * Opens a host link: another radio (Bluetooth LE, Wi-Fi Aware) reaches one other host, and the app carries packets between
     * the two, each at most [hostPacketMax] bytes. Nothing is taken on trust: links prove the other's key, as on any network. A
     * host that is not started keeps it for later; one that stops closes it.
     *
     * @throws PermessoException.NotNow if 64 are open.
     */
    public suspend fun openHostLink(carrier: HostLinkCarrier): HostLink

    /** What this host carries for others, and how busy it is. */
    public suspend fun statistics(): Statistics

    /** The newest packets and their states. */
    public suspend fun packets(): List<Packet>

    /** Counts of what was dropped or refused, by reason. */
    public suspend fun counters(): Map<String, ULong>

    /** Opening, and what needs no host. */
    public companion object {
        /**
         * Opens the host in a folder, or makes a new one there. It is not on the network before [start]; its history can be
         * read and messages can be written all the same.
         *
         * @throws PermessoException.KeyUnavailable if the key store has no key for a host that is there.
         * @throws PermessoException.AlreadyThere if it is open already and stays so for 1 s.
         * @throws PermessoException.InvalidInput if a parameter makes no sense.
         */
        public suspend fun open(config: PermessoConfig): Permesso {
            val given = HostConfig(config.directory.path, config.alias, config.server, config.parameters)
            checkTexts(given.directory, given.alias, given.parameters)
            Library.load()
            return aside { LiveHost(Host.open(given, GuardedKeyStore(config.keyStore))) }
        }

        /** Makes the host of an account file in [directory], which must hold none, with a key of this device's own. */
        public suspend fun importAccount(
            file: File,
            passphrase: String,
            directory: File,
            keyStore: KeyStore,
            onProgress: OnProgress? = null,
        ): AccountReport {
            checkTexts(file.path, passphrase, directory.path)
            Library.load()
            val store = GuardedKeyStore(keyStore)
            return aside { org.permesso.ffi.importAccount(file.path, passphrase, directory.path, store, onProgress?.let(::listener)) }
        }

        /**
         * Reads friends and messages of the host in [directory], damaged or not, and hands them over on a thread of the library's own;
         * nothing there is changed.
         *
         * @throws PermessoException.AlreadyThere if the host is open.
         * @throws PermessoException.KeyUnavailable without the key it was made with.
         * @throws PermessoException.Damaged if not even the beginning can be read.
         * @throws PermessoException.Cancelled if [onFound] ends it, by false or by throwing.
         */
        public suspend fun rescue(
            directory: File,
            keyStore: KeyStore,
            onFound: OnFound,
        ): RescueReport {
            checkTexts(directory.path)
            Library.load()
            return aside { org.permesso.ffi.rescue(directory.path, GuardedKeyStore(keyStore), finder(onFound)) }
        }

        /**
         * Removes the host in [directory], which must be stopped, with its folder if nothing else is in it. Erase its key first: on
         * flash memory removed files can often be read back, and without the key they say nothing. Does nothing where there is no host.
         *
         * @throws PermessoException.AlreadyThere if the host is open.
         * @throws PermessoException.StorageUnavailable if something cannot be removed; a second call goes on.
         */
        public suspend fun erase(directory: File) {
            checkTexts(directory.path)
            Library.load()
            aside { org.permesso.ffi.erase(directory.path) }
        }

        /** The text with every parameter, its meaning and its default value; in Italian, else in English. */
        public fun defaultParameters(italian: Boolean = false): String {
            Library.loadNow()
            return org.permesso.ffi.defaultParameters(italian)
        }

        /** The version of the library behind all this, which is loaded if it is not yet. */
        public fun libraryVersion(): String {
            Library.loadNow()
            return org.permesso.ffi.libraryVersion()
        }

        /** The longest packet of a host link, in bytes: what the radio's own packets must hold, one or several together. */
        public fun hostPacketMax(): Int {
            Library.loadNow()
            val most = org.permesso.ffi.hostPacketMax()
            return most.toInt()
        }

        /**
         * Sets how much is logged and to whom, for the whole process; null ends it. On Android the system's log takes what is logged,
         * whatever [sink] is: null does not end it there, and least is said at the level of errors.
         */
        public fun setLog(
            level: LogLevel,
            sink: LogSink?,
        ) {
            Library.loadNow()
            val safe = sink?.let(::GuardedSink)
            org.permesso.ffi.setLog(level, safe)
        }
    }
}
