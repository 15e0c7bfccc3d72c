import PermessoKit
import PermessoKitTesting
import XCTest

/// The host in memory keeps the promises that an app's tests lean on.
final class FakeTests: XCTestCase {
    /// Two friends, both on the network.
    private func friends(in network: FakeNetwork = FakeNetwork()) async throws -> (FakePermesso, FakePermesso) {
        let (ada, grace) = (try network.open("Ada"), try network.open("Grace"))
        try await ada.start()
        try await grace.start()
        try await befriend(ada, grace)
        return (ada, grace)
    }

    func test_two_hosts_in_memory_meet_become_friends_and_chat() async throws {
        let (ada, grace) = try await friends()
        let sent = try await ada.send("Ciao!", to: grace.id)
        let received = try await message("Ciao!", in: grace, with: ada.id)
        XCTAssertEqual(received.id, sent)
        let fate = try await ada.waitForFate(of: sent, timeout: .seconds(1))
        XCTAssertEqual(fate, .delivered)
    }

    func test_a_message_to_somebody_who_is_away_waits_and_can_be_given_up() async throws {
        let network = FakeNetwork()
        let (ada, grace) = try await friends(in: network)
        try await grace.stop()
        let (kept, given) = (try await ada.send("one", to: grace.id), try await ada.send("two", to: grace.id))
        await assertThrows(try await ada.waitForFate(of: kept, timeout: .seconds(1))) { if case .TimedOut = $0 { true } else { false } }
        try await ada.cancel(given)
        let again = try network.open("Grace")
        try await again.start()
        let texts = try await again.messages(with: ada.id).map(\.text)
        XCTAssertEqual(texts, ["one"])
        let states = try await ada.messages(with: grace.id).map(\.state)
        XCTAssertEqual(states, [.delivered, .failed])
    }

    func test_while_nothing_can_be_stored_calls_throw_and_lists_wait_and_then_the_host_goes_on_by_itself() async throws {
        let (ada, grace) = try await friends()
        let graceId = grace.id
        let notices = Task { [events = ada.events] in
            var told: [Notice] = []
            for await case .notice(let notice) in events {
                told.append(notice)
                if notice == .restored { break }
            }
            return told
        }
        let texts = Box<[[String]]>([])
        let watching = Task { [conversation = ada.conversation(with: graceId)] in
            for try await messages in conversation { texts.change { $0.append(messages.map(\.text)) } }
        }
        try await ada.send("one", to: graceId)
        try await until { texts.value.last == ["one"] }
        ada.failStorage("full")
        await assertThrows(try await ada.friendList()) { $0 == .StorageUnavailable(reason: "full") }
        await assertThrows(try await ada.send("x", to: graceId)) { $0 == .StorageUnavailable(reason: "full") }
        await assertThrows(try await ada.start()) { $0 == .StorageUnavailable(reason: "full") }
        try await grace.send("two", to: ada.id)
        let late = Task { [friends = ada.friends] in try await first(of: friends) { _ in true } }
        try await Task.sleep(nanoseconds: 100_000_000)
        XCTAssertEqual(texts.value.last, ["one"])
        ada.restoreStorage()
        let friends = try await late.value.map(\.id)
        XCTAssertEqual(friends, [graceId])
        try await until { texts.value.last == ["one", "two"] }
        let told = await notices.value
        XCTAssertEqual(told, [.storageFailed(reason: "full"), .restored])
        watching.cancel()
    }

    func test_a_call_fails_as_the_test_says_once_and_changes_nothing() async throws {
        let (ada, grace) = try await friends()
        let full = PermessoError.StorageUnavailable(reason: "full")
        ada.failNext(full)
        let none = try await ada.messages(with: grace.id)
        XCTAssertEqual(none, [], "what only looks does not fail")
        await assertThrows(try await ada.send("x", to: grace.id)) { $0 == full }
        let still = try await ada.messages(with: grace.id)
        XCTAssertEqual(still, [])
        try await ada.send("x", to: grace.id)
        try await ada.pause()
        ada.failNext(full)
        await assertThrows(try await ada.resume()) { $0 == full }
        await assertThrows(try await ada.searchMessages("x")) { if case .Paused = $0 { true } else { false } }
        try await ada.resume()
        let found = try await ada.searchMessages("x").count
        XCTAssertEqual(found, 1)
    }

    func test_a_host_in_memory_throws_what_the_real_one_throws() async throws {
        let network = FakeNetwork()
        let ada = try network.open("Ada")
        await assertThrows(try await ada.send("x", to: "no id")) { if case .InvalidInput = $0 { true } else { false } }
        await assertThrows(try network.open("Ada")) { if case .AlreadyThere = $0 { true } else { false } }
        try await ada.pause()
        await assertThrows(try await ada.searchMessages("x")) { if case .Paused = $0 { true } else { false } }
        try await ada.stop()
        await assertThrows(try await ada.hosts()) { if case .Stopped = $0 { true } else { false } }
    }
}
