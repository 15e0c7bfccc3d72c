import PermessoKit

/// Finds other hosts by the system's own means.
public protocol Discovery: AnyObject, Sendable {
    /// Begins; does nothing where it has begun.
    func start() async throws

    /// Ends it.
    func stop()

    /// Whether the user has refused this app the local network, as far as the system tells.
    var isRefused: Bool { get }
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
    private var waking: Task<Void, Never>?
    /// Whether it was told that the host does not wake.
    private var isTold = false

    /// Told of what keeps the host asleep although the app is at the front, each time that it is tried; nil: no longer.
    public var onAsleep: @MainActor (any PermessoHost, PermessoError?) -> Void = { _, _ in }

    /// Whether the user has refused this app the local network, as far as the system tells: then nobody is found.
    public var isRefused: Bool { life?.discovery.isRefused ?? false }

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
        isTold = false
    }

    /// Does something that the system shall not suspend the app in, where it goes to the background meanwhile. Returns when that is done.
    public func unsuspended(_ action: @escaping @MainActor @Sendable () async -> Void) async {
        await withCheckedContinuation { done in
            moment {
                await action()
                done.resume()
            }
        }
    }

    /// The app came to the front.
    @discardableResult
    public func wake() -> Task<Void, Never> {
        isAwake = true
        waking?.cancel()
        let task = Task { await rouse() }
        waking = task
        return task
    }

    /// A host that does not wake, as with a full disk, shows nothing new and takes nothing: it is tried until it does.
    private func rouse() async {
        while isAwake, !Task.isCancelled, let life {
            await life.follower.becameActive()
            let error = await life.follower.trouble
            guard isAwake, self.life?.host === life.host else { return }
            if case PermessoError.Stopped? = error { return }
            let trouble = error.map { $0 as? PermessoError ?? .System(reason: String(describing: $0)) }
            if trouble != nil || isTold { onAsleep(life.host, trouble) }
            isTold = trouble != nil
            if trouble == nil { return await find() }
            try? await Task.sleep(nanoseconds: 1_000_000_000)
        }
    }

    /// The app went to the background.
    public func sleep() {
        isAwake = false
        waking?.cancel()
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
