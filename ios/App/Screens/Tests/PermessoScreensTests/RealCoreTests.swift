import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// Two apps with the real core on this machine.
@MainActor
final class RealCoreTests: XCTestCase, @unchecked Sendable {
    func test_what_an_import_leaves_that_was_ended_in_the_middle_is_no_host() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("screens-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["lock", "permesso.new"] { try Data().write(to: folder.appendingPathComponent(name)) }
        let parameters = "[network]\ninterfaces = [\"127.0.0.9\"]\n"
        let opener = DeviceOpener(directory: folder, keyStore: MemoryKeyStore(), parameters: parameters, eraseKeys: {})
        let app = AppModel(opener, drafts: Drafts())
        await app.open()
        XCTAssertEqual(app.state.phase, .firstRun)
        // Nor does it stand in the way of the one that is made.
        let host = try await opener.open(alias: "Ada")
        XCTAssertTrue(opener.exists())
        try await host.stop()
    }

    func test_two_apps_meet_ask_chat_export_and_erase() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("screens-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        // Not one that the system gives to sockets without a number (Linux: from 32,768 on).
        let port = Int.random(in: 10_000..<32_768)
        let keys = MemoryKeyStore()
        func opener(_ name: String, _ last: Int) -> DeviceOpener {
            let parameters = """
                [host]
                port = \(port)
                [network]
                interfaces = ["127.0.0.\(last)"]
                [presence]
                search_time = "700ms"
                [friendship]
                stamp_bits = 8
                """
            return DeviceOpener(
                directory: folder.appendingPathComponent(name), keyStore: name == "Ada" ? keys : MemoryKeyStore(),
                parameters: parameters, eraseKeys: { keys.lose() })
        }
        let (one, other) = (AppModel(opener("Ada", 1), drafts: Drafts()), AppModel(opener("Grace", 2), drafts: Drafts()))
        for (app, name) in [(one, "Ada"), (other, "Grace")] {
            await app.open()
            XCTAssertEqual(app.state.phase, .firstRun)
            await app.begin(alias: name, visibility: .everybody)
            XCTAssertEqual(app.state.phase, .live)
            XCTAssertNil(app.state.offNetwork)
        }
        let (ada, grace) = (try XCTUnwrap(one.host), try XCTUnwrap(other.host))

        let find = Find(ada)
        try await eventually("found") {
            find.write("gra")
            await find.search()
            return find.state.found?.map(\.id) == [grace.id]
        }
        let person = Person(ada, grace.id)
        person.ask(.ask)
        person.write("Ciao!")
        await person.answer(.ask)
        let people = People(grace)
        try await shown(people.run) {
            try await eventually("asked") { people.state.asks.first?.greeting == "Ciao!" }
            await people.accept(ada.id)
            try await eventually("friends") { people.state.talks.count == 1 }
        }

        let conversation = Conversation(ada, with: grace.id, drafts: one.drafts)
        try await shown(conversation.run) {
            try await eventually { conversation.state.canWrite }
            conversation.write("ci vediamo alle 8?")
            await conversation.send()
            try await eventually("delivered") { conversation.state.messages.first?.state == .delivered }
        }
        // A friend's code is what that friend's own screen shows, but for the proof that only its owner may give away.
        let friend = Person(ada, grace.id)
        try await shown(friend.run) {
            try await eventually("a code") { friend.state.code != nil }
        }
        let code = try XCTUnwrap(friend.state.code)
        let scan = Scan(ada)
        scan.look(inPicture: ["https://example.org", code])
        await scan.accept(try XCTUnwrap(scan.state.waiting))
        XCTAssertEqual(scan.state.person, grace.id)

        let search = SearchMessages(ada)
        search.write("OTTO")
        await search.search()
        XCTAssertEqual(search.state.found?.count, 0)
        search.write("vediamo")
        await search.search()
        one.show(try XCTUnwrap(search.state.found?.first))
        let opened = Conversation(ada, with: grace.id, drafts: one.drafts, saved: one.saved(.conversation(grace.id)))
        try await shown(opened.run) {
            try await eventually("the hit") { opened.state.marked == opened.state.messages.first?.id && opened.state.marked != nil }
        }
        let read = try await grace.messages(with: ada.id).map(\.text)
        XCTAssertEqual(read, ["ci vediamo alle 8?"])

        let doctor = Doctor(ada)
        await doctor.examine()
        XCTAssertNil(doctor.state.trouble)
        XCTAssertEqual(doctor.state.examination?.port, UInt16(port))
        XCTAssertFalse(doctor.state.findings.isEmpty)

        let account = Account(ada, folder: folder)
        account.write(passphrase: "una frase lunga")
        await account.export()
        XCTAssertNil(account.state.file)
        account.write(repeated: "una frase lunga")
        await account.export()
        let file = try XCTUnwrap(account.state.file)
        XCTAssertTrue(FileManager.default.fileExists(atPath: file.path))

        XCTAssertEqual(account.state.report?.messages, 1)

        await account.exportContacts()
        let cards = try XCTUnwrap(account.state.contacts)
        XCTAssertTrue(try String(contentsOf: cards, encoding: .utf8).contains("permesso:"))
        let theirs = Account(grace, folder: folder)
        await theirs.importContacts(from: cards)
        XCTAssertNotNil(theirs.state.cards)
        try FileManager.default.removeItem(at: cards)

        // Who is away hears nothing, and nothing happens on the network: one's own words are shown all the same.
        let (graceId, everybody) = (grace.id, People(ada))
        try await grace.stop()
        let waiting = Conversation(ada, with: graceId, drafts: one.drafts)
        try await shown(everybody.run) {
            try await eventually("the last line") { everybody.state.last[graceId]?.text == "ci vediamo alle 8?" }
            try await shown(waiting.run) {
                try await eventually { waiting.state.isLoaded && waiting.state.canWrite }
                waiting.write("dove sei?")
                await waiting.send()
                try await eventually("one's own words") { waiting.state.messages.last?.text == "dove sei?" }
            }
            try await eventually("the new last line") { everybody.state.last[graceId]?.text == "dove sei?" }
        }

        await one.leave()
        XCTAssertNotNil(one.state.left)
        await one.start()
        XCTAssertNil(one.state.left)
        XCTAssertNil(one.state.offNetwork)

        await one.erase()
        XCTAssertEqual(one.state.phase, .firstRun)
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder.appendingPathComponent("Ada").path))
        await one.importAccount(from: file, passphrase: "una frase lunga")
        XCTAssertNil(one.state.trouble)
        XCTAssertEqual(one.state.phase, .live)
        let again = try XCTUnwrap(one.host)
        XCTAssertEqual(again.id, ada.id)
        let alias = try await again.settings().alias
        XCTAssertEqual(alias, "Ada")
        let kept = try await again.messages(with: grace.id).map(\.text)
        XCTAssertEqual(kept, ["ci vediamo alle 8?"])
        account.remove()
        XCTAssertFalse(FileManager.default.fileExists(atPath: file.path))
        try await again.stop()

        // Whole or damaged: what is read of it is for other programs, and the friends are there for another host.
        let rescue = Rescue(opener("Ada", 1), folder: folder.appendingPathComponent("rescued"))
        await rescue.begin()
        XCTAssertNil(rescue.state.trouble)
        XCTAssertEqual(rescue.state.report?.friends, 1)
        XCTAssertEqual(rescue.state.report?.unreadable, 0)
        let files = rescue.state.files
        XCTAssertTrue(try String(contentsOf: files[1], encoding: .utf8).contains("→ Grace: ci vediamo alle 8?"))
        let third = AppModel(opener("Linus", 3), drafts: Drafts())
        await third.begin(alias: "Linus", visibility: .nobody)
        let linus = Account(try XCTUnwrap(third.host), folder: folder)
        await linus.importContacts(from: files[0])
        XCTAssertEqual(linus.state.cards?.map(\.host), [graceId])
        try await third.host?.stop()
    }
}
