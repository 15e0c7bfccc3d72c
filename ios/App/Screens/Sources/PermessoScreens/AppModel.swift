import Foundation
import PermessoKit

/// The app as long as its process lives: the host, the screens above the first, and what they keep.
@MainActor
public final class AppModel: Model<AppModel.State> {
    /// How far the app is.
    public enum Phase: Sendable, Equatable {
        /// The data is being opened.
        case opening
        /// There is no host yet.
        case firstRun
        /// The data cannot be opened.
        case stuck(PermessoError)
        /// There is a host.
        case live
    }

    /// What the whole app shows.
    public struct State: Sendable, Troubled {
        public var phase = Phase.opening
        /// The screens above the people, the visible one last.
        public var path: [Screen] = []
        /// Why the host is not on the network, although it should be.
        public var offNetwork: PermessoError?
        /// Whether it is asked about leaving the network.
        public var isAskingLeave = false
        /// Whether it is asked about erasing what cannot be opened.
        public var isAskingErase = false
        /// Whether the host is leaving the network now.
        public var isLeaving = false
        /// What became of the mail that was waiting, once it has left on the user's wish.
        public var left: Departure?
        /// How far an import is, of 100; nil while there is none.
        public var importing: Int?
        public var trouble: PermessoError?
    }

    /// The name under which ``Screen/more`` keeps a question.
    private nonisolated static let asking = "asking"
    /// The same of the first screen, where the data cannot be opened.
    private nonisolated static let erasing = "erasing"

    private let opener: any Opener
    private let now: @Sendable () -> Date
    private let onStarted: @MainActor (any PermessoHost) async -> Void
    private let onEnded: @MainActor () -> Void
    private let running = Running()
    private let file: PrivateFile?
    private var kept: [Screen?: Saved] = [:]
    private var following: Task<Void, Never>?

    /// Of phase ``Phase/live``.
    public private(set) var host: (any PermessoHost)?

    /// Unsent texts by friend.
    public let drafts: Drafts

    /// What happened that the user should know.
    public let notices: NoticeLog

    /// Told of everything that may be worth a notification.
    public var onNews: (@MainActor (News) async -> Void)?

    /// `onStarted` does what the system wants of a host that is on the network, such as Bonjour, and `onEnded` ends that. The
    /// screens are those that ``save()`` wrote into that file in an earlier process.
    public init(
        _ opener: any Opener, drafts: Drafts, file: URL? = nil, now: @escaping @Sendable () -> Date = { Date() },
        onStarted: @escaping @MainActor (any PermessoHost) async -> Void = { _ in },
        onEnded: @escaping @MainActor () -> Void = {}
    ) {
        self.opener = opener
        self.drafts = drafts
        self.now = now
        self.onStarted = onStarted
        self.onEnded = onEnded
        self.file = file.map(PrivateFile.init)
        notices = NoticeLog(file?.deletingLastPathComponent().appendingPathComponent("notices"))
        let snapshot = self.file?.read().flatMap(Snapshot.init) ?? Snapshot()
        kept = snapshot.kept.mapValues { Saved($0) }
        super.init(
            State(
                path: snapshot.path, isAskingLeave: snapshot.kept[.more]?[Self.asking] != nil,
                isAskingErase: snapshot.kept[nil]?[Self.erasing] != nil))
    }

    /// What that screen keeps; nil is the first one.
    public func saved(_ screen: Screen? = nil) -> Saved {
        if let known = kept[screen] { return known }
        let fresh = Saved()
        kept[screen] = fresh
        return fresh
    }

    /// Writes the screens down, with what they keep: the process may end.
    public func save() {
        let snapshot = Snapshot(path: state.path, kept: kept.mapValues { $0.values })
        if let data = snapshot.data { file?.write(data) }
    }

    /// Opens the host, if there is one.
    public func open() async {
        guard host == nil else { return }
        change { $0.phase = .opening }
        guard opener.exists() else { return change { $0.phase = .firstRun } }
        await reach { try await opener.open(alias: nil) }
    }

    /// Makes the host of that alias and goes on the network.
    public func begin(alias: String, visibility: Visibility) async {
        change { $0.phase = .opening }
        kept[nil] = nil
        await reach {
            let host = try await opener.open(alias: alias)
            try await host.changeSettings(SettingsChange(alias: alias, visibility: visibility))
            return host
        }
    }

    /// Makes the host of an account file and goes on the network.
    public func importAccount(from file: URL, passphrase: String) async {
        guard state.importing == nil, host == nil else { return }
        change {
            $0.importing = 0
            $0.trouble = nil
        }
        running.begin()
        let progress: OnProgress = { [running, weak self] done, total in
            Task { @MainActor in
                self?.change { if $0.importing != nil { $0.importing = percent(done, total) } }
            }
            return running.goesOn
        }
        do {
            _ = try await opener.importAccount(from: file, passphrase: passphrase, onProgress: progress)
            change { $0.importing = nil }
            kept[nil] = nil
            await open()
        } catch PermessoError.Cancelled {
            change { $0.importing = nil }
        } catch {
            change { $0.importing = nil }
            onTrouble(error)
        }
    }

