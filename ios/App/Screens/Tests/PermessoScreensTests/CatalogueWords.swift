import Foundation

@testable import PermessoScreens

/// The app's own string catalogue, read as Apple's systems do: so the tests see the very words of the app.
struct CatalogueWords: WordSource {
    private struct Catalogue: Decodable {
        let strings: [String: Text]
    }

    private struct Text: Decodable {
        let localizations: [String: Localization]
    }

    private struct Localization: Decodable {
        let stringUnit: Unit?
        let variations: Variations?
        let substitutions: [String: Substitution]?
    }

    private struct Unit: Decodable {
        let value: String
    }

    private struct Variations: Decodable {
        let plural: [String: Form]
    }

    private struct Form: Decodable {
        let stringUnit: Unit
    }

    private struct Substitution: Decodable {
        let argNum: Int
        let variations: Variations
    }

    private let catalogue: Catalogue
    private let language: String

    /// In that language.
    init(_ language: String) throws {
        let app = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardized
        catalogue = try JSONDecoder().decode(
            Catalogue.self, from: Data(contentsOf: app.appendingPathComponent("Localizable.xcstrings")))
        self.language = language
    }

    /// As it stands there, before anything is filled in.
    func format(of key: String) -> String { catalogue.strings[key]?.localizations[language]?.stringUnit?.value ?? "missing: \(key)" }

    func text(_ key: String, _ arguments: [WordArgument]) -> String {
        guard let localization = catalogue.strings[key]?.localizations[language] else { return "missing: \(key)" }
        if let substitution = localization.substitutions?["count"], case .number(let count) = arguments[substitution.argNum - 1] {
            return filled(form(of: count, substitution.variations).replacingOccurrences(of: "%arg", with: String(count)), arguments)
        }
        if let variations = localization.variations, case .number(let count)? = arguments.first {
            return filled(form(of: count, variations), arguments)
        }
        return filled(localization.stringUnit?.value ?? "missing: \(key)", arguments)
    }

    /// The rules of both languages for whole numbers.
    private func form(of count: Int, _ variations: Variations) -> String {
        let name =
            if count == 1 { "one" } else if language == "it" && count != 0 && count % 1_000_000 == 0 { "many" } else { "other" }
        return variations.plural[name]?.stringUnit.value ?? "missing: \(name)"
    }

    private func filled(_ format: String, _ arguments: [WordArgument]) -> String {
        if arguments.isEmpty { return format }
        var text = ""
        var rest = Substring(format)
        while let percent = rest.firstIndex(of: "%") {
            text += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                text += "%"
                rest = rest.dropFirst()
                continue
            }
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count + 1)
            guard let position = Int(digits), arguments.indices.contains(position - 1) else { return "wrong: \(format)" }
            switch arguments[position - 1] {
            case .text(let argument) where rest.hasPrefix("@"):
                text += argument
                rest = rest.dropFirst()
            case .number(let argument) where rest.hasPrefix("lld"):
                text += String(argument)
                rest = rest.dropFirst(3)
            default: return "wrong: \(format)"
            }
        }
        return text + rest
    }
}
