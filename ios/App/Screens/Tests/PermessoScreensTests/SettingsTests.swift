import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// Each setting is changed as a user changes it, arrives where it counts, and is seen again.
@MainActor
final class SettingsTests: XCTestCase, @unchecked Sendable {
    /// What is typed, what is then in force, and what cannot be saved.
    private func typed(_ field: SettingsScreen.Field) -> (text: String, arrives: (PermessoKit.Settings) -> Bool, refused: [String])? {
        switch field {
        case .alias: (" Ada L ", { $0.alias == "Ada L" }, ["", "  ", String(repeating: "x", count: 65)])
        case .historyLimit: ("500", { $0.historyLimit == 500 }, ["0", "1000001", "", "many"])
        case .outboxLimit: ("70", { $0.outboxLimit == 70 }, ["0", "100000", "-1"])
        case .expiryDays: ("3", { $0.outboxExpiryMs == 3 * 86_400_000 }, ["0", "366", "1.5"])
        case .port: ("20099", { $0.port == 20_099 }, ["0", "65536"])
        case .carryMegabytes: ("250", { $0.carryBytes == 250_000_000 }, ["0", "1000001"])
        // The app keeps them itself: see below.
        case .quietHours: nil
        }
    }

    func test_each_setting_that_is_typed_arrives_is_seen_again_and_changes_no_other() async throws {
        for field in SettingsScreen.Field.allCases {
            guard let (text, arrives, _) = typed(field) else { continue }
            let pair = try await Pair()
            let settings = SettingsScreen(pair.ada)
            await settings.load()
            let before = try XCTUnwrap(settings.state.settings)
            XCTAssertFalse(arrives(before), "\(field)")
            settings.edit(field)
            settings.write(text)
            await settings.save()
            XCTAssertNil(settings.state.editing, "\(field)")
            XCTAssertNil(settings.state.trouble, "\(field)")
            let after = try await pair.ada.settings()
            XCTAssertTrue(arrives(after), "\(field)")
            XCTAssertEqual(settings.state.settings, after)
            for other in SettingsScreen.Field.allCases where other != field {
                XCTAssertEqual(other.text(of: after), other.text(of: before), "\(other) by \(field)")
            }
            settings.edit(field)
            XCTAssertEqual(settings.state.text, text.trimmingCharacters(in: .whitespaces))
        }
    }

    func test_only_what_differs_from_what_is_in_force_would_be_lost() async throws {
        let pair = try await Pair()
        let settings = SettingsScreen(pair.ada)
        await settings.load()
        for field in SettingsScreen.Field.allCases {
            settings.edit(field)
            let before = settings.state.text
            XCTAssertFalse(settings.state.isTyped, "\(field)")
            settings.write(before + "1")
            XCTAssertTrue(settings.state.isTyped, "\(field)")
            settings.write(before)
            XCTAssertFalse(settings.state.isTyped, "\(field)")
        }
        settings.write("1")
        settings.edit(nil)
        XCTAssertFalse(settings.state.isTyped)
    }

    func test_what_makes_no_sense_cannot_be_saved() async throws {
        let pair = try await Pair()
        let settings = SettingsScreen(pair.ada)
        await settings.load()
        let before = settings.state.settings
        for field in SettingsScreen.Field.allCases {
            for text in typed(field)?.refused ?? [] {
                settings.edit(field)
                settings.write(text)
                XCTAssertFalse(settings.state.textFits, "\(field): \(text)")
                await settings.save()
                XCTAssertEqual(settings.state.editing, field)
            }
        }
        let after = try await pair.ada.settings()
        XCTAssertEqual(after, before)
    }

