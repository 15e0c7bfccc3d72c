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
        public var trouble: PermessoError?
    }

    private let host: any PermessoHost

    /// By that host.
    public init(_ host: any PermessoHost) {
        self.host = host
        super.init(State())
    }

    /// The part of an alias changed.
    public func write(_ text: String) {
        change { $0.text = text }
    }

    /// Looks, and waits for the answers: 3 s.
    public func search() async {
        let text = state.text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, !state.isSearching else { return }
        change { $0.isSearching = true }
        await attempt {
            let found = try await host.search(text)
            change { $0.found = found }
        }
        change { $0.isSearching = false }
    }
}

/// Search in messages of all conversations.
@MainActor
public final class SearchMessages: Model<SearchMessages.State> {
    /// What the search shows.
    public struct State: Sendable, Troubled {
        public var text = ""
        public var found: [Message]?
        /// By friend.
        public var names: [String: String] = [:]
        public var trouble: PermessoError?
    }

    private let host: any PermessoHost

    /// By that host.
    public init(_ host: any PermessoHost) {
        self.host = host
        super.init(State())
    }

    /// The text that is looked for changed. Of several searches under way the last counts.
    public func search(_ text: String) async {
        change { $0.text = text }
        let wanted = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !wanted.isEmpty else { return change { $0.found = nil } }
        await attempt {
            let found = try await host.searchMessages(wanted)
            let names = try await Dictionary(host.friendList().map { ($0.id, $0.name) }) { first, _ in first }
            guard state.text == text else { return }
            change {
                $0.found = found
                $0.names = names
            }
        }
    }
}
