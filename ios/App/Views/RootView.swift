import PermessoKit
import PermessoScreens
import SwiftUI

/// The whole app: what is asked before there is a host, then the screens.
struct RootView: View {
    @ObservedObject var app: AppModel
    @AppStorage(Preference.theme) private var theme = ""
    @Environment(\.words) private var words

    var body: some View {
        phase.preferredColorScheme(theme == Preference.light ? .light : theme == Preference.dark ? .dark : nil)
    }

    @ViewBuilder
    private var phase: some View {
        switch app.state.phase {
        case .opening:
            ProgressView(words.opening)
        case .firstRun:
            FirstRunView(app: app)
        case .stuck(let trouble):
            StuckView(app: app, trouble: trouble)
        case .live:
            if let host = app.host { LiveView(app: app, host: host) }
        }
    }
}

private struct LiveView: View {
    @ObservedObject private var app: AppModel
    @ObservedObject private var notices: NoticeLog
    private let host: any PermessoHost
    @EnvironmentObject private var device: Device
    @Environment(\.horizontalSizeClass) private var width
    @State private var columns = NavigationSplitViewVisibility.all
    @Environment(\.words) private var words

    init(app: AppModel, host: any PermessoHost) {
        self.app = app
        self.host = host
        notices = app.notices
    }

    var body: some View {
        screens
            .environment(\.storageFails, notices.state.storageFails || app.state.storageFails)
            .onAppear { app.hidePeople(hidesPeople) }
            .onChange(of: hidesPeople) { app.hidePeople($0) }
    }

    /// Whether the user has put them away, to see the other screens alone.
    private var hidesPeople: Bool { width == .regular && columns == .detailOnly }

    @ViewBuilder
    private var screens: some View {
        if width == .regular {
            NavigationSplitView(columnVisibility: $columns) {
                people(isBeside: true)
            } detail: {
                NavigationStack(path: path) { destinations(Text(words.nothingChosen).foregroundStyle(.quiet)) }
            }
            // Also where the device stands upright: the system's choice would hide people behind a button there.
            .navigationSplitViewStyle(.balanced)
        } else {
            NavigationStack(path: path) { destinations(people(isBeside: false)) }
        }
    }

    private var path: Binding<[Screen]> { Binding(app.state.path) { app.setPath($0) } }

    private func people(isBeside: Bool) -> some View {
        PeopleView(app: app, isBeside: isBeside, model: People(host, saved: app.saved()))
    }

    private func destinations(_ root: some View) -> some View {
        root.navigationDestination(for: Screen.self) { screen in
            // A screen for somebody else is another screen, with a model of its own.
            destination(screen).id(Shown(screen: screen, visit: app.state.visit))
        }
    }

    @ViewBuilder
    private func destination(_ screen: Screen) -> some View {
        let saved = app.saved(screen)
        switch screen {
        case .more: MoreView(app: app)
        case .find: FindView(app: app, model: Find(host, saved: saved, isOnNetwork: { app.state.isOnNetwork }))
        case .person(let id): PersonView(app: app, id: id, model: Person(host, id, saved: saved))
        case .myCode: MyCodeView(model: MyCode(host))
        case .scan(let code): ScanView(app: app, model: Scan(host, code: code, saved: saved))
        case .conversation(let friend):
            ConversationView(app: app, friend: friend, model: Conversation(host, with: friend, drafts: app.drafts, saved: saved))
        case .searchMessages: SearchMessagesView(app: app, model: SearchMessages(host, saved: saved))
        case .doctor:
            DoctorPlace(app: app) {
                Doctor(
                    host, saved: saved, isRefused: { device.isRefused }, beforeLooking: { try await app.storeChosen() },
                    onLooked: { app.startIfOff() })
            }
        case .settings:
            SettingsView(notifications: app.notifications, model: SettingsScreen(host, saved: saved, onPort: { app.startIfOff() }))
        case .account: AccountView(app: app, model: app.account(of: host))
        case .notices: NoticesView(notices: app.notices)
        case .about: AboutView()
        case .licences: LicencesView()
        case .passOn: PassOnView()
        }
    }
}

/// A screen that is shown, as another one whenever it is to begin afresh.
private struct Shown: Hashable {
    let screen: Screen
    let visit: Int
}
