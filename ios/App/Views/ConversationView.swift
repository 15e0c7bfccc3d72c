import PermessoKit
import PermessoScreens
import SwiftUI

/// The messages with a friend.
struct ConversationView: View {
    @ObservedObject var app: AppModel
    let friend: String
    @StateObject private var model: Conversation
    @EnvironmentObject private var device: Device
    @Environment(\.words) private var words
    @Environment(\.accessibilityReduceMotion) private var reduceMotion
    @Environment(\.dynamicTypeSize) private var letters
    @FocusState private var isWriting: Bool

    init(app: AppModel, friend: String, model: @autoclosure @escaping @MainActor () -> Conversation) {
        self.app = app
        self.friend = friend
        _model = StateObject(wrappedValue: model())
    }

    private var name: String { model.state.friend?.name ?? words.somebody }

    var body: some View {
        ScrollViewReader { scroll in
            List {
                if model.state.hasOlder {
                    ProgressView().frame(maxWidth: .infinity).task(id: model.state.messages.first?.id) { await model.older() }
                } else if model.state.isLoaded && !model.state.messages.isEmpty {
                    Text(words.beginning).font(.footnote).foregroundStyle(.quiet).frame(maxWidth: .infinity)
                }
                let moments = Moments()
                ForEach(model.state.rows(in: moments.calendar)) { row in
                    RowView(model: model, row: row, name: name, moments: moments).listRowSeparator(.hidden)
                }
            }
            .listStyle(.plain)
            .overlay {
                if model.state.isLoaded && model.state.messages.isEmpty { Text(words.noMessages).padding() }
                if model.state.isSeeking { ProgressView(words.searching).padding().background(.thinMaterial) }
            }
            .onChange(of: model.state.goal) { goal in
                guard let goal else { return }
                // The rows must be there first.
                Task {
                    withAnimation(reduceMotion || !goal.isSmooth ? nil : .default) {
                        scroll.scrollTo(goal.message, anchor: goal.edge.anchor)
                    }
                }
            }
            .onChange(of: isWriting) { isWriting in
                if isWriting, let newest = model.state.messages.last?.id { scroll.scrollTo(newest, anchor: .bottom) }
            }
        }
        .safeAreaInset(edge: .bottom) {
            VStack(spacing: 0) {
                if model.state.isNewBelow { newBelow }
                writing
            }
            .background(.bar)
        }
        .navigationTitle(name)
        .navigationBarTitleDisplayMode(.inline)
        .toolbar {
            ToolbarItem(placement: .principal) { title }
            ToolbarItem(placement: .primaryAction) {
                Button { app.show(.person(friend)) } label: { Label(words.about(name: name), systemImage: "person.crop.circle") }
            }
        }
        .troubles(of: model)
        .task {
            device.shows(friend)
            await model.run()
        }
        .sheet(isPresented: Binding(model.state.detailed != nil) { if !$0 { model.look(at: nil) } }) {
            if let message = model.state.detailed { MessageSheet(model: model, message: message, name: name) }
        }
    }

    private var title: some View {
        VStack {
            HStack {
                Text(name).font(.headline)
                if model.state.friend?.verified == true { VerifiedSign() }
            }
            if let friend = model.state.friend {
                Text(friend.online ? words.hereNow : words.away).font(.footnote).foregroundStyle(.quiet)
            }
        }
        .accessibilityElement(children: .combine)
        .accessibilityAddTraits(.isHeader)
    }

    private var newBelow: some View {
        Button { model.goDown() } label: {
            Label(words.newBelow, systemImage: "chevron.down").frame(maxWidth: .infinity, minHeight: 44)
        }
        .announced(words.newBelow)
    }

    @ViewBuilder
    private var writing: some View {
        if model.state.canWrite {
            VStack(alignment: .trailing, spacing: 4) {
                HStack(alignment: .bottom) {
                    TextField(words.writeHere, text: Binding(model.state.draft) { model.write($0) }, axis: .vertical)
                        // The largest letters would leave no room to see what is answered.
                        .lineLimit(1...(letters.isAccessibilitySize ? 3 : 6))
                        .textFieldStyle(.roundedBorder)
                        .focused($isWriting)
                    Button { Task { await model.send() } } label: {
                        Image(systemName: "arrow.up.circle.fill").font(.title).frame(minWidth: 44, minHeight: 44)
                    }
                    .accessibilityLabel(words.send)
                    .keyboardShortcut(.return, modifiers: .command)
                    .disabled(!model.state.canSend)
                }
                limit
            }
            .padding(.horizontal).padding(.vertical, 8)
        } else if model.state.isLoaded {
            Text(model.state.friend?.blocked == true ? words.youBlocked : words.notAFriend).padding()
        }
    }

    /// Said only near the limit.
    @ViewBuilder
    private var limit: some View {
        let left = Conversation.textBytes - model.state.draftBytes
        if left < 0 {
            Text(words.tooLong(count: -left)).font(.footnote).foregroundStyle(.bad)
        } else if left < Conversation.textBytes / 10 {
            Text(words.bytesLeft(count: left)).font(.footnote).foregroundStyle(.quiet)
        }
    }
}

extension Conversation.Goal.Edge {
    fileprivate var anchor: UnitPoint {
        switch self {
        case .top: .top
        case .middle: .center
        case .bottom: .bottom
        }
    }
}

private struct RowView: View {
    let model: Conversation
    let row: ConversationRow
    let name: String
    let moments: Moments
    @Environment(\.words) private var words

