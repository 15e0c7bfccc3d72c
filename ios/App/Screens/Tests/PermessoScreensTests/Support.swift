import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// How long anything that should happen may take on a busy machine, in seconds.
let patience = 60.0

/// Waits until something holds; fails if it does not come.
@MainActor
func eventually(
    _ what: String = "it", file: StaticString = #filePath, line: UInt = #line, _ holds: () async throws -> Bool
) async throws {
    let end = Date().addingTimeInterval(patience)
    while Date() < end {
        if try await holds() { return }
        try await Task.sleep(nanoseconds: 5_000_000)
    }
    XCTFail("\(what) did not happen", file: file, line: line)
}

/// Runs something that follows the host for as long as the body takes, as a screen does that is shown.
@MainActor
func shown(_ run: @escaping @MainActor () async -> Void, _ body: () async throws -> Void) async rethrows {
    let task = Task { await run() }
    defer { task.cancel() }
    try await body()
}

/// Two started hosts in memory.
struct Pair {
    let network = FakeNetwork()
    let ada: FakePermesso
    let grace: FakePermesso

    init() async throws {
        ada = try network.open("Ada")
        grace = try network.open("Grace")
        try await ada.start()
        try await grace.start()
    }

    static func friends() async throws -> Pair {
        let pair = try await Pair()
        try await pair.ada.askFriendship(pair.grace.id)
        try await pair.grace.acceptFriendship(pair.ada.id)
        return pair
    }
}

/// Hands out hosts of a network in memory.
final class FakeOpener: Opener, @unchecked Sendable {
    let network: FakeNetwork
    var isThere: Bool
    var trouble: PermessoError?
    var erased = 0
    /// How an import goes on; nil: it is done at once.
    var importing: LongWork?
    /// What happens to a host before it is handed out.
    var onOpen: (FakePermesso) -> Void = { _ in }
    /// Goes through what can be rescued.
    var rescuing: @Sendable (OnFound) async throws -> RescueReport = { _ in throw PermessoError.Damaged(reason: "its first page is gone") }

    init(_ network: FakeNetwork = FakeNetwork(), isThere: Bool = false) {
        self.network = network
        self.isThere = isThere
    }

    func exists() -> Bool { isThere }

    func open(alias: String?) async throws -> any PermessoHost {
        if let trouble { throw trouble }
        isThere = true
        let host = try network.open(alias ?? "Ada")
        onOpen(host)
        return host
    }

    func importAccount(from file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport {
        if passphrase != "right" { throw PermessoError.WrongPassphrase(reason: "it does not fit") }
        try await importing?.follow(onProgress)
        isThere = true
        return AccountReport(messages: 1, friends: 1, rows: 2)
    }

    func rescue(_ onFound: @escaping OnFound) async throws -> RescueReport { try await rescuing(onFound) }

    func erase() async throws {
        isThere = false
        erased += 1
    }
}

/// The notifications of a system that does nothing but note what it is told.
@MainActor
final class FakeNotifications: NotificationSystem {
    var allowed: Notifications.Permission
    /// What the user answers.
    var answer = Notifications.Permission.given
    var asked = 0
    var shown: [News] = []

    init(_ allowed: Notifications.Permission = .given) {
        self.allowed = allowed
    }

    func permission() async -> Notifications.Permission { allowed }

    func ask() async {
        asked += 1
        allowed = answer
    }

    func show(_ news: News) async { shown.append(news) }

    func remove(_ host: String) { shown.removeAll { $0.host == host } }

    func removeAll() { shown = [] }
}

extension Message {
    /// One of ours, in that state.
    static func sample(
        _ state: MessageState, because: FailReason? = nil, holders: [Holder] = [], full: [FullServer] = []
    ) -> Message {
        Message(
            id: "1", host: "2", mine: true, text: "Ciao", localTime: 0, sendTime: 0, state: state, failReason: because,
            holders: holders, full: full, unread: false, place: MessagePlace(order: 1, key: 1), parents: [], gap: false)
    }
}
