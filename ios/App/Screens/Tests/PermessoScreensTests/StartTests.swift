import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// Starts that fail, and what was chosen before them.
@MainActor
final class StartTests: XCTestCase, @unchecked Sendable {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("start-\(UUID().uuidString)")
    private let opener = FakeOpener()

    override func tearDown() async throws {
        try? FileManager.default.removeItem(at: folder)
    }

    private func app(
        _ opener: (any Opener)? = nil, _ onStarted: @escaping @MainActor (any PermessoHost) async -> Void = { _ in }
    ) -> AppModel {
        AppModel(opener ?? self.opener, drafts: Drafts(), file: folder.appendingPathComponent("screens"), onStarted: onStarted)
    }

    func test_without_room_nothing_is_lost_and_trying_again_goes_on_with_what_was_chosen() async throws {
        opener.trouble = .StorageUnavailable(reason: "the disk is full")
        let app = app()
        await app.open()
        await app.begin(alias: "Ada", visibility: .friends)
        XCTAssertEqual(app.state.phase, .stuck(.StorageUnavailable(reason: "the disk is full")))
        XCTAssertEqual(app.state.unstored, .friends)
        await app.open()
        XCTAssertEqual(app.state.phase, .stuck(.StorageUnavailable(reason: "the disk is full")))
        opener.trouble = nil
        await app.open()
        XCTAssertEqual(app.state.phase, .live)
        let settings = try await app.host?.settings()
        XCTAssertEqual(settings?.alias, "Ada")
        XCTAssertEqual(settings?.visibility, .friends)
        XCTAssertNil(app.state.unstored)
    }

    func test_a_visibility_that_cannot_be_stored_keeps_the_host_off_the_network_is_told_and_tried_again() async throws {
        opener.onOpen = { $0.failStorage() }
        var seen: [Visibility] = []
        let app = app(nil) { host in seen.append((try? await host.settings().visibility) ?? .everybody) }
        await app.open()
        let beginning = Task { await app.begin(alias: "Ada", visibility: .nobody) }
        try await eventually { app.state.offNetwork != nil }
        XCTAssertEqual(app.state.phase, .live)
        XCTAssertEqual(app.state.unstored, .nobody)
        XCTAssertTrue(seen.isEmpty, "nobody is told of it")
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        ada.restoreStorage()
        try await eventually { app.state.offNetwork == nil }
        await beginning.value
        XCTAssertNil(app.state.unstored)
        XCTAssertEqual(seen, [.nobody])
    }

    func test_the_doctor_brings_no_host_on_the_network_whose_visibility_is_not_stored() async throws {
        opener.onOpen = { $0.failStorage() }
        let app = app()
        await app.open()
        let beginning = Task { await app.begin(alias: "Ada", visibility: .nobody) }
        try await eventually { app.state.offNetwork != nil }
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        let grace = try opener.network.open("Grace")
        try await grace.start()
        let doctor = Doctor(ada, beforeLooking: { try await app.storeChosen() })
        await doctor.examine()
        guard case .StorageUnavailable? = doctor.state.trouble else { return XCTFail("\(String(describing: doctor.state))") }
        XCTAssertNil(doctor.state.examination)
        let seen = try await grace.hosts()
        XCTAssertEqual(seen.map(\.alias), [])
        ada.restoreStorage()
        await doctor.examine()
        XCTAssertNotNil(doctor.state.examination)
        let visibility = try await ada.settings().visibility
        XCTAssertEqual(visibility, .nobody)
        await beginning.value
    }

