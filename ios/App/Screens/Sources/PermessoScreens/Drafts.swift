import Foundation

/// Texts that were begun and not sent, by friend. They outlive their screen and the process.
@MainActor
public final class Drafts {
    private let file: PrivateFile?
    private var texts: [String: String]

    /// Kept in that file, or only while the process lives.
    public init(_ file: URL? = nil) {
        self.file = file.map(PrivateFile.init)
        texts = self.file?.read().flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
    }

    /// The draft to a friend; empty if there is none.
    public subscript(friend: String) -> String {
        get { texts[friend] ?? "" }
        set {
            guard newValue != self[friend] else { return }
            texts[friend] = newValue.isEmpty ? nil : newValue
            if let data = try? JSONEncoder().encode(texts) { file?.write(data) }
        }
    }

    /// Forgets all.
    public func forget() {
        texts = [:]
        file?.remove()
    }
}
