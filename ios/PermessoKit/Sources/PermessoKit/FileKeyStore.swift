import Foundation

/// Keeps secrets in files that their owner alone may read: for servers and desktops without a keychain. Keep `directory` outside
/// of backups. On Apple's systems use `KeychainKeyStore`.
public final class FileKeyStore: KeyStore {
    private let directory: URL

    /// Keeps them in that folder, which is made if it is not there.
    public init(directory: URL) {
        self.directory = directory
    }

    public func load(name: String) throws -> Data? {
        try unavailableIfItFails {
            do {
                return try Data(contentsOf: directory.appendingPathComponent(name))
            } catch CocoaError.fileReadNoSuchFile {
                return nil
            }
        }
    }

    public func save(name: String, secret: Data) throws {
        try unavailableIfItFails {
            let files = FileManager.default
            let owner: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try files.createDirectory(at: directory, withIntermediateDirectories: true, attributes: owner)
            // Another file first, so that a secret is whole or not there; nobody else may read it from its beginning on.
            let fresh = directory.appendingPathComponent("\(name).\(UUID().uuidString).new")
            guard files.createFile(atPath: fresh.path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
                throw KeyStoreError.Unavailable(reason: "\(fresh.path) cannot be made")
            }
            let file = try FileHandle(forWritingTo: fresh)
            try file.write(contentsOf: secret)
            try file.synchronize()
            try file.close()
            guard rename(fresh.path, directory.appendingPathComponent(name).path) == 0 else {
                throw KeyStoreError.Unavailable(reason: String(cString: strerror(errno)))
            }
            // Its name is to outlive a loss of power, too.
            let folder = open(directory.path, O_RDONLY)
            let synced = folder >= 0 && fsync(folder) == 0
            let reason = String(cString: strerror(errno))
            if folder >= 0 { close(folder) }
            guard synced else { throw KeyStoreError.Unavailable(reason: reason) }
        }
    }

    private func unavailableIfItFails<Value>(_ action: () throws -> Value) throws -> Value {
        do {
            return try action()
        } catch let error as KeyStoreError {
            throw error
        } catch {
            throw KeyStoreError.Unavailable(reason: "\(error)")
        }
    }
}
