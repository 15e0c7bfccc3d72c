import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// The end of the process, and what comes back after it.
@MainActor
final class RestoreTests: XCTestCase, @unchecked Sendable {
    private let file = FileManager.default.temporaryDirectory.appendingPathComponent("screens-\(UUID().uuidString)/screens")

    override func tearDown() async throws {
        try? FileManager.default.removeItem(at: file.deletingLastPathComponent())
    }

    /// As a later process has it.
    private func app(_ opener: FakeOpener = FakeOpener()) async -> AppModel {
        let app = AppModel(opener, drafts: Drafts(), file: file)
        await app.open()
        return app
    }

    /// What a screen keeps, as a later process reads it.
    private func later(_ screen: Screen? = nil, _ shown: (Saved) async throws -> Void) async rethrows -> Saved {
        let before = await app()
        if let screen, before.state.path.last != screen { before.show(screen) }
        try await shown(before.saved(screen))
        before.save()
        return await app().saved(screen)
    }

    func test_the_screens_and_what_they_keep_come_back_in_a_later_process() async {
        let before = await app()
        before.show(.more)
        before.show(.conversation("a"))
        before.show(.person("a"))
        before.show(.conversation("a"))
        before.saved(.conversation("a"))["anchor"] = "7"
        before.saved()["refusing"] = "b"
        before.askLeave(true)
        let unsaved = await app()
        XCTAssertTrue(unsaved.state.path.isEmpty)
        before.save()
        let after = await app()
        XCTAssertEqual(after.state.path, [.more, .conversation("a")])
        XCTAssertEqual(after.saved(.conversation("a"))["anchor"], "7")
        XCTAssertEqual(after.saved()["refusing"], "b")
        XCTAssertTrue(after.state.isAskingLeave)
    }

    func test_a_screen_that_was_left_begins_afresh() async {
        let app = await app()
        app.show(.find)
        app.saved(.find)["text"] = "gra"
        app.setPath([])
        app.show(.find)
        XCTAssertNil(app.saved(.find)["text"])
    }

    func test_what_a_later_version_or_nobody_wrote_is_passed_over() async throws {
        let before = await app()
        before.show(.settings)
        before.save()
        let text = try String(contentsOf: file, encoding: .utf8)
        let newer = text.replacingOccurrences(of: "]", with: ",{\"screen\":{\"new\":{}},\"kept\":{}}]")
        try Data(newer.utf8).write(to: file)
        let older = await app()
        XCTAssertEqual(older.state.path, [.settings])
        try Data("{".utf8).write(to: file)
        let first = await app()
        XCTAssertTrue(first.state.path.isEmpty)
    }

    func test_nothing_is_left_of_it_after_erasing() async {
        let app = await app()
        app.show(.conversation("a"))
        app.saved(.conversation("a"))["detail"] = "1"
        app.save()
        XCTAssertTrue(FileManager.default.fileExists(atPath: file.path))
        await app.erase()
        XCTAssertFalse(FileManager.default.fileExists(atPath: file.path))
        XCTAssertNil(app.saved(.conversation("a"))["detail"])
    }

    func test_notices_of_every_kind_are_there_in_a_later_process_until_everything_is_erased() async throws {
        let pair = try await Pair()
        let before = await app()
        let told = Sample.notices.map(\.notice)
        for notice in told { await before.notices.add(notice, from: pair.ada, at: sampleNow.moment) }
        let after = await app()
        XCTAssertEqual(after.notices.state.list.map(\.notice), told.reversed())
        XCTAssertEqual(after.notices.state.list.map(\.id), before.notices.state.list.map(\.id))
        XCTAssertEqual(after.notices.state.list.last?.moment, sampleNow.moment)
        XCTAssertEqual(after.notices.state.unseen, told.count)
        after.notices.seen()
        await after.notices.add(.noPort, from: pair.ada, at: sampleNow.moment)
        XCTAssertEqual(Set(after.notices.state.list.map(\.id)).count, told.count + 1)
        let third = await app()
        XCTAssertEqual(third.notices.state.unseen, 1)
        await after.erase()
        let last = await app()
        XCTAssertTrue(last.notices.state.list.isEmpty)
    }

