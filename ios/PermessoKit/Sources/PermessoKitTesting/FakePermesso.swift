import Foundation
import PermessoKit

/// A host of a ``FakeNetwork``. Beside what a ``PermessoHost`` does there is nothing to set up.
public final class FakePermesso: PermessoHost, @unchecked Sendable {
    private enum Life {
        case opened, started, paused, stopped
    }

    public let id: String
    public let identityKey: String
    public let isRestoredCopy = false

    let network: FakeNetwork
    let state: FakeState
    private var life = Life.opened
    private var exporting: LongWork?
    private var failure: PermessoError?
    private var storageFailure: String?
    private var readers: [UUID: AsyncStream<Event>.Continuation] = [:]

    init(_ network: FakeNetwork, _ state: FakeState) {
        self.network = network
        self.state = state
        id = state.id
        identityKey = String(repeating: "0", count: 32) + state.id.filter { $0 != "-" }
    }

    /// How the next exports go on; nil: they are done at once.
    public var export: LongWork? {
        get { network.locked { exporting } }
        set { network.locked { exporting = newValue } }
    }

    /// The next call that changes something fails so, be it the host's own life; nothing changes.
    public func failNext(_ error: PermessoError) {
        network.locked { failure = error }
    }

    private func failOnce() throws {
        guard let error = failure else { return }
        failure = nil
        throw error
    }

    /// From now on nothing can be stored, as on a full disk: what is asked of the host fails, and it is off the network.
    public func failStorage(_ reason: String = "the disk is full: free some space") {
        network.locked {
            storageFailure = reason
            state.isOnline = false
            tell(.notice(notice: .storageFailed(reason: reason)))
            network.settle()
        }
    }

    /// What ``failStorage(_:)`` began is over, and the host goes on by itself.
    public func restoreStorage() {
        network.locked {
            storageFailure = nil
            state.isOnline = life == .started
            tell(.notice(notice: .restored))
            network.settle()
        }
    }

    public var events: AsyncStream<Event> {
        AsyncStream { continuation in
            let key = UUID()
            continuation.onTermination = { [weak self] _ in
                self?.network.locked { _ = self?.readers.removeValue(forKey: key) }
            }
            network.locked {
                if life == .stopped { continuation.finish() } else { readers[key] = continuation }
            }
        }
    }

    public var nearby: AsyncThrowingStream<[NearbyHost], any Error> {
        watched { try await $0.hosts().filter { $0.online && $0.special == nil } }
    }

    public var friends: AsyncThrowingStream<[Friend], any Error> {
        watched { try await $0.friendList() }
    }

    public func conversation(with friend: String, limit: Int) -> AsyncThrowingStream<[Message], any Error> {
        watched { try await $0.messages(with: friend, before: nil, limit: limit) }
    }

    func tell(_ event: Event) {
        readers.values.forEach { $0.yield(event) }
    }

    // MARK: Life

    public func start() async throws {
        try remembered {}
        try move(to: .started)
    }

    public func pause() async throws { try move(to: .paused, from: [.opened, .started]) }

    public func resume() async throws { try move(to: .started, from: [.paused]) }

    @discardableResult
    public func leave() async throws -> Departure {
        try move(to: .opened)
        return Departure(handedOn: 0, carried: 0, kept: network.locked { UInt64(state.mail.count) })
    }

    public func stop() async throws {
        network.locked {
            life = .stopped
            state.isOnline = false
            state.session = nil
            readers.values.forEach { $0.finish() }
            readers = [:]
            network.settle()
        }
    }

    private func move(to next: Life, from: Set<Life> = [.opened, .started]) throws {
        try network.locked {
            guard life != .stopped else { throw PermessoError.Stopped(reason: "the host has stopped") }
            try failOnce()
            guard from.contains(life) else {
                if next == .started && life == .started { return }
                throw life == .paused ? PermessoError.Paused(reason: "the host is paused") : .NotNow(reason: "it is not paused")
            }
            life = next
            state.isOnline = next == .started && storageFailure == nil
            network.settle()
        }
    }

