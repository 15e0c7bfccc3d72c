import Foundation

/// The links of a text. They do nothing unless the user wants it: opening one needs the internet, and its site sees that.
public enum Links {
    /// More would fill a small screen.
    private static let most = 5

    /// Those of the web, each once, in the order they stand in. Their text is theirs in full, so that nothing hides behind a
    /// name.
    public static func found(in text: String) -> [String] {
        var known: Set<String> = []
        return Array(all(in: text).filter { known.insert($0).inserted }.prefix(most))
    }

    private static func all(in text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).compactMap { word in
            let link = word.trimmingSuffix(while: { ".,;:!?)]}\"'»”".contains($0) }).drop { "([{\"'«“".contains($0) }
            guard let url = URL(string: String(link)), let host = url.host, !host.isEmpty,
                ["http", "https"].contains(url.scheme?.lowercased())
            else { return nil }
            return String(link)
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isCut: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isCut(last) { rest = rest.dropLast() }
        return rest
    }
}
