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
        /// What happens while it begins.
        var meanwhile: () -> Void = {}

        func start() async throws {
            meanwhile()
            if !isRunning { begun += 1 }
            isRunning = true
        }

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
}
