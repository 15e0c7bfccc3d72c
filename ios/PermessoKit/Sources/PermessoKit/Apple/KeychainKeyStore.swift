#if canImport(Security)
    import Foundation
    import Security

    /// Keeps secrets in the keychain of this device: readable after it was unlocked once since it was switched on, never in a
    /// backup and never on another device.
    ///
    /// A key that is gone after a restore is no new identity: ``Permesso/open(_:)`` throws `.KeyUnavailable`, and the app offers
    /// to import a backup or to start afresh.
    public final class KeychainKeyStore: KeyStore {
        private let service: String

        /// Keeps them under that service; apps that share a keychain need a name each.
        public init(service: String = "org.permesso") {
            self.service = service
        }

        public func load(name: String) throws -> Data? {
            var query = entry(name)
            query[kSecReturnData] = true
            query[kSecMatchLimit] = kSecMatchLimitOne
            var found: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &found)
            // Only this says that there surely is none; a keychain that is locked says something else.
            if status == errSecItemNotFound { return nil }
            guard status == errSecSuccess, let secret = found as? Data else { throw unavailable(status) }
            return secret
        }

        public func save(name: String, secret: Data) throws {
            let attributes: [CFString: Any] = [
                kSecValueData: secret,
                kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
            ]
            var status = SecItemUpdate(entry(name) as CFDictionary, attributes as CFDictionary)
            if status == errSecItemNotFound {
                let whole = entry(name).merging(attributes) { _, new in new }
                status = SecItemAdd(whole as CFDictionary, nil)
            }
            guard status == errSecSuccess else { throw unavailable(status) }
        }

        /// Removes every secret of that service: whatever they were the keys of cannot be read any more.
        public func erase() throws {
            let all: [CFString: Any] = [
                kSecClass: kSecClassGenericPassword,
                kSecAttrService: service,
                kSecAttrSynchronizable: false,
                kSecUseDataProtectionKeychain: true,
            ]
            let status = SecItemDelete(all as CFDictionary)
            guard status == errSecSuccess || status == errSecItemNotFound else { throw unavailable(status) }
        }

        private func entry(_ name: String) -> [CFString: Any] {
            [
                kSecClass: kSecClassGenericPassword,
                kSecAttrService: service,
                kSecAttrAccount: name,
                kSecAttrSynchronizable: false,
                // On a Mac too the keychain of iOS, which knows the protection above.
                kSecUseDataProtectionKeychain: true,
            ]
        }

        private func unavailable(_ status: OSStatus) -> KeyStoreError {
            let words = SecCopyErrorMessageString(status, nil) as String? ?? "no words for it"
            return .Unavailable(reason: "the keychain says \(status): \(words)")
        }
    }
#endif
