import Foundation

/// What an app can ask of a host: people near each other chat with no server, no account and no internet.
///
/// ``Permesso`` is the live one; the module `PermessoKitTesting` has one in memory for an app's own tests. Apps call this
/// protocol and do not implement it: it grows.
///
/// Every call may be made from any task. One that changes something returns when the change is durable; cancelling the task
/// changes nothing of that. What fails throws a ``PermessoError``, after ``stop()`` `.Stopped`. Ids are texts, moments are
/// milliseconds since 1970. The parameter `host` or `friend` is the other's id.
///
/// From `Notice.storageFailed` to `Notice.restored` there is no room for more, as on a full disk: calls may throw `.StorageUnavailable`,
/// and streams of lists wait and go on by themselves.
public protocol PermessoHost: AnyObject, Sendable {
    /// This host's id: a UUID made on this device.
    var id: String { get }

    /// This host's identity key: 64 hexadecimal digits.
    var identityKey: String { get }

    /// Whether the database was found to be an older copy: what came since is not in it.
    var isRestoredCopy: Bool { get }

    /// What happens from now on, until the host is stopped; the first reader also gets what the opening brought. A reader that
    /// is 4,096 events behind misses the oldest and gets a notice that says how many.
    var events: AsyncStream<Event> { get }

    /// The people here now, without the special hosts: at once, and whenever that changes.
    var nearby: AsyncThrowingStream<[NearbyHost], any Error> { get }

    /// Friends, askers and ended friends, in the order they were met: at once, and whenever that changes.
    var friends: AsyncThrowingStream<[Friend], any Error> { get }

    /// The newest `limit` messages of a conversation, oldest first: at once, and whenever that changes.
    func conversation(with friend: String, limit: Int) -> AsyncThrowingStream<[Message], any Error>

    /// Binds the sockets and joins the network. Does nothing if it has been started.
    func start() async throws

    /// Closes links, sockets and the database, so that the app may be suspended; until ``resume()``, what needs them
    /// throws `.Paused`.
    func pause() async throws

    /// Opens again what ``pause()`` closed and goes on. Streams of lists wait for it.
    func resume() async throws

    /// Hands waiting mail to those who are here and have room for it, and says good-bye, within 2 s.
    @discardableResult
    func leave() async throws -> Departure

    /// Closes everything and ends the host; what was accepted is durable. Streams end.
    func stop() async throws

    /// Every host known, the three special ones first.
    func hosts() async throws -> [NearbyHost]

    /// Looks for hosts by alias and waits for the answers, 3 s unless the parameters say otherwise.
    func search(_ alias: String, matching: Match) async throws -> [FoundHost]

    /// Friends, askers and ended friends as they are now, in the order they were met.
    func friendList() async throws -> [Friend]

    /// One of them, if the host is among them.
    func friend(_ host: String) async throws -> Friend?

    /// Asks a host to become a friend, with a few words (at most 280 bytes); the answer comes as an event.
    func askFriendship(_ host: String, greeting: String) async throws

    /// Accepts a friend request.
    func acceptFriendship(_ host: String) async throws

    /// Refuses a friend request; the asker is told only if `tell` is set.
    func refuseFriendship(_ host: String, tell: Bool) async throws

    /// Takes back a friend request that has not been answered.
    func cancelRequest(_ host: String) async throws

    /// Ends a friendship and tells the other.
    func endFriendship(_ host: String) async throws

    /// Hears nothing more of a host; it is not told.
    func block(_ host: String) async throws

    /// Allows a blocked host to ask again.
    func unblock(_ host: String) async throws

    /// Gives a friend a name of one's own (at most 64 bytes), or takes it away.
    func setLocalAlias(_ alias: String?, of host: String) async throws

    /// Notes that the user compared the safety numbers, or takes that back.
    func setVerified(_ verified: Bool, of host: String) async throws

    /// The 60 digits two users compare, if the host's key is known.
    func safetyNumber(of host: String) async throws -> String?

    /// Takes in a scanned `permesso:` URI: pins and verifies its host. Returns whom it names.
    func scanURI(_ uri: String) async throws -> String

    /// This host's `permesso:` URI, the content of its QR code, to be shown to one person; with an address where the network
    /// does not tell.
    func uri(address: String?) async throws -> String

    /// Makes a new code: those shown so far verify nobody any more who was not accepted yet.
    func renewCode() async throws

    /// Writes to a friend, at most 4,096 bytes. Returns the message's id when it is stored.
    @discardableResult
    func send(_ text: String, to friend: String) async throws -> String

    /// Tries a failed message again.
    func resend(_ message: String) async throws

    /// Gives up a message that is not yet delivered.
    func cancel(_ message: String) async throws

    /// Notes that every received message of a conversation has been seen.
    func markRead(_ friend: String) async throws

