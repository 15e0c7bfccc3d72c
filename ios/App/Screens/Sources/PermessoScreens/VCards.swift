import Foundation

/// Contacts as other programs write them (RFC 6350).
enum VCards {
    /// Every `permesso:` URI in them. Long lines are folded: what follows a line's end and a blank belongs to the line before.
    static func uris(in cards: String) -> [String] {
        let lines = cards.replacingOccurrences(of: "\r\n", with: "\n")
        let whole = lines.replacingOccurrences(of: "\n ", with: "").replacingOccurrences(of: "\n\t", with: "")
        return whole.split(whereSeparator: \.isNewline).compactMap { line in
            line.range(of: "permesso:").map { String(line[$0.lowerBound...].prefix { !$0.isWhitespace }) }
        }
    }
}
