import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

@MainActor
final class ConversationTests: XCTestCase, @unchecked Sendable {
    func test_what_is_written_arrives_and_what_waits_can_be_given_up() async throws {
        let pair = try await Pair.friends()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await shown(conversation.run) {
            try await eventually { conversation.state.isLoaded && conversation.state.canWrite }
            conversation.write("  ci vediamo alle 8? \n")
            await conversation.send()
            try await eventually { conversation.state.messages.map(\.state) == [.delivered] }
            XCTAssertEqual(conversation.state.messages.first?.text, "ci vediamo alle 8?")
            XCTAssertEqual(conversation.state.draft, "")
            try await pair.grace.stop()
            conversation.write("ci sei?")
            await conversation.send()
            try await eventually { conversation.state.messages.last?.state == .queued }
            conversation.look(at: conversation.state.messages.last?.id)
            conversation.ask(.cancel)
            conversation.ask(nil)
            await conversation.answer(.cancel)
            try await eventually { conversation.state.messages.last?.failReason == .cancelled }
            XCTAssertNil(conversation.state.detail)
            conversation.look(at: conversation.state.messages.last?.id)
            await conversation.resend()
            try await eventually { conversation.state.messages.last?.state == .queued }
            conversation.look(at: conversation.state.messages.last?.id)
            conversation.ask(.delete)
            await conversation.answer(.delete)
            try await eventually { conversation.state.messages.count == 1 }
        }
        XCTAssertNil(conversation.state.trouble)
    }

    func test_whom_one_may_not_write_to_nothing_is_offered_to_be_sent_again() async throws {
        let pair = try await Pair.friends()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await pair.grace.stop()
        let message = try await pair.ada.send("ci sei?", to: pair.grace.id)
        try await shown(conversation.run) {
            try await eventually { conversation.state.messages.last?.state == .queued && conversation.state.canWrite }
            conversation.look(at: message)
            XCTAssertFalse(conversation.state.canResend)
            try await pair.ada.cancel(message)
            try await eventually { conversation.state.canResend }
            try await pair.ada.block(pair.grace.id)
            try await eventually { !conversation.state.canWrite }
            XCTAssertFalse(conversation.state.canResend)
            try await pair.ada.unblock(pair.grace.id)
            try await eventually { conversation.state.canResend }
            try await pair.ada.endFriendship(pair.grace.id)
            try await eventually { !conversation.state.canWrite }
            XCTAssertFalse(conversation.state.canResend)
        }
    }

    func test_a_message_that_failed_so_long_ago_that_the_host_forgot_it_goes_as_a_new_one() async throws {
        let pair = try await Pair.friends()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await pair.grace.stop()
        let message = try await pair.ada.send("ci sei?", to: pair.grace.id)
        try await pair.ada.cancel(message)
        pair.ada.forget(message)
        try await shown(conversation.run) {
            try await eventually { conversation.state.messages.last?.state == .failed }
            conversation.look(at: message)
            await conversation.resend()
            try await eventually { conversation.state.messages.map(\.state) == [.failed, .queued] }
            XCTAssertEqual(conversation.state.messages.map(\.text), ["ci sei?", "ci sei?"])
            XCTAssertNil(conversation.state.trouble)
            // What is not there any more, or arrived after all, does not go again.
            conversation.look(at: "gone")
            await conversation.resend()
            XCTAssertEqual(conversation.state.trouble?.isNotFound, true)
            XCTAssertEqual(conversation.state.messages.count, 2)
        }
    }

