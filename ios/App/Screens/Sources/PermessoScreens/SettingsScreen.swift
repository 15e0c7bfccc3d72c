import Foundation
import PermessoKit

/// What can be set.
@MainActor
public final class SettingsScreen: Model<SettingsScreen.State> {
    /// What can be typed.
    public enum Field: String, Sendable, Hashable, CaseIterable {
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

        /// What is in force of that, as one begins to type; nil until it is known.
        func inForce(_ field: Field) -> String? {
            field == .quietHours ? quietHours : settings.map(field.text)
        }

        /// Whether something was typed that would be lost: another text than one began with.
        public var isTyped: Bool { editing.map { text != inForce($0) ?? "" } ?? false }

        /// Whether what was typed can be used. What is in force can, however it came to be.
        public var textFits: Bool {
            guard let editing else { return true }
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if text == inForce(editing) { return true }
            return switch editing {
            case .alias: editing.range.contains(text.utf8.count)
            case .quietHours: text.isEmpty || QuietHours(text) != nil
            default: Int(text).map(editing.range.contains) ?? false
            }
        }
    }

    private let host: any PermessoHost
    private let preferences: UserDefaults
    private let saved: Saved
    private let onPort: @MainActor () -> Void

    /// Of that host; what the app itself keeps stands in the preferences. `onPort` is called when the port was chosen anew: a host
    /// that was not on the network may be there now.
    public init(
        _ host: any PermessoHost, preferences: UserDefaults = .standard, saved: Saved = Saved(), onPort: @escaping @MainActor () -> Void = {}
    ) {
        self.host = host
        self.onPort = onPort
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
        write(field.flatMap(state.inForce) ?? "")
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
        await attempt {
            // A field rounds: what nobody changed there stays as exact as it was.
            let before = try await host.settings()
            if text != editing.text(of: before) { try await host.changeSettings(editing.change(to: text)) }
            if editing == .port { onPort() }
        }
        await load()
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
        case .outboxLimit: 1...99_999
        case .expiryDays: 1...365
        case .port: 1...65_535
        case .carryMegabytes: 1...1_000_000
        case .quietHours: 0...0
        }
    }

    func text(of settings: PermessoKit.Settings) -> String {
        switch self {
        case .alias: settings.alias
        case .historyLimit: String(settings.historyLimit)
        case .outboxLimit: String(settings.outboxLimit)
        case .port: String(settings.port)
        case .carryMegabytes: String((settings.carryBytes + Self.megabyte / 2) / Self.megabyte)
        case .expiryDays: String(settings.outboxExpiryMs.inDays)
        case .quietHours: ""
        }
    }
}

extension SettingsScreen.Field {
    private static let day: UInt64 = 86_400_000
    private static let megabyte: UInt64 = 1_000_000
    /// The least that a host takes, 1 MiB: a little more than the 1 MB as which it is shown and typed.
    private static let leastCarryBytes: UInt64 = 1_048_576

    func change(to text: String) -> SettingsChange {
        switch self {
        case .alias: SettingsChange(alias: text)
        case .historyLimit: SettingsChange(historyLimit: UInt32(text))
        case .outboxLimit: SettingsChange(outboxLimit: UInt32(text))
        case .port: SettingsChange(port: UInt16(text))
        case .expiryDays: SettingsChange(outboxExpiryMs: UInt64(text).map { $0 * Self.day })
        case .carryMegabytes: SettingsChange(carryBytes: UInt64(text).map { max($0 * Self.megabyte, Self.leastCarryBytes) })
        case .quietHours: SettingsChange()
        }
    }
}

extension UInt64 {
    /// Of milliseconds: those that were begun count.
    public var inDays: Int { Int((self + 86_399_999) / 86_400_000) }
}
