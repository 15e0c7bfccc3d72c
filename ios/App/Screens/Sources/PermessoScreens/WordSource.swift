import Foundation

/// What is filled into a text.
public enum WordArgument: Sendable, Equatable {
    case text(String)
    case number(Int)
}

/// Where texts come from.
public protocol WordSource: Sendable {
    /// The text of that key in the user's language, with everything filled in.
    func text(_ key: String, _ arguments: [WordArgument]) -> String
}

/// The string catalogue of a bundle; the system chooses the language, and the form of a text for numbers.
public struct BundleWords: WordSource {
    private let bundle: Bundle
    private let locale: Locale

    /// Of that bundle. The locale says how counts are written; numbers that are none, as ports, come as digits.
    public init(_ bundle: Bundle = .main, locale: Locale = .current) {
        self.bundle = bundle
        self.locale = locale
    }

    public func text(_ key: String, _ arguments: [WordArgument]) -> String {
        let format = bundle.localizedString(forKey: key, value: nil, table: nil)
        if arguments.isEmpty { return format }
        let filled: [any CVarArg] = arguments.map {
            switch $0 {
            #if canImport(Darwin)
                case .text(let text): text
            #else
                case .text(let text): NSString(string: text)
            #endif
            case .number(let number): number
            }
        }
        return String(format: format, locale: locale, arguments: filled)
    }
}
