import Foundation
import PermessoKitTesting
import XCTest

@testable import PermessoKit

/// Lifecycle, mistakes, moving, logs: what an app does to a host in its life.
final class LifeTests: XCTestCase {
    func test_what_goes_wrong_has_a_type_that_says_what_to_do() async throws {
        let world = World()
        let ada = try await world.open("Ada", 1)
        await assertThrows(try await ada.friend("no id")) { if case .InvalidInput = $0 { true } else { false } }
        await assertThrows(try await world.open("Ada", 1)) { if case .AlreadyThere = $0 { true } else { false } }
        await assertThrows(try await ada.send("x", to: UUID().uuidString)) { if case .NotNow = $0 { true } else { false } }
        try await ada.stop()
        await assertThrows(try await ada.hosts()) { if case .Stopped = $0 { true } else { false } }
    }

    func test_a_key_that_is_lost_is_no_new_identity() async throws {
        let world = World()
        let ada = try await world.open("Ada", 1)
        try await ada.stop()
        world.keyStore("Ada").lose()
        await assertThrows(try await world.open("Ada", 1)) { if case .KeyUnavailable = $0 { true } else { false } }
    }

    func test_a_key_store_that_throws_is_a_key_that_is_unavailable() async throws {
        final class Locked: KeyStore {
            func load(name: String) throws -> Data? { throw CocoaError(.fileReadNoPermission) }
            func save(name: String, secret: Data) throws {}
        }
        let world = World()
        var configuration = world.configuration("Ada", 1)
        configuration.keyStore = Locked()
        let given = configuration
        await assertThrows(try await Permesso.open(given)) { if case .KeyUnavailable = $0 { true } else { false } }
    }

    func test_a_file_keeps_a_key_that_its_owner_alone_may_read() async throws {
        let world = World()
        let folder = world.folder.appendingPathComponent("keys")
        let store = FileKeyStore(directory: folder)
        XCTAssertNil(try store.load(name: "database"))
        try store.save(name: "database", secret: Data([1, 2, 3]))
        try store.save(name: "database", secret: Data([4, 5]))
        XCTAssertEqual(try store.load(name: "database"), Data([4, 5]))
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["database"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent("database").path)
        XCTAssertEqual(attributes[.posixPermissions] as? Int, 0o600)
    }

    func test_an_account_moves_to_another_folder() async throws {
        let world = World()
        let ada = try await world.open("Ada", 1)
        let file = world.folder.appendingPathComponent("ada.permesso")
        let told = Box(0)
        let report = try await ada.exportAccount(to: file, passphrase: "correct horse") { _, _ in
            told.change { $0 += 1 }
            return true
        }
        XCTAssertGreaterThan(told.value, 0)
        try await ada.stop()
        let there = world.configuration("Elsewhere", 2)
        let brought = try await Permesso.importAccount(
            from: file, passphrase: "correct horse", directory: there.directory, keyStore: there.keyStore)
        XCTAssertEqual(brought, report)
        let again = try await Permesso.open(there)
        XCTAssertEqual(again.id, ada.id)
        try await again.stop()
    }

    func test_friends_and_messages_are_read_of_a_damaged_host_and_erased_it_is_gone() async throws {
        let world = World()
        let there = world.configuration("Ada", 1)
        let database = there.directory.appendingPathComponent("permesso.db")
        let (friends, messages) = (Box<[Contact]>([]), Box<[RescuedMessage]>([]))
        let onFound: OnFound = { someFriends, someMessages in
            friends.change { $0 += someFriends }
            messages.change { $0 += someMessages }
            return true
        }
        let ada = try await world.start("Ada", 1)
        let grace = try await world.start("Grace", 2)
        try await befriend(ada, grace)
        try await ada.send("ci vediamo alle 8?", to: grace.id)
        await assertThrows(try await Permesso.rescue(there.directory, keyStore: there.keyStore, onFound: onFound)) {
            if case .AlreadyThere = $0 { true } else { false }
        }
        await assertThrows(try await Permesso.erase(there.directory)) { if case .AlreadyThere = $0 { true } else { false } }
        try await grace.stop()
        try await ada.stop()
        let whole = try Data(contentsOf: database)
        try whole.dropLast(4_096).write(to: database)
        await assertThrows(try await Permesso.open(there)) { if case .Damaged = $0 { true } else { false } }

        let report = try await Permesso.rescue(there.directory, keyStore: there.keyStore, onFound: onFound)
        XCTAssertEqual([report.friends, report.messages], [1, 1])
        XCTAssertEqual(friends.value.map(\.name), ["Grace"])
        XCTAssertEqual(messages.value.map(\.text), ["ci vediamo alle 8?"])
        XCTAssertEqual(messages.value.map(\.host), [grace.id])
        let endings: [OnFound] = [{ _, _ in false }, { _, _ in throw CocoaError(.fileWriteOutOfSpace) }]
        for ending in endings {
            await assertThrows(try await Permesso.rescue(there.directory, keyStore: there.keyStore, onFound: ending)) {
                if case .Cancelled = $0 { true } else { false }
            }
        }

        for _ in 0..<2 {
            try await Permesso.erase(there.directory)
            let left = try FileManager.default.contentsOfDirectory(atPath: there.directory.deletingLastPathComponent().path)
            XCTAssertEqual(left.filter { $0.hasPrefix("Ada") }, [])
        }
    }

