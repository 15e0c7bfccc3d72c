import PermessoKit
import PermessoScreens
import SwiftUI

/// The whole app: what is asked before there is a host, then the screens.
struct RootView: View {
    @ObservedObject var app: AppModel
    @Environment(\.words) private var words

    var body: some View {
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
    @ObservedObject var app: AppModel
    let host: any PermessoHost
    @Environment(\.horizontalSizeClass) private var width
    @Environment(\.words) private var words

    var body: some View {
        if width == .regular {
            NavigationSplitView {
                PeopleView(app: app, host: host, isBeside: true)
            } detail: {
                NavigationStack(path: path) { destinations(Text(words.nothingChosen).foregroundStyle(.secondary)) }
            }
        } else {
            NavigationStack(path: path) { destinations(PeopleView(app: app, host: host, isBeside: false)) }
        }
    }

    private var path: Binding<[Screen]> { Binding(app.state.path) { app.setPath($0) } }

    private func destinations(_ root: some View) -> some View {
        root.navigationDestination(for: Screen.self) { screen in
            // A screen for somebody else is another screen, with a model of its own.
            destination(screen).id(screen)
        }
    }

    @ViewBuilder
    private func destination(_ screen: Screen) -> some View {
        switch screen {
        case .more: MoreView(app: app)
        case .find: FindView(app: app, host: host)
        case .person(let id): PersonView(app: app, host: host, id: id)
        case .myCode: MyCodeView(host: host)
        case .scan(let code): ScanView(app: app, host: host, code: code)
        case .conversation(let friend): ConversationView(app: app, host: host, friend: friend)
        case .searchMessages: SearchMessagesView(app: app, host: host)
        case .doctor: DoctorView(app: app, host: host)
        case .settings: SettingsView(app: app, host: host)
        case .account: AccountView(app: app, host: host)
        case .notices: NoticesView(notices: app.notices)
        case .about: AboutView()
        case .licences: LicencesView()
        case .passOn: PassOnView()
        }
    }
}
