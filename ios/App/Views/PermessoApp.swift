import PermessoKit
import PermessoScreens
import SwiftUI

@main
struct PermessoApp: App {
    @StateObject private var device = Device()
    @Environment(\.scenePhase) private var phase
    @AppStorage(Preference.theme) private var theme = ""

    var body: some Scene {
        WindowGroup {
            RootView(app: device.app)
                .environmentObject(device)
                .preferredColorScheme(theme == Preference.light ? .light : theme == Preference.dark ? .dark : nil)
                .task { await device.app.open() }
                .onOpenURL { device.app.open($0) }
        }
        .onChange(of: phase) { phase in
            device.phaseChanged(to: phase)
        }
    }
}

/// What this device gives the app: a folder, the keychain, Bonjour, notifications.
@MainActor
final class Device: ObservableObject {
    let app: AppModel
    private let notifier: Notifier
    private let living: Living

    init() {
        let support = URL.applicationSupportDirectory
        let keyStore = KeychainKeyStore()
        let opener = DeviceOpener(
            directory: support.appendingPathComponent("host"), keyStore: keyStore, eraseKeys: { try keyStore.erase() })
        let living = Living()
        let kept = support.appendingPathComponent("kept")
        let app = AppModel(
            opener, drafts: Drafts(kept.appendingPathComponent("drafts")), file: kept.appendingPathComponent("screens"),
            onStarted: { await living.began($0) }, onEnded: { living.ended() })
        let notifier = Notifier()
        notifier.onOpen = { [weak app] in app?.showAlone($0) }
        app.onNews = { await notifier.show($0) }
        self.app = app
        self.notifier = notifier
        self.living = living
    }

    /// In the background nothing runs: the system takes the sockets away.
    func phaseChanged(to phase: ScenePhase) {
        switch phase {
        case .background:
            app.save()
            living.sleep()
        case .active: living.wake()
        default: break
        }
    }

    /// The notifications of what is shown now are out of date.
    func shows(_ host: String) {
        notifier.remove(host)
    }
}

/// The host that is on the network, with what the system wants of it.
@MainActor
final class Living {
    private struct Life {
        let id: ObjectIdentifier
        let follower: PhaseFollower
        let discovery: BonjourDiscovery
    }

    private var life: Life?

    func began(_ host: any PermessoHost) async {
        if life?.id != ObjectIdentifier(host) {
            life?.discovery.stop()
            life = Life(id: ObjectIdentifier(host), follower: PhaseFollower(host), discovery: BonjourDiscovery(host))
        }
        // Without Bonjour broadcasts remain, where Apple allows them.
        try? await life?.discovery.start()
    }

    /// The host has left the network or is gone: there is nothing to pause.
    func ended() {
        life?.discovery.stop()
        life = nil
    }

    func wake() {
        guard let life else { return }
        Task {
            await life.follower.becameActive()
            try? await life.discovery.start()
        }
    }

    /// Asks the system for the moment it takes to write everything down.
    func sleep() {
        guard let life else { return }
        life.discovery.stop()
        let follower = life.follower
        BackgroundMoment.doing { await follower.wentToBackground() }
    }
}
