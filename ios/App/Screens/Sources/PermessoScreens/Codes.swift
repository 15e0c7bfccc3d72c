import Foundation
import PermessoKit

/// The code that one friend scans.
@MainActor
public final class MyCode: Model<MyCode.State> {
    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var uri: String?
        public var alias = ""
        /// Whether it was made just now.
        public var isNew = false
        public var trouble: PermessoError?
    }

    private let host: any PermessoHost

    /// Of that host.
    public init(_ host: any PermessoHost) {
        self.host = host
        super.init(State())
    }

    /// Reads the code as it is now.
    public func load() async {
        await attempt {
            let uri = try await host.uri()
            let alias = try await host.settings().alias
            change {
                $0.uri = uri
                $0.alias = alias
            }
        }
    }

    /// Makes a new one: those before it verify nobody any more.
    public func renew() async {
        await attempt {
            try await host.renewCode()
            change { $0.isNew = true }
        }
        await load()
    }
}

/// Takes in somebody's code: from the camera, typed, or from outside. It does nothing before it is accepted.
@MainActor
public final class Scan: Model<Scan.State> {
    /// What is wrong with a text that should be a code.
    public enum Fault: Sendable, Equatable {
        /// The beginning of what it is.
        case foreign(String)
        case cutOff
        /// The one that others should scan.
        case own
        /// A picture without a code.
        case notInPicture
    }

    /// How the camera goes.
    public enum Sight: Sendable, Equatable {
        case opens
        /// It shows what it sees.
        case shows
        /// Another app has it.
        case taken
        case fails
    }

    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var sight = Sight.opens
        /// What waits to be accepted.
        public var waiting: String?
        public var fault: Fault?
        public var isTaking = false
        /// What is typed.
        public var text = ""
        /// Whom the code named, once it was taken in.
        public var person: String?
        public var trouble: PermessoError?

        /// What the code says its host is called: a claim.
        public var claimedAlias: String? {
            let query = waiting?.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            let alias = query.split(separator: "&").first { $0.hasPrefix("alias=") }?.dropFirst(6)
            return alias.flatMap { String($0).removingPercentEncoding }.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// So much of a foreign text is shown.
    private nonisolated static let shown = 24
    private nonisolated static let scheme = "permesso:"

    private let host: any PermessoHost
    private let saved: Saved

    /// A code from outside waits; one that was looked at in an earlier process does not wait again.
    public init(_ host: any PermessoHost, code: String? = nil, saved: Saved = Saved()) {
        self.host = host
        self.saved = saved
        super.init(State(waiting: saved["waiting"], text: saved["text"] ?? ""))
        if let code, saved["began"] == nil { look(at: code) }
        saved["began"] = "yes"
    }

    /// What is typed changed.
    public func write(_ text: String) {
        saved["text"] = text
        change {
            $0.text = text
            $0.fault = nil
        }
    }

    /// A picture of the user's choice has those codes in it. One of ours counts, whatever stands beside it.
    public func look(inPicture texts: [String]) {
        let ours = texts.first { $0.lowercased().hasPrefix(Self.scheme) }
        if let found = ours ?? texts.first { return look(at: found) }
        guard !state.isTaking, state.person == nil else { return }
        wait(for: nil)
        change { $0.fault = .notInPicture }
    }

    /// The camera opens, shows, or does not.
    public func camera(_ sight: Sight) {
        if state.sight != sight { change { $0.sight = sight } }
    }

    /// The camera saw a text. While a question stands it is not looked at: another code may lie beside the first.
    public func see(_ text: String) {
        if state.waiting == nil { look(at: text) }
    }

    /// Somebody typed a text, or it came from outside.
    public func look(at text: String) {
        guard !state.isTaking, state.person == nil else { return }
        let code = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isOurs = code.lowercased().hasPrefix(Self.scheme)
        let isOwn = isOurs && names(code) == host.identityKey
        wait(for: isOurs && !isOwn ? code : nil)
        change {
            $0.fault = isOwn ? .own : isOurs ? nil : .foreign(String(code.prefix(Self.shown)))
            $0.trouble = nil
        }
    }

    /// A code is accepted: its host is pinned and verified. The system may have closed the question already.
    public func accept(_ code: String) async {
        guard !state.isTaking else { return }
        wait(for: nil)
        change { $0.isTaking = true }
        do {
            let person = try await host.scanURI(code)
            change { $0.person = person }
        } catch PermessoError.InvalidInput {
            change { $0.fault = .cutOff }
        } catch {
            onTrouble(error)
        }
        change { $0.isTaking = false }
    }

    /// The identity key of whom a code is.
    private func names(_ code: String) -> String {
        code.dropFirst(Self.scheme.count).prefix { $0 != "?" }.lowercased()
    }

    /// The code that waits is not wanted.
    public func dismiss() {
        wait(for: nil)
    }

    private func wait(for code: String?) {
        saved["waiting"] = code
        change { $0.waiting = code }
    }
}
