import Foundation
import PermessoGenerated

/// What a host needs to live.
public struct PermessoConfiguration: Sendable {
    /// The folder of its database; made if it is not there. One host, one folder. It is left out of the system's backups: an older
    /// copy of a host that has gone on would lose messages. The small file `.generation` beside it may come into them, which is of no
    /// consequence without the folder.
    public var directory: URL
    /// What others call it, at most 64 bytes; a change made while it ran counts more.
    public var alias: String
    /// Where the key of the database is kept.
    public var keyStore: any KeyStore
    /// Whether it is a persistent server: it keeps mail for everybody.
    public var server: Bool
    /// Every other parameter, in the form of ``Permesso/defaultParameters(italian:)``.
    public var parameters: String?

    /// What a host needs to live; see the properties.
    public init(
        directory: URL, alias: String, keyStore: any KeyStore, server: Bool = false, parameters: String? = nil
    ) {
        self.directory = directory
        self.alias = alias
        self.keyStore = keyStore
        self.server = server
        self.parameters = parameters
    }
}

/// A live host, with its sockets, its database and its clock. What it can do is written at ``PermessoHost``.
///
/// One that nothing refers to ends by itself; ``stop()`` says when it has ended.
public final class Permesso: PermessoHost {
    /// Entries of lists taken in one call.
    private static let page: UInt32 = 500

    private let host: PermessoGenerated.Host
    private let hub: EventHub
    /// For who watches lists: what the opening brought is for who reads events.
    private let signs: EventHub

    public let id: String
    public let identityKey: String
    public let isRestoredCopy: Bool

    private init(_ host: PermessoGenerated.Host) {
        self.host = host
        hub = EventHub(host.events())
        signs = EventHub(host.events())
        id = host.id()
        identityKey = host.identityKey()
        isRestoredCopy = host.isRestoredCopy()
    }

    /// Opens the host in a folder, or makes a new one there. It is not on the network before ``start()``; its history can be
    /// read and messages can be written all the same.
    ///
    /// - Throws: `PermessoError.KeyUnavailable` if the key store has no key for a host that is there, `.AlreadyThere` if it is
    ///   open already and stays so for 1 s, `.InvalidInput` if a parameter makes no sense.
    public static func open(_ configuration: PermessoConfiguration) async throws -> Permesso {
        let given = HostConfig(
            directory: configuration.directory.path, alias: configuration.alias, server: configuration.server,
            parameters: configuration.parameters)
        let host = try await PermessoGenerated.Host.open(config: given, keyStore: configuration.keyStore)
        configuration.directory.leaveOutOfBackups()
        return Permesso(host)
    }

    /// Makes the host of an account file in `directory`, which must hold none, with a key of this device's own.
    @discardableResult
    public static func importAccount(
        from file: URL, passphrase: String, directory: URL, keyStore: any KeyStore, onProgress: OnProgress? = nil
    ) async throws -> AccountReport {
        try await PermessoGenerated.importAccount(
            path: file.path, passphrase: passphrase, directory: directory.path, keyStore: keyStore,
            progress: onProgress.map(Listener.init))
    }

    /// Reads friends and messages of the host in `directory`, damaged or not, and hands them over on a thread of the library's own;
    /// nothing there is changed.
    ///
    /// - Throws: `PermessoError.AlreadyThere` if the host is open, `.KeyUnavailable` without the key it was made with, `.Damaged` if
    ///   not even the beginning can be read, `.Cancelled` if `onFound` ends it, by false or by throwing.
    @discardableResult
    public static func rescue(
        _ directory: URL, keyStore: any KeyStore, onFound: @escaping OnFound
    ) async throws -> RescueReport {
        try await PermessoGenerated.rescue(directory: directory.path, keyStore: keyStore, listener: Finder(onFound))
    }

    /// Removes the host in `directory`, which must be stopped, with its folder if nothing else is in it. Erase its key first: on
    /// flash memory removed files can often be read back, and without the key they say nothing. Does nothing where there is no host.
    ///
    /// - Throws: `PermessoError.AlreadyThere` if the host is open, `.StorageUnavailable` if something cannot be removed; a second
    ///   call goes on.
    public static func erase(_ directory: URL) async throws {
        try await PermessoGenerated.erase(directory: directory.path)
    }

    /// The text with every parameter, its meaning and its default value; in Italian, else in English.
    public static func defaultParameters(italian: Bool = false) -> String {
        PermessoGenerated.defaultParameters(italian: italian)
    }

    /// Sets how much is logged and to whom, for the whole process; nil ends it. Never a message's text, never a key.
    public static func setLog(_ level: LogLevel, sink: (any LogSink)?) throws {
        try PermessoGenerated.setLog(level: level, sink: sink)
    }

