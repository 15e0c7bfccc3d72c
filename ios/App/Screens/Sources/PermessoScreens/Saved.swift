import Foundation

/// What a screen keeps over the end of the process: what is typed, what is asked, where it was scrolled to. Passphrases are kept
/// nowhere.
@MainActor
public final class Saved {
    private(set) var values: [String: String]

    /// With what an earlier process kept.
    public init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// The value of that name; nil and an empty one are forgotten.
    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// The case of that name, if a name of one is kept.
    func choice<Choice: RawRepresentable>(_ name: String) -> Choice? where Choice.RawValue == String {
        self[name].flatMap(Choice.init)
    }
}

/// The screens with what they keep, as they are written down.
struct Snapshot {
    /// The screens above the first.
    var path: [Screen] = []
    /// By screen; nil is the first one.
    var kept: [Screen?: [String: String]] = [:]
}

extension Snapshot {
    private struct Line: Codable {
        let screen: Screen?
        let kept: [String: String]
    }

    /// A line that a later version wrote is passed over.
    private struct Known: Decodable {
        let line: Line?

        init(from decoder: any Decoder) throws {
            line = try? Line(from: decoder)
        }
    }

    /// Nil where nobody wrote a snapshot: then the app begins at its first screen.
    init?(_ data: Data) {
        guard let lines = try? JSONDecoder().decode([Known].self, from: data).compactMap(\.line) else { return nil }
        path = lines.compactMap(\.screen)
        kept = Dictionary(lines.map { ($0.screen, $0.kept) }) { first, _ in first }
    }

    /// As ``init(_:)`` reads it.
    var data: Data? {
        let first = Line(screen: nil, kept: kept[nil] ?? [:])
        return try? JSONEncoder().encode([first] + path.map { Line(screen: $0, kept: kept[$0] ?? [:]) })
    }
}
