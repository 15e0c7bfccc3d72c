import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// The system's moments: in the background the host sleeps, and nobody is looked for.
@MainActor
final class LivingTests: XCTestCase, @unchecked Sendable {
    @MainActor
    private final class FakeDiscovery: Discovery {
        var begun = 0
        var isRunning = false
        var refused = false
        /// What happens while it begins.
        var meanwhile: () -> Void = {}

        func start() async throws {
            meanwhile()
            if !isRunning { begun += 1 }
            isRunning = true
        }

        nonisolated var isRefused: Bool { MainActor.assumeIsolated { refused } }

        nonisolated func stop() { MainActor.assumeIsolated { isRunning = false } }
    }

    private let discovery = FakeDiscovery()
    private var moments: [Task<Void, Never>] = []

    private func living() -> Living {
        Living(discovery: { _ in self.discovery }, moment: { action in self.moments.append(Task { await action() }) })
    }

    private func sleeps(_ host: FakePermesso) async -> Bool {
        do {
            _ = try await host.contacts()
            return false
        } catch PermessoError.Paused {
            return true
        } catch {
            return false
        }
    }

    func test_a_host_sleeps_in_the_background_and_is_awake_and_found_after_it() async throws {
        let (living, host) = (living(), try FakeNetwork().open("Ada"))
        try await host.start()
        await living.began(host)
        XCTAssertTrue(discovery.isRunning)
        living.sleep()
        XCTAssertFalse(discovery.isRunning)
        try await eventually { await self.sleeps(host) }
        await living.wake().value
        let asleep = await sleeps(host)
        XCTAssertFalse(asleep)
        XCTAssertEqual([discovery.begun, discovery.isRunning ? 1 : 0], [2, 1])
    }

    func test_that_the_user_refused_the_local_network_is_what_the_doctor_says_first() async throws {
        let (living, host) = (living(), try FakeNetwork().open("Ada"))
        try await host.start()
        discovery.refused = true
        let doctor = Doctor(host, isRefused: { living.isRefused })
        await doctor.examine()
        XCTAssertFalse(doctor.state.isRefused, "nobody is looked for yet")
        await living.began(host)
        let words = Words(try CatalogueWords("en"))
        await doctor.examine()
        let remedy = try XCTUnwrap(words.remedies(doctor.state).first)
        XCTAssertEqual([remedy.wrong, remedy.todo], [words.conditionPermission, words.iosAllowLocalNetwork])
        XCTAssertTrue(remedy.isInSettings)
        discovery.refused = false
        await doctor.examine()
        XCTAssertFalse(doctor.state.isRefused)
        discovery.refused = true
        living.ended()
        XCTAssertFalse(living.isRefused)
    }

    func test_what_begins_again_begins_no_discovery_anew() async throws {
        let (living, host) = (living(), try FakeNetwork().open("Ada"))
        try await host.start()
        await living.began(host)
        await living.began(host)
        await living.wake().value
        XCTAssertEqual(discovery.begun, 1)
        living.ended()
        XCTAssertFalse(discovery.isRunning)
    }

    func test_a_host_that_is_on_the_network_only_once_the_app_is_in_the_background_sleeps() async throws {
        let (living, host) = (living(), try FakeNetwork().open("Ada"))
        try await host.start()
        living.sleep()
        await living.began(host)
        XCTAssertEqual(discovery.begun, 0)
        try await eventually { await self.sleeps(host) }
        await living.wake().value
        let asleep = await sleeps(host)
        XCTAssertFalse(asleep)
        XCTAssertTrue(discovery.isRunning)
    }

    func test_a_discovery_that_begins_while_the_app_goes_to_the_background_does_not_go_on_there() async throws {
        let (living, host) = (living(), try FakeNetwork().open("Ada"))
        try await host.start()
        discovery.meanwhile = { living.sleep() }
        await living.began(host)
        XCTAssertFalse(discovery.isRunning)
    }

    private let full = PermessoError.StorageUnavailable(reason: "the disk is full")

    /// An app whose host sleeps, with what wakes it.
    private func asleep() async throws -> (AppModel, Living, FakePermesso) {
        let living = living()
        let app = AppModel(
            FakeOpener(isThere: true), drafts: Drafts(), onStarted: { await living.began($0) }, onEnded: { living.ended() },
            unsuspended: { await living.unsuspended($0) })
        living.onAsleep = { [weak app] in app?.keptAsleep($0, by: $1) }
        await app.open()
        let host = try XCTUnwrap(app.host as? FakePermesso)
        living.sleep()
        try await eventually { await self.sleeps(host) }
        return (app, living, host)
    }

    func test_a_host_that_does_not_wake_is_tried_again_and_meanwhile_it_is_said_why() async throws {
        let (app, living, host) = try await asleep()
        host.failNext(full)
        let waking = living.wake()
        try await eventually("it is said") { app.state.offNetwork == self.full }
        XCTAssertTrue(app.state.storageFails)
        // To try again by hand tells nothing else.
        let again = Task { await app.start() }
        defer { again.cancel() }
        await waking.value
        let sleeps = await sleeps(host)
        XCTAssertFalse(sleeps)
        XCTAssertNil(app.state.offNetwork)
        XCTAssertTrue(discovery.isRunning)
    }

    func test_that_a_host_sleeps_does_not_hide_what_keeps_it_asleep() async throws {
        let (app, _, host) = try await asleep()
        app.keptAsleep(host, by: full)
        let again = Task { await app.start() }
        try await Task.sleep(nanoseconds: 200_000_000)
        XCTAssertEqual(app.state.offNetwork, full)
        try await host.resume()
        await again.value
        XCTAssertNil(app.state.offNetwork)
    }

    func test_what_kept_a_host_asleep_is_no_longer_said_where_it_wakes_only_the_next_time() async throws {
        let (app, living, host) = try await asleep()
        host.failNext(full)
        living.wake()
        try await eventually("it is said") { app.state.offNetwork == self.full }
        living.sleep()
        await moments.last?.value
        let asleep = await sleeps(host)
        XCTAssertTrue(asleep)
        await living.wake().value
        XCTAssertNil(app.state.offNetwork)
    }

    func test_a_host_that_has_ended_is_not_woken_for_ever_and_is_no_trouble() async throws {
        let (app, living, host) = try await asleep()
        try await host.stop()
        await living.wake().value
        XCTAssertNil(app.state.offNetwork)
        XCTAssertFalse(discovery.isRunning)
    }

    func test_who_leaves_and_puts_the_device_away_leaves_within_the_time_that_the_system_gives() async throws {
        var given: [@MainActor @Sendable () async -> Void] = []
        let living = Living(discovery: { _ in self.discovery }, moment: { given.append($0) })
        let app = AppModel(
            FakeOpener(isThere: true), drafts: Drafts(), onStarted: { await living.began($0) }, onEnded: { living.ended() },
            unsuspended: { await living.unsuspended($0) })
        await app.open()
        let host = try XCTUnwrap(app.host as? FakePermesso)
        host.failNext(.TimedOut(reason: "the host does not answer"))
        let leaving = Task { await app.leave() }
        try await eventually("the time is asked for") { given.count == 1 }
        living.sleep()
        XCTAssertTrue(app.state.isLeaving)
        XCTAssertFalse(discovery.isRunning)
        try await XCTUnwrap(given.first)()
        // With the second try, and not paused in the middle.
        XCTAssertNotNil(app.state.left)
        XCTAssertEqual(given.count, 1)
        await leaving.value
        XCTAssertFalse(app.state.isLeaving)
    }
}