    func test_a_visibility_that_was_not_stored_when_the_process_ended_is_stored_by_the_next() async throws {
        opener.onOpen = { $0.failStorage() }
        let before = app()
        await before.open()
        let beginning = Task { await before.begin(alias: "Ada", visibility: .friends) }
        try await eventually { before.state.unstored == .friends }
        try await before.host?.stop()
        await beginning.value
        opener.onOpen = { _ in }
        var seen: [Visibility] = []
        let after = app(nil) { host in seen.append((try? await host.settings().visibility) ?? .everybody) }
        await after.open()
        XCTAssertEqual(after.state.phase, .live)
        XCTAssertEqual(seen, [.friends])
        // It counts once: what is set later stays.
        try await after.host?.changeSettings(SettingsChange(visibility: .everybody))
        try await after.host?.stop()
        let third = app()
        await third.open()
        let visibility = try await third.host?.settings().visibility
        XCTAssertEqual(visibility, .everybody)
    }

    func test_of_two_visibilities_the_one_by_which_fewer_see_the_host_counts() async throws {
        for (set, chosen, wanted) in [(Visibility.nobody, Visibility.friends, Visibility.nobody), (.everybody, .friends, .friends)] {
            let opener = FakeOpener()
            let ada = try opener.network.open("Ada")
            try await ada.changeSettings(SettingsChange(visibility: set))
            try await ada.stop()
            let app = app(opener)
            await app.open()
            await app.begin(alias: "Ada", visibility: chosen)
            let visibility = try await app.host?.settings().visibility
            XCTAssertEqual(visibility, wanted)
        }
    }

    func test_no_host_is_made_where_what_was_chosen_cannot_be_written_down() async throws {
        let file = URL(fileURLWithPath: "/dev/null/kept/screens")
        let app = AppModel(opener, drafts: Drafts(), file: file)
        await app.open()
        await app.begin(alias: "Ada", visibility: .friends)
        for _ in 0..<2 {
            guard case .stuck(.StorageUnavailable) = app.state.phase else { return XCTFail("\(app.state.phase)") }
            XCTAssertEqual(app.state.unstored, .friends)
            XCTAssertFalse(opener.isThere)
            await app.open()
        }
    }

    func test_trying_again_writes_down_what_was_chosen_before_a_host_is_made() async throws {
        // Where the folder should be is a file.
        try Data().write(to: folder)
        opener.onOpen = { $0.failStorage() }
        let app = app()
        await app.open()
        await app.begin(alias: "Ada", visibility: .nobody)
        guard case .stuck(.StorageUnavailable) = app.state.phase else { return XCTFail("\(app.state.phase)") }
        try FileManager.default.removeItem(at: folder)
        let trying = Task { await app.open() }
        try await eventually { app.state.offNetwork != nil }
        // The process ends before the host could store it: the next one finds it.
        try await app.host?.stop()
        await trying.value
        opener.onOpen = { _ in }
        let next = self.app()
        await next.open()
        let settings = try await next.host?.settings()
        XCTAssertEqual(settings?.visibility, .nobody)
    }

    func test_a_host_that_was_erased_while_it_waited_says_nothing_of_the_next() async throws {
        opener.onOpen = { $0.failStorage() }
        let app = app()
        await app.open()
        let beginning = Task { await app.begin(alias: "Ada", visibility: .nobody) }
        try await eventually { app.state.offNetwork != nil }
        await app.erase()
        await beginning.value
        XCTAssertNil(app.state.offNetwork)
        XCTAssertEqual(app.state.phase, .firstRun)
        XCTAssertEqual(FirstRun(app.saved()).state.alias, "")
    }

    private func real(_ name: String, _ last: Int, _ port: Int, _ keys: MemoryKeyStore = MemoryKeyStore()) -> DeviceOpener {
        let parameters = "[host]\nport = \(port)\n[network]\ninterfaces = [\"127.0.0.\(last)\"]\n"
        return DeviceOpener(
            directory: folder.appendingPathComponent(name), keyStore: keys, parameters: parameters, eraseKeys: { keys.lose() })
    }