    func test_two_readers_get_the_same_events_and_both_end_with_the_host() async throws {
        let world = World()
        let ada = try await world.open("Ada", 1)
        let streams = [ada.events, ada.events]
        let readers = streams.map { stream in
            Task {
                var seen: [Event] = []
                for await event in stream { seen.append(event) }
                return seen
            }
        }
        try await ada.start()
        let grace = try await world.start("Grace", 2)
        let graceId = grace.id
        _ = try await first(of: ada.nearby) { hosts in hosts.contains { $0.id == graceId } }
        try await ada.stop()
        let (one, other) = (await readers[0].value, await readers[1].value)
        XCTAssertFalse(one.isEmpty)
        XCTAssertEqual(one, other)
        try await grace.stop()
    }

    func test_whoever_stops_reading_is_forgotten_and_the_next_reads_on() async throws {
        let world = World()
        let ada = try await world.start("Ada", 1)
        for _ in 0..<3 {
            let reader = Task { [events = ada.events] in for await _ in events {} }
            reader.cancel()
            await reader.value
        }
        let adaId = ada.id
        let grace = try await world.start("Grace", 2)
        _ = try await first(of: grace.nearby) { hosts in hosts.contains { $0.id == adaId } }
        let graceId = grace.id
        _ = try await first(of: ada.nearby) { hosts in hosts.contains { $0.id == graceId } }
        try await ada.stop()
        try await grace.stop()
    }

