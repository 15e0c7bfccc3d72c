import PermessoKit
import PermessoScreens
import SwiftUI

/// Search for people by a part of an alias.
struct FindView: View {
    @ObservedObject var app: AppModel
    @StateObject private var model: Find
    @Environment(\.words) private var words

    init(app: AppModel, model: @autoclosure @escaping @MainActor () -> Find) {
        self.app = app
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        List {
            NetworkSection(app: app) { app.show($0) }
            Section {
                TextField(words.findWhat, text: Binding(model.state.text) { model.write($0) })
                    .submitLabel(.search)
                    .autocorrectionDisabled()
                    .onSubmit { search() }
                if let code = model.state.code {
                    Button(words.goOn) { app.show(.scan(code)) }
                } else {
                    Button(words.search, action: search).disabled(!model.state.canSearch || !app.state.isOnNetwork)
                }
            }
            if model.state.isSearching {
                ProgressView(words.searching).frame(maxWidth: .infinity)
            } else if let found = model.state.found {
                if found.isEmpty { nobody } else { people(found) }
            }
        }
        .navigationTitle(words.findTitle)
        .troubles(of: model)
        .task(id: app.state.isOnNetwork) { await model.run() }
    }

    private func search() {
        Task { await model.search() }
    }

    private func relation(to one: FoundHost) -> String {
        model.state.blocked.contains(one.id) ? words.stateBlocked : words.friendState(one.friendState)
    }

    private var nobody: some View {
        Section {
            Text(words.foundNobody)
            Button(words.doctorTitle) { app.show(.doctor) }
        }
    }

    private func people(_ found: [FoundHost]) -> some View {
        Section {
            ForEach(found, id: \.id) { one in
                Button { app.show(.person(one.id)) } label: {
                    VStack(alignment: .leading) {
                        Text(one.alias).font(.headline)
                        Text(words.stateAndId(state: relation(to: one), id: String(one.id.prefix(8))))
                            .font(.footnote).foregroundStyle(.quiet)
                        Flags(flags: one.flags)
                    }
                }
                .foregroundStyle(.primary)
            }
        } header: {
            Text(words.foundCount(count: found.count))
        } footer: {
            Text(words.foundAreClaims)
        }
    }
}

/// Search in messages of all conversations.
struct SearchMessagesView: View {
    let app: AppModel
    @StateObject private var model: SearchMessages
    @Environment(\.words) private var words

    init(app: AppModel, model: @autoclosure @escaping @MainActor () -> SearchMessages) {
        self.app = app
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        List {
            let moments = Moments()
            ForEach(model.state.found ?? [], id: \.id) { message in
                Button { app.show(message) } label: {
                    VStack(alignment: .leading) {
                        HStack {
                            Text(message.mine ? words.fromMeTo(name: name(message)) : name(message)).font(.headline)
                            Spacer()
                            Text(moments.brief(message.localTime.moment)).font(.footnote).foregroundStyle(.quiet)
                        }
                        Text(verbatim: message.text).lineLimit(3)
                    }
                }
                .foregroundStyle(.primary)
            }
            if model.state.found?.isEmpty == true { Text(words.nothingFound) }
            if model.state.isFull { Text(words.searchOnlyNewest(count: SearchMessages.most)) }
        }
        .searchable(
            text: Binding(model.state.text) { model.write($0) },
            placement: .navigationBarDrawer(displayMode: .always), prompt: words.searchWhat
        )
        .navigationTitle(words.searchTitle)
        .troubles(of: model)
        .task(id: model.state.text) { await model.search() }
    }

    private func name(_ message: Message) -> String { model.state.names[message.host] ?? words.somebody }
}
