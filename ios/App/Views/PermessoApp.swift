import PermessoKit
import PermessoScreens
import SwiftUI

@main
struct PermessoApp: App {
    @UIApplicationDelegateAdaptor private var launch: Launch
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            RootView(app: launch.device.app)
                .environmentObject(launch.device)
                .task { await launch.device.app.open() }
                .onOpenURL { launch.device.app.open($0) }
        }
        .onChange(of: phase) { phase in
            launch.device.phaseChanged(to: phase)
        }
    }
}

/// Made before the app has finished launching: a notification that launches it finds who is told where it leads. The system launches it
/// while the device is locked, too: what is kept is read when the app is opened.
@MainActor
final class Launch: NSObject, UIApplicationDelegate {
    let device = Device()
}

/// What this device gives the app: a folder, the keychain, Bonjour, notifications.
@MainActor
final class Device: ObservableObject {
    let app: AppModel
    private let living: Living

    init() {
        let support = URL.applicationSupportDirectory
        let keyStore = KeychainKeyStore()
        let opener = DeviceOpener(
            directory: support.appendingPathComponent("host"), keyStore: keyStore, eraseKeys: { try keyStore.erase() })
        let living = Living(discovery: { BonjourDiscovery($0) }, moment: { BackgroundMoment.doing($0) })
        let kept = support.appendingPathComponent("kept")
        let notifier = Notifier()
        let app = AppModel(
            opener, drafts: Drafts(kept.appendingPathComponent("drafts")), file: kept.appendingPathComponent("screens"),
            preferences: .standard, notifications: Notifications(notifier, preferences: .standard),
            exports: FileManager.default.temporaryDirectory.appendingPathComponent("exports"),
            onStarted: { await living.began($0) }, onEnded: { living.ended() }, unsuspended: { await living.unsuspended($0) })
        notifier.onOpen = { [weak app] in app?.showAlone($0) }
        living.onAsleep = { [weak app] in app?.keptAsleep($0, by: $1) }
        self.app = app
        self.living = living
    }

    /// Whether the user has refused this app the local network, as far as the system tells.
    var isRefused: Bool { living.isRefused }

    /// In the background nothing runs: the system takes the sockets away.
    func phaseChanged(to phase: ScenePhase) {
        switch phase {
        case .background:
            app.save()
            living.sleep()
        case .active:
            living.wake()
            // The system's settings may have been changed meanwhile.
            Task { await app.notifications.look() }
        default: break
        }
    }

    /// The notifications of what is shown now are out of date.
    func shows(_ host: String) {
        app.notifications.seen(host)
    }
}
