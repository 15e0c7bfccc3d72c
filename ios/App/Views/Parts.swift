import PermessoKit
import PermessoScreens
import SwiftUI

extension EnvironmentValues {
    /// Every text, in the user's language.
    var words: Words {
        get { self[WordsKey.self] }
        set { self[WordsKey.self] = newValue }
    }

    /// Whether nothing can be stored now.
    var storageFails: Bool {
        get { self[StorageFailsKey.self] }
        set { self[StorageFailsKey.self] = newValue }
    }
}

private struct StorageFailsKey: EnvironmentKey {
    static let defaultValue = false
}

private struct WordsKey: EnvironmentKey {
    static let defaultValue = Words(BundleWords())
}

/// What went wrong and what can be done; the technical reason is smaller, for whoever helps.
struct TroubleText: View {
    let trouble: PermessoError
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(words.trouble(trouble))
            Text(words.technicalReason(reason: trouble.reason)).font(.footnote).foregroundStyle(.quiet)
        }
    }
}

/// Trouble above a screen, until it was seen; where there is none, that nothing can be stored, for as long as it lasts.
struct TroubleBanner<State: Sendable & Troubled>: ViewModifier {
    @ObservedObject var model: Model<State>
    /// Whether it says that nothing can be stored: one above a screen does.
    let saysStorage: Bool
    @Environment(\.words) private var words
    @Environment(\.storageFails) private var storageFails

    func body(content: Content) -> some View {
        content.safeAreaInset(edge: .top) {
            if let trouble = model.state.trouble {
                HStack(alignment: .top) {
                    TroubleText(trouble: trouble)
                    Spacer()
                    Button { model.seen() } label: {
                        Text(words.gotIt).frame(minWidth: 44, minHeight: 44).contentShape(Rectangle())
                    }
                }
                .padding()
                .background(.thinMaterial)
                .accessibilityElement(children: .contain)
                .announced(words.trouble(trouble))
            } else if storageFails && saysStorage {
                Text(words.storageFails).padding().background(.thinMaterial).announced(words.storageFails)
            }
        }
    }
}

extension View {
    /// Shows the trouble of a screen above it, or that nothing can be stored.
    func troubles<State: Sendable & Troubled>(of model: Model<State>) -> some View {
        modifier(TroubleBanner(model: model, saysStorage: true))
    }

    /// Shows trouble from elsewhere above a screen that shows its own.
    func otherTroubles<State: Sendable & Troubled>(of model: Model<State>) -> some View {
        modifier(TroubleBanner(model: model, saysStorage: false))
    }
}

extension View {
    /// VoiceOver says that when this appears, and when it is another text: what comes by itself nobody has touched.
    func announced(_ text: String) -> some View {
        onAppear { announce(text) }.onChange(of: text) { announce($0) }
    }
}

@MainActor
private func announce(_ text: String) {
    UIAccessibility.post(notification: .announcement, argument: text)
}

/// The system's sheet to hand files on. Unlike SwiftUI's own it tells how that ended.
struct HandingOn: UIViewControllerRepresentable {
    let files: [URL]
    /// Whether they were handed on.
    let onEnd: @MainActor (Bool) -> Void

    func makeUIViewController(context: Context) -> UIActivityViewController {
        let sheet = UIActivityViewController(activityItems: files, applicationActivities: nil)
        sheet.completionWithItemsHandler = { _, isDone, _, _ in onEnd(isDone) }
        return sheet
    }

    func updateUIViewController(_ sheet: UIActivityViewController, context: Context) {}
}

/// Leads to the system's page for this app: permissions, notifications, language.
struct SettingsButton: View {
    @Environment(\.words) private var words
    @Environment(\.openURL) private var openURL

    var body: some View {
        Button(words.openSettings) { if let url = URL(string: UIApplication.openSettingsURLString) { openURL(url) } }
    }
}

extension URL {
    /// Reads a file that belongs to another app, which lends it for so long.
    @MainActor
    func lent(_ read: @MainActor (URL) async -> Void) async {
        let isLent = startAccessingSecurityScopedResource()
        defer { if isLent { stopAccessingSecurityScopedResource() } }
        await read(self)
    }
}

/// That somebody's key was compared, in one sign.
struct VerifiedSign: View {
    @Environment(\.words) private var words

    var body: some View {
        Image(systemName: "checkmark.seal.fill").foregroundStyle(.good).accessibilityLabel(words.verified)
    }
}

/// Warnings about a name.
struct Flags: View {
    let flags: [NameFlag]
    @Environment(\.words) private var words

    var body: some View {
        ForEach(flags, id: \.self) { flag in
            Label(words.flag(flag), systemImage: "exclamationmark.triangle.fill").font(.footnote).foregroundStyle(.warning)
        }
    }
}

extension Binding {
    /// What is shown, and what is called when the user changes it.
    @MainActor
    init(_ value: Value, _ change: @escaping @MainActor (Value) -> Void) where Value: Sendable {
        self.init(get: { value }, set: { newValue in MainActor.assumeIsolated { change(newValue) } })
    }
}

extension PermessoError {
    /// What is wrong, in English.
    var reason: String {
        switch self {
        case .InvalidInput(let reason), .NotFound(let reason), .NotNow(let reason), .NetworkUnavailable(let reason),
            .KeyUnavailable(let reason), .StorageUnavailable(let reason), .Damaged(let reason), .TooNew(let reason),
            .AlreadyThere(let reason), .WrongPassphrase(let reason), .Paused(let reason), .Stopped(let reason),
            .TimedOut(let reason), .Cancelled(let reason), .System(let reason), .Bug(let reason):
            reason
        }
    }
}
