import Foundation

/// Pauses a host while the app is in the background and resumes it after: the system takes all sockets from an app that it
/// suspends. Each step waits for the one before, and of several that are due the last counts.
///
/// In SwiftUI `View.following(_:)` calls it, in every window that the app has.
public actor PhaseFollower {
    /// What one scene of the app, a window, is like.
    enum Scene {
        case active, inactive, background
        /// It is no longer there.
        case closed
    }

    private let host: any PermessoHost
    private let onError: @Sendable (any Error) -> Void
    private var wanted = true
    /// Nobody knows after a step that failed.
    private var isAwake: Bool? = true
    private var step: Task<Void, Never>?
    /// Those that are not in the background.
    private var shown: Set<UUID> = []

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

    /// A scene became that, or appeared so. The app is in the background once every scene that was shown is.
    func became(_ phase: Scene, scene: UUID) async {
        switch phase {
        case .active:
            shown.insert(scene)
            await becameActive()
        case .inactive:
            shown.insert(scene)
        case .background:
            shown.remove(scene)
            if shown.isEmpty { await wentToBackground() }
        case .closed:
            shown.remove(scene)
        }
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
