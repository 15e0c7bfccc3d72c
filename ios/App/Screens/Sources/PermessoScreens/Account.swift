import Foundation
import PermessoKit

/// Export of everything this host is and has, its contacts, and erasing.
@MainActor
public final class Account: Model<Account.State> {
    /// The fewest characters of a passphrase: whoever finds the file can try billions.
    public nonisolated static let passphraseLeast = 12
    /// How long it is waited for a host that sleeps before it is asked again.
    private nonisolated static let wait: UInt64 = 1_000_000_000

    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var passphrase = ""
        public var repeated = ""
        /// Of 100; nil while nothing is written.
        public var percent: Int?
        /// The written file, until it was handed on.
        public var file: URL?
        /// What is in it.
        public var report: AccountReport?
        /// What is in the file that somebody took; before that, nothing is exported.
        public var exported: AccountReport? { file == nil ? report : nil }
        /// The contacts as vCards, which the system's sheet is to hand on, until that has ended.
        public var contacts: URL?
        /// What became of the cards of a file.
        public var cards: [CardResult]?
        public var isAskingErase = false
        /// Whether a file with cards is being chosen.
        public var isChoosingCards = false
        public var trouble: PermessoError?

        /// Whether it can be used, and both are the same.
        public var passphraseFits: Bool { passphrase.count >= Account.passphraseLeast && passphrase == repeated }
    }

    private let host: any PermessoHost
    private let folder: URL
    private let saved: Saved
    private let running = Running()

    /// Files are written into that folder until they are handed on.
    public init(_ host: any PermessoHost, folder: URL = FileManager.default.temporaryDirectory, saved: Saved = Saved()) {
        self.host = host
        self.folder = folder
        self.saved = saved
        super.init(State(isAskingErase: saved["asking"] != nil, isChoosingCards: saved["choosing"] != nil))
    }

    /// The passphrase of the file to be written.
    public func write(passphrase: String) {
        change { $0.passphrase = passphrase }
    }

    /// The same once more: nobody can open the file after a slip of the finger.
    public func write(repeated: String) {
        change { $0.repeated = repeated }
    }

    /// Writes the file.
    public func export() async {
        guard state.passphraseFits, state.percent == nil else { return }
        let passphrase = state.passphrase
        remove()
        let file = folder.appendingPathComponent("permesso-\(UUID().uuidString.prefix(8)).account")
        change {
            $0.percent = 0
            $0.trouble = nil
        }
        running.begin()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let report = try await awake { try await host.exportAccount(to: file, passphrase: passphrase, onProgress: progress) }
            change {
                $0.file = file
                $0.report = report
                $0.passphrase = ""
                $0.repeated = ""
            }
        } catch PermessoError.Cancelled {
            // As the user wanted.
        } catch {
            onTrouble(error)
        }
        change { $0.percent = nil }
    }

    /// In the background the host sleeps, which ends an export: it begins again once the user is back.
    private func awake<Value: Sendable>(_ action: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await action()
            } catch PermessoError.Paused where running.goesOn {
                change { $0.percent = 0 }
                try await Task.sleep(nanoseconds: Self.wait)
            }
        }
    }

    /// Ends the writing; nothing is left.
    public func cancel() {
        running.end()
    }

    /// Another screen is shown. Whether nothing goes on here: then what was typed and written is forgotten.
    func leave() -> Bool {
        guard state.percent == nil else { return false }
        end()
        return true
    }

    /// Nothing is kept, whatever goes on.
    func end() {
        cancel()
        remove()
        endContacts()
        write(passphrase: "")
        write(repeated: "")
    }

    /// The file was handed on: whoever took it has a copy. What is in it is still said.
    public func handedOn() {
        if let file = state.file { try? FileManager.default.removeItem(at: file) }
        change { $0.file = nil }
    }

    /// Neither the file is wanted any more, nor what is in it.
    public func remove() {
        handedOn()
        change { $0.report = nil }
    }

    /// Writes the contacts as vCards with a `permesso:` address each.
    public func exportContacts() async {
        await attempt {
            let cards = try await host.exportContacts()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("permesso.vcf")
            try Data(cards.utf8).write(to: file, options: .unreadableWhenLocked)
            change { $0.contacts = file }
        }
    }

    /// The contacts were handed on, or are not wanted any more: they are written anew the next time.
    public func endContacts() {
        if let file = state.contacts { try? FileManager.default.removeItem(at: file) }
        change { $0.contacts = nil }
    }

    /// Takes in the vCards of a file that have one.
    public func importContacts(from file: URL) async {
        await attempt {
            let cards = try await host.importContacts(String(decoding: Data(contentsOf: file), as: UTF8.self))
            change { $0.cards = cards }
        }
    }

    /// Asks whether everything shall be erased, or no longer.
    public func askErase(_ asking: Bool) {
        saved["asking"] = asking ? "yes" : nil
        change { $0.isAskingErase = asking }
    }

    /// A file with cards shall be chosen, or no longer.
    public func askCards(_ asking: Bool) {
        saved["choosing"] = asking ? "yes" : nil
        change { $0.isChoosingCards = asking }
    }

    private var progress: OnProgress {
        { [running, weak self] done, total in
            Task { @MainActor in
                self?.change { if $0.percent != nil { $0.percent = percent(done, total) } }
            }
            return running.goesOn
        }
    }
}

/// Whether something long shall go on. Asked on a thread of the core.
final class Running: @unchecked Sendable {
    private let lock = NSLock()
    private var isWanted = true

    var goesOn: Bool { lock.withLock { isWanted } }

    func begin() { lock.withLock { isWanted = true } }

    func end() { lock.withLock { isWanted = false } }
}

func percent(_ done: UInt64, _ total: UInt64) -> Int {
    total == 0 ? 0 : Int(min(done, total) * 100 / total)
}