    // MARK: People

    public func hosts() async throws -> [NearbyHost] {
        try remembered { network.others(state).filter { state.met.contains($0.id) }.map(state.view) }
    }

    public func search(_ alias: String, matching: Match) async throws -> [FoundHost] {
        try asked {
            try network.check("an alias", alias, 1...64)
            return network.others(state).filter { state.here.contains($0.id) }.filter {
                let (theirs, ours) = ($0.settings.alias.lowercased(), alias.lowercased())
                return matching == .exact ? theirs == ours : theirs.contains(ours)
            }.map {
                FoundHost(
                    id: $0.id, alias: $0.settings.alias, flags: [], friendState: state.friend($0.id)?.state ?? .unknown)
            }
        }
    }

    public func friendList() async throws -> [Friend] {
        try remembered { state.friends.compactMap { state.friend($0.id) } }
    }

    public func friend(_ host: String) async throws -> Friend? { try remembered { state.friend(host) } }

    public func askFriendship(_ host: String, greeting: String) async throws {
        try changed {
            let other = try known(host)
            guard greeting.utf8.count <= 280 else {
                throw PermessoError.InvalidInput(reason: "a greeting has at most 280 bytes, not \(greeting.utf8.count)")
            }
            let state = state
            if state.friend(host)?.state == .requestReceived { return accept(other) }
            state.befriend(other) { $0.state = .requestSent }
            post(to: host) { other in
                other.befriend(state) {
                    $0.state = .requestReceived
                    $0.greeting = greeting.isEmpty ? nil : greeting
                }
            }
        }
    }

    public func acceptFriendship(_ host: String) async throws {
        try changed { accept(try inState(host, .requestReceived)) }
    }

    private func accept(_ other: FakeState) {
        let state = state
        state.befriend(other) { $0.state = .friend }
        post(to: other.id) { $0.befriend(state) { $0.state = .friend } }
    }

    public func refuseFriendship(_ host: String, tell: Bool) async throws {
        try changed {
            let other = try inState(host, .requestReceived)
            state.befriend(other) { $0.state = .unknown }
            if tell { part(from: other, .unknown) }
        }
    }

    public func cancelRequest(_ host: String) async throws {
        try changed {
            let other = try inState(host, .requestSent)
            state.befriend(other) { $0.state = .unknown }
            part(from: other, .unknown)
        }
    }

    public func endFriendship(_ host: String) async throws {
        try changed {
            let other = try inState(host, .friend)
            end(with: other)
            part(from: other, .ended)
        }
    }

    private func end(with other: FakeState) {
        let waiting = state.messages.filter { $0.host == other.id && $0.mine && $0.state == .queued }
        state.mail.removeAll { $0.to == other.id }
        waiting.forEach { state.mark($0.id, .failed, because: .friendshipEnded) }
        state.befriend(other) { $0.state = .ended }
    }

    private func part(from other: FakeState, _ ended: FriendState) {
        let state = state
        post(to: other.id) { $0.befriend(state) { $0.state = ended } }
    }

    public func block(_ host: String) async throws {
        try changed {
            state.blocked.insert(host)
            state.befriend(try known(host)) { $0.blocked = true }
        }
    }

    public func unblock(_ host: String) async throws {
        try changed {
            state.blocked.remove(host)
            state.befriend(try known(host)) { $0.blocked = false }
        }
    }

    public func setLocalAlias(_ alias: String?, of host: String) async throws {
        try changed {
            if let alias { try network.check("an alias", alias, 1...64) }
            state.befriend(try known(host)) { $0.localAlias = alias }
        }
    }

    public func setVerified(_ verified: Bool, of host: String) async throws {
        try changed { state.befriend(try known(host)) { $0.verified = verified } }
    }

    public func safetyNumber(of host: String) async throws -> String? {
        try asked {
            guard state.met.contains(host) else { return nil }
            let digits = [id, host].sorted().joined().filter { $0.isNumber }
            return String(String(repeating: digits, count: 2).prefix(60))
        }
    }

