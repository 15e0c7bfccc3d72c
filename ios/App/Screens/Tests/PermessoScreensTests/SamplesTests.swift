import Foundation
import PermessoKit
import XCTest

@testable import PermessoScreens

/// The samples of previews, held to Android's and to the words.
@MainActor
final class SamplesTests: XCTestCase, @unchecked Sendable {
    /// States that an iPhone does not have, by their screen, and why not.
    private let elsewhere: [String: Set<String>] = [
        // The camera is the view's own.
        "scan": ["camera refused", "camera forbidden", "finder", "without a camera"],
        // A keyboard has all of them.
        "conversation": ["draft and emoji"],
        // A preview scrolls, and nothing runs in the background that could serve.
        "settings": ["further down", "at the end", "storage of a server"], "about": ["further down"],
        // No passphrase is asked for at the start; one begins only with a name; erasing is asked by the system.
        // A visibility that could not be stored is told among people.
        "start": ["locked", "unlocking", "no name", "erase", "visibility not stored"],
        // What Android's settings limit.
        // Instead of the doctor its place tells that one has left.
        "doctor": ["limited", "hint", "left"],
        "pass on": ["usual", "no room"],
        // The address book is the file that the system's Contacts opens.
        "account": ["no permission", "contacts saved", "contacts updated", "contacts unchanged", "contacts refused"],
        "person": ["address book updated", "address book unchanged", "address book in accounts"],
        // What became of leaving stands on the page itself.
        "more": ["off the network"],
        // The doctor says whether the local network is allowed.
        "people": ["no permission"],
    ]

    /// States that only an iPhone has so far.
    private let here: [String: Set<String>] = [
        // Android's system has a page for them alone.
        "settings": ["notifications unasked", "notifications refused"],
        // There the host is not opened before that is stored.
        "people": ["visibility not stored"],
        // There the first screen says it.
        "doctor": ["local network refused"],
        // There the place is chosen before the file is written.
        "account": ["to be handed on"],
    ]

    func test_every_state_of_androids_screens_has_its_sample_here() async throws {
        var android: [String: Set<String>] = [:]
        for (screen, state) in try androidSamples() { android[screen, default: []].insert(state) }
        XCTAssertGreaterThan(android.values.map(\.count).reduce(0, +), 80)
        var ours: [String: Set<String>] = [:]
        for sample in Sample.all {
            XCTAssertTrue(ours[sample.screen, default: []].insert(sample.state).inserted, sample.id)
        }
        for screen in Set(android.keys).union(ours.keys).sorted() {
            let wanted = (android[screen] ?? []).union(here[screen] ?? []).subtracting(elsewhere[screen] ?? [])
            XCTAssertEqual((ours[screen] ?? []).sorted(), wanted.sorted(), screen)
        }
    }

    /// A function of a file makes the samples of a screen: `private fun sample(name: String, …) = Sample("people", name)`.
    private func androidSamples() throws -> [(String, String)] {
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../../../android/ui/src/main/kotlin/org/permesso/ui/samples").standardized
        var found: [(String, String)] = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            for part in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\nobject ") {
                found += matches(#"\bSample\("([^"]+)", "([^"]+)""#, part)
                for (function, screen) in matches(#"fun (\w+)\((?:[^()]|\([^()]*\))*\)\s*=\s*Sample\("([^"]+)", name"#, part) {
                    found += matches(#"\b(\#(function))\(\s*"([^"]+)""#, part).map { (screen, $0.1) }
                }
            }
        }
        return found
    }

    private func matches(_ pattern: String, _ text: String) -> [(String, String)] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
        let whole = NSRange(text.startIndex..., in: text)
        return expression.matches(in: text, range: whole).compactMap { match in
            guard let first = Range(match.range(at: 1), in: text), let second = Range(match.range(at: 2), in: text) else { return nil }
            return (String(text[first]), String(text[second]))
        }
    }

    func test_a_model_that_sleeps_stays_as_its_sample_shows_it() async throws {
        for sample in Sample.all {
            switch sample.model {
            case .conversation(let model):
                let before = model.state.messages.map(\.id)
                await model.run()
                XCTAssertEqual(model.state.messages.map(\.id), before, sample.id)
                XCTAssertEqual(model.state.trouble != nil, sample.state == "storage full", sample.id)
            case .find(let model, let app):
                XCTAssertEqual(app.state.isOnNetwork, sample.state != "no network", sample.id)
                let before = model.state.found
                await model.run()
                XCTAssertEqual(model.state.found, before, sample.id)
            case .people(let model, _):
                await model.run()
                XCTAssertEqual(model.state.trouble != nil, sample.state == "storage full", sample.id)
            case .person(let model):
                await model.run()
                XCTAssertEqual(model.state.code != nil, sample.state != "stranger", sample.id)
            case .search(let model):
                await model.search()
                XCTAssertEqual(model.state.found?.count, ["found": 3, "nothing": 0][sample.state], sample.id)
            case .settings(let model, let notifications):
                await model.load()
                await notifications.look()
                XCTAssertEqual(model.state.settings?.alias, "Ada", sample.id)
                let permission: Notifications.Permission? =
                    ["notifications unasked": .unasked, "notifications refused": .refused][sample.state]
                XCTAssertEqual(notifications.state.permission, permission, sample.id)
            case .doctor(let model):
                await model.examine()
                XCTAssertEqual(model.state.isRefused, sample.state == "local network refused", sample.id)
            case .code(let model):
                await model.load()
                XCTAssertNotNil(model.state.uri, sample.id)
            default: break
            }
        }
    }

    func test_all_that_samples_say_has_words_in_both_languages() async throws {
        let moments = Moments(now: sampleNow.moment)
        for language in ["en", "it"] {
            let words = Words(try CatalogueWords(language))
            for sample in Sample.all {
                let said = said(by: sample, words, moments)
                XCTAssertFalse(said.contains { $0.isEmpty || $0.contains("missing:") || $0.contains("wrong:") }, "\(sample.id): \(said)")
            }
        }
    }

    private func said(by sample: Sample, _ words: Words, _ moments: Moments) -> [String] {
        switch sample.model {
        case .conversation(let model):
            model.state.messages.suffix(10).flatMap { message in
                [words.spoken(message, name: "Grace", moments), words.fateSentence(message, name: "Grace")]
                    + message.holders.map(words.holder) + message.full.map { words.full($0) }
            } + [model.state.trouble.map(words.trouble)].compactMap { $0 }
        case .people(let model, _):
            model.state.friends.map { words.friendState($0.state) } + model.state.friends.flatMap { $0.flags.map(words.flag) }
        case .person(let model): [words.friendState(model.state.relation)] + (model.state.friend?.flags ?? []).map(words.flag)
        case .find(let model, let app):
            (model.state.found ?? []).map { words.friendState($0.friendState) }
                + [app.state.offNetwork.map { words.offNetwork(why: words.whyOff($0, app.state.examination)) }].compactMap { $0 }
        case .doctor(let model):
            model.state.examination.map { examination in
                words.remedies(model.state).flatMap { [$0.wrong, $0.todo] }
                    + examination.diagnoses.flatMap { [words.thing($0.thing), words.judgement($0.judgement), words.ground($0, examination)] }
            } ?? []
        case .settings(let model, _): [words.visibility(model.state.settings?.visibility ?? .nobody)]
        case .start(let app):
            if case .stuck(let trouble) = app.state.phase {
                [words.stuck(trouble)] + [app.rescue.state.trouble.map(words.rescueFailed)].compactMap { $0 }
            } else {
                []
            }
        case .notices(let log): log.state.list.map(words.notice)
        default: []
        }
    }
}
