#if canImport(SwiftUI)
    import SwiftUI

    extension View {
        /// Pauses the host while the app is in the background, and resumes it after. Put it on the root of every window, with one
        /// follower for all: the app is in the background once all of them are. On a Mac, where nothing takes the sockets, it does
        /// nothing.
        public func following(_ follower: PhaseFollower) -> some View {
            #if os(macOS) || targetEnvironment(macCatalyst)
                return self
            #else
                return modifier(Following(follower: follower))
            #endif
        }
    }

    #if !os(macOS) && !targetEnvironment(macCatalyst)
        private struct Following: ViewModifier {
            let follower: PhaseFollower
            /// A view is told the phase of its own scene, not of the app.
            @Environment(\.scenePhase) private var phase
            @State private var scene = UUID()

            func body(content: Content) -> some View {
                content
                    .onChange(of: phase) { phase in
                        switch phase {
                        case .active: tell(.active)
                        case .background: sleep()
                        default: tell(.inactive)
                        }
                    }
                    // One that is put on a window that is shown already is told of no change.
                    .onAppear { if phase == .active { tell(.active) } }
                    .onDisappear { tell(.closed) }
            }

            @MainActor
            private func tell(_ phase: PhaseFollower.Scene) {
                let (follower, scene) = (follower, scene)
                Task { await follower.became(phase, scene: scene) }
            }

            /// Asks the system for the moment it takes to write everything down.
            @MainActor
            private func sleep() {
                #if canImport(UIKit) && !os(watchOS)
                    let (follower, scene) = (follower, scene)
                    BackgroundMoment.doing { await follower.became(.background, scene: scene) }
                #else
                    tell(.background)
                #endif
            }
        }
    #endif
#endif
