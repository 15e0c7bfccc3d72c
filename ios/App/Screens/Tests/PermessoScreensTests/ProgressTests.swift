import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// What takes long: how far it is, its end, and what went wrong.
@MainActor
final class ProgressTests: XCTestCase, @unchecked Sendable {
    private let work = LongWork(total: 200)
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("progress-\(UUID().uuidString)")

    override func setUp() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDown() async throws {
        try? FileManager.default.removeItem(at: folder)
    }

    private var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }

    /// An export that waits for ``work``.
    private func exporting() async throws -> Account {
        let pair = try await Pair()
        pair.ada.export = work
        let account = Account(pair.ada, folder: folder)
        account.write(passphrase: "four words are better")
        account.write(repeated: "four words are better")
        return account
    }

    func test_an_export_shows_how_far_it_is_and_its_file_is_there_at_its_end() async throws {
        let account = try await exporting()
        async let ended: Void = account.export()
        try await eventually { account.state.percent == 0 }
        for done in [84, 199] {
            work.reach(UInt64(done))
            try await eventually("\(done)") { account.state.percent == done / 2 }
        }
        XCTAssertNil(account.state.file)
        work.reach(200)
        await ended
        XCTAssertNil(account.state.percent)
        XCTAssertEqual(files, [try XCTUnwrap(account.state.file).lastPathComponent])
    }

    func test_an_export_that_is_cancelled_ends_leaves_no_file_and_is_no_trouble() async throws {
        let account = try await exporting()
        async let ended: Void = account.export()
        work.reach(84)
        try await eventually { account.state.percent == 42 }
        XCTAssertEqual(files.count, 1)
        account.cancel()
        work.reach(90)
        await ended
        XCTAssertNil(account.state.percent)
        XCTAssertNil(account.state.trouble)
        XCTAssertNil(account.state.file)
        XCTAssertEqual(files, [])
        XCTAssertTrue(account.state.passphraseFits, "it can be begun again")
    }

    func test_an_export_that_fails_in_the_middle_is_told_and_leaves_no_file() async throws {
        let account = try await exporting()
        async let ended: Void = account.export()
        work.reach(84)
        work.fail(.StorageUnavailable(reason: "the disk is full"))
        await ended
        XCTAssertNil(account.state.percent)
        XCTAssertEqual(account.state.trouble, .StorageUnavailable(reason: "the disk is full"))
        XCTAssertEqual(files, [])
    }

    func test_an_export_goes_on_while_another_screen_is_shown_and_is_found_again() async throws {
        let app = AppModel(FakeOpener(), drafts: Drafts(), exports: folder)
        await app.open()
        await app.begin(alias: "Ada", visibility: .everybody)
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        ada.export = work
        app.show(.account)
        let account = app.account(of: ada)
        XCTAssertTrue(account === app.account(of: ada), "the view may be made anew")
        account.write(passphrase: "four words are better")
        account.write(repeated: "four words are better")
        let exporting = Task { await account.export() }
        work.reach(84)
        try await eventually { account.state.percent == 42 }
        // As a tap on a notification does.
        app.showAlone(.conversation("1"))
        work.reach(120)
        app.show(.account)
        XCTAssertTrue(account === app.account(of: ada))
        try await eventually { app.account(of: ada).state.percent == 60 }
        app.setPath([])
        work.reach(200)
        await exporting.value
        app.show(.account)
        let file = try XCTUnwrap(app.account(of: ada).state.file)
        XCTAssertEqual(files, [file.lastPathComponent])
        // Nothing goes on there: who leaves it now leaves nothing there.
        app.setPath([])
        XCTAssertEqual(files, [])
        app.show(.account)
        XCTAssertFalse(account === app.account(of: ada))
        XCTAssertEqual(app.account(of: ada).state.passphrase, "")
    }

    func test_an_export_is_done_only_once_its_file_was_handed_on() async throws {
        let account = try await exporting()
        work.reach(200)
        await account.export()
        XCTAssertEqual(files.count, 1)
        XCTAssertNotNil(account.state.report)
        XCTAssertNil(account.state.exported, "nobody has it yet")
        account.handedOn()
        XCTAssertEqual(files, [])
        XCTAssertNil(account.state.file)
        XCTAssertEqual(account.state.exported, account.state.report)
        XCTAssertNotNil(account.state.exported)
        // What is in a file that nobody took is not said of the next one either.
        account.write(passphrase: "four words are better")
        account.write(repeated: "four words are better")
        work.fail(.StorageUnavailable(reason: "the disk is full"))
        await account.export()
        XCTAssertNil(account.state.exported)
        XCTAssertTrue(account.leave())
        XCTAssertNil(account.state.exported)
    }

    func test_contacts_are_handed_on_from_the_first_and_are_written_anew_each_time() async throws {
        let account = Account(try await Pair.friends().ada, folder: folder)
        for _ in 0..<2 {
            await account.exportContacts()
            XCTAssertEqual(files, [try XCTUnwrap(account.state.contacts).lastPathComponent])
            account.endContacts()
            XCTAssertEqual(files, [])
            XCTAssertNil(account.state.contacts)
        }
    }

    func test_an_export_that_a_pause_ends_begins_again_after_it() async throws {
        let pair = try await Pair()
        pair.ada.export = work
        let account = Account(pair.ada, folder: folder)
        account.write(passphrase: "four words are better")
        account.write(repeated: "four words are better")
        let exporting = Task { await account.export() }
        work.reach(84)
        try await eventually { account.state.percent == 42 }
        try await pair.ada.pause()
        work.fail(.Paused(reason: "the host is paused"))
        try await eventually { account.state.percent == 0 }
        pair.ada.export = nil
        try await pair.ada.resume()
        await exporting.value
        XCTAssertNil(account.state.trouble)
        XCTAssertEqual(files, [try XCTUnwrap(account.state.file).lastPathComponent])
    }

    func test_what_is_being_exported_ends_when_everything_is_erased_and_is_left_nowhere() async throws {
        let app = AppModel(FakeOpener(), drafts: Drafts(), exports: folder)
        await app.open()
        await app.begin(alias: "Ada", visibility: .everybody)
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        app.show(.account)
        let account = app.account(of: ada)
        await account.exportContacts()
        XCTAssertEqual(files, ["permesso.vcf"])
        account.write(passphrase: "four words are better")
        account.write(repeated: "four words are better")
        ada.export = work
        let exporting = Task { await account.export() }
        work.reach(84)
        try await eventually { account.state.percent == 42 }
        await app.erase()
        work.reach(90)
        await exporting.value
        XCTAssertEqual(files, [])
        XCTAssertNil(account.state.file)
    }

    func test_an_import_goes_on_behind_its_sheet_and_no_host_is_begun_meanwhile() async throws {
        let opener = FakeOpener()
        let app = AppModel(opener, drafts: Drafts())
        await app.open()
        opener.importing = work
        let importing = Task { await app.importAccount(from: URL(fileURLWithPath: "/nowhere"), passphrase: "right") }
        work.reach(84)
        try await eventually { app.state.importing == 42 }
        await app.begin(alias: "Ada", visibility: .everybody)
        XCTAssertNil(app.host)
        app.open(try XCTUnwrap(URL(string: "permesso:abc")))
        XCTAssertEqual(app.state.importing, 42)
        work.reach(200)
        await importing.value
        XCTAssertEqual(app.state.phase, .live)
    }

    func test_an_import_shows_how_far_it_is_and_leaves_no_host_where_it_is_cancelled_or_fails() async throws {
        let opener = FakeOpener()
        let app = AppModel(opener, drafts: Drafts())
        await app.open()
        let file = URL(fileURLWithPath: "/nowhere")
        opener.importing = work
        async let cancelled: Void = app.importAccount(from: file, passphrase: "right")
        work.reach(84)
        try await eventually { app.state.importing == 42 }
        app.cancelImport()
        work.reach(90)
        await cancelled
        XCTAssertNil(app.state.importing)
        XCTAssertNil(app.state.trouble)
        XCTAssertEqual(app.state.phase, .firstRun)

        let damaged = LongWork(total: 200)
        opener.importing = damaged
        damaged.reach(84)
        damaged.fail(.Damaged(reason: "its end is missing"))
        await app.importAccount(from: file, passphrase: "right")
        XCTAssertEqual(app.state.trouble, .Damaged(reason: "its end is missing"))
        XCTAssertFalse(opener.isThere)

        let whole = LongWork(total: 200)
        opener.importing = whole
        whole.reach(84)
        whole.reach(200)
        await app.importAccount(from: file, passphrase: "right")
        XCTAssertEqual(app.state.phase, .live)
        XCTAssertNil(app.state.importing)
    }
}
