#if canImport(UIKit) && !os(watchOS)
    import UIKit
#endif

/// Time in the background, in which the system does not suspend the app. It ends once: when it is no longer needed, or when the
/// system takes it back.
@MainActor
public final class BackgroundMoment<Token> {
    private let giveBack: (Token) -> Void
    private var token: Token?

    /// `ask` begins it and is given what the system calls to take it back; without a token there is none.
    init(ask: (_ taken: @escaping @MainActor @Sendable () -> Void) -> Token?, giveBack: @escaping (Token) -> Void) {
        self.giveBack = giveBack
        token = ask { [weak self] in self?.end() }
    }

    /// It is no longer needed.
    func end() {
        guard let token else { return }
        self.token = nil
        giveBack(token)
    }
}

#if canImport(UIKit) && !os(watchOS)
    extension BackgroundMoment where Token == UIBackgroundTaskIdentifier {
        /// Does something before the system suspends the app, such as ``PhaseFollower/wentToBackground()``. It has some seconds.
        public static func doing(_ action: @escaping @MainActor @Sendable () async -> Void) {
            let moment = BackgroundMoment(
                ask: { taken in
                    let token = UIApplication.shared.beginBackgroundTask(withName: "Permesso") {
                        MainActor.assumeIsolated { taken() }
                    }
                    return token == .invalid ? nil : token
                },
                giveBack: { UIApplication.shared.endBackgroundTask($0) })
            Task {
                await action()
                moment.end()
            }
        }
    }
#endif
