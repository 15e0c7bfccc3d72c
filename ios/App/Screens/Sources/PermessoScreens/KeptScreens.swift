import Foundation

/// What every screen keeps, over the end of the process too.
@MainActor
final class KeptScreens {
    private let file: PrivateFile?
    private var kept: [Screen?: Saved] = [:]

    /// Kept in that file, or only while the process lives. ``read()`` reads it.
    init(_ file: URL?) {
        self.file = file.map { PrivateFile($0) }
    }

    /// Whether those of an earlier process are known.
    var isRead: Bool { file?.isRead ?? true }

    /// Takes in what an earlier process wrote, which are the screens above the first; nil where that is nothing, or was read before.
    /// Throws where it cannot be read now.
    func read() throws -> [Screen]? {
        guard let snapshot = try file?.read().flatMap(Snapshot.init) else { return nil }
        kept = snapshot.kept.mapValues { Saved($0) }
        return snapshot.path
    }

    /// Writes them down with the screens above the first. Whether that could be written.
    func write(_ path: [Screen]) -> Bool {
        guard let file else { return true }
        return Snapshot(path: path, kept: kept.mapValues(\.values)).data.map(file.write) ?? false
    }

    /// What that screen keeps; nil is the first one.
    subscript(screen: Screen?) -> Saved {
        if let known = kept[screen] { return known }
        let fresh = Saved()
        kept[screen] = fresh
        return fresh
    }

    /// Nothing of that screen is kept.
    func forget(_ screen: Screen) {
        kept[screen] = nil
    }

    /// Of the screens above the first only those are kept.
    func keep(only isKept: (Screen) -> Bool) {
        kept = kept.filter { screen, _ in screen.map(isKept) ?? true }
    }

    /// Nothing is kept, nor written down.
    func forgetAll() {
        kept = [:]
        file?.remove()
    }
}
