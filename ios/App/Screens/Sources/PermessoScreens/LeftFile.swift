import Foundation
import PermessoKit

/// Where it stands that the user has left the network: the next process stays off it, too. A file and no preference, for preferences do
/// not say whether they can be read: before the device is unlocked they have nothing, as one's who never left.
@MainActor
final class LeftFile {
    /// How far one has left.
    enum Leaving: Equatable {
        /// Nobody has.
        case not
        /// What becomes of the mail that was waiting is not known: the process ended meanwhile.
        case begun
        /// With what became of it.
        case done(Departure)
    }

    private let file: PrivateFile?

    /// That file, or none. It is written although the device is locked, for who leaves puts it away.
    init(_ file: URL?) {
        self.file = file.map { PrivateFile($0, .unreadableBeforeUnlocking) }
    }

    /// What an earlier process wrote, nil if it was read before. Throws where that cannot be read now.
    func read() throws -> Leaving? {
        guard let file, !file.isRead else { return nil }
        guard let data = try file.read() else { return .not }
        guard let counts = try? JSONDecoder().decode([UInt64].self, from: data), counts.count == 3 else { return .begun }
        return .done(Departure(handedOn: counts[0], carried: counts[1], kept: counts[2]))
    }

    /// Writes down how far one has left now.
    func write(_ leaving: Leaving) {
        switch leaving {
        case .not: file?.remove()
        case .begun: write([])
        case .done(let left): write([left.handedOn, left.carried, left.kept])
        }
    }

    private func write(_ counts: [UInt64]) {
        if let data = try? JSONEncoder().encode(counts) { file?.write(data) }
    }
}
