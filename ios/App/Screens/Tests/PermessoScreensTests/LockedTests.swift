import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// The system begins an app also while the device is locked: then nothing can be read of what an earlier process kept.
@MainActor
final class LockedTests: XCTestCase, @unchecked Sendable {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("locked-\(UUID().uuidString)")
    private let files = FileManager.default

    override func tearDown() async throws {
        try? files.removeItem(at: folder)
    }

    private func place(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// Nobody reads the file; who writes it whole takes its place, as a system lets happen.
    private func lock(_ name: String) throws {
        try files.moveItem(at: place(name), to: place("locked-" + name))
        try files.createSymbolicLink(at: place(name), withDestinationURL: folder)
    }

    private func unlock(_ name: String) throws {
        XCTAssertNotNil(try? files.destinationOfSymbolicLink(atPath: place(name).path), "somebody wrote over \(name)")
        try files.removeItem(at: place(name))
        try files.moveItem(at: place("locked-" + name), to: place(name))
    }

    private func app(_ opener: FakeOpener = FakeOpener()) -> AppModel {
        AppModel(opener, drafts: Drafts(place("drafts")), file: place("screens"))
    }

    func test_nothing_is_read_before_the_app_is_opened() async throws {
        let before = app(FakeOpener(isThere: true))
        await before.open()
        before.show(.settings)
        before.drafts["a"] = "non finito"
        await before.notices.add(.noPort, from: try XCTUnwrap(before.host), at: sampleNow.moment)
        await before.leave()
        before.save()
        let names = ["screens", "drafts", "notices", "left"]
        for name in names { try lock(name) }
        let after = app()
        for name in names { try unlock(name) }
        await after.open()
        XCTAssertEqual(after.state.path, [.settings])
        XCTAssertEqual(after.drafts["a"], "non finito")
        XCTAssertEqual(after.notices.state.list.map(\.notice), [.noPort])
        XCTAssertEqual(after.state.left, before.state.left)
        XCTAssertNotNil(after.state.left)
    }

    func test_drafts_that_cannot_be_read_stay_and_what_was_typed_meanwhile_is_joined_to_them() async throws {
        let before = Drafts(place("drafts"))
        before["a"] = "uno"
        before["b"] = "due"
        try lock("drafts")
        let after = Drafts(place("drafts"))
        XCTAssertEqual(after["a"], "")
        after["b"] = "nuovo"
        after["c"] = "tre"
        after["a"] = "altro"
        after["a"] = ""
        try unlock("drafts")
        for drafts in [after, Drafts(place("drafts"))] {
            XCTAssertEqual(["a", "b", "c"].map { drafts[$0] }, ["uno", "nuovo", "tre"])
        }
    }

    func test_notices_that_cannot_be_read_stay_and_what_comes_meanwhile_is_joined_to_them() async throws {
        let ada = try FakeNetwork().open("Ada")
        let before = app()
        await before.open()
        for notice in [Notice.copyRestored, .noPort] { await before.notices.add(notice, from: ada, at: sampleNow.moment) }
        before.notices.seen()
        await before.notices.add(.missed(count: 1), from: ada, at: sampleNow.moment)
        try lock("notices")
        let after = app()
        await after.open()
        XCTAssertEqual(after.state.phase, .firstRun, "an app works without them")
        XCTAssertTrue(after.notices.state.list.isEmpty)
        await after.notices.add(.missed(count: 2), from: ada, at: sampleNow.moment)
        XCTAssertEqual(after.notices.state.unseen, 1)
        try unlock("notices")
        await after.notices.add(.missed(count: 3), from: ada, at: sampleNow.moment)
        let wanted = [Notice.missed(count: 3), .missed(count: 2), .missed(count: 1), .noPort, .copyRestored]
        let later = app()
        await later.open()
        for notices in [after.notices.state, later.notices.state] {
            XCTAssertEqual(notices.list.map(\.notice), wanted)
            XCTAssertEqual(notices.list.map(\.id), [5, 4, 3, 2, 1])
            XCTAssertEqual(notices.unseen, 3)
        }
    }

    func test_where_it_cannot_be_read_whether_its_user_has_left_the_host_stays_off_the_network_until_it_can() async throws {
        let before = app(FakeOpener(isThere: true))
        await before.open()
        await before.leave()
        try await before.host?.stop()
        try lock("left")
        let opener = FakeOpener(isThere: true)
        let after = app(opener)
        let opening = Task { await after.open() }
        try await eventually { if case .stuck(.System) = after.state.phase { true } else { false } }
        XCTAssertNil(after.host)
        try unlock("left")
        await opening.value
        XCTAssertEqual(after.state.phase, .live)
        XCTAssertEqual(after.state.left, before.state.left)
        XCTAssertNotNil(after.state.left)
        XCTAssertFalse(after.state.isOnNetwork)
    }

    func test_who_may_see_the_host_is_stored_although_it_could_not_be_read_at_first() async throws {
        let failing = FakeOpener()
        failing.onOpen = { $0.failStorage() }
        let before = app(failing)
        await before.open()
        let beginning = Task { await before.begin(alias: "Ada", visibility: .nobody) }
        try await eventually { before.state.unstored == .nobody }
        try await before.host?.stop()
        await beginning.value
        try lock("screens")
        let after = app(FakeOpener(isThere: true))
        let opening = Task { await after.open() }
        try await eventually { if case .stuck(.System) = after.state.phase { true } else { false } }
        XCTAssertFalse(after.save())
        // Nobody waits twice.
        await after.open()
        try unlock("screens")
        await opening.value
        let visibility = try await after.host?.settings().visibility
        XCTAssertEqual(visibility, .nobody)
        XCTAssertTrue(after.save())
    }

    func test_a_wait_that_nobody_is_left_for_ends_and_can_begin_again() async throws {
        let before = app()
        await before.open()
        before.save()
        try lock("screens")
        let after = app()
        let opening = Task { await after.open() }
        try await eventually { if case .stuck(.System) = after.state.phase { true } else { false } }
        opening.cancel()
        await opening.value
        try unlock("screens")
        await after.open()
        XCTAssertEqual(after.state.phase, .firstRun)
    }

    func test_what_is_wanted_from_outside_before_the_screens_can_be_read_comes_after_them() async throws {
        let code = try XCTUnwrap(URL(string: "permesso:1"))
        let before = app()
        await before.open()
        before.show(.scan("permesso:1"))
        before.saved(.scan("permesso:1"))["done"] = "yes"
        before.save()
        let notified = app()
        notified.showAlone(.conversation("a"))
        XCTAssertTrue(notified.state.path.isEmpty)
        await notified.open()
        XCTAssertEqual(notified.state.path, [.conversation("a")])
        let asked = app()
        asked.open(code)
        await asked.open()
        XCTAssertEqual(asked.state.path, [.scan("permesso:1")])
        XCTAssertNil(asked.saved(.scan("permesso:1"))["done"], "it asks again")
        XCTAssertEqual(asked.state.visit, 1)
    }
}
