import PermessoKit
import PermessoScreens
import SwiftUI
import UniformTypeIdentifiers

/// Export, contacts, and erasing.
struct AccountView: View {
    let app: AppModel
    @StateObject private var model: Account
    @State private var isSharing = false
    @Environment(\.words) private var words

    init(app: AppModel, model: @autoclosure @escaping @MainActor () -> Account) {
        self.app = app
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        Form {
            export
            contacts
            Section {
                Button(words.eraseYes, role: .destructive) { model.askErase(true) }.foregroundStyle(.bad)
            } header: {
                Text(words.eraseHeading)
            } footer: {
                Text(words.eraseText)
            }
        }
        .navigationTitle(words.accountTitle)
        .troubles(of: model)
        .erasing(isAsking: Binding(model.state.isAskingErase) { model.askErase($0) }, app)
        .sheet(isPresented: $isSharing) {
            HandingOn(files: [model.state.file].compactMap { $0 }) { isDone in
                isSharing = false
                if isDone { model.handedOn() }
            }
        }
        .sheet(isPresented: Binding(model.state.contacts != nil) { if !$0 { model.endContacts() } }) {
            HandingOn(files: [model.state.contacts].compactMap { $0 }) { _ in model.endContacts() }
        }
        .fileImporter(isPresented: Binding(model.state.isChoosingCards) { model.askCards($0) }, allowedContentTypes: [.vCard, .plainText]) { chosen in
            guard case .success(let file) = chosen else { return }
            Task { await file.lent { await model.importContacts(from: $0) } }
        }
    }

    private var export: some View {
        Section {
            if let percent = model.state.percent {
                ProgressView(words.percentDone(percent: percent), value: Double(percent), total: 100)
                Button(words.cancel) { model.cancel() }
            } else if model.state.file != nil {
                Text(words.iosExportReady)
                Button(words.chooseWhere) { isSharing = true }
            } else {
                if let report = model.state.exported {
                    Text(words.exported(count: Int(clamping: report.messages), friends: Int(clamping: report.friends)))
                    Text(words.exportedWarning)
                }
                SecureField(words.passphrase, text: Binding(model.state.passphrase) { model.write(passphrase: $0) })
                    .textContentType(.newPassword)
                SecureField(words.passphraseAgain, text: Binding(model.state.repeated) { model.write(repeated: $0) })
                    .textContentType(.newPassword)
                if let wrong { Text(wrong).foregroundStyle(.bad) }
                Text(words.exportPassphraseHelp)
                Button(words.exportAccount) { Task { await model.export() } }.disabled(!model.state.passphraseFits)
            }
        } header: {
            Text(words.exportHeading)
        } footer: {
            Text("\(words.exportHelp) \(words.importElsewhere)")
        }
    }

    private var wrong: String? {
        let state = model.state
        if !state.passphrase.isEmpty && state.passphrase.count < Account.passphraseLeast {
            return words.passphraseShort(least: Account.passphraseLeast)
        }
        return !state.repeated.isEmpty && state.repeated != state.passphrase ? words.passphrasesDiffer : nil
    }

    private var contacts: some View {
        Section {
            Button(words.contactsToFile) { Task { await model.exportContacts() } }
            Button(words.contactsFromFile) { model.askCards(true) }
            if let cards = model.state.cards {
                let skipped = cards.filter { $0.host == nil }.count
                Text(words.contactsAdded(count: cards.filter(\.added).count))
                if skipped > 0 { Text(words.contactsSkipped(count: skipped)) }
            }
        } header: {
            Text(words.contactsHeading)
        } footer: {
            Text(words.contactsHelp)
        }
    }
}