    func test_what_a_field_rounds_stays_as_exact_as_it_was_unless_it_is_changed() async throws {
        let mebibyte: UInt64 = 1 << 20
        // The last of them is more than a field lets anybody write.
        for (bytes, shown) in [(64 * mebibyte, "67"), (mebibyte, "1"), (1 << 40, "1099512")] {
            let pair = try await Pair()
            try await pair.ada.changeSettings(SettingsChange(outboxExpiryMs: 36 * 3_600_000, carryBytes: bytes))
            let (before, changed) = (try await pair.ada.settings(), try await pair.ada.changedSettings())
            let settings = SettingsScreen(pair.ada)
            await settings.load()
            for (field, text) in [(SettingsScreen.Field.carryMegabytes, shown), (.expiryDays, "2"), (.port, "20071"), (.alias, "Ada")] {
                settings.edit(field)
                XCTAssertEqual(settings.state.text, text)
                XCTAssertTrue(settings.state.textFits, "\(field)")
                await settings.save()
                XCTAssertNil(settings.state.editing)
            }
            let (after, then) = (try await pair.ada.settings(), try await pair.ada.changedSettings())
            XCTAssertEqual(after, before)
            XCTAssertEqual(then, changed)
        }
    }

    func test_the_least_storage_for_others_is_what_a_host_takes() async throws {
        let pair = try await Pair()
        let settings = SettingsScreen(pair.ada)
        await settings.load()
        settings.edit(.carryMegabytes)
        settings.write("1")
        await settings.save()
        XCTAssertNil(settings.state.trouble)
        XCTAssertEqual(settings.state.settings?.carryBytes, 1 << 20)
    }

    func test_what_is_switched_and_chosen_arrives() async throws {
        let pair = try await Pair()
        let settings = SettingsScreen(pair.ada)
        for visibility in [Visibility.nobody, .friends, .everybody] {
            await settings.set(visibility)
            let now = try await pair.ada.settings().visibility
            XCTAssertEqual(now, visibility)
        }
        for on in [true, false] {
            await settings.setReadReceipts(on)
            await settings.setCarry(on)
            let now = try await pair.ada.settings()
            XCTAssertEqual([now.readReceipts, now.carry], [on, on])
            XCTAssertEqual(settings.state.settings, now)
            XCTAssertEqual(settings.state.statistics?.carries, on)
        }
    }

    func test_quiet_hours_are_kept_by_the_app_and_nonsense_is_not() async throws {
        let pair = try await Pair()
        let name = "quiet-\(UUID().uuidString)"
        let preferences = try XCTUnwrap(UserDefaults(suiteName: name))
        defer { preferences.removePersistentDomain(forName: name) }
        let settings = SettingsScreen(pair.ada, preferences: preferences)
        settings.edit(.quietHours)
        for nonsense in ["22:00", "22:00-7:00", "24:00-07:00", "22:00-07:00-08:00", "+1:00-07:00", "٢٢:٠٠-٠٧:٠٠"] {
            settings.write(nonsense)
            XCTAssertFalse(settings.state.textFits, nonsense)
        }
        settings.write("22:00-07:30")
        await settings.save()
        XCTAssertEqual(SettingsScreen(pair.ada, preferences: preferences).state.quietHours, "22:00-07:30")
        settings.edit(.quietHours)
        XCTAssertEqual(settings.state.text, "22:00-07:30")
        settings.write("")
        await settings.save()
        XCTAssertEqual(SettingsScreen(pair.ada, preferences: preferences).state.quietHours, "")
    }

    func test_quiet_hours_go_over_midnight() async throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try XCTUnwrap(TimeZone(identifier: "UTC"))
        func quiet(_ hours: String, _ hour: Int, _ minute: Int) throws -> Bool {
            let moment = calendar.date(from: DateComponents(year: 2_026, month: 3, day: 14, hour: hour, minute: minute))
            return try XCTUnwrap(QuietHours(hours)).contain(XCTUnwrap(moment), in: calendar)
        }
        XCTAssertTrue(try quiet("22:00-07:30", 22, 0))
        XCTAssertTrue(try quiet("22:00-07:30", 7, 29))
        XCTAssertFalse(try quiet("22:00-07:30", 7, 30))
        XCTAssertFalse(try quiet("22:00-07:30", 21, 59))
        XCTAssertTrue(try quiet("13:00-15:00", 14, 0))
        XCTAssertFalse(try quiet("13:00-15:00", 15, 0))
    }
}
