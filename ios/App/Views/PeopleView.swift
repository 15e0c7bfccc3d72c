import PermessoKit
import PermessoScreens
import SwiftUI

/// Friends, those who ask, and who is here.
struct PeopleView: View {
    @ObservedObject var app: AppModel
    @ObservedObject private var notices: NoticeLog
    @ObservedObject private var notifications: Notifications
    @StateObject private var model: People
    @Environment(\.words) private var words

    /// Whether the other screens stand beside this one: then each takes the place of the one before.
    private let isBeside: Bool

    init(app: AppModel, isBeside: Bool, model: @autoclosure @escaping @MainActor () -> People) {
        self.app = app
        self.isBeside = isBeside
        notices = app.notices
        notifications = app.notifications
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        List {
            NetworkSection(app: app, show: show)
            if notifications.state.isAsking { notify }
            if notices.state.unseen > 0 {
                Button { show(.notices) } label: {
                    Label(words.newNotices(count: notices.state.unseen), systemImage: "bell.badge")
                }
            }
            asks
            group(model.state.talks, words.groupFriends(count: model.state.talks.count))
            group(model.state.asked, words.groupAsked(count: model.state.asked.count))
            strangers
            group(model.state.known, words.groupKnown(count: model.state.known.count))
            group(model.state.others, words.groupOthers(count: model.state.others.count))
            // Who has left sees nobody, however many there are.
            if model.state.isEmpty && app.state.left == nil { Nobody(show: show) }
        }
        .navigationTitle(words.peopleTitle)
        .toolbar {
            ToolbarItemGroup(placement: .primaryAction) {
                Button { show(.find) } label: { Label(words.findTitle, systemImage: "magnifyingglass") }
                Button { show(.myCode) } label: { Label(words.codeTitle, systemImage: "qrcode") }
                Button { show(.more) } label: { Label(words.moreTitle, systemImage: "ellipsis.circle") }
            }
        }
        .troubles(of: model)
        .otherTroubles(of: app)
        .task { await model.run() }
        .alert(
            words.refuseTitle(name: refusedName), isPresented: Binding(model.state.refusing != nil) { if !$0 { model.askRefuse(nil) } },
            presenting: model.state.refusing
        ) { friend in
            Button(words.refuse) { Task { await model.refuse(friend, tell: false) } }
            Button(words.refuseAndTell) { Task { await model.refuse(friend, tell: true) } }
            Button(words.block, role: .destructive) { Task { await model.block(friend) } }
            Button(words.cancel, role: .cancel) {}
        } message: { _ in
            Text("\(words.refuseText(name: refusedName)) \(words.refuseOrBlock)")
        }
    }

    private func show(_ screen: Screen) {
        if isBeside { app.showAlone(screen) } else { app.show(screen) }
    }

    private var refusedName: String {
        model.state.friends.first { $0.id == model.state.refusing }?.name ?? words.somebody
    }

    private var notify: some View {
        Section {
            Text(words.notifyQuestion)
            Button(words.notifyAllow) { Task { await notifications.allow() } }
            Button(words.notNow) { notifications.putOff() }
        }
    }

    @ViewBuilder
    private var asks: some View {
        if !model.state.asks.isEmpty {
            Section(words.groupAsks(count: model.state.asks.count)) {
                ForEach(model.state.asks, id: \.id) { friend in
                    VStack(alignment: .leading) {
                        Button { show(.person(friend.id)) } label: {
                            Text(friend.name).font(.headline).frame(minWidth: 44, minHeight: 44, alignment: .leading).contentShape(Rectangle())
                        }
                        .buttonStyle(.borderless)
                        Text(words.greeting(of: friend) ?? words.stateAsksYou)
                        Flags(flags: friend.flags)
                        HStack {
                            Button(words.accept) { Task { await model.accept(friend.id) } }.prominent()
                            Button(words.refuse) { model.askRefuse(friend.id) }.bordered()
                        }
                    }
                }
            }
        }
    }