    func test_data_that_another_has_open_opens_on_trying_again_once_it_is_free() async throws {
        let (port, keys) = (Int.random(in: 10_000..<32_768), MemoryKeyStore())
        let opener = real("Ada", 21, port, keys)
        let other = try await opener.open(alias: "Ada")
        let app = AppModel(opener, drafts: Drafts())
        await app.open()
        guard case .stuck(.AlreadyThere(let reason)) = app.state.phase else { return XCTFail("\(app.state.phase)") }
        let words = Words(try CatalogueWords("en"))
        XCTAssertEqual(words.stuck(.AlreadyThere(reason: reason)), words.stuckInUse)
        try await other.stop()
        await app.open()
        XCTAssertEqual(app.state.phase, .live)
        XCTAssertNil(app.state.offNetwork)
        try await app.host?.stop()
    }

    func test_a_port_that_another_program_has_is_said_and_trying_again_works_once_it_is_free() async throws {
        let port = Int.random(in: 10_000..<32_768)
        let (one, other) = (AppModel(real("Ada", 22, port), drafts: Drafts()), AppModel(real("Grace", 22, port), drafts: Drafts()))
        for app in [one, other] { await app.begin(alias: "Ada", visibility: .everybody) }
        XCTAssertNil(one.state.offNetwork)
        let trouble = try XCTUnwrap(other.state.offNetwork)
        XCTAssertTrue(other.state.isPortTaken)
        let words = Words(try CatalogueWords("en"))
        XCTAssertEqual(
            words.whyOff(trouble, other.state.examination), "Another program has UDP port \(port). \(words.doFreePort)")
        XCTAssertEqual(words.whyOff(trouble, nil), words.troubleNetwork)
        XCTAssertEqual(words.whyOff(.sampleFull, nil), words.storageFails)
        try await one.host?.stop()
        await other.start()
        XCTAssertNil(other.state.offNetwork)
        XCTAssertFalse(other.state.isPortTaken)
        try await other.host?.stop()
    }

    func test_a_host_off_the_network_is_tried_again_by_itself_once_its_port_was_changed() async throws {
        let port = Int.random(in: 10_000..<32_768)
        let (one, other) = (AppModel(real("Ada", 24, port), drafts: Drafts()), AppModel(real("Grace", 24, port), drafts: Drafts()))
        for app in [one, other] { await app.begin(alias: "Ada", visibility: .everybody) }
        XCTAssertTrue(other.state.isPortTaken)
        let settings = SettingsScreen(try XCTUnwrap(other.host), onPort: other.startIfOff)
        settings.edit(.port)
        settings.write(String(port + 1))
        await settings.save()
        try await eventually { other.state.offNetwork == nil }
        for app in [one, other] { try await app.host?.stop() }
    }

    func test_a_host_off_the_network_is_tried_again_by_itself_once_the_doctor_has_looked() async throws {
        let port = Int.random(in: 10_000..<32_768)
        let (one, other) = (AppModel(real("Ada", 25, port), drafts: Drafts()), AppModel(real("Grace", 25, port), drafts: Drafts()))
        for app in [one, other] { await app.begin(alias: "Ada", visibility: .everybody) }
        XCTAssertNotNil(other.state.offNetwork)
        try await one.host?.stop()
        await Doctor(try XCTUnwrap(other.host), onLooked: other.startIfOff).examine()
        try await eventually { other.state.offNetwork == nil }
        try await other.host?.stop()
    }

    func test_erasing_leaves_nothing_of_the_host_not_even_what_stands_beside_its_folder() async throws {
        let app = AppModel(real("Ada", 23, Int.random(in: 10_000..<32_768)), drafts: Drafts())
        await app.begin(alias: "Ada", visibility: .friends)
        XCTAssertEqual(app.state.phase, .live)
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        XCTAssertEqual(before, ["Ada", "Ada.generation"])
        // Nothing that the library knows of.
        let stray = folder.appendingPathComponent("Ada/stray")
        try FileManager.default.createDirectory(at: stray, withIntermediateDirectories: true)
        try Data("left".utf8).write(to: stray.appendingPathComponent("file"))
        await app.erase()
        XCTAssertEqual(app.state.phase, .firstRun)
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        XCTAssertEqual(after, [])
    }
}
