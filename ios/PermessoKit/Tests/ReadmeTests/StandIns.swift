import Foundation
import PermessoKit

// What the README's program finds on an iPhone, and the loopback instead of every network there is.

/// Where the program's host and its key live.
let place = FileManager.default.temporaryDirectory.appendingPathComponent("permesso-\(UUID().uuidString)")

/// Not one that the system gives to sockets without a number (Linux: from 32,768 on).
private let port = Int.random(in: 10_000..<32_768)

func parameters(_ last: Int) -> String {
    "[host]\nport = \(port)\n[network]\ninterfaces = [\"127.0.0.\(last)\"]\n[friendship]\nstamp_bits = 8\n"
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func PermessoConfiguration(
    directory: URL, alias: String, keyStore: any KeyStore
) -> PermessoKit.PermessoConfiguration {
    .init(directory: directory, alias: alias, keyStore: keyStore, parameters: parameters(1))
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func KeychainKeyStore() -> FileKeyStore {
    FileKeyStore(directory: place.appendingPathComponent("keys"))
}

/// On the loopback hosts find each other without.
struct BonjourDiscovery {
    init(_ host: Permesso) {}

    func start() async throws {}

    func stop() {}
}