    func test_a_conversation_that_is_shown_is_read_and_keeps_its_line() async throws {
        let pair = try await Pair.friends()
        try await pair.ada.send("old", to: pair.grace.id)
        try await pair.grace.send("new", to: pair.ada.id)
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil }
            for message in conversation.state.messages { conversation.appeared(message.id) }
            try await eventually { try await pair.ada.friend(pair.grace.id)?.unread == 0 }
            let new = conversation.state.messages.first { $0.text == "new" }
            XCTAssertEqual(conversation.state.firstUnread, new?.id)
        }
        let unread = try await pair.ada.friend(pair.grace.id)?.unread
        XCTAssertEqual(unread, 0)
    }

    func test_of_a_long_history_the_pages_follow_without_a_hole() async throws {
        let pair = try await Pair.friends()
        for number in 1...250 { try await pair.ada.send(String(number), to: pair.grace.id) }
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil && conversation.state.hasOlder }
            XCTAssertEqual(conversation.state.messages.count, 100)
            await conversation.older()
            // What one looks at stays where it is.
            XCTAssertEqual(conversation.state.goal?.message, conversation.state.messages.first { $0.text == "151" }?.id)
            XCTAssertEqual(conversation.state.goal?.edge, .top)
            try await pair.grace.send("251", to: pair.ada.id)
            try await eventually { conversation.state.messages.last?.text == "251" }
            await conversation.older()
            XCTAssertFalse(conversation.state.hasOlder)
            XCTAssertEqual(conversation.state.messages.map(\.text), (1...251).map(String.init))
        }
    }

    func test_what_came_while_the_conversation_was_not_shown_leaves_no_hole_however_much() async throws {
        for burst in [99, 100, 101, 250, 1_250] {
            let pair = try await Pair.friends()
            for number in 1...120 { try await pair.ada.send(String(number), to: pair.grace.id) }
            let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
            try await shown(conversation.run) {
                try await eventually { conversation.state.goal != nil }
                XCTAssertEqual(conversation.state.messages.map(\.text), (21...120).map(String.init))
            }
            for number in 121...120 + burst { try await pair.grace.send(String(number), to: pair.ada.id) }
            try await shown(conversation.run) {
                try await eventually { conversation.state.messages.last?.text == String(120 + burst) }
                XCTAssertEqual(conversation.state.messages.suffix(100 + burst).map(\.text), (21...120 + burst).map(String.init))
                try await eventually {
                    await conversation.older()
                    return !conversation.state.hasOlder
                }
                XCTAssertEqual(conversation.state.messages.map(\.text), (1...120 + burst).map(String.init))
            }
        }
    }

    func test_after_more_than_can_be_joined_the_conversation_begins_anew_and_the_older_pages_follow() async throws {
        let pair = try await Pair.friends()
        for number in 1...50 { try await pair.ada.send(String(number), to: pair.grace.id) }
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil }
            XCTAssertFalse(conversation.state.hasOlder)
        }
        for number in 51...3_400 { try await pair.grace.send(String(number), to: pair.ada.id) }
        try await shown(conversation.run) {
            try await eventually { conversation.state.messages.last?.text == "3400" }
            let texts = conversation.state.messages.map(\.text)
            XCTAssertEqual(texts, (3_401 - texts.count...3_400).map(String.init))
            XCTAssertTrue(conversation.state.hasOlder)
            try await eventually {
                await conversation.older()
                return !conversation.state.hasOlder
            }
            XCTAssertEqual(conversation.state.messages.map(\.text), (1...3_400).map(String.init))
        }
    }

    func test_the_line_before_what_is_new_stands_where_it_begins_also_with_more_than_a_page_of_it() async throws {
        let pair = try await Pair.friends()
        for number in 1...30 { try await pair.ada.send(String(number), to: pair.grace.id) }
        for number in 31...350 { try await pair.grace.send(String(number), to: pair.ada.id) }
        let saved = Saved()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: saved)
        var line: String?
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil }
            line = conversation.state.messages.first { $0.text == "31" }?.id
            XCTAssertNotNil(line)
            XCTAssertEqual(conversation.state.firstUnread, line)
            XCTAssertEqual(conversation.state.goal?.message, line)
        }
        // The process ended, and all of it is read.
        try await pair.ada.markRead(pair.grace.id)
        saved["anchor"] = nil
        let again = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: saved)
        try await shown(again.run) {
            try await eventually { again.state.goal != nil }
            XCTAssertEqual(again.state.goal?.message, line)
            XCTAssertTrue(again.state.messages.contains { $0.id == line })
        }
    }

    func test_a_search_that_finds_more_than_is_shown_says_so() async throws {
        let pair = try await Pair.friends()
        for number in 1..<SearchMessages.most { try await pair.ada.send("uno \(number)", to: pair.grace.id) }
        let search = SearchMessages(pair.ada)
        search.write("uno")
        await search.search()
        XCTAssertEqual(search.state.found?.count, SearchMessages.most - 1)
        XCTAssertFalse(search.state.isFull)
        for number in 0...1 { try await pair.ada.send("uno \(SearchMessages.most + number)", to: pair.grace.id) }
        await search.search()
        XCTAssertEqual(search.state.found?.count, SearchMessages.most)
        XCTAssertTrue(search.state.isFull)
        XCTAssertEqual(search.state.found?.first?.text, "uno 1001")
        let words = Words(try CatalogueWords("it"))
        XCTAssertTrue(words.searchOnlyNewest(count: SearchMessages.most).contains("più recenti"))
    }

    func test_a_search_hit_opens_the_conversation_at_its_message_however_old() async throws {
        let pair = try await Pair.friends()
        for number in 1...2_500 { try await pair.ada.send(String(number), to: pair.grace.id) }
        let app = AppModel(FakeOpener(), drafts: Drafts())
        let search = SearchMessages(pair.ada)
        search.write("77")
        await search.search()
        let hit = try XCTUnwrap(search.state.found?.first { $0.text == "77" })
        app.show(hit)
        let screen = Screen.conversation(pair.grace.id)
        XCTAssertEqual(app.state.path, [screen])
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: app.saved(screen))
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil }
            XCTAssertEqual(conversation.state.goal?.message, hit.id)
            XCTAssertEqual(conversation.state.marked, hit.id)
            XCTAssertFalse(conversation.state.isSeeking)
            let texts = conversation.state.messages.map(\.text)
            XCTAssertEqual(texts, (2_501 - texts.count...2_500).map(String.init))
        }
        // The conversation is there already and the next hit leads back to it.
        let other = try XCTUnwrap(conversation.state.messages.last)
        app.show(.searchMessages)
        app.show(other)
        XCTAssertEqual(app.state.path, [screen])
        try await shown(conversation.run) {
            try await eventually { conversation.state.marked == other.id }
            XCTAssertEqual(conversation.state.goal?.message, other.id)
        }
    }

    func test_a_hit_that_is_gone_opens_the_conversation_all_the_same() async throws {
        let pair = try await Pair.friends()
        try await pair.ada.send("uno", to: pair.grace.id)
        let saved = Saved([Conversation.wanted: "gone"])
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: saved)
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil && conversation.state.goal?.message == conversation.state.messages.last?.id }
        }
        XCTAssertNil(conversation.state.marked)
        XCTAssertNil(saved[Conversation.wanted])
        XCTAssertNil(conversation.state.trouble)
    }

    func test_anothers_message_does_not_pull_away_what_is_being_read_and_ones_own_is_shown() async throws {
        let pair = try await Pair.friends()
        for number in 1...20 { try await pair.ada.send(String(number), to: pair.grace.id) }
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil }
            let begun = conversation.state.goal
            let ids = conversation.state.messages.map(\.id)
            for id in ids.prefix(5) { conversation.appeared(id) }
            try await pair.grace.send("theirs", to: pair.ada.id)
            try await eventually { conversation.state.messages.last?.text == "theirs" }
            XCTAssertEqual(conversation.state.goal, begun)
            // It stands below the screen: it is said to be there, and is not read before it is seen.
            try await eventually { conversation.state.isNewBelow }
            let waiting = try await pair.ada.friend(pair.grace.id)?.unread
            XCTAssertEqual(waiting, 1)
            conversation.goDown()
            let theirs = try XCTUnwrap(conversation.state.messages.last?.id)
            XCTAssertEqual(conversation.state.goal?.message, theirs)
            conversation.appeared(theirs)
            try await eventually { try await pair.ada.friend(pair.grace.id)?.unread == 0 }
            XCTAssertFalse(conversation.state.isNewBelow)
            try await eventually { conversation.state.messages.last?.unread == false }
            conversation.disappeared(theirs)
            conversation.appeared(ids[0])
            XCTAssertFalse(conversation.state.isNewBelow)
            conversation.write("mine")
            await conversation.send()
            try await eventually { conversation.state.messages.last?.text == "mine" }
            XCTAssertEqual(conversation.state.goal?.message, conversation.state.messages.last?.id)
            // Who is at the end stays there.
            for message in conversation.state.messages.suffix(5) { conversation.appeared(message.id) }
            try await pair.grace.send("more", to: pair.ada.id)
            try await eventually { conversation.state.messages.last?.text == "more" }
            XCTAssertEqual(conversation.state.goal?.message, conversation.state.messages.last?.id)
        }
    }

    func test_the_line_stands_before_the_first_that_came_while_one_read_further_up_and_stays_there() async throws {
        let pair = try await Pair.friends()
        for number in 1...20 { try await pair.ada.send(String(number), to: pair.grace.id) }
        let saved = Saved()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(), saved: saved)
        func id(_ text: String) -> String? { conversation.state.messages.first { $0.text == text }?.id }
        try await shown(conversation.run) {
            try await eventually { conversation.state.goal != nil }
            let ids = conversation.state.messages.map(\.id)
            for id in ids.suffix(5) { conversation.appeared(id) }
            // Who sees the end needs no line.
            try await pair.grace.send("seen", to: pair.ada.id)
            try await eventually { conversation.state.goal?.message == id("seen") && id("seen") != nil }
            XCTAssertNil(conversation.state.firstUnread)
            conversation.appeared(try XCTUnwrap(id("seen")))
            try await eventually { conversation.state.messages.last?.unread == false }
            for message in conversation.state.messages { conversation.disappeared(message.id) }
            for id in ids.prefix(5) { conversation.appeared(id) }
            try await pair.grace.send("first", to: pair.ada.id)
            try await eventually { conversation.state.firstUnread != nil && conversation.state.isNewBelow }
            XCTAssertEqual(conversation.state.firstUnread, id("first"))
            try await pair.grace.send("second", to: pair.ada.id)
            try await eventually { id("second") != nil }
            XCTAssertEqual(conversation.state.firstUnread, id("first"))
            conversation.goDown()
            conversation.appeared(try XCTUnwrap(id("second")))
            try await eventually { !conversation.state.messages.contains(where: \.unread) }
            XCTAssertFalse(conversation.state.isNewBelow)
            XCTAssertEqual(conversation.state.firstUnread, id("first"))
            XCTAssertEqual(saved["unread"], id("first"))
            let rows = conversation.state.rows(in: .current).map(\.id)
            XCTAssertEqual(rows.suffix(3), ["unread", try XCTUnwrap(id("first")), try XCTUnwrap(id("second"))])
        }
        // What came while another screen was shown is new below, too.
        for message in conversation.state.messages { conversation.disappeared(message.id) }
        try await pair.grace.send("third", to: pair.ada.id)
        try await shown(conversation.run) {
            try await eventually { id("third") != nil }
            XCTAssertEqual(conversation.state.firstUnread, id("third"))
        }
    }

    func test_a_draft_outlives_the_screen_and_the_process_and_a_failed_one_comes_back() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("drafts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let pair = try await Pair.friends()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(file))
        conversation.write("non finito")
        XCTAssertEqual(Conversation(pair.ada, with: pair.grace.id, drafts: Drafts(file)).state.draft, "non finito")
        try await shown(conversation.run) { try await eventually { conversation.state.canWrite } }
        try await pair.ada.pause()
        await conversation.send()
        XCTAssertEqual(conversation.state.draft, "non finito")
    }

    func test_a_text_over_the_limit_is_not_sent() async throws {
        let pair = try await Pair.friends()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
        try await shown(conversation.run) {
            try await eventually { conversation.state.canWrite }
            conversation.write(String(repeating: "è", count: 2_049))
            XCTAssertEqual(conversation.state.draftBytes, 4_098)
            XCTAssertFalse(conversation.state.canSend)
            conversation.write(String(repeating: "è", count: 2_048))
            XCTAssertTrue(conversation.state.canSend)
        }
    }

    func test_days_gaps_and_the_unread_line_stand_between_messages() async {
        var first = Message.sample(.delivered)
        first.localTime = 1_767_225_600_000
        var second = first
        second.id = "2"
        second.localTime += 86_400_000
        second.gap = true
        var state = Conversation.State()
        state.messages = [first, second]
        state.firstUnread = "2"
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        XCTAssertEqual(
            state.rows(in: calendar),
            [
                .day(first.localTime.moment), .text(first), .day(second.localTime.moment), .unread, .gap(before: "2"),
                .text(second),
            ])
    }

    func test_messages_are_found_with_the_name_of_whom_they_are_with() async throws {
        let pair = try await Pair.friends()
        try await pair.ada.send("Tè alle cinque", to: pair.grace.id)
        let search = SearchMessages(pair.ada)
        search.write("CINQUE")
        await search.search()
        XCTAssertEqual(search.state.found?.count, 1)
        XCTAssertEqual(search.state.names[pair.grace.id], "Grace")
        search.write(" ")
        await search.search()
        XCTAssertNil(search.state.found)
    }

    func test_only_links_of_the_web_are_links_and_their_text_is_theirs() async {
        let text = "See (https://example.org/a?b=1), http://x.it. javascript:alert(1) permesso:abc https:// www.example.org"
        XCTAssertEqual(Links.found(in: text), ["https://example.org/a?b=1", "http://x.it"])
        XCTAssertEqual(Links.found(in: "http://x.it http://y.it http://x.it"), ["http://x.it", "http://y.it"])
        XCTAssertEqual(Links.found(in: (1...9).map { "http://x.it/\($0)" }.joined(separator: " ")).count, 5)
    }
}

extension PermessoError {
    fileprivate var isNotFound: Bool { if case .NotFound = self { true } else { false } }
}
