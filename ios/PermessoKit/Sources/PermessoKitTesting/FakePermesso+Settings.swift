import Foundation
import PermessoKit

/// Beside people and messages: settings, contacts, the network.
extension FakePermesso {
    public func settings() async throws -> Settings { try remembered { state.settings } }

    public func changedSettings() async throws -> SettingsChange { try asked { state.changed } }

    public func changeSettings(_ change: SettingsChange) async throws {
        try changed {
            try check(change)
            take(change.alias, \.alias, \.alias)
            take(change.visibility, \.visibility, \.visibility)
            take(change.port, \.port, \.port)
            take(change.historyLimit, \.historyLimit, \.historyLimit)
            take(change.outboxLimit, \.outboxLimit, \.outboxLimit)
            take(change.outboxExpiryMs, \.outboxExpiryMs, \.outboxExpiryMs)
            take(change.readReceipts, \.readReceipts, \.readReceipts)
            take(change.carry, \.carry, \.carry)
            take(change.carryBytes, \.carryBytes, \.carryBytes)
        }
    }

    private func take<Value>(
        _ value: Value?, _ setting: WritableKeyPath<Settings, Value>, _ changed: WritableKeyPath<SettingsChange, Value?>
    ) {
        guard let value else { return }
        state.settings[keyPath: setting] = value
        state.changed[keyPath: changed] = value
    }

    /// As a host checks it whose configuration says nothing else.
    private func check(_ change: SettingsChange) throws {
        if let alias = change.alias { try network.check("an alias", alias, 1...64) }
        try check("the port", change.port, 1...65_535)
        try check("the history limit", change.historyLimit, 1...1_000_000)
        try check("the outbox limit", change.outboxLimit, 1...99_999)
        try check("the outbox expiry in ms", change.outboxExpiryMs, 60_000...31_536_000_000)
        try check("the storage for others in bytes", change.carryBytes, 1_048_576...1_099_511_627_776)
    }

    private func check(_ what: String, _ number: (some BinaryInteger)?, _ range: ClosedRange<UInt64>) throws {
        if let number, !range.contains(UInt64(number)) {
            throw PermessoError.InvalidInput(reason: "\(what) is \(range.lowerBound) to \(range.upperBound), not \(number)")
        }
    }

    public func contacts() async throws -> [Contact] {
        try asked {
            state.friends.map {
                Contact(
                    id: $0.id, key: "", name: $0.name, alias: $0.alias, localAlias: $0.localAlias, state: $0.state,
                    verified: $0.verified, blocked: $0.blocked)
            }
        }
    }

    public func exportContacts() async throws -> String {
        try await contacts().map { "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:\($0.name)\r\nIMPP:permesso:\($0.id)\r\nEND:VCARD\r\n" }.joined()
    }

    public func importContacts(_ vCards: String) async throws -> [CardResult] { try asked { [] } }

    public func exportAccount(to file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport {
        try asked {
            try network.check("a passphrase", passphrase, 1...Int.max)
            if FileManager.default.fileExists(atPath: file.path) {
                throw PermessoError.AlreadyThere(reason: "\(file.path) is there already")
            }
        }
        do {
            try Data("the account of ".utf8).write(to: file)
            if let work = export {
                try await work.follow(onProgress)
            } else if try onProgress?(1, 1) == false {
                throw PermessoError.Cancelled(reason: "it was ended")
            }
            try Data("the account of a host in memory\n".utf8).write(to: file)
            return try asked {
                let (messages, friends) = (UInt64(state.messages.count), UInt64(state.friends.count))
                return AccountReport(messages: messages, friends: friends, rows: messages + friends)
            }
        } catch {
            try? FileManager.default.removeItem(at: file)
            throw error
        }
    }

    public func examineNetwork() async throws -> Examination {
        // As the core does.
        try await start()
        return try asked { Examination(port: state.settings.port, leadsToSomebody: !state.here.isEmpty, diagnoses: []) }
    }

    public func addresses() async throws -> [String] { try asked { [] } }

    public func peerFound(_ address: String) async throws { try asked {} }

    public func setNetworkAddresses(_ addresses: [NetworkAddress]?) async throws { try asked {} }

    public func openHostLink(_ carrier: any HostLinkCarrier) async throws -> HostLink {
        throw PermessoError.NotNow(reason: "a host in memory has no radio")
    }

    public func statistics() async throws -> Statistics {
        try asked {
            Statistics(
                server: false, carries: state.settings.carry, envelopes: 0, envelopesMax: 0, bytes: 0, bytesMax: state.settings.carryBytes, depositors: 0,
                deposits: 0, deliveries: 0, refused: 0, expired: 0, hostsOnline: UInt64(state.here.count), serversOnline: 0,
                links: 0)
        }
    }

    public func packets() async throws -> [Packet] { try asked { [] } }

    public func counters() async throws -> [String: UInt64] { try asked { [:] } }
}
