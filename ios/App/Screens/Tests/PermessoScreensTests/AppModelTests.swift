import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

@MainActor
final class AppModelTests: XCTestCase, @unchecked Sendable {
    func test_the_first_run_asks_for_an_alias_and_erasing_comes_back_to_it() async throws {
        let opener = FakeOpener()
        var started = 0
        var ended = 0
        var erasedMeanwhile: [Int] = []
        let app = AppModel(
            opener, drafts: Drafts(), onStarted: { _ in started += 1 }, onEnded: { ended += 1 },
            unsuspended: { action in
                let before = opener.erased
                await action()
                erasedMeanwhile.append(opener.erased - before)
            })
        await app.open()
        XCTAssertEqual(app.state.phase, .firstRun)
        await app.begin(alias: "Ada", visibility: .friends)
        XCTAssertEqual(app.state.phase, .live)
        XCTAssertEqual(started, 1)
        let settings = try await app.host?.settings()
        XCTAssertEqual(settings?.visibility, .friends)
        await app.leave()
        XCTAssertEqual(ended, 1)
        XCTAssertEqual(app.state.left?.kept, 0)
        await app.start()
        XCTAssertEqual(started, 2)
        app.drafts["x"] = "a"
        app.show(.settings)
        await app.erase()
        XCTAssertEqual(app.state.phase, .firstRun)
        XCTAssertEqual(opener.erased, 1)
        XCTAssertEqual(erasedMeanwhile, [0, 1], "it leaves, then is erased, and the system suspends it in neither")
        XCTAssertEqual(ended, 2)
        XCTAssertEqual(app.drafts["x"], "")
        XCTAssertTrue(app.state.path.isEmpty)
        XCTAssertNil(app.host)
    }

    func test_who_has_left_is_off_the_network_until_the_user_comes_back() async throws {
        let (app, _, grace) = try await adaBesideGrace()
        try await eventually("she is seen") { try await grace.hosts().map(\.online) == [true] }
        await app.leave()
        app.showAlone(.person(grace.id))
        XCTAssertNotNil(app.state.left)
        try await eventually("she is gone") { try await grace.hosts().map(\.online) == [false] }
        await app.start()
        XCTAssertNil(app.state.left)
        try await eventually("she is back") { try await grace.hosts().map(\.online) == [true] }
    }

    func test_the_app_knows_whether_its_host_is_on_the_network() async throws {
        let app = AppModel(FakeOpener(isThere: true), drafts: Drafts())
        XCTAssertFalse(app.state.isOnNetwork)
        await app.open()
        XCTAssertTrue(app.state.isOnNetwork)
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        app.keptAsleep(ada, by: .StorageUnavailable(reason: "the disk is full"))
        XCTAssertFalse(app.state.isOnNetwork)
        app.keptAsleep(ada, by: nil)
        XCTAssertTrue(app.state.isOnNetwork)
        await app.leave()
        XCTAssertFalse(app.state.isOnNetwork)
        await app.start()
        XCTAssertTrue(app.state.isOnNetwork)
        ada.failNext(.StorageUnavailable(reason: "the disk is full"))
        await app.leave()
        XCTAssertTrue(app.state.isOnNetwork, "it has not left")
        await app.erase()
        XCTAssertFalse(app.state.isOnNetwork)
        let refused = FakeOpener(isThere: true)
        refused.onOpen = { $0.failNext(.NetworkUnavailable(reason: "no usable network address")) }
        let other = AppModel(refused, drafts: Drafts())
        await other.open()
        XCTAssertFalse(other.state.isOnNetwork)
        XCTAssertNotNil(other.state.offNetwork)
    }

    /// An app that is live, its host, and another one that sees it.
    private func adaBesideGrace(onStarted: @escaping @MainActor () -> Void = {}) async throws -> (AppModel, FakePermesso, FakePermesso) {
        let network = FakeNetwork()
        let grace = try network.open("Grace")
        try await grace.start()
        let app = AppModel(FakeOpener(network), drafts: Drafts(), onStarted: { _ in onStarted() })
        await app.open()
        await app.begin(alias: "Ada", visibility: .everybody)
        return (app, try XCTUnwrap(app.host as? FakePermesso), grace)
    }

    func test_a_leaving_that_times_out_is_tried_once_more() async throws {
        let (app, ada, grace) = try await adaBesideGrace()
        ada.failNext(.TimedOut(reason: "the host does not answer"))
        await app.leave()
        XCTAssertNotNil(app.state.left)
        XCTAssertNil(app.state.trouble)
        let seen = try await grace.hosts().map(\.online)
        XCTAssertEqual(seen, [false])
    }

    func test_a_leaving_that_fails_otherwise_is_told_and_she_is_on_the_network_all_the_same() async throws {
        var started = 0
        let (app, ada, grace) = try await adaBesideGrace { started += 1 }
        ada.failNext(.StorageUnavailable(reason: "the disk is full"))
        await app.leave()
        XCTAssertFalse(app.state.isOff)
        XCTAssertEqual(app.state.trouble, .StorageUnavailable(reason: "the disk is full"))
        XCTAssertEqual(started, 2)
        let seen = try await grace.hosts().map(\.online)
        XCTAssertEqual(seen, [true])
    }