    /// A message of hers waits for Grace, who is a friend and away.
    private func write(_ ada: FakePermesso, _ grace: FakePermesso) async throws {
        try await ada.askFriendship(grace.id)
        try await grace.acceptFriendship(ada.id)
        try await grace.pause()
        try await ada.send("ci sei?", to: grace.id)
    }

    func test_who_has_left_is_off_the_network_in_a_later_process_too_until_coming_back_is_chosen() async throws {
        let pair = try await Pair()
        var started = 0
        func later() async throws -> (AppModel, FakePermesso) {
            let opener = FakeOpener(pair.network, isThere: true)
            let app = AppModel(opener, drafts: Drafts(), file: file, onStarted: { _ in started += 1 })
            await app.open()
            return (app, try XCTUnwrap(app.host as? FakePermesso))
        }
        func isSeen() async throws -> Bool? { try await pair.grace.hosts().map(\.online).first }
        try await pair.ada.stop()
        let (before, ada) = try await later()
        try await write(ada, pair.grace)
        await before.leave()
        let left = try XCTUnwrap(before.state.left)
        XCTAssertEqual(left.kept, 1)
        try await pair.grace.resume()
        try await ada.stop()

        let (after, again) = try await later()
        XCTAssertEqual(after.state.phase, .live)
        XCTAssertEqual(after.state.left, left)
        // What brings back who is off for another reason does not.
        after.startIfOff()
        let seen = try await isSeen()
        XCTAssertEqual(seen, false)
        XCTAssertEqual(started, 1)
        await after.start()
        XCTAssertNil(after.state.left)
        let back = try await isSeen()
        XCTAssertEqual(back, true)
        try await again.stop()

        let (last, _) = try await later()
        XCTAssertNil(last.state.left)
        XCTAssertEqual(started, 3)
    }

    func test_who_is_about_to_leave_is_off_the_network_in_a_later_process_too_unless_that_fails() async throws {
        let later = { await self.app() }
        var meanwhile: [Bool] = []
        let app = AppModel(
            FakeOpener(isThere: true), drafts: Drafts(), file: file,
            unsuspended: { leave in
                meanwhile.append(await later().state.isOff)
                await leave()
            })
        await app.open()
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        ada.failNext(.StorageUnavailable(reason: "the disk is full"))
        await app.leave()
        XCTAssertEqual(meanwhile, [true])
        let back = await later()
        XCTAssertFalse(back.state.isOff)

        await app.leave()
        let off = await later()
        XCTAssertNotNil(off.state.left)
        // Who has left already has done so whatever becomes of doing it again.
        ada.failNext(.StorageUnavailable(reason: "the disk is full"))
        await app.leave()
        let still = await later()
        XCTAssertNotNil(still.state.left)
        XCTAssertEqual(meanwhile.count, 3)
    }

    func test_where_the_process_ends_while_its_user_leaves_a_later_one_stays_off_the_network_and_tells_what_waits() async throws {
        let pair = try await Pair()
        func later() async throws -> (AppModel, FakePermesso) {
            let opener = FakeOpener(pair.network, isThere: true)
            // Nothing is done any more once it is about to leave.
            let app = AppModel(opener, drafts: Drafts(), file: file, unsuspended: { _ in })
            await app.open()
            return (app, try XCTUnwrap(app.host as? FakePermesso))
        }
        try await pair.ada.stop()
        let (before, ada) = try await later()
        try await write(ada, pair.grace)
        await before.leave()
        XCTAssertNil(before.state.left)
        try await ada.stop()
        try await pair.grace.resume()

        let full = FakeOpener(pair.network, isThere: true)
        full.onOpen = { $0.failNext(.StorageUnavailable(reason: "the disk is full")) }
        let inVain = await app(full)
        XCTAssertEqual(inVain.state.phase, .stuck(.StorageUnavailable(reason: "the disk is full")))
        XCTAssertTrue(inVain.state.isOff)
        XCTAssertNil(inVain.host)

        let (after, again) = try await later()
        XCTAssertEqual(after.state.left?.kept, 1)
        XCTAssertFalse(after.state.isLeaving)
        let seen = try await pair.grace.hosts().map(\.online).first
        XCTAssertEqual(seen, false)
        try await again.stop()
        let (last, _) = try await later()
        XCTAssertEqual(last.state.left?.kept, 1)
    }

