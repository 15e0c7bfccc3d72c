import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// What is told outside of the screens, when, and whether that may be.
@MainActor
final class NotificationTests: XCTestCase, @unchecked Sendable {
    private let network = FakeNetwork()
    private let suite = "notifications-\(UUID().uuidString)"

    override func tearDown() async throws {
        preferences.removePersistentDomain(forName: suite)
    }

    private lazy var preferences = UserDefaults(suiteName: suite)!

    /// An app with a friend, of whose messages another screen is shown.
    private func app(_ system: FakeNotifications) async throws -> (AppModel, any PermessoHost, FakePermesso) {
        let app = AppModel(
            FakeOpener(network), drafts: Drafts(), preferences: preferences,
            notifications: Notifications(system, preferences: preferences))
        await app.open()
        await app.begin(alias: "Ada", visibility: .everybody)
        let (ada, grace) = (try XCTUnwrap(app.host), try network.open("Grace"))
        try await grace.start()
        app.show(.settings)
        return (app, ada, grace)
    }

    func test_the_system_asks_only_after_the_reason_was_read_and_that_stands_there_once_it_is_needed() async throws {
        let system = FakeNotifications(.unasked)
        let (app, ada, grace) = try await app(system)
        await app.notifications.look()
        XCTAssertFalse(app.notifications.state.isAsking, "nothing came yet")
        try await grace.askFriendship(ada.id)
        try await eventually { app.notifications.state.isAsking }
        XCTAssertEqual(system.asked, 0)
        XCTAssertEqual(system.shown, [])
        await app.notifications.allow()
        XCTAssertEqual(system.asked, 1)
        XCTAssertFalse(app.notifications.state.isAsking)
        XCTAssertEqual(app.notifications.state.permission, .given)
        try await ada.acceptFriendship(grace.id)
        try await grace.send("uno", to: ada.id)
        try await eventually { system.shown.map(\.text) == ["uno"] }
    }

    func test_who_does_not_want_it_now_is_not_asked_again_by_itself_but_may_still_allow_it() async throws {
        let system = FakeNotifications(.unasked)
        let (app, ada, grace) = try await app(system)
        try await grace.askFriendship(ada.id)
        try await eventually { app.notifications.state.isAsking }
        app.notifications.putOff()
        XCTAssertFalse(app.notifications.state.isAsking)
        let later = Notifications(system, preferences: preferences)
        await later.tell(News(kind: .message, host: grace.id, name: "Grace", text: "uno"))
        XCTAssertFalse(later.state.isAsking)
        XCTAssertEqual(later.state.permission, .unasked)
        system.answer = .refused
        await later.allow()
        XCTAssertEqual(later.state.permission, .refused)
        await later.tell(News(kind: .message, host: grace.id, name: "Grace", text: "due"))
        XCTAssertEqual([system.asked, system.shown.count], [1, 0])
    }

    func test_a_request_is_told_once_whatever_changes_about_it_and_taken_back_once_it_is_answered() async throws {
        let system = FakeNotifications()
        let (app, ada, grace) = try await app(system)
        try await grace.askFriendship(ada.id, greeting: "Ciao!")
        try await eventually { system.shown.count == 1 }
        try await ada.setLocalAlias("Amazing Grace", of: grace.id)
        try await ada.setVerified(true, of: grace.id)
        let linus = try network.open("Linus")
        try await linus.start()
        try await linus.askFriendship(ada.id)
        // What happened before it has been heard by then.
        try await eventually { system.shown.map(\.host) == [grace.id, linus.id] }
        try await ada.refuseFriendship(grace.id, tell: false)
        try await ada.block(linus.id)
        try await eventually { system.shown.isEmpty }
        XCTAssertEqual(app.state.path, [.settings])
    }