    func test_what_waits_to_go_on_the_network_does_not_once_its_user_leaves() async throws {
        let (app, ada, grace) = try await adaBesideGrace()
        await app.leave()
        try await ada.pause()
        let waiting = Task { await app.start() }
        try await eventually("it waits") { app.state.offNetwork != nil }
        try await ada.resume()
        await app.leave()
        await waiting.value
        XCTAssertNotNil(app.state.left)
        // There is nothing to try again.
        XCTAssertNil(app.state.offNetwork)
        let seen = try await grace.hosts().map(\.online)
        XCTAssertEqual(seen, [false])
    }

    func test_a_lost_key_is_said_and_makes_no_new_identity() async {
        let opener = FakeOpener(isThere: true)
        opener.trouble = .KeyUnavailable(reason: "lost")
        let app = AppModel(opener, drafts: Drafts())
        await app.open()
        XCTAssertEqual(app.state.phase, .stuck(.KeyUnavailable(reason: "lost")))
        XCTAssertNil(app.host)
        opener.trouble = nil
        await app.open()
        XCTAssertEqual(app.state.phase, .live)
    }

    func test_only_what_cannot_come_back_by_itself_lets_one_begin_afresh() async {
        XCTAssertTrue(PermessoError.KeyUnavailable(reason: "").isLost)
        XCTAssertTrue(PermessoError.Damaged(reason: "").isLost)
        for trouble: PermessoError in [.StorageUnavailable(reason: ""), .TooNew(reason: ""), .System(reason: "")] {
            XCTAssertFalse(trouble.isLost, "\(trouble)")
        }
    }

    func test_an_import_with_the_wrong_passphrase_is_told_and_with_the_right_one_goes_on() async {
        let app = AppModel(FakeOpener(), drafts: Drafts())
        await app.open()
        await app.importAccount(from: URL(fileURLWithPath: "/nowhere"), passphrase: "wrong")
        guard case .WrongPassphrase? = app.state.trouble else { return XCTFail("\(String(describing: app.state.trouble))") }
        await app.importAccount(from: URL(fileURLWithPath: "/nowhere"), passphrase: "right")
        XCTAssertEqual(app.state.phase, .live)
        XCTAssertNil(app.state.trouble)
    }

    func test_a_code_from_outside_waits_until_it_is_confirmed() async throws {
        let pair = try await Pair()
        let app = AppModel(FakeOpener(), drafts: Drafts())
        let uri = "permesso:\(pair.grace.id)"
        app.open(try XCTUnwrap(URL(string: uri)))
        XCTAssertEqual(app.state.path, [.scan(uri)])
        let scan = Scan(pair.ada, code: uri)
        XCTAssertEqual(scan.state.waiting, uri)
        let before = try await pair.ada.friend(pair.grace.id)
        XCTAssertNil(before)
        await scan.accept(uri)
        XCTAssertEqual(scan.state.person, pair.grace.id)
        let after = try await pair.ada.friend(pair.grace.id)
        XCTAssertEqual(after?.verified, true)
    }

    func test_a_code_from_outside_that_was_dismissed_asks_again_when_it_comes_again() async throws {
        let pair = try await Pair()
        let app = AppModel(FakeOpener(), drafts: Drafts())
        let uri = "permesso:\(pair.grace.id)"
        let screen = Screen.scan(uri)
        app.open(try XCTUnwrap(URL(string: uri)))
        let first = app.state.visit
        let scan = Scan(pair.ada, code: uri, saved: app.saved(screen))
        scan.dismiss()
        // The view alone was made anew, as after a rotation.
        XCTAssertNil(Scan(pair.ada, code: uri, saved: app.saved(screen)).state.waiting)
        app.open(try XCTUnwrap(URL(string: uri)))
        XCTAssertEqual(app.state.path, [screen])
        XCTAssertNotEqual(app.state.visit, first)
        XCTAssertEqual(Scan(pair.ada, code: uri, saved: app.saved(screen)).state.waiting, uri)
    }

    func test_the_camera_is_not_looked_at_while_a_question_stands_and_tells_how_it_goes() async throws {
        let pair = try await Pair()
        let scan = Scan(pair.ada)
        XCTAssertEqual(scan.state.sight, .opens)
        scan.camera(.taken)
        XCTAssertEqual(scan.state.sight, .taken)
        scan.camera(.shows)
        XCTAssertEqual(scan.state.sight, .shows)
        scan.see("permesso:one")
        scan.see("permesso:another")
        XCTAssertEqual(scan.state.waiting, "permesso:one")
        scan.dismiss()
        scan.see("permesso:another")
        XCTAssertEqual(scan.state.waiting, "permesso:another")
    }

