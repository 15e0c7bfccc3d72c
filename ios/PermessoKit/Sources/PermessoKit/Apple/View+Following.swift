#if canImport(SwiftUI)
    import SwiftUI

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
            let follower = follower
            #if canImport(UIKit) && !os(watchOS)
                BackgroundMoment.doing { await follower.wentToBackground() }
            #else
                Task { await follower.wentToBackground() }
            #endif
        }
    }
#endif