    func test_a_host_sleeps_in_the_background_and_of_many_changes_the_last_counts() async throws {
        let world = World()
        let ada = try await world.start("Ada", 1)
        let follower = PhaseFollower(ada)
        await follower.wentToBackground()
        await assertThrows(try await ada.searchMessages("x")) { if case .Paused = $0 { true } else { false } }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { if number.isMultiple(of: 2) { await follower.becameActive() } else { await follower.wentToBackground() } }
            }
        }
        await follower.becameActive()
        let found = try await ada.searchMessages("x")
        XCTAssertEqual(found, [])
        try await ada.stop()
    }

    func test_of_several_windows_the_last_that_goes_to_the_background_takes_the_host_with_it() async throws {
        let world = World()
        let ada = try await world.start("Ada", 1)
        let follower = PhaseFollower(ada)
        func sleeps() async throws -> Bool {
            do {
                _ = try await ada.searchMessages("x")
                return false
            } catch PermessoError.Paused {
                return true
            }
        }
        let (one, other, third) = (UUID(), UUID(), UUID())
        await follower.became(.active, scene: one)
        await follower.became(.active, scene: other)
        // It is about to be shown, as while another takes its place.
        await follower.became(.inactive, scene: third)
        for window in [one, other] {
            await follower.became(.inactive, scene: window)
            await follower.became(.background, scene: window)
            let asleep = try await sleeps()
            XCTAssertFalse(asleep)
        }
        await follower.became(.background, scene: third)
        var asleep = try await sleeps()
        XCTAssertTrue(asleep)
        await follower.became(.inactive, scene: one)
        asleep = try await sleeps()
        XCTAssertTrue(asleep)
        await follower.became(.active, scene: one)
        asleep = try await sleeps()
        XCTAssertFalse(asleep)
        // One that was closed holds nothing up.
        await follower.became(.active, scene: other)
        await follower.became(.closed, scene: other)
        await follower.became(.background, scene: one)
        asleep = try await sleeps()
        XCTAssertTrue(asleep)
        try await ada.stop()
    }

    func test_after_a_step_that_failed_the_next_change_is_tried_whatever_it_is() async throws {
        let world = World()
        let ada = try await world.start("Ada", 1)
        let failures = Box(0)
        let follower = PhaseFollower(ada) { _ in failures.change { $0 += 1 } }
        try await ada.stop()
        await follower.wentToBackground()
        XCTAssertEqual(failures.value, 1)
        // What the host is like nobody knows now: it may sleep.
        await follower.becameActive()
        XCTAssertEqual(failures.value, 2)
    }

    func test_a_watched_list_waits_for_the_end_of_a_pause_and_ends_with_the_host() async throws {
        let world = World()
        let ada = try await world.start("Ada", 1)
        let grace = try await world.start("Grace", 2)
        try await befriend(ada, grace)
        try await ada.pause()
        let came = Box(false)
        let reader = Task { [conversation = ada.conversation(with: grace.id)] in
            let messages = try await first(of: conversation) { _ in true }
            came.change { $0 = true }
            return messages
        }
        try await Task.sleep(nanoseconds: 200_000_000)
        XCTAssertFalse(came.value)
        try await ada.resume()
        let messages = try await reader.value
        XCTAssertEqual(messages, [])

        let watcher = Task { [friends = ada.friends] in for try await _ in friends {} }
        try await ada.stop()
        try await watcher.value
        try await grace.stop()
    }

    func test_two_hosts_chat_over_a_host_link_alone() async throws {
        let world = World()
        let (ada, grace) = (try await world.open("Ada", 1), try await world.open("Grace", 2))
        for host in [ada, grace] {
            try await host.setNetworkAddresses([])
            try await host.start()
        }
        let (there, here) = (Radio(), Radio())
        there.connect(try await ada.openHostLink(there), to: here)
        here.connect(try await grace.openHostLink(here), to: there)
        try await befriend(ada, grace)
        let sent = try await ada.send("by radio", to: grace.id)
        let fate = try await ada.waitForFate(of: sent, timeout: .seconds(patience))
        XCTAssertEqual(fate, .delivered)
        XCTAssertGreaterThan(there.carried.value, 0)
        try await ada.stop()
        try await grace.stop()
    }

    func test_the_parameters_are_explained_in_both_languages_and_the_library_has_a_version() {
        XCTAssertTrue(Permesso.defaultParameters().contains("[network]"))
        XCTAssertNotEqual(Permesso.defaultParameters(), Permesso.defaultParameters(italian: true))
        XCTAssertFalse(libraryVersion().isEmpty)
        XCTAssertGreaterThan(hostPacketMax(), 1_000)
    }

    func test_whoever_watches_lists_takes_nothing_of_what_the_opening_brought_from_the_first_who_reads_events() async throws {
        let world = World()
        let file = world.folder.appendingPathComponent("account")
        let old = try await world.open("Ada", 1)
        _ = try await old.exportAccount(to: file, passphrase: "four words")
        try await old.stop()
        let configuration = world.configuration("new", 1)
        try await Permesso.importAccount(
            from: file, passphrase: "four words", directory: configuration.directory, keyStore: configuration.keyStore)
        let ada = try await world.start("new", 1)
        let watching = Task { for try await _ in ada.friends {} }
        _ = try await first(of: ada.nearby) { _ in true }
        try await Task.sleep(nanoseconds: 300_000_000)
        _ = try await first(of: ada.events) { event in
            if case .notice(.copyRestored) = event { true } else { false }
        }
        watching.cancel()
        try await ada.stop()
    }
}

/// A value that several threads change.
final class Box<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var content: Value

    init(_ content: Value) {
        self.content = content
    }

    var value: Value { lock.withLock { content } }

    func change(_ action: (inout Value) -> Void) {
        lock.withLock { action(&content) }
    }
}

/// A radio that carries every packet at once.
final class Radio: HostLinkCarrier, @unchecked Sendable {
    let carried = Box(0)
    private let link = Box<HostLink?>(nil)
    private let other = Box<Radio?>(nil)

    func connect(_ link: HostLink, to other: Radio) {
        self.link.change { $0 = link }
        self.other.change { $0 = other }
    }

    func carry(packet: Data) throws {
        carried.change { $0 += 1 }
        other.value?.link.value?.receive(packet: packet)
    }

    func closed() throws {
        other.change { $0 = nil }
        link.change { $0 = nil }
    }
}

/// Fails unless it throws an error of that kind.
func assertThrows<Value>(
    _ action: @autoclosure () async throws -> Value, _ isExpected: (PermessoError) -> Bool, line: UInt = #line
) async {
    do {
        _ = try await action()
        XCTFail("it does not throw", line: line)
    } catch let error as PermessoError {
        XCTAssertTrue(isExpected(error), "\(error)", line: line)
    } catch {
        XCTFail("\(error) has another type", line: line)
    }
}
