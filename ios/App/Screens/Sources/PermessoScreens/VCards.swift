import Foundation
import PermessoKit

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

    /// A contact as a card that ``uris(in:)`` and other hosts read.
    static func card(_ contact: Contact) -> String {
        var uri = "permesso:\(contact.key)"
        // What a name may say stands for itself in no part of a URI.
        if let alias = contact.alias.addingPercentEncoding(withAllowedCharacters: .alphanumerics), !alias.isEmpty {
            uri += "?alias=\(alias)"
        }
        let lines = ["BEGIN:VCARD", "VERSION:4.0", "FN:\(escaped(contact.name))", "IMPP:\(uri)", "END:VCARD"]
        return lines.map { "\($0)\r\n" }.joined()
    }

    private static func escaped(_ text: String) -> String {
        [("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n")].reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
}
