import Foundation

/// Texts that were begun and not sent, by friend. They outlive their screen and the process.
@MainActor
public final class Drafts {
    private let file: PrivateFile?
    /// Without those of an earlier process, as long as these cannot be read.
    private var texts: [String: String] = [:]

    /// Kept in that file, or only while the process lives. It is read when one of them is needed first.
    public init(_ file: URL? = nil) {
        self.file = file.map { PrivateFile($0) }
    }

    /// The draft to a friend; empty if there is none.
    public subscript(friend: String) -> String {
        get {
            recall()
            return texts[friend] ?? ""
        }
        set {
            guard newValue != self[friend] else { return }
            texts[friend] = newValue.isEmpty ? nil : newValue
            save()
        }
    }

    /// Forgets all.
    public func forget() {
        texts = [:]
        file?.remove()
    }

    /// What was typed while they could not be read is newer than they are.
    private func recall() {
        guard let file, !file.isRead else { return }
        let kept = (try? file.read()).flatMap { try? JSONDecoder().decode([String: String].self, from: $0) }
        guard file.isRead, let kept else { return }
        let isTyped = !texts.isEmpty
        texts.merge(kept) { newer, _ in newer }
        if isTyped { save() }
    }

    private func save() {
        if let data = try? JSONEncoder().encode(texts) { file?.write(data) }
    }
}