    /// Removes a message from this device's history.
    func deleteMessage(_ message: String) async throws

    /// The newest messages that stand before `before` (the end, if nil), oldest of them first; never more than 1,000.
    func messages(with friend: String, before: MessagePlace?, limit: Int) async throws -> [Message]

    /// One message, if it is in the history.
    func message(_ message: String) async throws -> Message?

    /// Messages of all conversations that contain a text (case is ignored), newest first; never more than 1,000.
    func searchMessages(_ text: String, limit: Int) async throws -> [Message]

    /// Who has a copy of a message of ours that is not yet delivered: servers first, then friends, then others.
    func holders(of message: String) async throws -> [Holder]

    /// Servers that had no room for a message of ours when it was offered to them last.
    func fullServers(of message: String) async throws -> [FullServer]

    /// Waits until a message is delivered, read or failed; after `timeout` it throws `.TimedOut`.
    func waitForFate(of message: String, timeout: Duration) async throws -> MessageState

    /// The settings in force.
    func settings() async throws -> Settings

    /// The settings that were changed while the host ran, now or earlier.
    func changedSettings() async throws -> SettingsChange

    /// Changes settings; what is nil stays.
    func changeSettings(_ change: SettingsChange) async throws

    /// Everybody whose key is pinned.
    func contacts() async throws -> [Contact]

    /// Friends, those asked and those only pinned, as vCards with a `permesso:` URI each.
    func exportContacts() async throws -> String

    /// Takes in the vCards of a text that have a `permesso:` URI; cards that cannot be used are told and skipped.
    func importContacts(_ vCards: String) async throws -> [CardResult]

    /// Writes everything this host is and has to a new file, encrypted under the passphrase.
    @discardableResult
    func exportAccount(to file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport

    /// Looks which ways of finding others work, and why not; within 12 s, somewhat more with several small networks.
    func examineNetwork() async throws -> Examination

    /// The presence addresses this host has now, with their port.
    func addresses() async throws -> [String]

    /// Names an address, with its port, where another host may listen: `192.168.1.20:20070`, `[fe80::1%3]:20070`.
    func peerFound(_ address: String) async throws

    /// Names the addresses this device has; empty: there is no network now; nil: the system is asked again.
    func setNetworkAddresses(_ addresses: [NetworkAddress]?) async throws

    /// Opens a host link: another radio (Bluetooth LE, Multipeer) reaches one other host, and the app carries packets between
    /// the two. Nothing is taken on trust: links prove the other's key, as on any network.
    func openHostLink(_ carrier: any HostLinkCarrier) async throws -> HostLink

    /// What this host carries for others, and how busy it is.
    func statistics() async throws -> Statistics

    /// The newest packets and their states.
    func packets() async throws -> [Packet]

    /// Counts of what was dropped or refused, by reason.
    func counters() async throws -> [String: UInt64]
}

/// How far an export or import is; with false it ends, and nothing has changed.
public typealias OnProgress = @Sendable (_ done: UInt64, _ total: UInt64) throws -> Bool

/// What more could be read of a damaged database: friends first, then messages, at most 100 at once; with false it ends.
public typealias OnFound = @Sendable (_ friends: [Contact], _ messages: [RescuedMessage]) throws -> Bool

extension PermessoHost {
    /// The newest 100 messages of a conversation, oldest first: at once, and whenever that changes.
    public func conversation(with friend: String) -> AsyncThrowingStream<[Message], any Error> {
        conversation(with: friend, limit: 100)
    }

    /// Looks for hosts whose alias has that part.
    public func search(_ alias: String) async throws -> [FoundHost] {
        try await search(alias, matching: .partial)
    }

    /// Asks a host to become a friend, without words.
    public func askFriendship(_ host: String) async throws {
        try await askFriendship(host, greeting: "")
    }

    /// Refuses a friend request without telling.
    public func refuseFriendship(_ host: String) async throws {
        try await refuseFriendship(host, tell: false)
    }

    /// This host's `permesso:` URI, with the addresses it has.
    public func uri() async throws -> String {
        try await uri(address: nil)
    }

    /// The newest messages of a conversation, oldest of them first.
    public func messages(with friend: String, limit: Int = 100) async throws -> [Message] {
        try await messages(with: friend, before: nil, limit: limit)
    }

    /// The newest 100 messages of all conversations that contain a text (case is ignored), newest first.
    public func searchMessages(_ text: String) async throws -> [Message] {
        try await searchMessages(text, limit: 100)
    }

    /// Writes everything this host is and has to a new file, encrypted under the passphrase.
    @discardableResult
    public func exportAccount(to file: URL, passphrase: String) async throws -> AccountReport {
        try await exportAccount(to: file, passphrase: passphrase, onProgress: nil)
    }
}