    func test_a_foreign_or_damaged_code_is_refused_and_the_next_one_counts() async throws {
        let pair = try await Pair()
        let scan = Scan(pair.ada)
        scan.look(at: "https://example.org/a/very/long/way")
        XCTAssertEqual(scan.state.fault, .foreign("https://example.org/a/ve"))
        XCTAssertNil(scan.state.waiting)
        scan.look(at: " permesso:cut?alias=Gr%C3%A1ce&v=1 ")
        XCTAssertNil(scan.state.fault)
        XCTAssertEqual(scan.state.claimedAlias, "Gráce")
        await scan.accept("permesso:cut")
        XCTAssertEqual(scan.state.fault, .cutOff)
        let nobody = try await pair.ada.friend(pair.grace.id)
        XCTAssertNil(nobody)
        scan.look(at: "permesso:\(pair.grace.id)")
        scan.dismiss()
        XCTAssertNil(scan.state.waiting)
        await scan.accept("permesso:\(pair.grace.id)")
        XCTAssertEqual(scan.state.person, pair.grace.id)
        scan.look(at: "https://example.org")
        XCTAssertNil(scan.state.fault)
    }

    func test_ones_own_code_is_said_to_be_that_and_is_not_taken() async throws {
        let pair = try await Pair()
        let scan = Scan(pair.ada)
        for code in ["permesso:\(pair.ada.identityKey)?alias=Ada", "PERMESSO:\(pair.ada.identityKey.uppercased())"] {
            scan.look(at: "permesso:\(pair.grace.identityKey)")
            XCTAssertNil(scan.state.fault)
            scan.look(at: code)
            XCTAssertEqual(scan.state.fault, .own)
            XCTAssertNil(scan.state.waiting)
        }
    }

    func test_of_a_picture_the_code_of_ours_counts_and_one_without_a_code_is_said() async throws {
        let pair = try await Pair()
        let scan = Scan(pair.ada)
        scan.look(inPicture: [])
        XCTAssertEqual(scan.state.fault, .notInPicture)
        scan.look(inPicture: ["https://example.org"])
        XCTAssertEqual(scan.state.fault, .foreign("https://example.org"))
        scan.look(inPicture: ["https://example.org", "PERMESSO:\(pair.grace.id)"])
        XCTAssertNil(scan.state.fault)
        XCTAssertEqual(scan.state.waiting, "PERMESSO:\(pair.grace.id)")
        let before = try await pair.ada.friend(pair.grace.id)
        XCTAssertNil(before)
    }

    func test_the_code_is_shown_with_the_name() async throws {
        let pair = try await Pair()
        let code = MyCode(pair.ada)
        await code.load()
        XCTAssertEqual(code.state.uri, "permesso:\(pair.ada.id)")
        XCTAssertEqual(code.state.alias, "Ada")
        await code.renew()
        XCTAssertNil(code.state.trouble)
    }

    func test_news_are_told_unless_the_user_looks_at_them() async throws {
        let network = FakeNetwork()
        let system = FakeNotifications()
        let app = AppModel(FakeOpener(network), drafts: Drafts(), notifications: Notifications(system))
        await app.open()
        await app.begin(alias: "Ada", visibility: .everybody)
        let ada = try XCTUnwrap(app.host)
        var news: [News] { system.shown }
        let grace = try network.open("Grace")
        try await grace.start()
        app.show(.settings)
        try await grace.askFriendship(ada.id, greeting: "Ciao!")
        try await eventually { news.count == 1 }
        XCTAssertEqual(news.first, News(kind: .ask, host: grace.id, name: "Grace", text: "Ciao!"))
        XCTAssertEqual(news.first?.screen, .person(grace.id))
        try await ada.acceptFriendship(grace.id)
        try await eventually("what is answered is taken back") { news.isEmpty }
        try await grace.send("uno", to: ada.id)
        try await eventually { news.last?.text == "uno" }
        app.show(.conversation(grace.id))
        try await grace.send("due", to: ada.id)
        app.show(.more)
        try await grace.send("tre", to: ada.id)
        try await eventually { news.last?.text == "tre" }
    }

    func test_that_nothing_can_be_stored_is_known_for_as_long_as_it_lasts_and_the_network_comes_back_after_it() async throws {
        let opener = FakeOpener(isThere: true)
        let app = AppModel(opener, drafts: Drafts())
        await app.open()
        let ada = try XCTUnwrap(app.host as? FakePermesso)
        ada.failStorage()
        try await eventually("it is known") { app.notices.state.storageFails }
        let starting = Task { await app.start() }
        try await eventually("it is off the network") { app.state.offNetwork != nil }
        ada.restoreStorage()
        try await eventually("it is over") { !app.notices.state.storageFails && app.state.offNetwork == nil }
        await starting.value
    }

    func test_a_tap_on_a_notification_opens_the_conversation_of_a_message_and_who_asks_where_that_is_answered() async {
        let message = News(kind: .message, host: "g", name: "Grace", text: "uno")
        let ask = News(kind: .ask, host: "g", name: "Grace", text: "Ciao!")
        XCTAssertEqual(News.screen(noted: message.note), .conversation("g"))
        XCTAssertEqual(News.screen(noted: ask.note), .person("g"))
        XCTAssertEqual([message.screen, ask.screen], [.conversation("g"), .person("g")])
        XCTAssertNil(News.screen(noted: ["host": "g", "kind": "another"]))
        XCTAssertNil(News.screen(noted: ["aps": ["alert": "x"]]))
    }
}
