/// Pauses a host while the app is in the background and resumes it after: the system takes all sockets from an app that it
/// suspends. Each step waits for the one before, and of several that are due the last counts.
///
/// In SwiftUI `View.following(_:)` calls it.
public actor PhaseFollower {
    private let host: any PermessoHost
    private let onError: @Sendable (any Error) -> Void
    private var wanted = true
    /// Nobody knows after a step that failed.
    private var isAwake: Bool? = true
    private var step: Task<Void, Never>?

    /// What the last step threw; nil where it went well.
    public private(set) var trouble: (any Error)?

    /// Follows for a host that is awake now. What a step throws goes to `onError`; it is tried again at the next change.
    public init(_ host: any PermessoHost, onError: @escaping @Sendable (any Error) -> Void = { _ in }) {
        self.host = host
        self.onError = onError
    }

    /// The app came to the front. Returns when the host is awake.
    public func becameActive() async {
        await want(true)
    }

    /// The app went to the background. Returns when the host sleeps, and all it accepted is durable.
    public func wentToBackground() async {
        await want(false)
    }

    private func want(_ awake: Bool) async {
        wanted = awake
        if step == nil {
            step = Task { await self.move() }
        }
        await step?.value
    }

    private func move() async {
        while wanted != isAwake {
            let next = wanted
            do {
                if next {
                    try await host.resume()
                } else {
                    try await host.pause()
                }
                isAwake = next
                trouble = nil
            } catch {
                isAwake = nil
                trouble = error
                onError(error)
                break
            }
        }
        step = nil
    }
}
