import Foundation
import PermessoKit
import XCTest

final class TwoHostsTests: XCTestCase {
    func test_two_hosts_meet_become_friends_and_chat_and_one_that_restarts_has_kept_everything() async throws {
        let world = World()
        let ada = try await world.start("Ada", 1)
        let grace = try await world.start("Grace", 2)
        try await befriend(ada, grace)

        let sent = try await ada.send("ci vediamo alle 8?", to: grace.id)
        let received = try await message("ci vediamo alle 8?", in: grace, with: ada.id)
        XCTAssertEqual(received.id, sent)
        let fate = try await ada.waitForFate(of: sent, timeout: .seconds(patience))
        XCTAssertEqual(fate, .delivered)
        try await grace.send("va bene", to: ada.id)
        _ = try await message("va bene", in: ada, with: grace.id)

        let id = grace.id
        try await grace.stop()
        // Nothing happens on the network then, and yet one's own words are shown.
        let (begun, begin) = AsyncStream<Void>.makeStream()
        async let shown = first(of: ada.conversation(with: id)) { list in
            begin.yield()
            return list.contains { $0.text == "ci sei?" }
        }
        for await _ in begun { break }
        let waiting = try await ada.send("ci sei?", to: id)
        _ = try await shown
        let again = try await world.start("Grace", 2)
        XCTAssertEqual(again.id, id)
        let names = try await again.friendList().map(\.name)
        XCTAssertEqual(names, ["Ada"])
        let later = try await ada.waitForFate(of: waiting, timeout: .seconds(patience))
        XCTAssertEqual(later, .delivered)
        let texts = try await again.messages(with: ada.id).map(\.text)
        XCTAssertEqual(texts, ["ci vediamo alle 8?", "va bene", "ci sei?"])
        let unread = try await again.friend(ada.id)?.unread
        XCTAssertEqual(unread, 2)
        let (ours, theirs) = (try await ada.safetyNumber(of: id), try await again.safetyNumber(of: ada.id))
        XCTAssertNotNil(ours)
        XCTAssertEqual(ours, theirs)
        try await again.leave()
        try await again.stop()
        try await ada.stop()
    }
}
