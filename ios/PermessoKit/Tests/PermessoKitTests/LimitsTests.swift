import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

/// What a host takes as a setting and what not: the one in memory as the real one.
final class LimitsTests: XCTestCase {
    func test_settings_of_a_host_in_memory_have_limits() async throws {
        try await assertLimits(try FakeNetwork().open("Ada"))
    }

    func test_settings_of_a_real_host_have_the_same_limits() async throws {
        let world = World()
        let ada = try await world.open("Ada", 1)
        try await assertLimits(ada)
        try await ada.stop()
    }

    private func assertLimits(_ host: any PermessoHost) async throws {
        let year: UInt64 = 365 * 86_400_000
        let (mebibyte, tebibyte): (UInt64, UInt64) = (1 << 20, 1 << 40)
        let taken =
            [1, 1_000_000].map { SettingsChange(historyLimit: $0) } + [1, 99_999].map { SettingsChange(outboxLimit: $0) }
            + [60_000, year].map { SettingsChange(outboxExpiryMs: $0) } + [mebibyte, tebibyte].map { SettingsChange(carryBytes: $0) }
        for change in taken { try await host.changeSettings(change) }
        let before = try await host.settings()
        XCTAssertEqual([UInt64(before.historyLimit), UInt64(before.outboxLimit)], [1_000_000, 99_999])
        XCTAssertEqual([before.outboxExpiryMs, before.carryBytes], [year, tebibyte])
        let changed = try await host.changedSettings()
        XCTAssertEqual(
            changed,
            SettingsChange(historyLimit: 1_000_000, outboxLimit: 99_999, outboxExpiryMs: year, carryBytes: tebibyte))
        let refused =
            [SettingsChange(port: 0)] + [0, 1_000_001].map { SettingsChange(historyLimit: $0) }
            + [0, 100_000].map { SettingsChange(outboxLimit: $0) } + [0, 59_999, year + 1].map { SettingsChange(outboxExpiryMs: $0) }
            + [0, mebibyte - 1, tebibyte + 1].map { SettingsChange(carryBytes: $0) }
        for one in refused {
            var change = one
            change.alias = "Augusta"
            await assertThrows(try await host.changeSettings(change)) { if case .InvalidInput = $0 { true } else { false } }
        }
        let after = try await host.settings()
        XCTAssertEqual(after, before)
    }
}
