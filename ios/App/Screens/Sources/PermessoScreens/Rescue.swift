import Foundation
import PermessoKit

/// What can still be read of data that is damaged.
@MainActor
public final class Rescue: Model<Rescue.State> {
    /// What the screen shows.
    public struct State: Sendable {
        public var isRunning = false
        /// Friends and messages that were found so far.
        public var found = 0
        /// What came of it.
        public var report: RescueReport?
        /// The friends as vCards and the messages as text, until they were handed on.
        public var files: [URL] = []
        public var trouble: PermessoError?
    }

    private let opener: any Opener
    private let folder: URL
    private let running = Running()

    /// Files are written into that folder until they are handed on.
    public init(_ opener: any Opener, folder: URL = FileManager.default.temporaryDirectory) {
        self.opener = opener
        self.folder = folder
        super.init(State())
    }

    /// Reads what can be read and writes it into files; what is there is not changed.
    public func begin() async {
        guard !state.isRunning else { return }
        remove()
        change {
            $0.isRunning = true
            $0.found = 0
            $0.trouble = nil
        }
        running.begin()
        do {
            let files = try RescueFiles(in: folder)
            do {
                let report = try await opener.rescue { [running, weak self] friends, messages in
                    try files.take(friends, messages)
                    Task { @MainActor in self?.change { $0.found += friends.count + messages.count } }
                    return running.goesOn
                }
                try files.close()
                change {
                    $0.report = report
                    $0.files = files.all
                }
            } catch {
                files.remove()
                // Where the files cannot be written, that ended it.
                throw files.failure ?? error
            }
        } catch PermessoError.Cancelled {
            // As the user wanted.
        } catch {
            change { $0.trouble = error as? PermessoError ?? .StorageUnavailable(reason: String(describing: error)) }
        }
        change { $0.isRunning = false }
    }

    /// Ends it; nothing is left.
    public func cancel() {
        running.end()
    }

    /// The files were handed on: whoever took them has copies. What came of it is still said.
    public func handedOn() {
        for file in state.files { try? FileManager.default.removeItem(at: file) }
        change { $0.files = [] }
    }

    /// Neither the files are wanted any more, nor what came of it.
    public func remove() {
        handedOn()
        change {
            $0.report = nil
            $0.trouble = nil
        }
    }
}

/// What a rescue finds, as people and other programs read it. It is handed over on a thread of the core, a part at a time.
final class RescueFiles: @unchecked Sendable {
    let all: [URL]
    private let friends: FileHandle
    private let messages: FileHandle
    private let lock = NSLock()
    private var failed: PermessoError?
    private let day = DateFormatter()

    /// Made afresh in that folder.
    init(in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        all = ["permesso-friends.vcf", "permesso-messages.txt"].map { folder.appendingPathComponent($0) }
        for file in all { try Data().write(to: file, options: .unlessOpen) }
        friends = try FileHandle(forWritingTo: all[0])
        messages = try FileHandle(forWritingTo: all[1])
        day.locale = Locale(identifier: "en_US_POSIX")
        day.dateFormat = "yyyy-MM-dd HH:mm"
    }

    /// What could not be written, if anything.
    var failure: PermessoError? { lock.withLock { failed } }

    func take(_ contacts: [Contact], _ found: [RescuedMessage]) throws {
        do {
            try friends.write(contentsOf: Data(contacts.map(VCards.card).joined().utf8))
            try messages.write(contentsOf: Data(found.map(line).joined().utf8))
        } catch {
            let failure = PermessoError.StorageUnavailable(reason: String(describing: error))
            lock.withLock { failed = failure }
            throw failure
        }
    }

    func close() throws {
        try friends.close()
        try messages.close()
    }

    func remove() {
        try? close()
        for file in all { try? FileManager.default.removeItem(at: file) }
    }

    /// `2026-03-14 15:09  Grace: text`; one's own with an arrow to whom it is for. Further lines of a text stand further in.
    private func line(_ message: RescuedMessage) -> String {
        let name = message.name ?? message.host.map { String($0.prefix(8)) } ?? "#\(message.conversation)"
        let text = message.text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
        return "\(day.string(from: message.localTime.moment))  \(message.mine ? "→ " : "")\(name): \(text)\n"
    }
}
