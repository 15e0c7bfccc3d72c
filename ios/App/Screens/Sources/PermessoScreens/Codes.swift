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
    }

    /// What the screen shows.
    public struct State: Sendable, Troubled {
        /// What waits to be accepted.
        public var waiting: String?
        public var fault: Fault?
        public var isTaking = false
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

    private let host: any PermessoHost

    /// A code from outside waits.
    public init(_ host: any PermessoHost, code: String? = nil) {
        self.host = host
        super.init(State())
        if let code { look(at: code) }
    }

    /// The camera saw a text, somebody typed one, or it came from outside.
    public func look(at text: String) {
        guard !state.isTaking, state.person == nil else { return }
        let code = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isOurs = code.lowercased().hasPrefix("permesso:")
        change {
            $0.waiting = isOurs ? code : nil
            $0.fault = isOurs ? nil : .foreign(String(code.prefix(Self.shown)))
            $0.trouble = nil
        }
    }

    /// A code is accepted: its host is pinned and verified. The system may have closed the question already.
    public func accept(_ code: String) async {
        guard !state.isTaking else { return }
        change {
            $0.isTaking = true
            $0.waiting = nil
        }
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

    /// The code that waits is not wanted.
    public func dismiss() {
        change { $0.waiting = nil }
    }
}
