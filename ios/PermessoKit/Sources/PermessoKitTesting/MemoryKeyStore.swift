import Foundation
import PermessoKit

/// Keeps secrets for as long as the test runs.
public final class MemoryKeyStore: KeyStore, @unchecked Sendable {
    private let lock = NSLock()
    private var secrets: [String: Data] = [:]

    /// An empty one.
    public init() {}

    public func load(name: String) throws -> Data? {
        lock.withLock { secrets[name] }
    }

    public func save(name: String, secret: Data) throws {
        lock.withLock { secrets[name] = secret }
    }

    /// Loses everything, as a phone restored from a backup does.
    public func lose() {
        lock.withLock { secrets.removeAll() }
    }
}