    @ViewBuilder
    private func group(_ friends: [Friend], _ title: String) -> some View {
        if !friends.isEmpty {
            Section(title) {
                ForEach(friends, id: \.id) { friend in
                    Button { show(friend.state == .friend && !friend.blocked ? .conversation(friend.id) : .person(friend.id)) } label: {
                        FriendRow(friend: friend, last: model.state.last[friend.id], draft: app.drafts[friend.id])
                    }
                    .foregroundStyle(.primary)
                }
            }
        }
    }

    @ViewBuilder
    private var strangers: some View {
        if !model.state.strangers.isEmpty {
            Section(words.groupNearby(count: model.state.strangers.count)) {
                ForEach(model.state.strangers, id: \.id) { host in
                    Button { show(.person(host.id)) } label: {
                        LabeledContent(host.alias ?? String(host.id.prefix(8)), value: words.isHere(detail: words.stateStranger))
                    }
                    .foregroundStyle(.primary)
                }
            }
        }
    }
}

/// Nobody is here: what that means, and where to look. It scrolls with what else is told, for letters may be large.
private struct Nobody: View {
    let show: (Screen) -> Void
    @Environment(\.words) private var words

    var body: some View {
        Section {
            VStack(spacing: 16) {
                Text(words.nobodyYet).multilineTextAlignment(.center)
                Button(words.doctorTitle) { show(.doctor) }.bordered()
                Button(words.codeTitle) { show(.myCode) }.bordered()
            }
            .padding()
            .frame(maxWidth: .infinity)
            .listRowBackground(Color.clear)
            .listRowSeparator(.hidden)
        }
    }
}

private struct FriendRow: View {
    let friend: Friend
    let last: Message?
    let draft: String
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            HStack {
                Text(friend.name).font(.headline)
                if friend.verified {
                    VerifiedSign()
                }
                Spacer()
                if let last { Text(Moments().brief(last.localTime.moment)).font(.footnote).foregroundStyle(.quiet) }
            }
            HStack(alignment: .firstTextBaseline) {
                Text(summary).lineLimit(2).foregroundStyle(.quiet)
                Spacer()
                if friend.unread > 0 {
                    Text("\(friend.unread)")
                        .font(.footnote.bold()).padding(.horizontal, 8).padding(.vertical, 2)
                        .background(.filled, in: Capsule()).foregroundStyle(.white)
                        .accessibilityLabel(words.unread(count: Int(friend.unread)))
                }
            }
            Text(presence).font(.footnote).foregroundStyle(friend.online ? Color.good : .quiet)
            Flags(flags: friend.flags)
        }
        .accessibilityElement(children: .combine)
    }

    private var presence: String {
        if friend.blocked { return words.stateBlocked }
        if friend.state == .requestSent { return words.stateAskedDetail }
        if friend.state == .ended { return words.stateEnded }
        return friend.online ? words.hereNow : words.away
    }

    private var summary: String {
        if !draft.isEmpty { return words.draft(text: draft) }
        guard let last else { return friend.alias == friend.name ? "" : friend.alias }
        return last.mine ? words.lastMine(fate: words.fate(last), text: last.text) : last.text
    }
}

/// That the host is not on the network, why, and the way back; nothing where it is.
struct NetworkSection: View {
    @ObservedObject var app: AppModel
    let show: (Screen) -> Void
    @Environment(\.words) private var words

    var body: some View {
        if app.state.isOff {
            LeavingSection(app: app)
        } else if let trouble = app.state.offNetwork {
            Section {
                Text(words.offNetwork(why: words.whyOff(trouble, app.state.examination)))
                if let chosen = app.state.unstored { Text(words.stuckVisibility(choice: words.visibility(chosen))) }
                Button(words.again) { Task { await app.start() } }
                if app.state.isPortTaken {
                    Button(words.settingsTitle) { show(.settings) }
                } else {
                    Button(words.doctorTitle) { show(.doctor) }
                }
            }
        }
    }
}

/// That the user is about to be off the network, or is, and the way back.
struct LeavingSection: View {
    @ObservedObject var app: AppModel
    @Environment(\.words) private var words

    var body: some View {
        Section {
            if app.state.isLeaving {
                ProgressView(words.leaving)
            } else {
                Text(words.leftTitle)
                Button(words.comeBack) { Task { await app.start() } }
            }
        }
    }
}