    func test_a_request_is_told_where_people_are_put_away_although_no_screen_is_above_them() async throws {
        let system = FakeNotifications()
        let (app, ada, grace) = try await app(system)
        let linus = try network.open("Linus")
        try await linus.start()
        app.setPath([])
        app.hidePeople(true)
        try await grace.askFriendship(ada.id)
        try await eventually { system.shown.map(\.host) == [grace.id] }
        try await ada.acceptFriendship(grace.id)
        app.hidePeople(false)
        try await linus.askFriendship(ada.id)
        try await grace.send("uno", to: ada.id)
        // What happened before it has been heard by then.
        try await eventually { system.shown.last?.text == "uno" }
        XCTAssertEqual(system.shown.map(\.kind), [.message])
    }

    func test_a_request_of_an_earlier_process_is_not_told_again_when_something_changes_about_it() async throws {
        let ada = try network.open("Ada")
        let (grace, linus) = (try network.open("Grace"), try network.open("Linus"))
        for host in [ada, grace, linus] { try await host.start() }
        try await grace.askFriendship(ada.id)
        try await ada.stop()
        let system = FakeNotifications()
        let app = AppModel(FakeOpener(network, isThere: true), drafts: Drafts(), notifications: Notifications(system))
        await app.open()
        app.show(.settings)
        try await app.host?.setLocalAlias("Amazing Grace", of: grace.id)
        try await linus.askFriendship(ada.id)
        try await eventually { !system.shown.isEmpty }
        XCTAssertEqual(system.shown.map(\.host), [linus.id])
    }

    func test_a_changed_setting_tells_nothing_again_and_begins_nothing_anew() async throws {
        let system = FakeNotifications()
        var started = 0
        let app = AppModel(
            FakeOpener(network), drafts: Drafts(), preferences: preferences, notifications: Notifications(system),
            onStarted: { _ in started += 1 })
        await app.open()
        await app.begin(alias: "Ada", visibility: .everybody)
        let (ada, grace, linus) = (try XCTUnwrap(app.host), try network.open("Grace"), try network.open("Linus"))
        for host in [grace, linus] { try await host.start() }
        app.show(.settings)
        try await grace.askFriendship(ada.id)
        try await ada.acceptFriendship(grace.id)
        try await grace.send("uno", to: ada.id)
        try await linus.askFriendship(ada.id)
        try await eventually { system.shown.count == 2 }
        system.removeAll()
        let settings = SettingsScreen(ada, preferences: preferences)
        await settings.set(.friends)
        await settings.setReadReceipts(true)
        for (field, text) in [(SettingsScreen.Field.alias, "Ada L"), (.quietHours, "22:00-07:00"), (.port, "20099")] {
            settings.edit(field)
            settings.write(text)
            await settings.save()
        }
        try await ada.renewCode()
        try await ada.setLocalAlias("L", of: linus.id)
        try await grace.send("due", to: ada.id)
        try await eventually { !system.shown.isEmpty }
        XCTAssertEqual(system.shown.map(\.text), ["due"])
        XCTAssertEqual(started, 1)
        XCTAssertNil(settings.state.trouble)
    }

    func test_after_erasing_nothing_is_left_of_notifications_and_choices() async throws {
        let system = FakeNotifications()
        let (app, ada, grace) = try await app(system)
        preferences.set(Preference.dark, forKey: Preference.theme)
        preferences.set(true, forKey: Preference.links)
        preferences.set("22:00-07:00", forKey: QuietHours.preference)
        preferences.set(["it"], forKey: "AppleLanguages")
        try await grace.askFriendship(ada.id)
        try await eventually { system.shown.count == 1 }
        app.notifications.putOff()
        await app.erase()
        XCTAssertEqual(system.shown, [])
        for name in [Preference.theme, Preference.links, QuietHours.preference, Preference.notifyLater] {
            XCTAssertNil(preferences.object(forKey: name), name)
        }
        XCTAssertNil(preferences.persistentDomain(forName: suite)?["AppleLanguages"])
    }
}
