#if canImport(SwiftUI)
    import SwiftUI

    #if canImport(UIKit)
        import UIKit
    #endif

    extension View {
        /// Pauses the host while the app is in the background, and resumes it after. Put it on the root of the scene.
        public func following(_ follower: PhaseFollower) -> some View {
            modifier(Following(follower: follower))
        }
    }

    private struct Following: ViewModifier {
        let follower: PhaseFollower
        @Environment(\.scenePhase) private var phase

        func body(content: Content) -> some View {
            content.onChange(of: phase) { phase in
                switch phase {
                case .active: Task { await follower.becameActive() }
                case .background: sleep()
                default: break
                }
            }
        }

        /// Asks the system for the moment it takes to write everything down.
        @MainActor
        private func sleep() {
            #if canImport(UIKit) && !os(watchOS)
                let assertion = Assertion()
                assertion.begin()
                Task { @MainActor in
                    await follower.wentToBackground()
                    assertion.end()
                }
            #else
                Task { await follower.wentToBackground() }
            #endif
        }
    }

    #if canImport(UIKit) && !os(watchOS)
        /// Time in the background, which ends when it is no longer needed or the system takes it back.
        @MainActor
        private final class Assertion {
            private var identifier = UIBackgroundTaskIdentifier.invalid

            func begin() {
                identifier = UIApplication.shared.beginBackgroundTask(withName: "Permesso") { [weak self] in
                    MainActor.assumeIsolated { self?.end() }
                }
            }

            func end() {
                guard identifier != .invalid else { return }
                UIApplication.shared.endBackgroundTask(identifier)
                identifier = .invalid
            }
        }
    #endif
#endif