    public func scanURI(_ uri: String) async throws -> String {
        try changed {
            let host = uri.replacingOccurrences(of: "permesso:", with: "")
            guard uri.hasPrefix("permesso:"), let other = network.host(host) else {
                throw PermessoError.InvalidInput(reason: "\"\(uri.prefix(64))\" is not a permesso: URI")
            }
            state.met.insert(host)
            state.befriend(other) { $0.verified = true }
            return host
        }
    }

    public func uri(address: String?) async throws -> String { try asked { "permesso:\(id)" } }

    public func renewCode() async throws { try asked {} }

    // MARK: Messages

    @discardableResult
    public func send(_ text: String, to friend: String) async throws -> String {
        try changed {
            try checkId(friend)
            guard state.friend(friend)?.state == .friend else {
                throw PermessoError.NotNow(reason: "\(friend) is not a friend: ask for friendship first")
            }
            try network.check("a text", text, 1...4_096)
            let message = new(text, with: friend, mine: true)
            state.messages.append(message)
            tellOf(message)
            deliver(message)
            return message.id
        }
    }

    public func resend(_ message: String) async throws {
        try changed {
            let found = try own(message, in: [.failed])
            guard !state.forgotten.contains(message) else { throw noSuchMessage() }
            guard state.friend(found.host)?.state == .friend else { throw PermessoError.NotNow(reason: "only friends can be written to") }
            state.mark(message, .queued)
            deliver(found)
        }
    }

    public func cancel(_ message: String) async throws {
        try changed {
            let found = try own(message, in: [.queued, .held])
            state.mail.removeAll { $0.number == found.place.order }
            state.mark(message, .failed, because: .cancelled)
        }
    }

    /// From now on a message that failed cannot be sent again, as after some days with a real host; it stays in the history.
    public func forget(_ message: String) {
        network.locked { _ = state.forgotten.insert(message) }
    }

    private func deliver(_ message: Message) {
        let state = state
        let take: (FakeState) -> Void = { [network] other in
            var received = message
            received.host = state.id
            received.mine = false
            received.unread = true
            received.state = .delivered
            received.localTime = network.tick()
            other.messages.append(received)
            other.tell(
                .messageReceived(
                    host: state.id, message: message.id, text: message.text, sendTime: message.sendTime,
                    localTime: received.localTime, gap: false))
            state.mark(message.id, .delivered)
        }
        state.mail.append(FakeState.Letter(number: message.place.order, to: message.host, take: take))
    }

    private func new(_ text: String, with friend: String, mine: Bool) -> Message {
        let moment = network.tick()
        let digits = String(moment, radix: 16)
        return Message(
            id: String(repeating: "0", count: 32 - digits.count) + digits, host: friend, mine: mine, text: text,
            localTime: moment, sendTime: moment, state: .queued, failReason: nil, holders: [], full: [], unread: false,
            place: MessagePlace(order: moment, key: moment), parents: [], gap: false)
    }

    private func tellOf(_ message: Message) {
        state.tell(
            .messageChanged(
                host: message.host, message: message.id, state: message.state, failReason: nil, holders: [], full: []))
    }

    public func markRead(_ friend: String) async throws {
        try changed {
            for index in state.messages.indices where state.messages[index].host == friend {
                state.messages[index].unread = false
            }
            if let other = network.host(friend) { state.befriend(other) { _ in } }
        }
    }

    public func deleteMessage(_ message: String) async throws {
        try changed {
            guard let index = state.messages.firstIndex(where: { $0.id == message }) else { throw noSuchMessage() }
            tellOf(state.messages.remove(at: index))
        }
    }

    public func messages(with friend: String, before: MessagePlace?, limit: Int) async throws -> [Message] {
        try remembered {
            let all = state.messages.filter { message in
                message.host == friend && (before.map { message.place.order < $0.order } ?? true)
            }
            return all.suffix(min(max(limit, 0), 1_000))
        }
    }

