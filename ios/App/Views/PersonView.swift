import PermessoKit
import PermessoScreens
import SwiftUI

/// What is known about somebody, and what can be done.
struct PersonView: View {
    @ObservedObject var app: AppModel
    let id: String
    @StateObject private var model: Person
    @EnvironmentObject private var device: Device
    /// Room for five digits, in whatever size the user has them.
    @ScaledMetric(relativeTo: .body) private var groupWidth = 72.0
    @Environment(\.words) private var words

    init(app: AppModel, id: String, model: @autoclosure @escaping @MainActor () -> Person) {
        self.app = app
        self.id = id
        _model = StateObject(wrappedValue: model())
    }

    private var name: String { model.state.name ?? String(id.prefix(8)) }

    var body: some View {
        Form {
            Section { who }
            Section { relation }
            if !model.state.safetyNumber.isEmpty && model.state.friend != nil { safety }
            Section {
                if model.state.code != nil { Button(words.theirCode) { model.ask(.code) } }
                if model.state.friend != nil {
                    Button(words.rename) { model.ask(.rename) }
                    if model.state.relation == .friend {
                        Button(words.endFriendship, role: .destructive) { model.ask(.end) }.foregroundStyle(.bad)
                    }
                }
                if model.state.canBlock { Button(words.block, role: .destructive) { model.ask(.block) }.foregroundStyle(.bad) }
            } footer: {
                VStack(alignment: .leading) {
                    Text(words.hostId(id: id))
                    if let address = model.state.known?.address { Text(words.hostAddress(address: address)) }
                }
                .textSelection(.enabled)
            }
        }
        .navigationTitle(name)
        .navigationBarTitleDisplayMode(.inline)
        .troubles(of: model)
        .task {
            device.shows(id)
            await model.run()
        }
        .alert(questionTitle, isPresented: Binding(isAsking) { if !$0 { model.ask(nil) } }, presenting: model.state.question) {
            question in
            switch question {
            case .refuse:
                Button(words.refuse) { Task { await model.answer(.refuse) } }
                Button(words.refuseAndTell) { Task { await model.answer(.refuse, tell: true) } }
                Button(words.block, role: .destructive) { Task { await model.answer(.block) } }
            case .end: Button(words.endFriendship, role: .destructive) { Task { await model.answer(.end) } }
            case .block: Button(words.block, role: .destructive) { Task { await model.answer(.block) } }
            case .ask, .rename, .code: EmptyView()
            }
            Button(words.cancel, role: .cancel) {}
        } message: { question in
            switch question {
            case .refuse: Text("\(words.refuseText(name: name)) \(words.refuseOrBlock)")
            case .end: Text(words.askEnd(name: name))
            case .block: Text(words.askBlock(name: name))
            case .ask, .rename, .code: EmptyView()
            }
        }
        .sheet(isPresented: Binding(isInSheet) { if !$0 { model.ask(nil) } }) {
            if model.state.question == .code { CodeSheet(model: model, name: name) } else { WritingSheet(model: model, name: name) }
        }
    }

    private var isInSheet: Bool { [.ask, .rename, .code].contains(model.state.question) }
    private var isAsking: Bool { model.state.question != nil && !isInSheet }
    private var questionTitle: String {
        model.state.question == .refuse ? words.refuseTitle(name: name) : words.areYouSure
    }

    @ViewBuilder
    private var who: some View {
        let relation = model.state.isBlocked ? words.stateBlocked : words.friendState(model.state.relation)
        Text(model.state.isHere ? words.isHere(detail: relation) : relation)
        if model.state.isVerified { Label(words.verified, systemImage: "checkmark.seal.fill").foregroundStyle(.good) }
        if let alias = model.state.alias { Text(words.callsItself(alias: alias)) }
        if let heard = model.state.known?.lastHeard, !model.state.isHere {
            Text(words.lastHeard(moment: Moments().full(heard.moment))).foregroundStyle(.quiet)
        }
        Flags(flags: model.state.friend?.flags ?? [])
    }

