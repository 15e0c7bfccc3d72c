import PermessoKit

/// Finds other hosts by the system's own means.
public protocol Discovery: AnyObject, Sendable {
    /// Begins; does nothing where it has begun.
    func start() async throws

    /// Ends it.
    func stop()
}

#if canImport(Network)
    extension BonjourDiscovery: Discovery {}
#endif

/// The host that is on the network, with what the system wants of it: in the background nothing runs, for the system takes the
/// sockets away.
@MainActor
public final class Living {
    private struct Life {
        let host: any PermessoHost
        let follower: PhaseFollower
        let discovery: any Discovery
    }

    private let discovery: @MainActor (any PermessoHost) -> any Discovery
    private let moment: @MainActor (@escaping @MainActor @Sendable () async -> Void) -> Void
    private var life: Life?
    private var isAwake = true

    /// `moment` asks the system for the time that something takes in the background.
    public init(
        discovery: @escaping @MainActor (any PermessoHost) -> any Discovery,
        moment: @escaping @MainActor (@escaping @MainActor @Sendable () async -> Void) -> Void
    ) {
        self.discovery = discovery
        self.moment = moment
    }

    /// The host is on the network.
    public func began(_ host: any PermessoHost) async {
        if life?.host !== host {
            life?.discovery.stop()
            life = Life(host: host, follower: PhaseFollower(host), discovery: discovery(host))
        }
        // It may have taken longer than the user looked at it.
        if isAwake { await find() } else { sleep() }
    }

    /// The host has left the network or is gone: there is nothing to pause.
    public func ended() {
        life?.discovery.stop()
        life = nil
    }

    /// The app came to the front.
    @discardableResult
    public func wake() -> Task<Void, Never> {
        isAwake = true
        return Task {
            await life?.follower.becameActive()
            await find()
        }
    }

    /// The app went to the background.
    public func sleep() {
        isAwake = false
        guard let life else { return }
        life.discovery.stop()
        moment { await life.follower.wentToBackground() }
    }

    /// Without it broadcasts remain, where the system allows them.
    private func find() async {
        guard isAwake, let life else { return }
        try? await life.discovery.start()
        // What went to the background meanwhile, or is gone, finds nobody.
        if !isAwake || self.life?.host !== life.host { life.discovery.stop() }
    }
}
