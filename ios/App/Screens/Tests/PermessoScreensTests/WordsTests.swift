import PermessoKit
import XCTest

@testable import PermessoScreens

final class WordsTests: XCTestCase {
    private func words(_ language: String) throws -> Words { Words(try CatalogueWords(language)) }

    private func holder(_ name: String?, server: Bool = false) -> Holder {
        Holder(id: "0123456789", name: name, flags: [], server: server)
    }

    func test_a_messages_fate_is_said_in_true_words() throws {
        let english = try words("en")
        XCTAssertEqual(english.fate(.sample(.queued)), "Waiting")
        XCTAssertEqual(english.fate(.sample(.held, holders: [holder("Linus")])), "Held by Linus")
        XCTAssertEqual(
            english.fate(.sample(.held, holders: [holder("Linus"), holder("Mail", server: true), holder(nil)])),
            "Held by server Mail and 2 others")
        XCTAssertEqual(english.fate(.sample(.held, holders: [holder("Linus"), holder(nil)])), "Held by Linus and 1 other")
        XCTAssertEqual(english.fate(.sample(.held, holders: [holder(nil), holder(nil)])), "Held by 2 other hosts")
        XCTAssertEqual(english.holder(holder(nil)), "another host (01234567)")
        XCTAssertEqual(english.holder(holder(nil, server: true)), "server 01234567")
        let failed = Message.sample(.failed, because: .friendshipEnded)
        XCTAssertEqual(english.fateSentence(failed, name: "Grace"), "Not delivered to Grace: the friendship ended.")
        let full = FullServer(id: "1", name: "Mail", flags: [], why: .storage)
        XCTAssertTrue(english.fateSentence(.sample(.queued, full: [full]), name: "Grace").contains("Server Mail is full."))
    }

    func test_a_screen_reader_says_who_wrote_what_when_and_where_it_is() throws {
        let english = try words("en")
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try XCTUnwrap(TimeZone(identifier: "UTC"))
        let moments = Moments(now: Date(timeIntervalSince1970: 0), calendar: calendar, locale: Locale(identifier: "en_GB"))
        let mine = Message.sample(.held, holders: [holder("Library", server: true), holder(nil)])
        XCTAssertEqual(
            english.spoken(mine, name: "Grace", moments), "You, Ciao, 00:00, Held by server Library and 1 other")
        var theirs = Message.sample(.delivered)
        theirs.mine = false
        XCTAssertEqual(english.spoken(theirs, name: "Grace", moments), "Grace, Ciao, 00:00")
    }

    func test_the_same_is_said_in_italian() throws {
        let italian = try words("it")
        XCTAssertEqual(italian.fate(.sample(.queued)), "In attesa")
        XCTAssertNotEqual(italian.fate(.sample(.delivered)), try words("en").fate(.sample(.delivered)))
    }

    func test_trouble_and_states_have_words_of_their_own() throws {
        let english = try words("en")
        let states: [FriendState] = [.unknown, .requestSent, .requestReceived, .friend, .ended]
        XCTAssertEqual(Set(states.map(english.friendState)).count, states.count)
        let troubles: [PermessoError] = [
            .InvalidInput(reason: ""), .NotFound(reason: ""), .NotNow(reason: ""), .NetworkUnavailable(reason: ""),
            .KeyUnavailable(reason: ""), .StorageUnavailable(reason: ""), .Damaged(reason: ""), .TooNew(reason: ""),
            .AlreadyThere(reason: ""), .WrongPassphrase(reason: ""), .Stopped(reason: ""), .TimedOut(reason: ""),
            .Cancelled(reason: ""), .System(reason: ""), .Bug(reason: ""),
        ]
        XCTAssertEqual(Set(troubles.map(english.trouble)).count, troubles.count)
        XCTAssertEqual(english.size(1_500_000), "2 MB")
    }

    func test_a_port_is_written_in_digits_alone_where_the_system_separates_thousands() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("words-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let language = folder.appendingPathComponent("en.lproj")
        try FileManager.default.createDirectory(at: language, withIntermediateDirectories: true)
        let catalogue = try CatalogueWords("en")
        let texts = ["set_port_now", "do_firewall", "number_does_not_fit"].map { "\"\($0)\" = \"\(catalogue.format(of: $0))\";\n" }
        try Data((texts + ["count = \"%1$lld\";\n"]).joined().utf8).write(to: language.appendingPathComponent("Localizable.strings"))
        let source = BundleWords(try XCTUnwrap(Bundle(path: folder.path)), locale: Locale(identifier: "en_US"))
        XCTAssertEqual(source.text("count", [.number(20_070)]), "20,070", "it separates them")
        let words = Words(source)
        XCTAssertEqual(words.setPortNow(port: 20_070), "UDP 20070")
        XCTAssertTrue(words.doFirewall(port: 20_070).contains(" 20070 "), words.doFirewall(port: 20_070))
        XCTAssertTrue(words.numberDoesNotFit(least: 1_024, most: 65_535).contains("1024 to 65535"))
    }