    var body: some View {
        switch row {
        case .day(let day):
            Text(moments.day(day, words)).font(.footnote.bold()).frame(maxWidth: .infinity).accessibilityAddTraits(.isHeader)
        case .unread:
            Text(words.unreadFromHere).font(.footnote.bold()).foregroundStyle(.tint).frame(maxWidth: .infinity)
        case .gap:
            Label(words.gap, systemImage: "ellipsis").font(.footnote).foregroundStyle(.quiet)
        case .text(let message):
            Button { model.look(at: message.id) } label: {
                Bubble(message: message, moments: moments, isMarked: message.id == model.state.marked).frame(minHeight: 44)
            }
            .buttonStyle(.plain)
            .accessibilityLabel(words.spoken(message, name: name, moments))
            .accessibilityHint(words.messageTitle)
            .frame(maxWidth: .infinity, alignment: message.mine ? .trailing : .leading)
            .id(message.id)
            .onAppear { model.appeared(message.id) }
            .onDisappear { model.disappeared(message.id) }
        }
    }
}

private struct Bubble: View {
    let message: Message
    let moments: Moments
    let isMarked: Bool
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: message.mine ? .trailing : .leading, spacing: 2) {
            // The text as it is: nothing in it is a link here.
            Text(verbatim: message.text)
                .padding(10)
                .background(message.mine ? Color.accentColor.opacity(0.2) : Color(uiColor: .secondarySystemBackground))
                .clipShape(RoundedRectangle(cornerRadius: 14))
                .overlay { if isMarked { RoundedRectangle(cornerRadius: 14).stroke(.tint, lineWidth: 3) } }
            HStack(spacing: 4) {
                Text(moments.time(message.localTime.moment))
                if message.mine { Label(words.fate(message), systemImage: message.state.symbol).labelStyle(.titleAndIcon) }
            }
            .font(.caption)
            .foregroundStyle(message.state == .failed ? Color.bad : .quiet)
        }
    }
}

extension MessageState {
    /// A shape beside the word: colour alone says nothing.
    fileprivate var symbol: String {
        switch self {
        case .queued: "clock"
        case .held: "shippingbox"
        case .delivered: "checkmark"
        case .read: "eye"
        case .failed: "exclamationmark.circle"
        }
    }
}

/// A message closely: its fate, who holds it, and what can be done.
private struct MessageSheet: View {
    @ObservedObject var model: Conversation
    let message: Message
    let name: String
    @Environment(\.words) private var words
    @Environment(\.openURL) private var openURL
    @AppStorage(Preference.links) private var opensLinks = false

    private var isWaiting: Bool { message.state == .queued || message.state == .held }

    var body: some View {
        NavigationStack {
            List {
                Section { Text(verbatim: message.text).textSelection(.enabled) }
                Section { moments }
                if !message.holders.isEmpty { holders }
                if !message.full.isEmpty {
                    Section { ForEach(message.full, id: \.id) { Text(words.full($0)) } }
                }
                links
                Section { actions }
            }
            .navigationTitle(words.messageTitle)
            .navigationBarTitleDisplayMode(.inline)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button(words.close) { model.look(at: nil) } }
            }
            .alert(
                words.areYouSure, isPresented: Binding(model.state.question != nil) { if !$0 { model.ask(nil) } },
                presenting: model.state.question
            ) { question in
                Button(question == .cancel ? words.giveUp : words.remove, role: .destructive) { Task { await model.answer(question) } }
                Button(words.cancel, role: .cancel) {}
            } message: { question in
                Text(question == .cancel ? words.askCancelMessage : words.askDeleteMessage)
            }
        }
        .presentationDetents([.medium, .large])
    }

    @ViewBuilder
    private var moments: some View {
        let moments = Moments()
        if message.mine {
            Text(words.fateSentence(message, name: name))
            Text(words.writtenAt(moment: moments.full(message.localTime.moment)))
        } else {
            Text(words.receivedAt(moment: moments.full(message.localTime.moment)))
            Text(words.sentAt(name: name, moment: moments.full(message.sendTime.moment)))
            if message.gap { Text(words.gap) }
        }
    }

    private var holders: some View {
        Section {
            ForEach(message.holders, id: \.id) { holder in
                Text(words.holder(holder))
                Flags(flags: holder.flags)
            }
        } header: {
            Text(words.whoHoldsIt)
        } footer: {
            Text(words.holdersExplained)
        }
    }

    /// A link opens only from here, where it is read in full.
    @ViewBuilder
    private var links: some View {
        let links = Links.found(in: message.text)
        if !links.isEmpty {
            Section {
                if opensLinks {
                    ForEach(links, id: \.self) { link in
                        Button(words.openLink(link: link)) { if let url = URL(string: link) { openURL(url) } }
                    }
                }
            } footer: {
                Text(opensLinks ? words.linksWarning : words.linksInert)
            }
        }
    }

    @ViewBuilder
    private var actions: some View {
        Button(words.copy) {
            UIPasteboard.general.string = message.text
            model.look(at: nil)
        }
        if model.state.canResend {
            Button(words.resend) { Task { await model.resend() } }
        }
        if message.mine && isWaiting {
            Button(words.giveUp, role: .destructive) { model.ask(.cancel) }.foregroundStyle(.bad)
        }
        Button(words.remove, role: .destructive) { model.ask(.delete) }.foregroundStyle(.bad)
    }
}
