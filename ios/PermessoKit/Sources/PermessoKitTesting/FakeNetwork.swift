import Foundation
import PermessoKit

/// A network in memory for the tests of an app: its hosts meet as soon as they are started, and what both ends are there for
/// happens before the call returns. No library is asked, no socket and no file is opened, and no time passes.
///
/// The hosts keep the promises of ``PermessoHost``: states are true (a message is delivered only when it is in the other's
/// history), whatever changes is told as an event, errors have the same cases, and a host that is stopped and opened again has
/// kept everything. What only the real thing has (encryption, radios, carriers, packets) is not here.
public final class FakeNetwork: @unchecked Sendable {
    /// Everything of every host is read and changed under it. Recursive, since a change of one host tells others.
    private let lock = NSRecursiveLock()
    private var hosts: [FakeState] = []
    /// Numbers of messages, and moments: tests give the same each time. Begins with 2026-01-01.
    private var clock: UInt64 = 1_767_225_600_000

    /// A network without hosts.
    public init() {}

    /// Opens the host of that name, or makes a new one. Its id stays the same.
    ///
    /// - Throws: `PermessoError.AlreadyThere` if it is open, `.InvalidInput` if the name is empty or has more than 64 bytes.
    public func open(_ alias: String) throws -> FakePermesso {
        try locked {
            try check("an alias", alias, 1...64)
            let known = hosts.first { $0.name == alias }
            guard known?.session == nil else { throw PermessoError.AlreadyThere(reason: "\(alias) is open already") }
            let state = known ?? FakeState(name: alias, number: hosts.count + 1)
            if known == nil { hosts.append(state) }
            let session = FakePermesso(self, state)
            state.session = session
            return session
        }
    }

    func locked<Value>(_ action: () throws -> Value) rethrows -> Value {
        try lock.withLock(action)
    }

    func host(_ id: String) -> FakeState? { hosts.first { $0.id == id } }

    func others(_ state: FakeState) -> [FakeState] { hosts.filter { $0 !== state } }

    func tick() -> UInt64 {
        clock += 1
        return clock
    }

    /// Lets everybody see who is here, and takes what waits to whom it is for.
    func settle() {
        for host in hosts {
            for other in others(host) {
                let isHere = host.isOnline && other.isOnline
                if isHere != host.here.contains(other.id) {
                    if isHere {
                        host.here.insert(other.id)
                        host.met.insert(other.id)
                    } else {
                        host.here.remove(other.id)
                    }
                    host.tell(.hostChanged(host: host.view(of: other)))
                }
            }
        }
        for host in hosts where host.isOnline {
            let ready = host.mail.filter { letter in self.host(letter.to).map { $0.isOnline && !$0.blocked.contains(host.id) } ?? false }
            host.mail.removeAll { letter in ready.contains { $0.number == letter.number } }
            for letter in ready {
                if let receiver = self.host(letter.to) { letter.take(receiver) }
            }
        }
    }

    func check(_ what: String, _ text: String, _ bytes: ClosedRange<Int>) throws {
        let size = text.utf8.count
        if size < bytes.lowerBound { throw PermessoError.InvalidInput(reason: "\(what) cannot be empty") }
        if size > bytes.upperBound {
            throw PermessoError.InvalidInput(reason: "\(what) has at most \(bytes.upperBound) bytes, not \(size)")
        }
    }
}

/// What a host of the network is and has, whether it is open or not.
final class FakeState {
    /// What travels once both ends are here.
    struct Letter {
        let number: UInt64
        let to: String
        let take: (FakeState) -> Void
    }

    let name: String
    let id: String
    weak var session: FakePermesso?
    var isOnline = false
    var here: Set<String> = []
    var met: Set<String> = []
    var blocked: Set<String> = []
    var friends: [Friend] = []
    var messages: [Message] = []
    var mail: [Letter] = []
    var forgotten: Set<String> = []
    var settings: Settings
    var changed = SettingsChange()

    init(name: String, number: Int) {
        self.name = name
        let digits = String(number, radix: 16)
        id = "00000000-0000-8000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        settings = Settings(
            alias: name, visibility: .everybody, port: 20_071, historyLimit: 10_000, outboxLimit: 1_000,
            outboxExpiryMs: 2_592_000_000, readReceipts: false, carry: true, carryBytes: 67_108_864)
    }

    func tell(_ event: Event) {
        session?.tell(event)
    }

    func view(of other: FakeState) -> NearbyHost {
        NearbyHost(
            id: other.id, alias: other.settings.alias, online: here.contains(other.id), address: nil, conversationPort: nil,
            lastHeard: nil, special: nil, friendState: friend(other.id)?.state ?? .unknown)
    }

    func friend(_ id: String) -> Friend? {
        friends.first { $0.id == id }.map {
            var friend = $0
            friend.online = here.contains(id)
            friend.unread = UInt32(clamping: messages.filter { $0.host == id && $0.unread }.count)
            return friend
        }
    }

    /// Changes somebody, who is taken in if he is not known yet, and tells it.
    func befriend(_ other: FakeState, _ change: (inout Friend) -> Void) {
        let index =
            friends.firstIndex { $0.id == other.id }
            ?? {
                friends.append(
                    Friend(
                        id: other.id, name: other.settings.alias, alias: other.settings.alias, localAlias: nil, state: .unknown,
                        verified: false, hasCode: false, blocked: false, greeting: nil, flags: [], unread: 0, online: false))
                return friends.count - 1
            }()
        change(&friends[index])
        friends[index].name = friends[index].localAlias ?? friends[index].alias
        if let friend = friend(other.id) { tell(.friendChanged(friend: friend)) }
    }

    /// Moves a message of one's own to a state, and tells it.
    func mark(_ id: String, _ state: MessageState, because reason: FailReason? = nil) {
        guard let index = messages.firstIndex(where: { $0.id == id }) else { return }
        messages[index].state = state
        messages[index].failReason = reason
        tell(
            .messageChanged(
                host: messages[index].host, message: id, state: state, failReason: reason, holders: [], full: []))
    }
}