    @ViewBuilder
    private var relation: some View {
        if model.state.isBlocked {
            Text(words.blockedExplained)
            Button(words.unblock) { Task { await model.unblock() } }
        } else {
            switch model.state.relation {
            case .friend:
                Button(words.write) { app.show(.conversation(id)) }
            case .requestReceived:
                if let greeting = model.state.friend.flatMap({ words.greeting(of: $0) }) { Text(greeting) }
                Text(model.state.friend?.hasCode == true ? words.asksWithCode : words.asksExplained)
                Button(words.accept) { Task { await model.accept() } }
                Button(words.refuse) { model.ask(.refuse) }
            case .requestSent:
                Text(words.askedExplained(name: name))
                Button(words.withdraw) { Task { await model.cancelRequest() } }
            case .unknown, .ended:
                Text(words.strangerExplained)
                Button(words.askFriendship) { model.ask(.ask) }
            }
        }
        if model.state.canRead { Button(words.readConversation) { app.show(.conversation(id)) } }
    }

    private var safety: some View {
        Section {
            LazyVGrid(columns: [GridItem(.adaptive(minimum: groupWidth))]) {
                ForEach(Array(model.state.safetyNumber.enumerated()), id: \.offset) { _, group in
                    Text(group).font(.body.monospacedDigit())
                }
            }
            .accessibilityElement(children: .combine)
            if model.state.isVerified {
                Button(words.unverify) { Task { await model.setVerified(false) } }
            } else {
                Button(words.verify) { Task { await model.setVerified(true) } }
            }
        } header: {
            Text(model.state.isVerified ? words.safetyVerified : words.safetyTitle)
        } footer: {
            if !model.state.isVerified { Text(words.safetyExplained) }
        }
    }
}

/// A friend's code, for others to scan.
private struct CodeSheet: View {
    @ObservedObject var model: Person
    let name: String
    @Environment(\.words) private var words

    var body: some View {
        NavigationStack {
            ScrollView {
                if let code = model.state.code {
                    VStack(spacing: 16) {
                        CodePicture(text: code, label: words.codeOf(name: name))
                        Text(words.theirCodeHelp)
                        ShareLink(words.share, item: code).bordered()
                        Button(words.copy) { UIPasteboard.general.string = code }.bordered()
                    }
                    .padding()
                    .frame(maxWidth: .infinity)
                }
            }
            .navigationTitle(words.codeOf(name: name))
            .navigationBarTitleDisplayMode(.inline)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button(words.close) { model.ask(nil) } }
            }
        }
    }
}

/// A greeting, or a name of one's own.
private struct WritingSheet: View {
    @ObservedObject var model: Person
    let name: String
    @Environment(\.words) private var words

    private var question: Person.Question { model.state.question ?? .ask }
    private var isAsk: Bool { question == .ask }

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    TextField(
                        isAsk ? words.greetingWhat : words.renameWhat, text: Binding(model.state.text) { model.write($0) }, axis: .vertical)
                    if !model.state.textFits {
                        let most = isAsk ? Person.greetingBytes : Person.aliasBytes
                        Text(words.tooLong(count: model.state.text.utf8.count - most)).foregroundStyle(.bad)
                    }
                } footer: {
                    Text(isAsk ? words.greetingWhat : words.renameWhat)
                }
            }
            .navigationTitle(isAsk ? words.askTitle(name: name) : words.renameTitle(name: name))
            .navigationBarTitleDisplayMode(.inline)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button(words.cancel) { model.ask(nil) } }
                ToolbarItem(placement: .confirmationAction) {
                    Button(isAsk ? words.askFriendship : words.save) {
                        let question = question
                        Task { await model.answer(question) }
                    }
                    .disabled(!model.state.textFits)
                }
            }
        }
        .presentationDetents([.medium])
        .interactiveDismissDisabled(model.state.isTyped)
    }
}
