import Foundation

/// Texts that were begun and not sent, by friend. They outlive their screen and the process.
@MainActor
public final class Drafts {
    private let file: URL?
    private var texts: [String: String]

    /// Kept in that file, or only while the process lives.
    public init(_ file: URL? = nil) {
        self.file = file
        let data = file.flatMap { try? Data(contentsOf: $0) }
        texts = data.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
    }

    /// The draft to a friend; empty if there is none.
    public subscript(friend: String) -> String {
        get { texts[friend] ?? "" }
        set {
            guard newValue != self[friend] else { return }
            texts[friend] = newValue.isEmpty ? nil : newValue
            save()
        }
    }

    /// Forgets all.
    public func forget() {
        texts = [:]
        if let file { try? FileManager.default.removeItem(at: file) }
    }

    private func save() {
        guard let file, let data = try? JSONEncoder().encode(texts) else { return }
        try? FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        #if canImport(Darwin)
            // What the user wrote is read by nobody while the device is locked.
            try? data.write(to: file, options: [.atomic, .completeFileProtection])
        #else
            try? data.write(to: file, options: .atomic)
        #endif
    }
}