    public func message(_ message: String) async throws -> Message? {
        try asked { state.messages.first { $0.id == message } }
    }

    public func searchMessages(_ text: String, limit: Int) async throws -> [Message] {
        try asked {
            let found = state.messages.reversed().filter { $0.text.lowercased().contains(text.lowercased()) }
            return Array(found.prefix(min(max(limit, 0), 1_000)))
        }
    }

    public func holders(of message: String) async throws -> [Holder] { try asked { [] } }

    public func fullServers(of message: String) async throws -> [FullServer] { try asked { [] } }

    public func waitForFate(of message: String, timeout: Duration) async throws -> MessageState {
        try asked {
            guard let found = state.messages.first(where: { $0.id == message }) else { throw noSuchMessage() }
            // No time passes here: what is not decided now is not decided then.
            if [.queued, .held].contains(found.state) { throw PermessoError.TimedOut(reason: "it is not delivered yet") }
            return found.state
        }
    }

    // MARK: How

    func asked<Value>(_ action: () throws -> Value) throws -> Value {
        try network.locked {
            switch life {
            case .stopped: throw PermessoError.Stopped(reason: "the host has stopped")
            case .paused: throw PermessoError.Paused(reason: "the host is paused")
            case .opened, .started: return try remembered(action)
            }
        }
    }

    /// What a host knows while it is paused too.
    func remembered<Value>(_ action: () throws -> Value) throws -> Value {
        try network.locked {
            if life == .stopped { throw PermessoError.Stopped(reason: "the host has stopped") }
            if let storageFailure { throw PermessoError.StorageUnavailable(reason: storageFailure) }
            return try action()
        }
    }

    func changed<Value>(_ action: () throws -> Value) throws -> Value {
        try asked {
            try failOnce()
            defer { network.settle() }
            return try action()
        }
    }

    private func post(to host: String, _ take: @escaping (FakeState) -> Void) {
        state.mail.append(FakeState.Letter(number: network.tick(), to: host, take: take))
    }

    private func checkId(_ host: String) throws {
        guard UUID(uuidString: host) != nil else {
            throw PermessoError.InvalidInput(reason: "\"\(host.prefix(64))\" is not a host's id: a UUID is expected")
        }
    }

    private func known(_ host: String) throws -> FakeState {
        try checkId(host)
        guard let other = network.host(host), state.met.contains(host) else {
            throw PermessoError.NotFound(reason: "that host is not known: search for it or scan its code first")
        }
        return other
    }

    private func inState(_ host: String, _ wanted: FriendState) throws -> FakeState {
        let other = try known(host)
        guard state.friend(host)?.state == wanted else {
            throw PermessoError.NotNow(reason: "that is not possible with this host as things stand")
        }
        return other
    }

    private func own(_ message: String, in states: [MessageState]) throws -> Message {
        guard let found = state.messages.first(where: { $0.id == message && $0.mine }) else { throw noSuchMessage() }
        guard states.contains(found.state) else { throw noSuchMessage() }
        return found
    }

    private func noSuchMessage() -> PermessoError { .NotFound(reason: "there is no such message") }

    private func watched<Value: Equatable & Sendable>(
        _ read: @escaping @Sendable (FakePermesso) async throws -> Value
    ) -> AsyncThrowingStream<Value, any Error> {
        let events = events
        return AsyncThrowingStream { continuation in
            let reading = Task { [weak self] in
                var last: Value?
                var news = events.makeAsyncIterator()
                do {
                    repeat {
                        guard let next = try await self.asyncMap({ try await $0.readInTime(read) }) else { break }
                        if let next, next != last {
                            last = next
                            continuation.yield(next)
                        }
                    } while await news.next() != nil
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

    /// Nothing while the host is paused or nothing can be stored.
    private func readInTime<Value>(_ read: @Sendable (FakePermesso) async throws -> Value) async throws -> Value? {
        do {
            return try await read(self)
        } catch PermessoError.Paused, PermessoError.StorageUnavailable {
            return nil
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Value>(_ action: @Sendable (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await action(self)
    }
}