    func test_a_new_account_and_one_that_is_imported_have_not_left_and_nobody_has_after_erasing() async throws {
        /// The host is gone, and nobody erased the rest.
        func left() async -> AppModel {
            await app(FakeOpener(isThere: true)).leave()
            let app = await app()
            XCTAssertEqual(app.state.phase, .firstRun)
            XCTAssertNotNil(app.state.left)
            return app
        }
        let new = await left()
        await new.begin(alias: "Ada", visibility: .everybody)
        XCTAssertNil(new.state.left)
        let afterNew = await app()
        XCTAssertNil(afterNew.state.left)

        let imported = await left()
        await imported.importAccount(from: URL(fileURLWithPath: "/nowhere"), passphrase: "wrong")
        XCTAssertNotNil(imported.state.left)
        await imported.importAccount(from: URL(fileURLWithPath: "/nowhere"), passphrase: "right")
        XCTAssertNil(imported.state.left)
        let afterImport = await app()
        XCTAssertNil(afterImport.state.left)

        await left().erase()
        let afterErasing = await app()
        XCTAssertNil(afterErasing.state.left)
    }

    func test_the_first_run_keeps_the_name_and_who_may_see_it() async {
        let saved = await later { saved in
            let first = FirstRun(saved)
            first.write("Ada")
            first.show(to: .friends)
            first.askImport(true)
        }
        let state = FirstRun(saved).state
        XCTAssertEqual(state.alias, "Ada")
        XCTAssertEqual(state.visibility, .friends)
        XCTAssertTrue(state.isImporting)
    }

    func test_people_keep_the_question_whom_to_refuse() async throws {
        let pair = try await Pair()
        let saved = await later { People(pair.ada, saved: $0).askRefuse(pair.grace.id) }
        XCTAssertEqual(People(pair.ada, saved: saved).state.refusing, pair.grace.id)
    }

