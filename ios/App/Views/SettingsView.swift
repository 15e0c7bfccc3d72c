import PermessoKit
import PermessoScreens
import SwiftUI

/// What can be set.
struct SettingsView: View {
    @ObservedObject private var notifications: Notifications
    @StateObject private var model: SettingsScreen
    @AppStorage(Preference.theme) private var theme = ""
    @AppStorage(Preference.links) private var opensLinks = false
    @Environment(\.words) private var words

    init(notifications: Notifications, model: @autoclosure @escaping @MainActor () -> SettingsScreen) {
        self.notifications = notifications
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        Form {
            if let settings = model.state.settings {
                me(settings)
                carrying(settings)
                limits(settings)
            }
            app
            Section {
                NavigationLink(value: Screen.account) {
                    VStack(alignment: .leading) {
                        Text(words.accountTitle)
                        Text(words.accountHelp).font(.footnote).foregroundStyle(.quiet)
                    }
                }
            }
        }
        .navigationTitle(words.settingsTitle)
        .troubles(of: model)
        .task { await model.load() }
        .task { await notifications.look() }
        .sheet(isPresented: Binding(model.state.editing != nil) { if !$0 { model.edit(nil) } }) {
            if let field = model.state.editing { FieldSheet(model: model, field: field) }
        }
    }

    @ViewBuilder
    private func me(_ settings: PermessoKit.Settings) -> some View {
        Section { edited(.alias, settings.alias) }
        Section {
            VisibilityPicker(visibility: Binding(settings.visibility) { chosen in Task { await model.set(chosen) } })
        } footer: {
            Text(words.visibleToHelp)
        }
        Section {
            Toggle(words.setReceipts, isOn: Binding(settings.readReceipts) { on in Task { await model.setReadReceipts(on) } })
        } footer: {
            Text(words.setReceiptsHelp)
        }
    }

    private func carrying(_ settings: PermessoKit.Settings) -> some View {
        Section {
            Toggle(words.setCarry, isOn: Binding(settings.carry) { on in Task { await model.setCarry(on) } })
            if let now = model.state.statistics {
                Text(words.carriesNow(count: Int(clamping: now.envelopes), used: words.size(now.bytes), most: words.size(now.bytesMax)))
            }
            edited(.carryMegabytes, words.size(settings.carryBytes))
        } header: {
            Text(words.setCarryTitle)
        } footer: {
            Text(words.setCarryHelp)
        }
    }

    private func limits(_ settings: PermessoKit.Settings) -> some View {
        Section(words.limitsTitle) {
            edited(.historyLimit, words.setHistoryNow(count: Int(settings.historyLimit)))
            edited(.outboxLimit, words.setOutboxNow(count: Int(settings.outboxLimit)))
            edited(.expiryDays, words.setExpiryNow(count: settings.outboxExpiryMs.inDays))
            edited(.port, words.setPortNow(port: Int(settings.port)))
        }
    }

    private var app: some View {
        Group {
            Section(words.themeTitle) {
                Picker(words.themeTitle, selection: $theme) {
                    Text(words.asSystem).tag("")
                    Text(words.themeLight).tag(Preference.light)
                    Text(words.themeDark).tag(Preference.dark)
                }
            }
            Section {
                Toggle(words.setLinks, isOn: $opensLinks)
            } footer: {
                Text(words.setLinksHelp)
            }
            if notifications.state.permission == .unasked {
                Section {
                    Button(words.notifyAllow) { Task { await notifications.allow() } }
                } footer: {
                    Text(words.notifyQuestion)
                }
            } else if notifications.state.permission == .refused {
                Section(words.conditionNotifications) { SettingsButton() }
            }
            Section {
                edited(.quietHours, model.state.quietHours.isEmpty ? words.quietHoursNone : model.state.quietHours)
            } footer: {
                Text(words.quietHoursHelp)
            }
            Section(words.languageTitle) {
                // The system has a page for the language of each app, and for its notifications.
                SettingsButton()
            }
        }
    }

    private func edited(_ field: SettingsScreen.Field, _ now: String) -> some View {
        Button { model.edit(field) } label: { LabeledContent(words.title(field), value: now) }.foregroundStyle(.primary)
    }
}

private struct FieldSheet: View {
    @ObservedObject var model: SettingsScreen
    let field: SettingsScreen.Field
    @Environment(\.words) private var words

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    TextField(words.title(field), text: Binding(model.state.text) { model.write($0) })
                        .keyboardType(field.isNumber ? .numberPad : .default)
                    if !model.state.textFits { Text(doesNotFit).foregroundStyle(.bad) }
                } footer: {
                    Text(words.help(field))
                }
            }
            .navigationTitle(words.title(field))
            .navigationBarTitleDisplayMode(.inline)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button(words.cancel) { model.edit(nil) } }
                ToolbarItem(placement: .confirmationAction) {
                    Button(words.save) { Task { await model.save() } }.disabled(!model.state.textFits)
                }
            }
        }
        .presentationDetents([.medium])
        .interactiveDismissDisabled(model.state.isTyped)
    }

    private var doesNotFit: String {
        switch field {
        case .alias: words.aliasDoesNotFit
        case .quietHours: words.quietHoursDoNotFit
        default: words.numberDoesNotFit(least: field.range.lowerBound, most: field.range.upperBound)
        }
    }
}

extension Words {
    fileprivate func title(_ field: SettingsScreen.Field) -> String {
        switch field {
        case .alias: setAlias
        case .historyLimit: setHistory
        case .outboxLimit: setOutbox
        case .expiryDays: setExpiry
        case .port: setPort
        case .carryMegabytes: setStorage
        case .quietHours: quietHours
        }
    }

    fileprivate func help(_ field: SettingsScreen.Field) -> String {
        switch field {
        case .alias: setAliasHelp
        case .historyLimit: setHistoryHelp
        case .outboxLimit: setOutboxHelp
        case .expiryDays: setExpiryHelp
        case .port: setPortHelp
        case .carryMegabytes: setStorageHelp
        case .quietHours: quietHoursHelp
        }
    }
}
