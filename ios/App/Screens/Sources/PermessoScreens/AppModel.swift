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
        /// Whether the host is on the network.
        public var isOnNetwork = false
        /// Why the host is not on the network, although it should be.
        public var offNetwork: PermessoError?
        /// What the doctor says of that, where it is the network's fault.
        public var examination: Examination?
        /// Whether another program has the host's port.
        public var isPortTaken: Bool { examination?.diagnoses.contains { $0.ground == .portTaken } ?? false }
        /// Whether that is because nothing can be stored.
        public var storageFails: Bool { if case .StorageUnavailable? = offNetwork { true } else { false } }
        /// Who may see the host, as was chosen at the first run, while that cannot be stored: until it is, it is on no network.
        public var unstored: Visibility?
        /// Whether it is asked about leaving the network.
        public var isAskingLeave = false
        /// Whether it is asked about erasing what cannot be opened.
        public var isAskingErase = false
        /// Whether the host is leaving the network now.
        public var isLeaving = false
        /// What became of the mail that was waiting, once it has left on the user's wish.
        public var left: Departure?
        /// Whether it is leaving or has left.
        public var isOff: Bool { isLeaving || left != nil }
        /// How far an import is, of 100; nil while there is none.
        public var importing: Int?
        /// Another number for each time that a screen is to begin afresh although it is the one that is shown.
        public var visit = 0
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
    private let unsuspended: @MainActor (@escaping @MainActor @Sendable () async -> Void) async -> Void
    private let running = Running()
    private let preferences: UserDefaults?
    private let exports: URL
    private let kept: KeptScreens
    private let leftFile: LeftFile
    /// What somebody outside wanted before the screens of an earlier process were there: it comes after them.
    private var wanted: [@MainActor () -> Void] = []
    private var keptAccount: Account?
    private var following: Task<Void, Never>?
    private var isOpening = false
    /// Whether what was chosen at the first run outlives the process.
    private var isWritten = true
    /// Whose request the user was told of, or knew of already.
    private var told: Set<String> = []
    /// Whether the first screen is there and not shown, also where none is above it.
    private var hidesPeople = false

    /// Of phase ``Phase/live``.
    public private(set) var host: (any PermessoHost)?

    /// Unsent texts by friend.
    public let drafts: Drafts

    /// What happened that the user should know.
    public let notices: NoticeLog

    /// Told of everything that may be worth a notification.
    public let notifications: Notifications

    /// What can still be read where the data is damaged.
    public let rescue: Rescue

    /// `onStarted` does what the system wants of a host that is on the network, such as Bonjour, and `onEnded` ends that.
    /// `unsuspended` does what the system shall not suspend the app in, as leaving and erasing. The screens are those that ``save()``
    /// wrote into that file in an earlier process; notices, and that the user has left the network, stand beside it. Nothing of that is
    /// read before ``open()``: the system begins an app also while the device is locked. The preferences are forgotten when everything
    /// is erased. The folder of exports is the app's alone: what is handed on lies there until then.
    public init(
        _ opener: any Opener, drafts: Drafts, file: URL? = nil, preferences: UserDefaults? = nil, notifications: Notifications? = nil,
        exports: URL = FileManager.default.temporaryDirectory.appendingPathComponent("exports-\(UUID().uuidString)"),
        now: @escaping @Sendable () -> Date = { Date() }, onStarted: @escaping @MainActor (any PermessoHost) async -> Void = { _ in },
        onEnded: @escaping @MainActor () -> Void = {},
        unsuspended: @escaping @MainActor (@escaping @MainActor @Sendable () async -> Void) async -> Void = { await $0() }
    ) {
        self.opener = opener
        self.drafts = drafts
        self.now = now
        self.onStarted = onStarted
        self.onEnded = onEnded
        self.unsuspended = unsuspended
        self.preferences = preferences
        self.notifications = notifications ?? Notifications()
        self.exports = exports
        rescue = Rescue(opener, folder: exports)
        // What an earlier process was to hand on and did not.
        try? FileManager.default.removeItem(at: exports)
        kept = KeptScreens(file)
        let beside = file?.deletingLastPathComponent()
        notices = NoticeLog(beside?.appendingPathComponent("notices"))
        leftFile = LeftFile(beside?.appendingPathComponent("left"))
        super.init(State())
    }

    /// What that screen keeps; nil is the first one.
    public func saved(_ screen: Screen? = nil) -> Saved {
        kept[screen]
    }

    /// Writes the screens down, with what they keep: the process may end. Whether that could be written.
    @discardableResult
    public func save() -> Bool {
        kept.write(state.path)
    }

    /// Opens the host, if there is one or one was begun, or tries that again. Where it cannot be read what an earlier process kept, it
    /// waits for that: it may be who sees the host, and that it is to be on no network.
    public func open() async {
        guard host == nil, !isOpening else { return }
        change { $0.phase = .opening }
        guard await recall() else { return }
        guard opener.exists() || chosen != nil else { return change { $0.phase = .firstRun } }
        await make()
    }

    /// Reads what an earlier process kept, as soon as that can be read. Whether it was, before nobody waits for it any more.
    private func recall() async -> Bool {
        isOpening = true
        defer { isOpening = false }
        while true {
            do {
                try readKept()
                change { $0.phase = .opening }
                return true
            } catch {
                stick(PermessoError.System(reason: "what the app keeps cannot be read: \(error)"))
            }
            do { try await Task.sleep(nanoseconds: 1_000_000_000) } catch { return false }
        }
    }

    private func readKept() throws {
        notices.recall()
        if let leaving = try leftFile.read() {
            change {
                $0.isLeaving = leaving == .begun
                $0.left = if case .done(let left) = leaving { left } else { nil }
            }
        }
        if let path = try kept.read() {
            change {
                $0.path = path
                $0.isAskingLeave = kept[.more][Self.asking] != nil
                $0.isAskingErase = kept[nil][Self.erasing] != nil
            }
        }
        let wanted = wanted
        self.wanted = []
        for show in wanted { show() }
    }

    /// Makes the host of that alias and goes on the network.
    public func begin(alias: String, visibility: Visibility) async {
        guard host == nil, !isOpening, state.importing == nil else { return }
        change { $0.phase = .opening }
        set(left: nil)
        let first = FirstRun(saved())
        first.write(alias)
        first.show(to: visibility)
        first.begin()
        isWritten = false
        await make()
    }

    /// Opens or makes the host, once what was chosen is written down: a host that is there and does not know who may see it would
    /// show itself to everybody.
    private func make() async {
        isWritten = isWritten || save()
        guard isWritten else { return stick(PermessoError.StorageUnavailable(reason: "what was chosen cannot be written")) }
        await reach()
    }

    /// What was chosen at the first run, until the host has stored it.
    private var chosen: FirstRun.State? {
        saved()[FirstRun.begun].map { _ in FirstRun(saved()).state }
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
            FirstRun.forget(in: saved())
            set(left: nil)
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
        onEnded()
        following?.cancel()
        let before = host
        host = nil
        forget()
        // An app that is put away now shall be erased all the same.
        await unsuspended { await self.erase(after: before) }
    }

    private func erase(after before: (any PermessoHost)?) async {
        do {
            try await before?.stop()
            try await opener.erase()
            change { $0.phase = .firstRun }
        } catch {
            stick(error)
        }
    }

    /// Goes on the network, or tries again; not while it leaves.
    public func start() async {
        guard let host, !state.isLeaving else { return }
        set(left: nil)
        do {
            try await whenReady({ trouble in tell(trouble, of: host) }) {
                // The user may leave while it waits.
                guard isWanted(host) else { return }
                try await storeChosen(in: host)
                try await host.start()
            }
            guard isWanted(host) else { return }
            tell(nil, of: host)
            await onStarted(host)
        } catch {
            tell(error as? PermessoError ?? .System(reason: String(describing: error)), of: host)
            await examine(host)
        }
    }

    /// Whether that is the host still, and its user has not left the network.
    private func isWanted(_ host: any PermessoHost) -> Bool {
        self.host === host && !state.isOff
    }

    /// Stores who may see the host, where that was chosen and could not be stored yet: whatever brings it on the network does this first.
    public func storeChosen() async throws {
        if let host { try await storeChosen(in: host) }
    }

    /// Before it is on any network: nobody is to see it who should not. Where the user has set it meanwhile, the less visible counts.
    private func storeChosen(in host: any PermessoHost) async throws {
        guard let chosen else { return }
        let set = try await host.changedSettings().visibility
        let visibility = set.map(chosen.visibility.least) ?? chosen.visibility
        try await host.changeSettings(SettingsChange(alias: chosen.trimmed, visibility: visibility))
        FirstRun.forget(in: saved())
        save()
        change { $0.unstored = nil }
    }

    /// A host that was erased meanwhile, or has left, has nothing to say.
    private func tell(_ trouble: PermessoError?, of host: any PermessoHost) {
        guard isWanted(host) else { return }
        // What keeps it asleep is known already.
        if case .Paused? = trouble, state.offNetwork != nil { return }
        change {
            $0.isOnNetwork = trouble == nil
            $0.offNetwork = trouble
            $0.examination = nil
            // Before it was tried there was nothing to tell.
            $0.unstored = trouble == nil ? nil : chosen?.visibility
        }
    }

    /// That keeps the host asleep although the app is at the front; nil: no longer.
    public func keptAsleep(_ host: any PermessoHost, by trouble: PermessoError?) {
        tell(trouble, of: host)
    }

    /// What the network refuses may be anything: the doctor knows which fault it is.
    private func examine(_ host: any PermessoHost) async {
        guard case .NetworkUnavailable? = state.offNetwork, let examination = try? await host.examineNetwork(), self.host === host,
            state.offNetwork != nil
        else { return }
        change { $0.examination = examination }
    }

    /// Tries again, where something that kept the host from the network may be mended. It goes on although the screen is left.
    public func startIfOff() {
        if state.offNetwork != nil { Task { await start() } }
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
        change {
            $0.isLeaving = true
            $0.isOnNetwork = false
        }
        // What goes to the background now is not to be paused in the middle: it is about to be off the network.
        onEnded()
        // Nor does the next process go back on it, where the system ends this one meanwhile.
        if state.left == nil { leftFile.write(.begun) }
        await unsuspended { await self.depart(host) }
    }

    private func depart(_ host: any PermessoHost) async {
        await attempt {
            let left = try await departure(of: host)
            guard self.host === host else { return }
            set(left: left)
            change {
                $0.offNetwork = nil
                $0.examination = nil
            }
        }
        change { $0.isLeaving = false }
        // Where that failed it is to be on the network all the same, also if it still waited for that; nor has its user left then.
        if self.host === host, state.left == nil { await start() }
    }

    /// The process may end: it is the user who comes back, not the next one.
    private func set(left: Departure?) {
        leftFile.write(left.map { .done($0) } ?? .not)
        change {
            $0.left = left
            $0.isLeaving = false
        }
    }

    private func departure(of host: any PermessoHost) async throws -> Departure {
        do {
            return try await host.leave()
        } catch PermessoError.TimedOut {
            // It goes all the same, and has by now.
            return try await host.leave()
        }
    }

    /// The stack of screens changed, as when the user goes back.
    public func setPath(_ path: [Screen]) {
        change { $0.path = path }
        if !path.contains(.account), keptAccount?.leave() == true { keptAccount = nil }
        // A screen that is opened again later begins afresh, unless something goes on there.
        kept.keep { path.contains($0) || $0 == .account && keptAccount != nil }
    }

    /// The page about the account: an export goes on while other screens are shown, and is found there again.
    public func account(of host: any PermessoHost) -> Account {
        if let keptAccount { return keptAccount }
        let account = Account(host, folder: exports, saved: saved(.account))
        keptAccount = account
        return account
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
        guard kept.isRead else { return wanted.append { [weak self] in self?.showAlone(screen) } }
        setPath([screen])
    }

    /// Shows a screen in place of the visible one.
    public func replace(_ screen: Screen) {
        setPath(state.path.dropLast() + [screen])
    }

    /// Where people stand beside the other screens: whether they were put away, so that nobody sees who asks.
    public func hidePeople(_ hidden: Bool) {
        hidesPeople = hidden
    }

    /// A `permesso:` URI came from outside: it is shown, and nothing happens by itself.
    public func open(_ uri: URL) {
        guard kept.isRead else { return wanted.append { [weak self] in self?.open(uri) } }
        let screen = Screen.scan(uri.absoluteString)
        // It asks again, whatever was answered before.
        kept.forget(screen)
        change { $0.visit += 1 }
        showAlone(screen)
    }

    /// Nothing of what was is kept.
    private func forget() {
        keptAccount?.end()
        keptAccount = nil
        rescue.cancel()
        rescue.remove()
        try? FileManager.default.removeItem(at: exports)
        drafts.forget()
        notices.forget()
        notifications.forget()
        preferences?.forgetAll()
        kept.forgetAll()
        leftFile.write(.not)
        told = []
        isWritten = true
        change { $0 = State(phase: $0.phase, visit: $0.visit) }
    }

    private func reach() async {
        isOpening = true
        do {
            let host = try await opener.open(alias: chosen?.trimmed)
            if state.isLeaving { try await endLeaving(host) }
            // Of these nobody is told again, whatever changes about them.
            told = Set(((try? await host.friendList()) ?? []).filter(\.asks).map(\.id))
            self.host = host
            follow(host)
            askErase(false)
            // It could be opened after all: what was rescued is in it.
            rescue.remove()
            change { $0.phase = .live }
        } catch {
            stick(error)
        }
        isOpening = false
        if !state.isOff { await start() }
    }

    /// The process ended while its user left: what waits still is asked of the host, which is on no network yet.
    private func endLeaving(_ host: any PermessoHost) async throws {
        do {
            set(left: try await departure(of: host))
        } catch {
            // It is opened again for the next try.
            try? await host.stop()
            throw error
        }
    }

    private func stick(_ error: any Error) {
        let trouble = error as? PermessoError ?? .System(reason: String(describing: error))
        change {
            $0.phase = .stuck(trouble)
            $0.unstored = chosen?.visibility
        }
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
        switch event {
        case .notice(let notice): return await notices.add(notice, from: host, at: now())
        case .friendChanged(let friend):
            // A request changes with every name and code; it is told once, and taken back once it is answered.
            if !friend.asks {
                if told.remove(friend.id) != nil { notifications.seen(friend.id) }
            } else if !told.insert(friend.id).inserted {
                return
            }
        default: break
        }
        if let news = await News(event, from: host), !isShown(news) { await notifications.tell(news) }
    }

    /// What the user looks at needs no notification.
    private func isShown(_ news: News) -> Bool {
        switch news.kind {
        case .message: state.path.last == .conversation(news.host)
        case .ask: state.path.isEmpty && !hidesPeople || state.path.last == .person(news.host)
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

    /// Whether something of that data may be read all the same.
    public var canBeRescued: Bool { if case .Damaged = self { true } else { false } }
}
