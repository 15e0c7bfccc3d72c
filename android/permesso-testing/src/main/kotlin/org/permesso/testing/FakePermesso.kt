package org.permesso.testing

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.coroutines.withTimeoutOrNull
import org.permesso.AccountReport
import org.permesso.CardResult
import org.permesso.Contact
import org.permesso.Departure
import org.permesso.Diagnosis
import org.permesso.Examination
import org.permesso.FailReason
import org.permesso.FoundHost
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.FullServer
import org.permesso.Holder
import org.permesso.HostLink
import org.permesso.HostLinkCarrier
import org.permesso.Match
import org.permesso.Message
import org.permesso.MessagePlace
import org.permesso.MessageState
import org.permesso.NearbyHost
import org.permesso.NetworkAddress
import org.permesso.OnProgress
import org.permesso.Packet
import org.permesso.Permesso
import org.permesso.Settings
import org.permesso.SettingsChange
import org.permesso.Statistics
import org.permesso.ffi.Event
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import java.io.File
import kotlin.time.Duration

/** A host of a [FakeNetwork]: behaves as a real one, and lets a test say what else happens to it. */
public class FakePermesso internal constructor(
    private val network: FakeNetwork,
    private val host: FakeHost,
) : Permesso {
    private enum class Life { OPEN, STARTED, PAUSED, STOPPED }

    private var life = Life.OPEN
    private var startedBeforePause = false
    private var hasNetwork = true
    private var failure: PermessoException? = null
    private var storageFailure: String? = null
    private var diagnoses: List<Diagnosis> = emptyList()

    private val readers = Readers { synchronized(network.lock) { life == Life.STOPPED } }
    private val links = mutableListOf<HostLink>()

    internal val isOnline: Boolean get() = life == Life.STARTED && hasNetwork && storageFailure == null

    override val id: String = host.id
    override val identityKey: String = host.identityKey
    override val isRestoredCopy: Boolean = false

    override val events: Flow<Event> = readers.events

    override val nearby: Flow<List<NearbyHost>> = readers.watched { hosts().filter { it.online && it.special == null } }

    override val friends: Flow<List<Friend>> = readers.watched { friendList() }

    override fun conversation(
        friend: String,
        limit: Int,
    ): Flow<List<Message>> = readers.watched { messages(friend, limit = limit) }

    override suspend fun start(): Unit =
        changing {
            life = Life.STARTED
        }

    override suspend fun pause(): Unit =
        synchronized(network.lock) {
            alive()
            if (life != Life.PAUSED) startedBeforePause = life == Life.STARTED
            life = Life.PAUSED
            network.settle()
        }

    override suspend fun resume(): Unit =
        synchronized(network.lock) {
            alive()
            if (life == Life.PAUSED) life = if (startedBeforePause) Life.STARTED else Life.OPEN
            network.settle()
            readers.wake()
        }

    override suspend fun leave(): Departure =
        changing {
            life = Life.OPEN
            Departure(0u, 0u, host.messages.count { it.isWaiting() }.toULong())
        }

    override suspend fun stop(): Unit = close()

    override fun close(): Unit =
        synchronized(network.lock) {
            if (life == Life.STOPPED) return
            links.forEach(HostLink::end)
            life = Life.STOPPED
            host.session = null
            host.here.clear()
            network.settle()
            readers.end()
        }

    override suspend fun hosts(): List<NearbyHost> =
        looking { host.specialHosts() + host.met.mapNotNull { network.host(it)?.let(host::view) } }

    override suspend fun search(
        alias: String,
        matching: Match,
    ): List<FoundHost> =
        changing(alias) {
            checkAlias(alias)
            network
                .others(host)
                .filter { it.id in host.here && matches(it.settings.alias, alias, matching) }
                .map { FoundHost(it.id, it.settings.alias, emptyList(), host.stateOf(it.id)) }
                .onEach { host.tell(Event.HostFound(it)) }
        }

    private fun matches(
        alias: String,
        text: String,
        matching: Match,
    ): Boolean = if (matching == Match.EXACT) alias.equals(text, true) else alias.contains(text, true)

    override suspend fun friendList(): List<Friend> = looking { host.friends.values.map(host::friendView) }

    override suspend fun friend(host: String): Friend? =
        looking(host) {
            checkHost(host)
            this.host.friends[host]?.let(this.host::friendView)
        }

    override suspend fun askFriendship(
        host: String,
        greeting: String,
    ): Unit =
        changing(host, greeting) {
            val other = known(host)
            checkText("a greeting", greeting, 0..280)
            val mine = this.host
            val before = mine.friends[host] ?: FakeFriend(host, other.settings.alias, FriendState.UNKNOWN)
            when (before.state) {
                FriendState.FRIEND -> {
                    throw PermessoException.NotNow("you are friends already")
                }

                FriendState.REQUEST_RECEIVED -> {
                    accept(before)
                }

                else -> {
                    mine.change(before.copy(state = FriendState.REQUEST_SENT))
                    mine.mail.add(host to { it.onAsk(mine, greeting) })
                }
            }
        }

    override suspend fun acceptFriendship(host: String): Unit = changing(host) { accept(asking(host)) }

    private fun accept(friend: FakeFriend) {
        val mine = host
        mine.change(friend.copy(state = FriendState.FRIEND, greeting = null))
        mine.mail.add(friend.id to { it.onAnswer(mine, FriendState.FRIEND) })
    }

    override suspend fun refuseFriendship(
        host: String,
        tell: Boolean,
    ): Unit =
        changing(host) {
            val mine = this.host
            mine.change(asking(host).copy(state = FriendState.UNKNOWN, greeting = null))
            if (tell) mine.mail.add(host to { it.onAnswer(mine, FriendState.UNKNOWN) })
        }

    private fun asking(host: String): FakeFriend = this.host.friendIn(host, FriendState.REQUEST_RECEIVED, "has not asked")

    override suspend fun cancelRequest(host: String): Unit =
        changing(host) {
            val friend = this.host.friendIn(host, FriendState.REQUEST_SENT, "was not asked")
            this.host.change(friend.copy(state = FriendState.UNKNOWN))
            this.host.mail.removeAll { (to, _) -> to == host }
        }

    override suspend fun endFriendship(host: String): Unit =
        changing(host) {
            val mine = this.host
            mine.onEnd(mine.friendIn(host, FriendState.FRIEND, "is no friend"))
            mine.mail.add(host to { other -> other.friends[mine.id]?.let { other.onEnd(it) } })
        }

    override suspend fun block(host: String): Unit =
        changing(host) {
            val mine = this.host
            val before = mine.friends[host] ?: FakeFriend(host, known(host).settings.alias, FriendState.UNKNOWN)
            if (before.state != FriendState.UNKNOWN) mine.onEnd(before)
            mine.change((mine.friends[host] ?: before).copy(blocked = true, greeting = null))
        }

    override suspend fun unblock(host: String): Unit = changing(host) { this.host.change(this.host.friendOf(host).copy(blocked = false)) }

    override suspend fun setLocalAlias(
        host: String,
        alias: String?,
    ): Unit =
        changing(host, alias) {
            alias?.let(::checkAlias)
            this.host.change(this.host.friendOf(host).copy(localAlias = alias))
        }

    override suspend fun setVerified(
        host: String,
        verified: Boolean,
    ): Unit = changing(host) { this.host.change(this.host.friendOf(host).copy(verified = verified)) }

    override suspend fun safetyNumber(host: String): String? =
        looking(host) {
            checkHost(host)
            val other = network.host(host) ?: return@looking null
            val digits = listOf(id, other.id).sorted().joinToString("").filter(Char::isDigit)
            digits.padEnd(60, '0').take(60)
        }

    override suspend fun scanUri(uri: String): String =
        changing(uri) {
            val other = named(uri) ?: throw PermessoException.InvalidInput("that is no permesso: URI of a host of this network")
            if (other === host) throw PermessoException.InvalidInput("that is your own code")
            host.met.add(other.id)
            val before = host.friends[other.id] ?: FakeFriend(other.id, other.settings.alias, FriendState.UNKNOWN)
            host.change(before.copy(verified = true))
            other.id
        }

    private fun named(uri: String): FakeHost? = uri.removePrefix("permesso:").takeIf { it != uri }?.let(network::host)

    override suspend fun uri(address: String?): String =
        looking(address) {
            address?.let(::checkAddress)
            "permesso:$id"
        }

    override suspend fun renewCode(): Unit = changing {}

    override suspend fun send(
        friend: String,
        text: String,
    ): String =
        changing(friend, text) {
            checkHost(friend)
            if (host.stateOf(friend) != FriendState.FRIEND) throw PermessoException.NotNow("only friends can be written to")
            checkText("a message", text, 1..4_096)
            val now = network.tick()
            val place = MessagePlace(now, now)
            val new =
                Message(
                    "%032x".format(now.toLong()),
                    friend,
                    true,
                    text,
                    now,
                    now,
                    MessageState.QUEUED,
                    null,
                    emptyList(),
                    emptyList(),
                    false,
                    place,
                    emptyList(),
                    false,
                )
            host.change(new)
            post(new)
            new.id
        }

    private fun post(message: Message) {
        val mine = host
        mine.mail.add(message.host to { it.onMessage(mine, message, network.tick()) })
    }

    override suspend fun resend(message: String): Unit =
        changing(message) {
            val found = host.mine(message)
            if (found.state != MessageState.FAILED) throw wrongState(message)
            if (host.stateOf(found.host) != FriendState.FRIEND) throw PermessoException.NotNow("only friends can be written to")
            val again = found.copy(state = MessageState.QUEUED, failReason = null)
            host.change(again)
            post(again)
        }

    override suspend fun cancel(message: String): Unit =
        changing(message) {
            val found = host.mine(message)
            if (!found.isWaiting()) throw wrongState(message)
            fail(found, FailReason.CANCELLED)
        }

    private fun fail(
        message: Message,
        reason: FailReason,
    ) {
        // What is on its way to this friend goes on without it.
        host.mail.removeAll { (to, _) -> to == message.host }
        host.messages.filter { it.host == message.host && it.isWaiting() && it.id != message.id }.forEach(::post)
        host.change(message.copy(state = MessageState.FAILED, failReason = reason, holders = emptyList(), full = emptyList()))
    }

    override suspend fun markRead(friend: String): Unit =
        changing(friend) {
            val mine = host
            val entry = mine.friendOf(friend)
            val fresh = mine.messages.filter { it.host == friend && it.unread }
            for (message in fresh) mine.messages[mine.messages.indexOf(message)] = message.copy(unread = false)
            if (fresh.isNotEmpty()) tell(Event.FriendChanged(mine.friendView(entry)))
            if (mine.settings.readReceipts) {
                mine.mail.add(friend to { other -> fresh.forEach { other.reach(it.id, MessageState.READ) } })
            }
        }

    override suspend fun deleteMessage(message: String): Unit = changing(message) { host.messages.remove(host.any(message)) }

    override suspend fun messages(
        friend: String,
        before: MessagePlace?,
        limit: Int,
    ): List<Message> =
        reading(friend) {
            host.friendOf(friend)
            val end = before?.key ?: ULong.MAX_VALUE
            host.messages
                .filter { it.host == friend && it.place.key < end }
                .sortedBy { it.place.key }
                .takeLast(limit.coerceIn(0, 1_000))
        }

    override suspend fun message(message: String): Message? = reading(message) { host.found(message) }

    override suspend fun searchMessages(
        text: String,
        limit: Int,
    ): List<Message> =
        reading(text) {
            host.messages
                .filter { it.text.contains(text, true) }
                .sortedByDescending { it.place.key }
                .take(limit.coerceIn(0, 1_000))
        }

    override suspend fun holders(message: String): List<Holder> = looking(message) { host.found(message)?.holders.orEmpty() }

    override suspend fun fullServers(message: String): List<FullServer> = looking(message) { host.found(message)?.full.orEmpty() }

    override suspend fun waitForFate(
        message: String,
        timeout: Duration,
    ): MessageState {
        val friend = looking(message) { host.any(message).host }
        val ends = setOf(MessageState.DELIVERED, MessageState.READ, MessageState.FAILED)
        val states = conversation(friend, Int.MAX_VALUE).mapNotNull { list -> list.find { it.id == message }?.state }
        return withTimeoutOrNull(timeout) { states.first { it in ends } }
            ?: throw PermessoException.TimedOut("that message has no fate yet")
    }

    override suspend fun settings(): Settings = looking { host.settings }

    override suspend fun changedSettings(): SettingsChange = looking { host.changed }

    override suspend fun changeSettings(change: SettingsChange): Unit =
        changing(change.alias) {
            checkChange(change)
            host.settings = host.settings.with(change)
            host.changed = host.changed.with(change)
            network.others(host).filter { host.id in it.here }.forEach { it.tellOf(host) }
        }

    override suspend fun contacts(): List<Contact> = looking { host.friends.values.mapNotNull(::contact) }

    private fun contact(friend: FakeFriend): Contact? {
        val key = network.host(friend.id)?.identityKey ?: return null
        val name = friend.name
        return Contact(friend.id, key, name, friend.alias, friend.localAlias, friend.state, friend.verified, friend.blocked)
    }

    override suspend fun exportContacts(): String =
        contacts().joinToString("") { "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:${it.name}\r\nIMPP:permesso:${it.id}\r\nEND:VCARD\r\n" }

    override suspend fun importContacts(vcards: String): List<CardResult> =
        changing(vcards) {
            vcards.split("BEGIN:VCARD").drop(1).mapIndexed { number, card ->
                val name = card.lines().find { it.startsWith("FN:") }?.removePrefix("FN:")
                val other = card.lines().firstNotNullOfOrNull { named(it.substringAfter("IMPP:")) }
                val added = other != null && other !== host && other.id !in host.friends
                if (other != null && added) host.change(FakeFriend(other.id, other.settings.alias, FriendState.UNKNOWN))
                val reason = "it has no permesso: URI of a host of this network".takeIf { other == null }
                CardResult(number.toUInt() + 1u, name, other?.id, added, reason)
            }
        }

    override suspend fun exportAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress?,
    ): AccountReport {
        reading(file.path, passphrase) {
            checkText("a passphrase", passphrase, 1..Int.MAX_VALUE)
            if (file.exists()) throw PermessoException.AlreadyThere("$file is there already")
        }
        return exported(file, export ?: LongWork(1uL).apply { reach(1uL) }, onProgress) {
            reading {
                val (messages, friends) = host.messages.size.toULong() to host.friends.size.toULong()
                AccountReport(messages, friends, messages + friends)
            }
        }
    }

    override suspend fun examineNetwork(): Examination {
        // As the core does.
        start()
        return changing { Examination(host.settings.port, host.here.isNotEmpty(), diagnoses) }
    }

    override suspend fun addresses(): List<String> = looking { listOf("127.0.0.1:${host.settings.port}") }

    override suspend fun peerFound(address: String): Unit = changing(address) { checkAddress(address) }

    override suspend fun setNetworkAddresses(addresses: List<NetworkAddress>?): Unit =
        changing(*addresses.orEmpty().flatMap { listOf(it.name, it.address) }.toTypedArray()) {
            val wrong = addresses.orEmpty().find { it.prefix > 128u || (it.prefix > 32u && '.' in it.address) }
            if (wrong != null) throw PermessoException.InvalidInput("/${wrong.prefix} is no prefix of ${wrong.address}")
            hasNetwork = addresses == null || addresses.isNotEmpty()
        }

    override suspend fun openHostLink(carrier: HostLinkCarrier): HostLink =
        changing {
            links.removeAll { !it.isOpen() }
            if (links.size >= HOST_LINKS_MAX) {
                throw PermessoException.NotNow("$HOST_LINKS_MAX host links are open already: close one first")
            }
            FakeHostLink(carrier).also(links::add)
        }

    override suspend fun statistics(): Statistics =
        looking {
            val online = host.here.size.toULong()
            Statistics(false, host.settings.carry, 0u, 100_000u, 0u, host.settings.carryBytes, 0u, 0u, 0u, 0u, 0u, online, 0u, 0u)
        }

    override suspend fun packets(): List<Packet> = looking { emptyList() }

    override suspend fun counters(): Map<String, ULong> = looking { emptyMap() }

    /** From now on somebody has a copy of a waiting message: it is held. */
    public fun hold(
        message: String,
        by: Holder,
    ): Unit =
        synchronized(network.lock) {
            val found = host.mine(message)
            check(found.isWaiting()) { "only a message that waits is held" }
            host.change(found.copy(state = MessageState.HELD, holders = found.holders + by))
        }

    /** The time of a waiting message runs out: it fails. */
    public fun expire(message: String): Unit =
        synchronized(network.lock) {
            val found = host.mine(message)
            check(found.isWaiting()) { "only a message that waits expires" }
            fail(found, FailReason.EXPIRED)
        }

    /** Tells readers of an event that did not happen, such as a [Notice]. */
    public fun tell(event: Event): Unit = readers.tell(event)

    /** The next call that changes something fails so, as with a full disk; nothing changes. */
    public fun failNext(exception: PermessoException) {
        synchronized(network.lock) { failure = exception }
    }

    /** From now on nothing can be stored, as on a full disk: what is asked of the host fails, and it is off the network. */
    public fun failStorage(reason: String = "the disk is full: free some space"): Unit =
        synchronized(network.lock) {
            storageFailure = reason
            tell(Event.Notice(Notice.StorageFailed(reason)))
            network.settle()
        }

    /** What [failStorage] began is over, and the host goes on by itself. */
    public fun restoreStorage(): Unit =
        synchronized(network.lock) {
            storageFailure = null
            tell(Event.Notice(Notice.Restored))
            network.settle()
        }

    /** How the next exports go on; null: they are done at once. */
    @Volatile
    public var export: LongWork? = null

    /** What an examination of the network finds from now on. */
    public fun diagnose(diagnoses: List<Diagnosis>): Unit = synchronized(network.lock) { this.diagnoses = diagnoses }

    private fun alive() {
        if (life == Life.STOPPED) throw PermessoException.Stopped("the host has been stopped: open it again")
    }

    /** What is looked up in memory, also of a host that is paused. */
    private fun <T> looking(
        vararg texts: String?,
        action: () -> T,
    ): T =
        synchronized(network.lock) {
            checkTexts(*texts)
            alive()
            storageFailure?.let { throw PermessoException.StorageUnavailable(it) }
            action()
        }

    /** What is looked up in the database. */
    private fun <T> reading(
        vararg texts: String?,
        action: () -> T,
    ): T =
        looking(*texts) {
            if (life == Life.PAUSED) throw PermessoException.Paused("the host is paused: resume it first")
            action()
        }

    private fun <T> changing(
        vararg texts: String?,
        action: () -> T,
    ): T =
        reading(*texts) {
            failure?.let {
                failure = null
                throw it
            }
            action().also {
                network.settle()
                // Of what a host did itself not all is told.
                readers.wake()
            }
        }

    private fun known(id: String): FakeHost {
        checkHost(id)
        if (id == this.id) throw PermessoException.InvalidInput("that is this host itself")
        val other = network.host(id).takeIf { id in host.met }
        return other ?: throw PermessoException.NotFound("host $id is not known here: search for it or scan its code first")
    }
}
