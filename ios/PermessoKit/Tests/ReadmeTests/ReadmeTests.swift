import Foundation
import PermessoKit
import XCTest

final class ReadmeTests: XCTestCase {
    func test_the_program_of_the_readme_meets_asks_and_writes_and_does_so_again_when_it_is_started_again() async throws {
        defer { try? FileManager.default.removeItem(at: place) }
        let grace = try await Permesso.open(
            PermessoKit.PermessoConfiguration(
                directory: place.appendingPathComponent("grace"), alias: "Grace",
                keyStore: FileKeyStore(directory: place.appendingPathComponent("grace-keys")), parameters: parameters(2)))
        try await grace.start()
        async let accepted = accept(grace)
        try await chat(in: place.appendingPathComponent("ada"))
        try await chat(in: place.appendingPathComponent("ada"))
        let asker = try await accepted
        let texts = try await grace.messages(with: asker.id).map(\.text)
        XCTAssertEqual(texts, ["ci vediamo alle 8?", "ci vediamo alle 8?"])
        XCTAssertEqual([asker.alias, asker.greeting], ["Ada", "Ciao!"])
        try await grace.stop()
    }
}

private func accept(_ grace: Permesso) async throws -> Friend {
    for try await list in grace.friends {
        guard let asker = list.first else { continue }
        try await grace.acceptFriendship(asker.id)
        return asker
    }
    throw PermessoError.Stopped(reason: "nobody asked")
}
