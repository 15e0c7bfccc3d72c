import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

/// How long anything that should happen may take on a busy machine, in seconds.
let patience = 60.0

/// A loopback network of its own: hosts live on 127.0.0.x at one port, so that tests do not hear each other.
final class World {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("permesso-\(UUID().uuidString)")
    // Not one that the system gives to sockets without a number (Linux: from 32,768 on).
    let port = Int.random(in: 10_000..<32_768)
    private var keys: [String: MemoryKeyStore] = [:]

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func keyStore(_ name: String) -> MemoryKeyStore {
        if let known = keys[name] { return known }
        let store = MemoryKeyStore()
        keys[name] = store
        return store
    }

    func configuration(_ name: String, _ last: Int) -> PermessoConfiguration {
        let parameters = """
            [host]
            port = \(port)
            [network]
            interfaces = ["127.0.0.\(last)"]
            [presence]
            search_time = "700ms"
            [friendship]
            stamp_bits = 8
            """
        return PermessoConfiguration(
            directory: folder.appendingPathComponent(name), alias: name, keyStore: keyStore(name), parameters: parameters)
    }

    func open(_ name: String, _ last: Int) async throws -> Permesso {
        try await Permesso.open(configuration(name, last))
    }

    func start(_ name: String, _ last: Int) async throws -> Permesso {
        let permesso = try await open(name, last)
        try await permesso.start()
        return permesso
    }
}

/// Nothing came that was waited for.
struct NothingCame: Error {}

/// The first element of a stream that is wanted, within the patience.
func first<Stream: AsyncSequence & Sendable>(
    of stream: Stream, where wanted: @escaping @Sendable (Stream.Element) -> Bool
) async throws -> Stream.Element where Stream.Element: Sendable {
    try await withThrowingTaskGroup(of: Stream.Element?.self) { group in
        group.addTask { try await stream.first(where: wanted) }
        group.addTask {
            try await Task.sleep(nanoseconds: UInt64(patience * 1e9))
            return nil
        }
        defer { group.cancelAll() }
        guard let found = try await group.next() ?? nil else { throw NothingCame() }
        return found
    }
}

/// Waits until something holds, within the patience.
func until(_ holds: () async throws -> Bool) async throws {
    let end = Date().addingTimeInterval(patience)
    while try await !holds() {
        guard Date() < end else { throw NothingCame() }
        try await Task.sleep(nanoseconds: 20_000_000)
    }
}

/// Makes two started hosts friends.
func befriend(_ asker: any PermessoHost, _ asked: any PermessoHost) async throws {
    let (askerId, askedId) = (asker.id, asked.id)
    _ = try await first(of: asker.nearby) { hosts in hosts.contains { $0.id == askedId } }
    let alias = try await asked.settings().alias
    // Again, as a person would, where its answer took longer than a search does on a busy machine.
    try await until { try await asker.search(alias, matching: .exact).contains { $0.id == askedId } }
    try await asker.askFriendship(askedId, greeting: "Ciao!")
    _ = try await first(of: asked.friends) { list in list.contains { $0.id == askerId && $0.state == .requestReceived } }
    try await asked.acceptFriendship(askerId)
    _ = try await first(of: asker.friends) { list in list.contains { $0.id == askedId && $0.state == .friend } }
}

/// Waits until a conversation has a text, and gives the message.
func message(_ text: String, in host: any PermessoHost, with friend: String) async throws -> Message {
    let list = try await first(of: host.conversation(with: friend)) { list in list.contains { $0.text == text } }
    return try XCTUnwrap(list.first { $0.text == text })
}
