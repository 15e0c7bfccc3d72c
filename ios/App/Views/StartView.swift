import PermessoKit
import PermessoScreens
import SwiftUI
import UniformTypeIdentifiers

/// The first run: a name, who may see it, and one sentence on what this is.
struct FirstRunView: View {
    @ObservedObject var app: AppModel
    @StateObject private var model: FirstRun
    @Environment(\.words) private var words

    init(app: AppModel) {
        self.app = app
        _model = StateObject(wrappedValue: FirstRun(app.saved()))
    }

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    Text(words.welcomeText)
                }
                Section {
                    TextField(words.yourName, text: Binding(model.state.alias) { model.write($0) })
                        .textContentType(.nickname)
                        .submitLabel(.go)
                        .onSubmit { begin() }
                    if model.state.over > 0 { Text(words.tooLong(count: model.state.over)).foregroundStyle(.bad) }
                } header: {
                    Text(words.yourName)
                } footer: {
                    Text(words.yourNameHelp)
                }
                Section {
                    VisibilityPicker(visibility: Binding(model.state.visibility) { model.show(to: $0) })
                } footer: {
                    Text(words.visibleToHelp)
                }
                if let percent = app.state.importing { Importing(app: app, percent: percent) }
                Section {
                    Button(words.begin, action: begin).disabled(!model.state.fits || app.state.importing != nil)
                } footer: {
                    Text(model.state.fits ? words.permissionsLater : words.aliasEmpty)
                }
                Section {
                    Button(words.importAccount) { model.askImport(true) }
                }
            }
            .navigationTitle(words.welcome)
            .troubles(of: app)
            .sheet(isPresented: Binding(model.state.isImporting) { model.askImport($0) }) { ImportView(app: app) }
        }
    }

    private func begin() {
        guard model.state.fits else { return }
        let state = model.state
        Task { await app.begin(alias: state.trimmed, visibility: state.visibility) }
    }
}

/// Who may see that this host is here.
struct VisibilityPicker: View {
    @Binding var visibility: PermessoKit.Visibility
    @Environment(\.words) private var words

    var body: some View {
        Picker(words.visibleTo, selection: $visibility) {
            ForEach([PermessoKit.Visibility.everybody, .friends, .nobody], id: \.self) { choice in
                Text(words.visibility(choice)).tag(choice)
            }
        }
    }
}

/// Takes in a backup, where there is no host.
struct ImportView: View {
    @ObservedObject var app: AppModel
    @State private var passphrase = ""
    @State private var isChoosing = false
    @Environment(\.words) private var words
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    SecureField(words.accountPassphrase, text: $passphrase)
                    Button(words.chooseFile) { isChoosing = true }
                        .disabled(passphrase.isEmpty || app.state.importing != nil)
                } footer: {
                    Text(words.importText)
                }
                if let percent = app.state.importing { Importing(app: app, percent: percent) }
            }
            .navigationTitle(words.importAccount)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button(words.close) { dismiss() } }
            }
            .troubles(of: app)
            .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.data]) { chosen in
                guard case .success(let file) = chosen else { return }
                Task { await file.lent { await app.importAccount(from: $0, passphrase: passphrase) } }
            }
        }
        .interactiveDismissDisabled(!passphrase.isEmpty)
    }
}

/// How far an import is: it goes on while its sheet is closed.
private struct Importing: View {
    let app: AppModel
    let percent: Int
    @Environment(\.words) private var words

    var body: some View {
        Section(words.importAccount) {
            ProgressView(words.percentDone(percent: percent), value: Double(percent), total: 100)
            Button(words.cancel) { app.cancelImport() }
        }
    }
}

/// The data cannot be opened. Never a new identity by itself.
struct StuckView: View {
    @ObservedObject private var app: AppModel
    @ObservedObject private var rescue: Rescue
    private let trouble: PermessoError
    @State private var isSharing = false
    @Environment(\.words) private var words

    init(app: AppModel, trouble: PermessoError) {
        self.app = app
        self.trouble = trouble
        rescue = app.rescue
    }

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    Text(words.stuck(trouble))
                    if let chosen = app.state.unstored { Text(words.stuckVisibility(choice: words.visibility(chosen))) }
                    Text(words.technicalReason(reason: trouble.reason)).font(.footnote).foregroundStyle(.quiet)
                    Button(words.again) { Task { await app.open() } }.disabled(rescue.state.isRunning)
                }
                if trouble.canBeRescued { rescuing }
                if trouble.isLost {
                    Section {
                        Button(words.startAfresh, role: .destructive) { app.askErase(true) }
                            .foregroundStyle(.bad)
                            .disabled(rescue.state.isRunning)
                    } footer: {
                        Text(words.stuckLost)
                    }
                }
            }
            .navigationTitle(words.stuckTitle)
            .erasing(isAsking: Binding(app.state.isAskingErase) { app.askErase($0) }, app)
            .sheet(isPresented: $isSharing) {
                HandingOn(files: rescue.state.files) { isDone in
                    isSharing = false
                    if isDone { rescue.handedOn() }
                }
            }
        }
    }

    private var rescuing: some View {
        Section {
            if rescue.state.isRunning {
                ProgressView(words.rescuing(count: rescue.state.found))
                Button(words.cancel) { rescue.cancel() }
            } else {
                if let report = rescue.state.report {
                    Text(words.iosRescued(count: Int(clamping: report.messages), friends: Int(clamping: report.friends)))
                    if report.unreadable > 0 { Text(words.rescuedNot(count: Int(clamping: report.unreadable))) }
                    if report.tornTables > 0 { Text(words.rescuedTorn) }
                }
                if let trouble = rescue.state.trouble {
                    Text(words.rescueFailed(trouble)).foregroundStyle(.bad)
                }
                if rescue.state.files.isEmpty {
                    Button(words.rescue) { Task { await rescue.begin() } }
                } else {
                    Button(words.chooseWhere) { isSharing = true }
                }
            }
        } footer: {
            Text("\(words.iosRescueText) \(words.rescueStays)")
        }
    }
}

extension View {
    /// Asks whether everything shall be erased, and does it.
    func erasing(isAsking: Binding<Bool>, _ app: AppModel) -> some View {
        modifier(Erasing(isAsking: isAsking, app: app))
    }
}

private struct Erasing: ViewModifier {
    @Binding var isAsking: Bool
    let app: AppModel
    @Environment(\.words) private var words

    func body(content: Content) -> some View {
        content.alert(words.eraseTitle, isPresented: $isAsking) {
            Button(words.eraseYes, role: .destructive) { Task { await app.erase() } }
            Button(words.cancel, role: .cancel) {}
        } message: {
            Text(words.eraseText)
        }
    }
}
