import Foundation
import PermessoKit

/// Where the host comes from: a folder and a key store.
public protocol Opener: Sendable {
    /// Whether a host is there already. Without one the app asks for an alias.
    func exists() -> Bool

    /// Opens the host that is there, or makes a new one of that alias; it is not started yet. Throws as `Permesso.open` does.
    func open(alias: String?) async throws -> any PermessoHost

    /// Makes the host of an account file, where there is none.
    func importAccount(from file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport

    /// Reads friends and messages of the host that is there, damaged or not, as `Permesso.rescue` does.
    func rescue(_ onFound: @escaping OnFound) async throws -> RescueReport

    /// Removes everything of the host from this device, the key first. It must be stopped.
    func erase() async throws
}

/// The host of this device.
public struct DeviceOpener: Opener {
    /// What a host is called that has brought no alias along, as one from an account file of another program.
    private static let nameless = "Permesso"

    private let directory: URL
    private let keyStore: any KeyStore
    private let eraseKeys: @Sendable () throws -> Void
    private let parameters: String?

    /// In that folder, its key in that store; `eraseKeys` empties the store.
    public init(
        directory: URL, keyStore: any KeyStore, parameters: String? = nil, eraseKeys: @escaping @Sendable () throws -> Void
    ) {
        self.directory = directory
        self.keyStore = keyStore
        self.eraseKeys = eraseKeys
        self.parameters = parameters
    }

    public func exists() -> Bool {
        // What an import that was ended in the middle leaves is no host.
        FileManager.default.fileExists(atPath: directory.appendingPathComponent("permesso.db").path)
    }

    public func open(alias: String?) async throws -> any PermessoHost {
        let host = try await Permesso.open(
            PermessoConfiguration(
                directory: directory, alias: alias ?? Self.nameless, keyStore: keyStore, parameters: parameters))
        // An older copy would break the encryption with every friend, and without its key it is of no use.
        directory.keepOutOfBackups()
        return host
    }

    public func importAccount(from file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport {
        let report = try await Permesso.importAccount(
            from: file, passphrase: passphrase, directory: directory, keyStore: keyStore, onProgress: onProgress)
        directory.keepOutOfBackups()
        return report
    }

    public func rescue(_ onFound: @escaping OnFound) async throws -> RescueReport {
        try await Permesso.rescue(directory, keyStore: keyStore, onFound: onFound)
    }

    public func erase() async throws {
        do {
            try eraseKeys()
        } catch let error as PermessoError {
            throw error
        } catch {
            throw PermessoError.System(reason: String(describing: error))
        }
        try await Permesso.erase(directory)
        // What belongs to the host the library knows; nothing else of ours is to be left in its folder either.
        guard FileManager.default.fileExists(atPath: directory.path) else { return }
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            throw PermessoError.StorageUnavailable(reason: "part of \(directory.path) could not be removed: \(error)")
        }
    }
}
