import Foundation
import PermessoKit

/// What is known about somebody, and what can be done.
@MainActor
public final class Person: Model<Person.State> {
    /// The most that a greeting has, in bytes of UTF-8: ``PermessoHost/askFriendship(_:greeting:)``.
    public nonisolated static let greetingBytes = 280
    /// The most that an alias has, in bytes of UTF-8: `PermessoConfiguration.alias`.
    public nonisolated static let aliasBytes = 64

    /// What is asked before it happens, or typed.
    public enum Question: String, Sendable, CaseIterable {
        case ask, refuse, end, block, rename
        /// Nothing: the code is shown.
        case code
    }

    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var isLoaded = false
        /// If there is or was something between us.
        public var friend: Friend?
        /// If this host knows that one.
        public var known: NearbyHost?
        public var isHere = false
        /// The 60 digits, in twelve groups of five.
        public var safetyNumber: [String] = []
        /// Its `permesso:` URI, if its key is known: for others to scan.
        public var code: String?
        public var question: Question?
        /// A greeting or a name, as the question wants.
        public var text = ""
        public var trouble: PermessoError?

        public var relation: FriendState { friend?.state ?? known?.friendState ?? .unknown }
        public var isBlocked: Bool { friend?.blocked ?? false }
        public var isVerified: Bool { friend?.verified ?? false }

        /// Whether anything was ever written.
        public var hasConversation = false

        /// Whether a conversation can be read that cannot go on.
        public var canRead: Bool { hasConversation && (isBlocked || relation != .friend) }

        /// Whether one may want to hear nothing of this one: that can write, or ask.
        public var canBlock: Bool { !isBlocked && (friend != nil || known != nil) }

        /// Nothing where nothing is known.
        public var name: String? { friend?.name ?? known?.alias }

        /// What others call it, where that is not the name shown.
        public var alias: String? { friend?.alias == name ? nil : friend?.alias }

        /// Whether something was typed that would be lost: another text than one began with.
        public var isTyped: Bool {
            switch question {
            case .ask: !text.isEmpty
            case .rename: text != friend?.localAlias ?? ""
            default: false
            }
        }

        /// Whether what was typed can be used.
        public var textFits: Bool {
            switch question {
            case .ask: text.utf8.count <= Person.greetingBytes
            case .rename: text.trimmingCharacters(in: .whitespacesAndNewlines).utf8.count <= Person.aliasBytes
            default: true
            }
        }
    }

    private let host: any PermessoHost
    private let id: String
    private let saved: Saved
    /// How many times the rest was begun to be read, and which of these is shown.
    private var readings = (begun: 0, shown: 0)

    /// That one, as this host sees it.
    public init(_ host: any PermessoHost, _ id: String, saved: Saved = Saved()) {
        self.host = host
        self.id = id
        self.saved = saved
        super.init(State(question: saved.choice("question"), text: saved["text"] ?? ""))
    }

    /// Follows the host for as long as the screen is there.
    public func run() async {
        async let friends: Void = follow(host.friends) { friends in
            self.change { $0.friend = friends.first { $0.id == self.id } }
            try await self.readRest()
        }
        async let nearby: Void = follow(host.nearby) { hosts in
            self.change { $0.isHere = hosts.contains { $0.id == self.id } }
            try await self.readRest()
        }
        // One that is read at once leaves the list of friends as it was.
        async let events: Void = follow(host.events) { event in
            if case .messageReceived(self.id, _, _, _, _, _) = event { try await self.readRest() }
        }
        _ = await (friends, nearby, events)
    }

    /// Asks or begins to type, or no longer.
    public func ask(_ question: Question?) {
        saved["question"] = question?.rawValue
        change { $0.question = question }
        write(question == .rename ? state.friend?.localAlias ?? "" : "")
    }

    /// What is typed changed.
    public func write(_ text: String) {
        saved["text"] = text
        change { $0.text = text }
    }

    /// A question is answered with yes, or what was typed is used. `tell` counts for a refusal. The system may have closed the
    /// question already.
    public func answer(_ question: Question, tell: Bool = false) async {
        guard state.textFits else { return }
        let text = state.text.trimmingCharacters(in: .whitespacesAndNewlines)
        ask(nil)
        await attempt {
            switch question {
            case .ask: try await host.askFriendship(id, greeting: text)
            case .refuse: try await host.refuseFriendship(id, tell: tell)
            case .end: try await host.endFriendship(id)
            case .block: try await host.block(id)
            case .rename: try await host.setLocalAlias(text.isEmpty ? nil : text, of: id)
            case .code: break
            }
        }
    }

    /// Accepts a request.
    public func accept() async {
        await attempt { try await host.acceptFriendship(id) }
    }

    /// Takes back a request that has not been answered.
    public func cancelRequest() async {
        await attempt { try await host.cancelRequest(id) }
    }

    /// Allows it to ask again.
    public func unblock() async {
        await attempt { try await host.unblock(id) }
    }

    /// Notes that the numbers were compared and are the same, or takes that back.
    public func setVerified(_ verified: Bool) async {
        await attempt { try await host.setVerified(verified, of: id) }
    }

    private func readRest() async throws {
        readings.begun += 1
        let reading = readings.begun
        let digits = try await host.safetyNumber(of: id) ?? ""
        let known = try await host.hosts().first { $0.id == id }
        let hasConversation = try await wasWritten()
        let key = try await host.contacts().first { $0.id == id }?.key ?? ""
        let code = try await VCards.uris(in: host.exportContacts()).first { uri in
            uri.contains(id) || !key.isEmpty && uri.lowercased().contains(key.lowercased())
        }
        // Several are followed at once: what was read earlier does not come over what was read later.
        guard reading > readings.shown else { return }
        readings.shown = reading
        change {
            $0.safetyNumber = digits.inGroups(of: 5)
            $0.code = code
            $0.known = known
            $0.hasConversation = hasConversation
            $0.isLoaded = true
        }
    }

    private func wasWritten() async throws -> Bool {
        do {
            return try await !host.messages(with: id, limit: 1).isEmpty
        } catch PermessoError.NotFound {
            // Nothing was ever between us.
            return false
        }
    }
}

extension String {
    func inGroups(of count: Int) -> [String] {
        var rest = Substring(self)
        var groups: [String] = []
        while !rest.isEmpty {
            groups.append(String(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return groups
    }
}