    func test_a_conversation_keeps_its_dialog_its_place_and_its_unread_line() async throws {
        let pair = try await Pair.friends()
        for number in 1...250 { try await pair.ada.send(String(number), to: pair.grace.id) }
        try await pair.grace.send("new", to: pair.ada.id)
        let screen = Screen.conversation(pair.grace.id)
        var place: String?
        let saved = try await later(screen) { saved in
            let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: saved)
            try await shown(conversation.run) {
                try await eventually { conversation.state.goal != nil }
                await eventuallyOlder(conversation)
                place = conversation.state.messages.first { $0.text == "100" }?.id
                conversation.appeared(try XCTUnwrap(place))
                conversation.look(at: place)
                conversation.ask(.delete)
            }
        }
        let after = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: saved)
        XCTAssertEqual(after.state.detail, place)
        XCTAssertEqual(after.state.question, .delete)
        try await shown(after.run) {
            try await eventually { after.state.goal != nil }
            XCTAssertEqual(after.state.goal?.message, place)
            XCTAssertEqual(after.state.detailed?.text, "100")
            XCTAssertEqual(after.state.messages.first { $0.id == after.state.firstUnread }?.text, "new")
        }
    }

    private func eventuallyOlder(_ conversation: Conversation) async {
        while conversation.state.hasOlder { await conversation.older() }
    }

    func test_every_question_and_every_sheet_is_there_in_a_later_process() async throws {
        let pair = try await Pair.friends()
        let (ada, grace) = (pair.ada, pair.grace.id)
        for question in Person.Question.allCases {
            let saved = await later(.person(grace)) { saved in
                let person = Person(ada, grace, saved: saved)
                person.ask(question)
                person.write("Sono")
            }
            let state = Person(ada, grace, saved: saved).state
            XCTAssertEqual(state.question, question)
            XCTAssertEqual(state.text, "Sono", "\(question)")
        }
        for question in Conversation.Question.allCases {
            let saved = await later(.conversation(grace)) { saved in
                let conversation = Conversation(ada, with: grace, drafts: Drafts(), saved: saved)
                conversation.look(at: "7")
                conversation.ask(question)
            }
            let state = Conversation(ada, with: grace, drafts: Drafts(), saved: saved).state
            XCTAssertEqual(state.question, question)
            XCTAssertEqual(state.detail, "7", "\(question)")
        }
        for field in SettingsScreen.Field.allCases {
            let saved = await later(.settings) { saved in
                let settings = SettingsScreen(ada, saved: saved)
                settings.edit(field)
                settings.write("12")
            }
            let state = SettingsScreen(ada, saved: saved).state
            XCTAssertEqual(state.editing, field)
            XCTAssertEqual(state.text, "12", "\(field)")
        }
    }

    /// Whoever adds one tries in this file that it comes back, and writes it down here.
    func test_none_that_a_view_asks_or_shows_above_a_screen_is_left_out() async throws {
        let shown = try uses(of: #"\.(sheet|alert|confirmationDialog|fullScreenCover|popover|fileImporter|fileExporter)\("#, in: "Views")
        XCTAssertEqual(
            shown,
            [
                // The file with contacts, and the system's sheet to hand an export or contacts on, which ends with the process.
                "AccountView.swift": 3,
                // A code that was seen.
                "CodeViews.swift": 1,
                // A message, and a question about it.
                "ConversationView.swift": 2,
                // Leaving.
                "MoreViews.swift": 1,
                // Whom to refuse.
                "PeopleView.swift": 1,
                // Questions, and what has a field or a code.
                "PersonView.swift": 2, "SettingsView.swift": 1,
                // The import, erasing, and the system's own: its list of files, and its sheet to hand them on, which end with the process.
                "StartView.swift": 4,
            ])
        let choices = try uses(of: #"saved\.choice\("#, in: "Screens/Sources/PermessoScreens")
        XCTAssertEqual(choices, ["Conversation.swift": 1, "Person.swift": 1, "SettingsScreen.swift": 1])
    }

    /// How often something stands in each source of a folder.
    private func uses(of pattern: String, in folder: String) throws -> [String: Int] {
        let expression = try NSRegularExpression(pattern: pattern)
        let path = URL(fileURLWithPath: #filePath + "/../../../../\(folder)").standardized
        var found: [String: Int] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: path, includingPropertiesForKeys: nil) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let count = expression.numberOfMatches(in: text, range: NSRange(text.startIndex..., in: text))
            if count > 0 { found[file.lastPathComponent] = count }
        }
        return found
    }

    func test_a_person_keeps_the_greeting_that_was_begun() async throws {
        let pair = try await Pair()
        let saved = await later(.person(pair.grace.id)) { saved in
            let person = Person(pair.ada, pair.grace.id, saved: saved)
            person.ask(.ask)
            person.write("Sono")
        }
        let after = Person(pair.ada, pair.grace.id, saved: saved)
        XCTAssertEqual(after.state.question, .ask)
        XCTAssertEqual(after.state.text, "Sono")
        await after.answer(.ask)
        XCTAssertNil(saved["question"])
        XCTAssertNil(saved["text"])
    }

    func test_a_code_waits_in_a_later_process_too_and_one_that_was_refused_does_not_ask_again() async throws {
        let pair = try await Pair()
        let code = "permesso:\(pair.grace.id)"
        let screen = Screen.scan(code)
        let waiting = await later(screen) { saved in
            let scan = Scan(pair.ada, code: code, saved: saved)
            scan.write("permesso:typ")
        }
        let after = Scan(pair.ada, code: code, saved: waiting)
        XCTAssertEqual(after.state.waiting, code)
        XCTAssertEqual(after.state.text, "permesso:typ")
        let refused = await later(screen) { Scan(pair.ada, code: code, saved: $0).dismiss() }
        XCTAssertNil(Scan(pair.ada, code: code, saved: refused).state.waiting)
    }

    func test_a_search_for_people_is_made_again() async throws {
        let pair = try await Pair()
        let saved = await later(.find) { saved in
            let find = Find(pair.ada, saved: saved)
            find.write("gra")
            await find.search()
        }
        let after = Find(pair.ada, saved: saved)
        XCTAssertEqual(after.state.text, "gra")
        try await shown(after.run) {
            try await eventually { after.state.found?.map(\.alias) == ["Grace"] }
        }
        let typed = await later(.find) { Find(pair.ada, saved: $0).write("lin") }
        let untried = Find(pair.ada, saved: Saved(["text": typed["text"] ?? ""]))
        let running = Task { await untried.run() }
        // It has run as far as it goes by itself once it knows who is blocked.
        try await pair.ada.block(pair.grace.id)
        try await eventually { untried.state.blocked == [pair.grace.id] }
        XCTAssertNil(untried.state.found)
        running.cancel()
    }

    func test_a_search_in_messages_keeps_its_word() async throws {
        let pair = try await Pair.friends()
        try await pair.ada.send("Tè alle cinque", to: pair.grace.id)
        let saved = await later(.searchMessages) { SearchMessages(pair.ada, saved: $0).write("cinque") }
        let after = SearchMessages(pair.ada, saved: saved)
        await after.search()
        XCTAssertEqual(after.state.found?.count, 1)
    }

    func test_the_doctor_keeps_whether_every_way_is_shown() async throws {
        let pair = try await Pair()
        let saved = await later(.doctor) { Doctor(pair.ada, saved: $0).showDetails(true) }
        XCTAssertTrue(Doctor(pair.ada, saved: saved).state.showsDetails)
    }

    func test_the_settings_keep_what_is_being_typed() async throws {
        let pair = try await Pair()
        let saved = await later(.settings) { saved in
            let settings = SettingsScreen(pair.ada, saved: saved)
            settings.edit(.port)
            settings.write("2007")
        }
        let after = SettingsScreen(pair.ada, saved: saved)
        XCTAssertEqual(after.state.editing, .port)
        XCTAssertEqual(after.state.text, "2007")
    }

    func test_the_question_about_erasing_what_cannot_be_opened_is_asked_again_until_it_opens() async {
        let opener = FakeOpener(isThere: true)
        opener.trouble = .Damaged(reason: "it is damaged")
        let before = await app(opener)
        before.askErase(true)
        before.save()
        let after = await app(opener)
        XCTAssertTrue(after.state.isAskingErase)
        opener.trouble = nil
        await after.open()
        XCTAssertFalse(after.state.isAskingErase)
        after.save()
        let last = await app()
        XCTAssertFalse(last.state.isAskingErase)
    }

    func test_the_account_keeps_the_question_about_erasing_and_no_passphrase() async throws {
        let pair = try await Pair()
        let saved = await later(.account) { saved in
            let account = Account(pair.ada, saved: saved)
            account.askErase(true)
            account.askCards(true)
            account.write(passphrase: "una frase lunga")
        }
        XCTAssertTrue(Account(pair.ada, saved: saved).state.isAskingErase)
        XCTAssertTrue(Account(pair.ada, saved: saved).state.isChoosingCards)
        XCTAssertFalse(try String(contentsOf: file, encoding: .utf8).contains("frase"))
    }
}