    public var events: AsyncStream<Event> { hub.events() }

    public var nearby: AsyncThrowingStream<[NearbyHost], any Error> {
        watched {
            if case .hostChanged = $0 { true } else { false }
        } read: { host in
            try await Self.all(host.hosts).filter { $0.online && $0.special == nil }
        }
    }

    public var friends: AsyncThrowingStream<[Friend], any Error> {
        watched {
            switch $0 {
            case .friendChanged, .hostChanged, .messageReceived: true
            default: false
            }
        } read: { host in
            try await Self.all(host.friends)
        }
    }

    public func conversation(with friend: String, limit: Int) -> AsyncThrowingStream<[Message], any Error> {
        watched {
            switch $0 {
            case .messageReceived(let host, _, _, _, _, _): host == friend
            case .messageChanged(let host, _, _, _, _, _): host == friend
            default: false
            }
        } read: { host in
            try await host.messages(host: friend, before: nil, limit: UInt32(clamping: limit))
        }
    }

    public func start() async throws { try await host.start() }

    public func pause() async throws { try await host.pause() }

    public func resume() async throws {
        try await host.resume()
        signs.wake()
    }

    @discardableResult
    public func leave() async throws -> Departure { try await host.leave() }

    public func stop() async throws { try await host.stop() }

    public func hosts() async throws -> [NearbyHost] { try await Self.all(host.hosts) }

    public func search(_ alias: String, matching: Match) async throws -> [FoundHost] {
        try await host.search(alias: alias, matching: matching)
    }

    public func friendList() async throws -> [Friend] { try await Self.all(host.friends) }

    public func friend(_ host: String) async throws -> Friend? { try await self.host.friend(host: host) }

    public func askFriendship(_ host: String, greeting: String) async throws {
        try await self.host.askFriendship(host: host, greeting: greeting)
    }

    public func acceptFriendship(_ host: String) async throws { try await self.host.acceptFriendship(host: host) }

    public func refuseFriendship(_ host: String, tell: Bool) async throws {
        try await self.host.refuseFriendship(host: host, tell: tell)
    }

    public func cancelRequest(_ host: String) async throws { try await self.host.cancelRequest(host: host) }

    public func endFriendship(_ host: String) async throws { try await self.host.endFriendship(host: host) }

    public func block(_ host: String) async throws { try await self.host.block(host: host) }

    public func unblock(_ host: String) async throws { try await self.host.unblock(host: host) }

    public func setLocalAlias(_ alias: String?, of host: String) async throws {
        try await self.host.setLocalAlias(host: host, alias: alias)
    }

    public func setVerified(_ verified: Bool, of host: String) async throws {
        try await self.host.setVerified(host: host, verified: verified)
    }

    public func safetyNumber(of host: String) async throws -> String? {
        try await self.host.safetyNumber(host: host)
    }

    public func scanURI(_ uri: String) async throws -> String { try await host.scanUri(uri: uri) }

    public func uri(address: String?) async throws -> String { try await host.uri(address: address) }

    public func renewCode() async throws { try await host.renewCode() }

    @discardableResult
    public func send(_ text: String, to friend: String) async throws -> String {
        try await written { try await $0.send(host: friend, text: text) }
    }

    public func resend(_ message: String) async throws { try await written { try await $0.resend(message: message) } }

    public func cancel(_ message: String) async throws { try await written { try await $0.cancel(message: message) } }

    public func markRead(_ friend: String) async throws { try await written { try await $0.markRead(host: friend) } }

    public func deleteMessage(_ message: String) async throws {
        try await written { try await $0.deleteMessage(message: message) }
    }

    public func messages(with friend: String, before: MessagePlace?, limit: Int) async throws -> [Message] {
        try await host.messages(host: friend, before: before, limit: UInt32(clamping: limit))
    }

    public func message(_ message: String) async throws -> Message? { try await host.message(message: message) }

    public func searchMessages(_ text: String, limit: Int) async throws -> [Message] {
        try await host.searchMessages(text: text, limit: UInt32(clamping: limit))
    }

    public func holders(of message: String) async throws -> [Holder] { try await host.holders(message: message) }

    public func fullServers(of message: String) async throws -> [FullServer] {
        try await host.fullServers(message: message)
    }

    public func waitForFate(of message: String, timeout: Duration) async throws -> MessageState {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = Double(seconds) * 1_000 + Double(attoseconds) / 1e15
        // A hundred years are for ever, and fit.
        let limit = UInt64(min(max(milliseconds, 0), 3.2e12))
        return try await host.waitForFate(message: message, timeoutMs: limit)
    }

    public func settings() async throws -> Settings { try await host.settings() }

    public func changedSettings() async throws -> SettingsChange { try await host.changedSettings() }