    func test_every_notice_is_a_sentence_of_its_own_in_both_languages() throws {
        let notices: [Notice] = [
            .addressUnusable(address: "192.0.2.1", reason: ""), .askExpired(host: "1"), .askRefused(host: "1"),
            .codeShared(host: "1", other: "2"), .copyRestored, .encryptionReset(host: "1"), .friendAsksAgain(host: "1"),
            .generationNotKept(reason: ""), .heldDropped(host: "1"), .historyDropped(host: "1", message: "2"),
            .messagesLost(host: "1", count: 2), .missed(count: 3), .noPort, .outboxDropped(host: "1", message: "2"), .restored,
            .storageFailed(reason: ""),
        ]
        for language in ["en", "it"] {
            let words = try words(language)
            let said = notices.map {
                words.notice(DatedNotice(id: 1, moment: .distantPast, notice: $0, name: "Grace", other: "Linus"))
            }
            XCTAssertEqual(Set(said).count, notices.count)
            XCTAssertFalse(said.contains { $0.contains("missing:") || $0.contains("wrong:") || $0.contains("%") })
            XCTAssertEqual(said.filter { $0.contains("Grace") }.count, notices.filter { $0.about != nil }.count)
        }
    }

    func test_a_bundle_fills_its_formats() {
        // Without a catalogue in it a bundle gives the key, which is then the format.
        let source = BundleWords(Bundle(for: Self.self))
        XCTAssertEqual(source.text("%2$lld for %1$@", [.text("Ada"), .number(3)]), "3 for Ada")
        XCTAssertEqual(source.text("100%", []), "100%")
    }
}

final class DoctorWordsTests: XCTestCase {
    private func diagnosis(_ thing: ExaminedThing, _ judgement: Judgement, _ ground: Ground) -> Diagnosis {
        Diagnosis(
            thing: thing, network: nil, address: nil, judgement: judgement, ground: ground, asked: 0, answeredBy: nil,
            answeredByAlias: nil, detail: nil, othersAheadMs: ground == .clockDiffers ? -3 * 86_400_000 : nil)
    }

    func test_the_gravest_remedy_stands_first_and_each_once() throws {
        let words = Words(try CatalogueWords("en"))
        let examination = Examination(
            port: 20_070, leadsToSomebody: false,
            diagnoses: [
                diagnosis(.broadcast, .doesNotWork, .noPermission), diagnosis(.multicastV4, .doesNotWork, .noPermission),
                diagnosis(.sweep, .unknown, .nobodyAnswered), diagnosis(.clock, .doesNotWork, .clockDiffers),
            ])
        let remedies = words.remedies(examination)
        XCTAssertEqual(remedies.map(\.todo), [words.doSetClock, words.doPermission])
        XCTAssertEqual(remedies.map(\.isInSettings), [false, true])
        XCTAssertTrue(try XCTUnwrap(remedies.first).wrong.contains("3 days"))
    }

    func test_where_the_local_network_is_refused_to_connect_is_no_remedy_and_while_the_doctor_looks_that_is_said_already() throws {
        let words = Words(try CatalogueWords("en"))
        let examination = Examination(
            port: 20_070, leadsToSomebody: false,
            diagnoses: [
                diagnosis(.broadcast, .doesNotWork, .notToEverybody), diagnosis(.multicastV6, .doesNotWork, .noRoute),
                diagnosis(.sweep, .doesNotWork, .noPermission), diagnosis(.clock, .doesNotWork, .clockDiffers),
            ])
        var state = Doctor.State(examination: examination)
        XCTAssertEqual(words.remedies(state).map(\.todo), [words.doSetClock, words.doWaitOrScan, words.doConnect, words.doPermission])
        state.isRefused = true
        XCTAssertEqual(words.remedies(state).map(\.todo), [words.iosAllowLocalNetwork, words.doSetClock])
        state.isExamining = true
        XCTAssertEqual(words.remedies(state).map(\.todo), [words.iosAllowLocalNetwork])
    }

    func test_every_ground_and_thing_has_words_of_its_own_in_both_languages() throws {
        let grounds: [Ground] = [
            .fine, .answered, .nobodyAnswered, .othersAnswered, .notHeardHere, .noAddress, .loopbackOnly, .nothingToTry, .notNeeded,
            .networkTooLarge, .switchedOff, .notPresent, .portTaken, .noPermission, .noRoute, .notToEverybody, .interfaceDown, .failed,
            .clockTooEarly, .clockDiffers,
        ]
        let things: [ExaminedThing] = [
            .address, .broadcast, .multicastV4, .multicastV6, .remembered, .given, .sweep, .hostLink, .clock,
        ]
        let examination = Examination(port: 1, leadsToSomebody: false, diagnoses: [])
        for language in ["en", "it"] {
            let words = Words(try CatalogueWords(language))
            let said = grounds.map { words.ground(diagnosis(.broadcast, .unknown, $0), examination) } + things.map(words.thing)
            XCTAssertEqual(Set(said).count, grounds.count + things.count)
            XCTAssertFalse(said.contains { $0.contains("missing:") || $0.contains("wrong:") })
        }
    }
}
