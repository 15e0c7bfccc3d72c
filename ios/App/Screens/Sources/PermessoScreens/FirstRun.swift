import Foundation
import PermessoKit

/// What is asked before there is a host: a name, and who may see it.
@MainActor
public final class FirstRun: Model<FirstRun.State> {
    /// What the screen shows.
    public struct State: Sendable {
        public var alias = ""
        public var visibility = Visibility.everybody
        /// Whether a backup shall be taken in instead.
        public var isImporting = false

        /// By how many bytes the name is too long.
        public var over: Int { max(0, trimmed.utf8.count - Person.aliasBytes) }

        /// Whether one can begin with that name.
        public var fits: Bool { !trimmed.isEmpty && over == 0 }

        /// The name as it is used.
        public var trimmed: String { alias.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// The name under which it is kept that the user has begun with what was chosen.
    nonisolated static let begun = "begun"

    private static let names: [(String, Visibility)] = [("everybody", .everybody), ("friends", .friends), ("nobody", .nobody)]

    private let saved: Saved

    /// As it was in an earlier process.
    public init(_ saved: Saved) {
        self.saved = saved
        super.init(
            State(
                alias: saved["alias"] ?? "", visibility: Self.names.first { $0.0 == saved["visibility"] }?.1 ?? .everybody,
                isImporting: saved["importing"] != nil))
    }

    /// The name changed.
    public func write(_ alias: String) {
        saved["alias"] = alias
        change { $0.alias = alias }
    }

    /// Somebody else may see it.
    public func show(to visibility: Visibility) {
        saved["visibility"] = Self.names.first { $0.1 == visibility }?.0
        change { $0.visibility = visibility }
    }

    /// The user begins with what is chosen: it is kept until a host has stored it.
    func begin() {
        saved[Self.begun] = "yes"
    }

    /// A host has stored it.
    static func forget(in saved: Saved) {
        for name in [begun, "alias", "visibility", "importing"] { saved[name] = nil }
    }

    /// A backup is wanted, or no longer.
    public func askImport(_ wanted: Bool) {
        saved["importing"] = wanted ? "yes" : nil
        change { $0.isImporting = wanted }
    }
}

extension Visibility {
    /// The one of the two by which fewer see the host.
    func least(_ other: Visibility) -> Visibility {
        [.nobody, .friends].first { self == $0 || other == $0 } ?? .everybody
    }
}