    public func changeSettings(_ change: SettingsChange) async throws { try await host.changeSettings(change: change) }

    public func contacts() async throws -> [Contact] { try await Self.all(host.contacts) }

    public func exportContacts() async throws -> String { try await host.exportContacts() }

    public func importContacts(_ vCards: String) async throws -> [CardResult] {
        try await host.importContacts(vcards: vCards)
    }

    @discardableResult
    public func exportAccount(to file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport {
        try await host.exportAccount(path: file.path, passphrase: passphrase, progress: onProgress.map(Listener.init))
    }

    public func examineNetwork() async throws -> Examination { try await host.examineNetwork() }

    public func addresses() async throws -> [String] { try await host.addresses() }

    public func peerFound(_ address: String) async throws { try await host.peerFound(address: address) }

    public func setNetworkAddresses(_ addresses: [NetworkAddress]?) async throws {
        try await host.setNetworkAddresses(addresses: addresses)
    }

    public func openHostLink(_ carrier: any HostLinkCarrier) async throws -> HostLink {
        try await host.openHostLink(carrier: carrier)
    }

    public func statistics() async throws -> Statistics { try await host.statistics() }

    public func packets() async throws -> [Packet] { try await Self.all(host.packets) }

    public func counters() async throws -> [String: UInt64] { try await host.counters() }

    /// Changes something of which no event tells, as there is nobody else yet who did anything: one's own words to somebody who is
    /// away. Whoever watches reads again.
    private func written<Value>(_ action: (PermessoGenerated.Host) async throws -> Value) async throws -> Value {
        let value = try await action(host)
        signs.wake()
        return value
    }

    /// Reads at once, and again whenever something happened that concerns it; only what is new is given on. Many changes at once
    /// are one reading. It waits for the end of a pause and until something can be stored again, and ends with the host.
    private func watched<Value: Equatable & Sendable>(
        concerns: @escaping @Sendable (Event) -> Bool,
        read: @escaping @Sendable (PermessoGenerated.Host) async throws -> Value
    ) -> AsyncThrowingStream<Value, any Error> {
        let signs = signs.signs { event in
            if case .notice = event { true } else { concerns(event) }
        }
        return AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { [host] continuation in
            let reading = Task {
                var last: Value?
                do {
                    last = try await Self.readInTime(host, read, after: last, into: continuation)
                    for await _ in signs {
                        last = try await Self.readInTime(host, read, after: last, into: continuation)
                    }
                    continuation.finish()
                } catch PermessoError.Stopped {
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in reading.cancel() }
        }
    }

    /// Gives on what is read if it is new, and returns it; what was there before while the host is paused or nothing can be stored:
    /// what ends that, ``resume()`` or the notice that the host goes on, is a sign to read again.
    private static func readInTime<Value: Equatable & Sendable>(
        _ host: PermessoGenerated.Host, _ read: (PermessoGenerated.Host) async throws -> Value, after last: Value?,
        into continuation: AsyncThrowingStream<Value, any Error>.Continuation
    ) async throws -> Value? {
        do {
            let next = try await read(host)
            if next != last {
                continuation.yield(next)
            }
            return next
        } catch PermessoError.Paused, PermessoError.StorageUnavailable {
            return last
        }
    }

    /// All pages of a list.
    private static func all<Entry>(
        _ take: (_ offset: UInt32, _ limit: UInt32) async throws -> [Entry]
    ) async throws -> [Entry] {
        var list: [Entry] = []
        while true {
            let next = try await take(UInt32(clamping: list.count), page)
            list += next
            if next.count < Int(page) { return list }
        }
    }
}

/// Tells how far an export or import is.
private final class Listener: ProgressListener {
    private let tell: OnProgress

    init(_ tell: @escaping OnProgress) {
        self.tell = tell
    }

    func onProgress(done: UInt64, total: UInt64) throws -> Bool {
        try told { try tell(done, total) }
    }
}

/// Hands over what was found.
private final class Finder: RescueListener {
    private let tell: OnFound

    init(_ tell: @escaping OnFound) {
        self.tell = tell
    }

    func onFound(friends: [Contact], messages: [RescuedMessage]) throws -> Bool {
        try told { try tell(friends, messages) }
    }
}

/// Whatever an app throws, as the library knows it.
private func told(_ tell: () throws -> Bool) throws -> Bool {
    do {
        return try tell()
    } catch {
        throw ProgressError.Failed(reason: "\(error)")
    }
}

extension URL {
    /// Leaves a file or folder, with all that is in it, out of the system's backups; does nothing where it is not.
    fileprivate func leaveOutOfBackups() {
        #if canImport(Darwin)
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            var place = self
            try? place.setResourceValues(values)
        #endif
    }
}
