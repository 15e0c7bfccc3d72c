import Foundation
import PermessoKit

/// What can be set.
@MainActor
public final class SettingsScreen: Model<SettingsScreen.State> {
    /// What can be typed.
    public enum Field: Sendable, Hashable {
        case alias, historyLimit, outboxLimit, expiryDays, port
    }

    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var settings: PermessoKit.Settings?
        public var statistics: Statistics?
        /// What is being typed.
        public var editing: Field?
        public var text = ""
        public var trouble: PermessoError?

        /// Whether what was typed can be used.
        public var textFits: Bool {
            guard let editing else { return true }
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if editing == .alias { return (1...Person.aliasBytes).contains(text.utf8.count) }
            return Int(text).map(editing.range.contains) ?? false
        }
    }

    private nonisolated static let day: UInt64 = 86_400_000

    private let host: any PermessoHost

    /// Of that host.
    public init(_ host: any PermessoHost) {
        self.host = host
        super.init(State())
    }

    /// Reads what is in force.
    public func load() async {
        await attempt {
            let settings = try await host.settings()
            let statistics = try await host.statistics()
            change {
                $0.settings = settings
                $0.statistics = statistics
            }
        }
    }

    /// Who may see that this host is here.
    public func set(_ visibility: Visibility) async {
        await set { $0.visibility = visibility }
    }

    /// Whether friends are told that their messages were read.
    public func setReadReceipts(_ on: Bool) async {
        await set { $0.readReceipts = on }
    }

    /// Whether sealed messages of others are carried.
    public func setCarry(_ on: Bool) async {
        await set { $0.carry = on }
    }

    /// Begins to type, or no longer.
    public func edit(_ field: Field?) {
        let text = state.settings.flatMap { field?.text(of: $0) } ?? ""
        change {
            $0.editing = field
            $0.text = text
        }
    }

    /// What is typed changed.
    public func write(_ text: String) {
        change { $0.text = text }
    }

    /// What was typed is used.
    public func save() async {
        guard let editing = state.editing, state.textFits else { return }
        let text = state.text.trimmingCharacters(in: .whitespacesAndNewlines)
        edit(nil)
        await set {
            switch editing {
            case .alias: $0.alias = text
            case .historyLimit: $0.historyLimit = UInt32(text)
            case .outboxLimit: $0.outboxLimit = UInt32(text)
            case .port: $0.port = UInt16(text)
            case .expiryDays: $0.outboxExpiryMs = UInt64(text).map { $0 * Self.day }
            }
        }
    }

    private func set(_ edit: (inout SettingsChange) -> Void) async {
        var change = SettingsChange()
        edit(&change)
        await attempt { try await host.changeSettings(change) }
        await load()
    }
}

extension SettingsScreen.Field {
    /// What may be typed, for numbers; the limits of the host's settings.
    public var range: ClosedRange<Int> {
        switch self {
        case .alias: 1...Person.aliasBytes
        case .historyLimit: 1...1_000_000
        case .outboxLimit: 1...100_000
        case .expiryDays: 1...365
        case .port: 1...65_535
        }
    }

    func text(of settings: PermessoKit.Settings) -> String {
        switch self {
        case .alias: settings.alias
        case .historyLimit: String(settings.historyLimit)
        case .outboxLimit: String(settings.outboxLimit)
        case .port: String(settings.port)
        case .expiryDays: String(settings.outboxExpiryMs.inDays)
        }
    }
}

extension UInt64 {
    /// Of milliseconds, rounded; at least one.
    public var inDays: Int { Swift.max(1, Int((self + 43_200_000) / 86_400_000)) }
}
