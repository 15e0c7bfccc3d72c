// What PermessoKit has on Apple's systems alone, for the views.

import Foundation
import PermessoKit
import PermessoScreens
import SwiftUI

final class KeychainKeyStore: KeyStore, @unchecked Sendable {
    func load(name: String) throws -> Data? { nil }
    func save(name: String, secret: Data) throws {}
    func erase() throws {}
}

final class BonjourDiscovery: Discovery, @unchecked Sendable {
    init(_ host: any PermessoHost) {}
    var isRefused: Bool { false }
    func start() async throws {}
    func stop() {}
}

extension BackgroundMoment where Token == UIBackgroundTaskIdentifier {
    static func doing(_ action: @escaping @MainActor @Sendable () async -> Void) {}
}
