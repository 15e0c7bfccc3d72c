import Foundation
import PermessoKit

/// What can be set.
@MainActor
public final class SettingsScreen: Model<SettingsScreen.State> {
    /// What can be typed.
    public enum Field: String, Sendable, Hashable {
        case alias, historyLimit, outboxLimit, expiryDays, port, carryMegabytes, quietHours
    }

    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var settings: PermessoKit.Settings?
        public var statistics: Statistics?
        /// As ``QuietHours`` reads them; empty: none.
        public var quietHours = ""
        /// What is being typed.
        public var editing: Field?
        public var text = ""
        public var trouble: PermessoError?

        /// Whether what was typed can be used.
        public var textFits: Bool {
            guard let editing else { return true }
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return switch editing {
            case .alias: editing.range.contains(text.utf8.count)
            case .quietHours: text.isEmpty || QuietHours(text) != nil
            default: Int(text).map(editing.range.contains) ?? false
            }
        }
    }

    private nonisolated static let day: UInt64 = 86_400_000
    private nonisolated static let megabyte: UInt64 = 1_000_000

    private let host: any PermessoHost
    private let preferences: UserDefaults
    private let saved: Saved

    /// Of that host; what the app itself keeps stands in the preferences.
    public init(_ host: any PermessoHost, preferences: UserDefaults = .standard, saved: Saved = Saved()) {
        self.host = host
        self.preferences = preferences
        self.saved = saved
        super.init(
            State(
                quietHours: preferences.string(forKey: QuietHours.preference) ?? "", editing: saved.choice("editing"),
                text: saved["text"] ?? ""))
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
        saved["editing"] = field?.rawValue
        change { $0.editing = field }
        write(field == .quietHours ? state.quietHours : state.settings.flatMap { field?.text(of: $0) } ?? "")
    }

    /// What is typed changed.
    public func write(_ text: String) {
        saved["text"] = text
        change { $0.text = text }
    }

    /// What was typed is used.
    public func save() async {
        guard let editing = state.editing, state.textFits else { return }
        let text = state.text.trimmingCharacters(in: .whitespacesAndNewlines)
        edit(nil)
        if editing == .quietHours {
            preferences.set(text, forKey: QuietHours.preference)
            return change { $0.quietHours = text }
        }
        await set {
            switch editing {
            case .alias: $0.alias = text
            case .historyLimit: $0.historyLimit = UInt32(text)
            case .outboxLimit: $0.outboxLimit = UInt32(text)
            case .port: $0.port = UInt16(text)
            case .expiryDays: $0.outboxExpiryMs = UInt64(text).map { $0 * Self.day }
            case .carryMegabytes: $0.carryBytes = UInt64(text).map { $0 * Self.megabyte }
            case .quietHours: break
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
    /// Whether a number is typed.
    public var isNumber: Bool { self != .alias && self != .quietHours }

    /// What may be typed, for numbers; the limits of the host's settings.
    public var range: ClosedRange<Int> {
        switch self {
        case .alias: 1...Person.aliasBytes
        case .historyLimit: 1...1_000_000
        case .outboxLimit: 1...100_000
        case .expiryDays: 1...365
        case .port: 1...65_535
        case .carryMegabytes: 2...1_000_000
        case .quietHours: 0...0
        }
    }

    func text(of settings: PermessoKit.Settings) -> String {
        switch self {
        case .alias: settings.alias
        case .historyLimit: String(settings.historyLimit)
        case .outboxLimit: String(settings.outboxLimit)
        case .port: String(settings.port)
        case .carryMegabytes: String((settings.carryBytes + 500_000) / 1_000_000)
        case .expiryDays: String(settings.outboxExpiryMs.inDays)
        case .quietHours: ""
        }
    }
}

extension UInt64 {
    /// Of milliseconds: those that were begun count.
    public var inDays: Int { Int((self + 86_399_999) / 86_400_000) }
}