    /// Ends the import; nothing has changed.
    public func cancelImport() {
        running.end()
    }

    /// Asks whether what cannot be opened shall be erased, or no longer.
    public func askErase(_ asking: Bool) {
        saved()[Self.erasing] = asking ? "yes" : nil
        change { $0.isAskingErase = asking }
    }

    /// Removes everything from this device and begins afresh.
    public func erase() async {
        change { $0.phase = .opening }
        forget()
        onEnded()
        following?.cancel()
        drafts.forget()
        notices.forget()
        let before = host
        host = nil
        do {
            try await before?.stop()
            try opener.erase()
            change { $0.phase = .firstRun }
        } catch {
            stick(error)
        }
    }

    /// Goes on the network, or tries again.
    public func start() async {
        guard let host else { return }
        do {
            try await whenReady({ trouble in change { $0.offNetwork = trouble } }, { try await host.start() })
            change { $0.offNetwork = nil }
            await onStarted(host)
        } catch let trouble as PermessoError {
            change { $0.offNetwork = trouble }
        } catch {
            change { $0.offNetwork = .System(reason: String(describing: error)) }
        }
    }

    /// Asks whether the host shall leave the network, or no longer.
    public func askLeave(_ asking: Bool) {
        saved(.more)[Self.asking] = asking ? "yes" : nil
        change { $0.isAskingLeave = asking }
    }

    /// Hands waiting mail to those who are here, and leaves the network until the user comes back.
    public func leave() async {
        askLeave(false)
        guard let host, !state.isLeaving else { return }
        change { $0.isLeaving = true }
        await attempt {
            let left = try await host.leave()
            onEnded()
            change { $0.left = left }
        }
        change { $0.isLeaving = false }
    }

    /// Goes on the network again.
    public func comeBack() async {
        change { $0.left = nil }
        await start()
    }

    /// The stack of screens changed, as when the user goes back.
    public func setPath(_ path: [Screen]) {
        change { $0.path = path }
        // A screen that is opened again later begins afresh.
        kept = kept.filter { screen, _ in screen.map(path.contains) ?? true }
    }

    /// Shows a screen; one that is open already comes back.
    public func show(_ screen: Screen) {
        let before = state.path
        setPath(before.firstIndex(of: screen).map { Array(before.prefix(through: $0)) } ?? before + [screen])
    }

    /// Shows a conversation at one of its messages.
    public func show(_ message: Message) {
        let screen = Screen.conversation(message.host)
        show(screen)
        saved(screen)[Conversation.wanted] = message.id
    }

    /// Shows a screen as the only one above the first, as a notification does.
    public func showAlone(_ screen: Screen) {
        setPath([screen])
    }

    /// Shows a screen in place of the visible one.
    public func replace(_ screen: Screen) {
        setPath(state.path.dropLast() + [screen])
    }

    /// A `permesso:` URI came from outside: it is shown, and nothing happens by itself.
    public func open(_ uri: URL) {
        showAlone(.scan(uri.absoluteString))
    }

    /// The screens begin afresh.
    private func forget() {
        kept = [:]
        file?.remove()
        change {
            $0.path = []
            $0.isAskingLeave = false
            $0.isAskingErase = false
        }
    }

    private func reach(_ open: () async throws -> any PermessoHost) async {
        do {
            let host = try await open()
            self.host = host
            follow(host)
            askErase(false)
            change { $0.phase = .live }
            await start()
        } catch {
            stick(error)
        }
    }

    private func stick(_ error: any Error) {
        let trouble = error as? PermessoError ?? .System(reason: String(describing: error))
        change { $0.phase = .stuck(trouble) }
    }

    private func follow(_ host: any PermessoHost) {
        following?.cancel()
        let events = host.events
        following = Task { [weak self] in
            for await event in events {
                guard let self else { return }
                await self.on(event, of: host)
            }
        }
    }

    private func on(_ event: Event, of host: any PermessoHost) async {
        if case .notice(let notice) = event {
            await notices.add(notice, from: host, at: now())
        } else if let news = await News(event, from: host), !isShown(news) {
            await onNews?(news)
        }
    }

    /// What the user looks at needs no notification.
    private func isShown(_ news: News) -> Bool {
        switch news.kind {
        case .message: state.path.last == .conversation(news.host)
        case .ask: state.path.isEmpty || state.path.last == .person(news.host)
        }
    }
}

extension PermessoError {
    /// Whether the data of a host that this kept from being opened cannot come back by itself. Only then is it worth beginning afresh,
    /// which erases it.
    public var isLost: Bool {
        switch self {
        case .KeyUnavailable, .Damaged: true
        default: false
        }
    }
}
