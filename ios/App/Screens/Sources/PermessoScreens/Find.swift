import Foundation
import PermessoKit

/// Search for people by a part of an alias.
@MainActor
public final class Find: Model<Find.State> {
    /// What the search shows.
    public struct State: Sendable, Troubled {
        public var text = ""
        public var isSearching = false
        /// Nothing before the first search.
        public var found: [FoundHost]?
        /// Whom the user wants to hear nothing of.
        public var blocked: Set<String> = []
        public var trouble: PermessoError?

        /// A code that was typed here: it is scanned, not searched for.
        public var code: String? { trimmed.lowercased().hasPrefix("permesso:") ? trimmed : nil }

        /// Whether it can be searched for.
        public var canSearch: Bool { !isSearching && code == nil && (1...Person.aliasBytes).contains(trimmed.utf8.count) }

        var trimmed: String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    private let host: any PermessoHost
    private let saved: Saved
    private let isOnNetwork: @MainActor () -> Bool

    /// By that host. Off the network nobody is asked, and that nobody answers would say nothing of anybody.
    public init(_ host: any PermessoHost, saved: Saved = Saved(), isOnNetwork: @escaping @MainActor () -> Bool = { true }) {
        self.host = host
        self.saved = saved
        self.isOnNetwork = isOnNetwork
        super.init(State(text: saved["text"] ?? ""))
    }

    /// Searches again for what was searched for in an earlier process, or before the network was left: the answers are not kept, for
    /// people come and go. Follows who is blocked for as long as the screen is there. To be called anew when the network comes or goes.
    public func run() async {
        async let blocked: Void = follow(host.friends) { friends in
            self.change { $0.blocked = Set(friends.filter(\.blocked).map(\.id)) }
        }
        if !isOnNetwork(), state.found?.isEmpty == true { change { $0.found = nil } }
        if saved["searched"] != nil, state.found == nil { await search() }
        await blocked
    }

    /// The part of an alias changed.
    public func write(_ text: String) {
        saved["text"] = text
        change { $0.text = text }
    }

    /// Looks, and waits for the answers: 3 s.
    public func search() async {
        guard state.canSearch, isOnNetwork() else { return }
        let text = state.trimmed
        saved["searched"] = "yes"
        change { $0.isSearching = true }
        await attempt {
            let found = try await host.search(text)
            // The network may have gone meanwhile.
            change { $0.found = found.isEmpty && !isOnNetwork() ? nil : found }
        }
        change { $0.isSearching = false }
    }
}

/// Search in messages of all conversations.
@MainActor
public final class SearchMessages: Model<SearchMessages.State> {
    /// More are not found at once: it is as many as a host gives.
    public nonisolated static let most = 1_000

    /// What the search shows.
    public struct State: Sendable, Troubled {
        public var text = ""
        public var found: [Message]?
        /// By friend.
        public var names: [String: String] = [:]
        public var trouble: PermessoError?

        /// Whether there may be older ones that are not shown.
        public var isFull: Bool { (found?.count ?? 0) >= SearchMessages.most }
    }

    private let host: any PermessoHost
    private let saved: Saved

    /// By that host.
    public init(_ host: any PermessoHost, saved: Saved = Saved()) {
        self.host = host
        self.saved = saved
        super.init(State(text: saved["text"] ?? ""))
    }

    /// The text that is looked for changed.
    public func write(_ text: String) {
        saved["text"] = text
        change { $0.text = text }
    }

    /// Looks for it. Of several searches under way the last counts.
    public func search() async {
        let text = state.text
        let wanted = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !wanted.isEmpty else { return change { $0.found = nil } }
        await attempt {
            let found = try await host.searchMessages(wanted, limit: Self.most)
            let names = try await Dictionary(host.friendList().map { ($0.id, $0.name) }) { first, _ in first }
            guard state.text == text else { return }
            change {
                $0.found = found
                $0.names = names
            }
        }
    }
}
