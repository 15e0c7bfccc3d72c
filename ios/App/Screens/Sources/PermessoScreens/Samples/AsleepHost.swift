#if DEBUG
    import Foundation
    import PermessoKit

    /// The host of samples: it sleeps, so that what a model shows stays as it is.
    final class AsleepHost: PermessoHost {
        let id = sampleId(0)
        let identityKey = String(repeating: "0", count: 64)
        let isRestoredCopy = false

        var events: AsyncStream<Event> { AsyncStream { $0.finish() } }
        var nearby: AsyncThrowingStream<[NearbyHost], any Error> { asleep() }
        var friends: AsyncThrowingStream<[Friend], any Error> { asleep() }

        func conversation(with friend: String, limit: Int) -> AsyncThrowingStream<[Message], any Error> { asleep() }
        func start() async throws { try stay() }
        func pause() async throws { try stay() }
        func resume() async throws { try stay() }
        func leave() async throws -> Departure { try sleep() }
        func stop() async throws {}
        func hosts() async throws -> [NearbyHost] { try sleep() }
        func search(_ alias: String, matching: Match) async throws -> [FoundHost] { try sleep() }
        func friendList() async throws -> [Friend] { try sleep() }
        func friend(_ host: String) async throws -> Friend? { try sleep() }
        func askFriendship(_ host: String, greeting: String) async throws { try stay() }
        func acceptFriendship(_ host: String) async throws { try stay() }
        func refuseFriendship(_ host: String, tell: Bool) async throws { try stay() }
        func cancelRequest(_ host: String) async throws { try stay() }
        func endFriendship(_ host: String) async throws { try stay() }
        func block(_ host: String) async throws { try stay() }
        func unblock(_ host: String) async throws { try stay() }
        func setLocalAlias(_ alias: String?, of host: String) async throws { try stay() }
        func setVerified(_ verified: Bool, of host: String) async throws { try stay() }
        func safetyNumber(of host: String) async throws -> String? { try sleep() }
        func scanURI(_ uri: String) async throws -> String { try sleep() }
        func uri(address: String?) async throws -> String { try sleep() }
        func renewCode() async throws { try stay() }
        func send(_ text: String, to friend: String) async throws -> String { try sleep() }
        func resend(_ message: String) async throws { try stay() }
        func cancel(_ message: String) async throws { try stay() }
        func markRead(_ friend: String) async throws { try stay() }
        func deleteMessage(_ message: String) async throws { try stay() }
        func messages(with friend: String, before: MessagePlace?, limit: Int) async throws -> [Message] { try sleep() }
        func message(_ message: String) async throws -> Message? { try sleep() }
        func searchMessages(_ text: String, limit: Int) async throws -> [Message] { try sleep() }
        func holders(of message: String) async throws -> [Holder] { try sleep() }
        func fullServers(of message: String) async throws -> [FullServer] { try sleep() }
        func waitForFate(of message: String, timeout: Duration) async throws -> MessageState { try sleep() }
        func settings() async throws -> PermessoKit.Settings { try sleep() }
        func changedSettings() async throws -> SettingsChange { try sleep() }
        func changeSettings(_ change: SettingsChange) async throws { try stay() }
        func contacts() async throws -> [Contact] { try sleep() }
        func exportContacts() async throws -> String { try sleep() }
        func importContacts(_ vCards: String) async throws -> [CardResult] { try sleep() }
        func exportAccount(to file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport { try sleep() }
        func examineNetwork() async throws -> Examination { try sleep() }
        func addresses() async throws -> [String] { try sleep() }
        func peerFound(_ address: String) async throws { try stay() }
        func setNetworkAddresses(_ addresses: [NetworkAddress]?) async throws { try stay() }
        func openHostLink(_ carrier: any HostLinkCarrier) async throws -> HostLink { try sleep() }
        func statistics() async throws -> Statistics { try sleep() }
        func packets() async throws -> [Packet] { try sleep() }
        func counters() async throws -> [String: UInt64] { try sleep() }

        private func stay() throws {
            let _: Int = try sleep()
        }

        private func sleep<Value>() throws -> Value {
            throw PermessoError.Paused(reason: "a sample sleeps")
        }

        private func asleep<Value>() -> AsyncThrowingStream<Value, any Error> {
            AsyncThrowingStream { $0.finish(throwing: PermessoError.Paused(reason: "a sample sleeps")) }
        }
    }

    /// Where the host of samples comes from: nowhere.
    struct AsleepOpener: Opener {
        func exists() -> Bool { false }
        func open(alias: String?) async throws -> any PermessoHost { AsleepHost() }
        func importAccount(from file: URL, passphrase: String, onProgress: OnProgress?) async throws -> AccountReport {
            throw PermessoError.Paused(reason: "a sample sleeps")
        }
        func rescue(_ onFound: @escaping OnFound) async throws -> RescueReport {
            throw PermessoError.Paused(reason: "a sample sleeps")
        }
        func erase() async throws {}
    }
#endif
