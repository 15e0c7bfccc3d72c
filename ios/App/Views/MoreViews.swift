import PermessoKit
import PermessoScreens
import SwiftUI

/// Everything else the app can do.
struct MoreView: View {
    @ObservedObject var app: AppModel
    @ObservedObject private var notices: NoticeLog
    @Environment(\.words) private var words

    init(app: AppModel) {
        self.app = app
        notices = app.notices
    }

    var body: some View {
        List {
            link(.searchMessages, words.searchTitle, "magnifyingglass")
            link(.myCode, words.codeTitle, "qrcode")
            link(.scan(nil), words.scanTitle, "qrcode.viewfinder")
            link(.notices, words.noticesTitle, "bell").badge(notices.state.unseen)
            NavigationLink(value: Screen.doctor) {
                Label {
                    VStack(alignment: .leading) {
                        Text(words.doctorTitle)
                        Text(words.doctorHelp).font(.footnote).foregroundStyle(.quiet)
                    }
                } icon: {
                    Image(systemName: "stethoscope")
                }
            }
            link(.settings, words.settingsTitle, "gearshape")
            link(.account, words.accountTitle, "archivebox")
            link(.passOn, words.passOnTitle, "square.and.arrow.up")
            link(.about, words.aboutTitle, "info.circle")
            leaving
        }
        .navigationTitle(words.moreTitle)
        .troubles(of: app)
        .alert(words.leaveTitle, isPresented: Binding(app.state.isAskingLeave) { app.askLeave($0) }) {
            Button(words.leaveYes) { Task { await app.leave() } }
            Button(words.cancel, role: .cancel) {}
        } message: {
            Text(words.leaveText)
        }
    }

    private func link(_ screen: Screen, _ title: String, _ symbol: String) -> some View {
        NavigationLink(value: screen) { Label(title, systemImage: symbol) }
    }

    private var leaving: some View {
        Section {
            if app.state.isLeaving {
                ProgressView(words.leaving)
            } else if let left = app.state.left {
                Text(words.leftTitle).font(.headline)
                if left.handedOn == 0 && left.kept == 0 { Text(words.leftNothing) }
                if left.handedOn > 0 { Text(words.leftHandedOn(count: Int(clamping: left.handedOn))) }
                if left.carried > 0 { Text(words.leftCarried(count: Int(clamping: left.carried))) }
                if left.kept > 0 { Text(words.leftKept(count: Int(clamping: left.kept))) }
                Button(words.comeBack) { Task { await app.start() } }
            } else {
                Button { app.askLeave(true) } label: { Label(words.leaveTitle, systemImage: "rectangle.portrait.and.arrow.forward") }
            }
        } footer: {
            Text(words.leaveHelp)
        }
    }
}

/// What happened that the user should know.
struct NoticesView: View {
    @ObservedObject var notices: NoticeLog
    @Environment(\.words) private var words

    var body: some View {
        List {
            if notices.state.list.isEmpty { Text(words.noNotices) }
            ForEach(notices.state.list) { dated in
                if let host = dated.host {
                    NavigationLink(value: Screen.person(host)) { row(dated) }
                } else {
                    row(dated)
                }
            }
        }
        .navigationTitle(words.noticesTitle)
        .onAppear { notices.seen() }
    }

    private func row(_ dated: DatedNotice) -> some View {
        VStack(alignment: .leading) {
            Text(words.notice(dated))
            Text(Moments().full(dated.moment)).font(.footnote).foregroundStyle(.quiet)
        }
        .accessibilityElement(children: .combine)
    }
}

/// What is promised, and what is not.
struct AboutView: View {
    @Environment(\.words) private var words

    var body: some View {
        List {
            Section {
                Text(words.aboutVersion(version: libraryVersion()))
                Text(words.welcomeText)
            }
            Section(words.aboutPromised) {
                Text(words.promiseEncrypted)
                Text(words.promiseTrue)
                Text(words.promiseNoServer)
                Text(words.promiseNoData)
            }
            Section(words.aboutNotPromised) {
                Text(words.limitWhen)
                Text(words.limitPresence)
                Text(words.limitDevice)
                Text(words.limitGroups)
                Text(words.iosLimitBackground)
            }
            Section(words.aboutLicence) {
                Text(words.aboutLicenceText)
                NavigationLink(words.aboutLicences, value: Screen.licences)
            }
        }
        .navigationTitle(words.aboutTitle)
    }
}

/// An iPhone takes apps from its store alone; what can be done all the same.
struct PassOnView: View {
    @Environment(\.words) private var words

    var body: some View {
        List {
            Text(words.iosPassOn)
            Text(words.iosPassOnInstead)
        }
        .navigationTitle(words.passOnTitle)
    }
}

/// The notices of all that is shipped; long, so a line at a time.
struct LicencesView: View {
    @State private var lines: [String] = []
    @Environment(\.words) private var words

    var body: some View {
        List(Array(lines.enumerated()), id: \.offset) { _, line in
            Text(verbatim: line).font(.footnote.monospaced()).listRowSeparator(.hidden)
        }
        .listStyle(.plain)
        .navigationTitle(words.aboutLicences)
        .task {
            guard let file = Bundle.main.url(forResource: "LICENSE-THIRD-PARTY", withExtension: nil),
                let text = try? String(contentsOf: file, encoding: .utf8)
            else { return }
            lines = text.split(whereSeparator: \.isNewline).map(String.init)
        }
    }
}
