import Foundation
import PermessoKit

/// The messages with a friend.
@MainActor
public final class Conversation: Model<Conversation.State> {
    /// The most that a message has, in bytes of UTF-8: ``PermessoHost/send(_:to:)``.
    public nonisolated static let textBytes = 4_096

    /// The name under which a message is kept that one wants to see.
    nonisolated static let wanted = "wanted"

    /// What is asked about the message that is looked at.
    public enum Question: String, Sendable, CaseIterable {
        case cancel, delete
    }

    /// Where the messages are to be scrolled to.
    public struct Goal: Sendable, Equatable {
        /// Where on the screen.
        public enum Edge: Sendable {
            case top, middle, bottom
        }

        public let message: String
        public let edge: Edge
        /// The same place may be wanted again.
        let number: Int

        /// Whether one should see how it gets there: not the first, which the conversation is opened with.
        public var isSmooth: Bool { number > 1 && edge == .bottom }
    }

    /// What a conversation shows.
    public struct State: Sendable, Troubled {
        public var isLoaded = false
        public var friend: Friend?
        /// The oldest first.
        public var messages: [Message] = []
        /// Whether there may be older ones.
        public var hasOlder = false
        /// The first message that had not been read when the conversation was opened, or that came while one read further up.
        public var firstUnread: String?
        /// The message that was looked for, until something is written.
        public var marked: String?
        /// Where to go; followed whenever it changes.
        public var goal: Goal?
        /// Whether something that is not read stands below what is shown.
        public var isNewBelow = false
        /// Whether older messages are read until the one that is wanted is there.
        public var isSeeking = false
        public var draft = ""
        /// The message that is looked at closely.
        public var detail: String?
        public var question: Question?
        public var trouble: PermessoError?

        /// The draft's size, as the limit counts it.
        public var draftBytes: Int { trimmed.utf8.count }

        /// Whether it can be sent.
        public var canSend: Bool { canWrite && !trimmed.isEmpty && draftBytes <= Conversation.textBytes }

        /// Whether one can write to this friend now.
        public var canWrite: Bool { friend.map { $0.state == .friend && !$0.blocked } ?? false }

        /// The message that is looked at.
        public var detailed: Message? { messages.first { $0.id == detail } }

        /// Whether it can be sent again: only to a friend.
        public var canResend: Bool { canWrite && detailed.map { $0.mine && $0.state == .failed } ?? false }

        var trimmed: String { draft.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// More than the largest screen shows.
    private nonisolated static let page = 100
    /// As many as the host gives at once, where a message far back is wanted.
    private nonisolated static let largePage = 1_000
    /// When so many came at once, nobody reads them one after the other.
    private nonisolated static let mostJoined = 3_000

    private let host: any PermessoHost
    private let friend: String
    private let drafts: Drafts
    private let saved: Saved
    private var isLoading = false
    private var hasArrived = false
    private var visible: Set<String> = []
    private var goals = 0
    private var isReading = false

    /// With that friend.
    public init(_ host: any PermessoHost, with friend: String, drafts: Drafts, saved: Saved = Saved()) {
        self.host = host
        self.friend = friend
        self.drafts = drafts
        self.saved = saved
        super.init(
            State(
                firstUnread: saved["unread"], draft: drafts[friend], detail: saved["detail"], question: saved.choice("question")))
    }

    /// Follows the host for as long as the screen is there.
    public func run() async {
        hasArrived = false
        async let friends: Void = follow(host.friends) { friends in
            self.change { $0.friend = friends.first { $0.id == self.friend } }
        }
        async let newest: Void = follow(host.conversation(with: friend, limit: Self.page)) { try await self.onNewest($0) }
        async let events: Void = follow(host.events) { try await self.onEvent($0) }
        _ = await (friends, newest, events)
    }

    /// A message came onto the screen: the lowest is where one is.
    public func appeared(_ message: String) {
        visible.insert(message)
        guard hasArrived else { return }
        saved["anchor"] = state.messages.last { visible.contains($0.id) }?.id
        noteSeen()
    }

    /// A message left the screen. That alone does not move the place: all leave when another screen is shown.
    public func disappeared(_ message: String) {
        visible.remove(message)
    }

    /// What is new below is wanted.
    public func goDown() {
        if let last = state.messages.last?.id { go(to: last, .bottom) }
    }

    /// The draft changed.
    public func write(_ draft: String) {
        drafts[friend] = draft
        change { $0.draft = draft }
    }

    /// The draft is sent. If that fails it is not lost: what was written meanwhile goes below it.
    public func send() async {
        guard state.canSend else { return }
        let text = state.trimmed
        write("")
        saved["unread"] = nil
        change {
            $0.firstUnread = nil
            $0.marked = nil
        }
        do {
            try await host.send(text, to: friend)
        } catch {
            write(state.draft.isEmpty ? text : "\(text)\n\(state.draft)")
            onTrouble(error)
        }
    }

    /// The beginning of what is loaded is seen. What stands there stays where it is.
    public func older() async {
        guard hasArrived, let oldest = state.messages.first?.id else { return }
        if await load(Self.page) { go(to: oldest, .top) }
    }

    /// A message is looked at, or no longer.
    public func look(at message: String?) {
        saved["detail"] = message
        change { $0.detail = message }
        ask(nil)
    }

    /// A question about that message, or no longer.
    public func ask(_ question: Question?) {
        saved["question"] = question?.rawValue
        change { $0.question = question }
    }

    /// A question about that message is answered with yes. The system may have closed the question already.
    public func answer(_ question: Question) async {
        guard let message = state.detailed else { return }
        look(at: nil)
        await attempt {
            switch question {
            case .cancel: try await host.cancel(message.id)
            case .delete:
                if message.mine && (message.state == .queued || message.state == .held) { try await host.cancel(message.id) }
                try await host.deleteMessage(message.id)
                change { $0.messages.removeAll { $0.id == message.id } }
            }
        }
    }

    /// The message that failed is sent again.
    public func resend() async {
        guard let message = state.detail else { return }
        look(at: nil)
        await attempt {
            do {
                try await host.resend(message)
            } catch PermessoError.NotFound(let reason) {
                // The host forgets after some days how to go on with a message that failed; its text is still here.
                guard let failed = try await host.message(message), failed.mine, failed.state == .failed else {
                    throw PermessoError.NotFound(reason: reason)
                }
                try await host.send(failed.text, to: failed.host)
            }
        }
    }

    private func onNewest(_ newest: [Message]) async throws {
        let before = state.messages.last
        let isFirst = !state.isLoaded
        // If that fails, what is shown stays; the same is tried again, or the next that comes joined anew.
        try await join(newest)
        if isFirst { await bringUnread() }
        change { $0.isLoaded = true }
        saved["unread"] = state.firstUnread
        let come = before.map { before in state.messages.suffix { $0.id != before.id } } ?? []
        // One's own message is shown; another's does not pull away what is being read.
        let follows = hasArrived && (come.contains(where: \.mine) || before.map { visible.contains($0.id) } ?? true)
        if !isFirst && !follows { draw(before: come) }
        if !hasArrived {
            await arrive(first: isFirst)
        } else if follows, let last = newest.last, last.id != before?.id {
            go(to: last.id, .bottom)
        }
        // Where it is on its way to the newest, that is noted once it is there.
        if state.goal?.message != newest.last?.id || isAtEnd { noteSeen() }
    }

    /// The line before what is new moves to what came, unless what stood there already is not read either.
    private func draw(before come: ArraySlice<Message>) {
        guard let first = come.first(where: \.unread)?.id, !state.messages.dropLast(come.count).contains(where: \.unread) else { return }
        saved["unread"] = first
        change { $0.firstUnread = first }
    }

    private var isAtEnd: Bool { state.messages.last.map { visible.contains($0.id) } ?? true }

    /// Who sees the end has read everything; what stands below the screen is not read.
    private func noteSeen() {
        let isUnread = state.messages.contains(where: \.unread)
        let isBelow = isUnread && !isAtEnd
        if state.isNewBelow != isBelow { change { $0.isNewBelow = isBelow } }
        guard isUnread, isAtEnd, !isReading else { return }
        isReading = true
        Task { await read() }
    }

    private func read() async {
        var hasRead = false
        let seen = Set(state.messages.filter(\.unread).map(\.id))
        await attempt {
            try await host.markRead(friend)
            // The stream of the newest does not tell of older ones.
            change { state in
                for index in state.messages.indices where seen.contains(state.messages[index].id) { state.messages[index].unread = false }
            }
            hasRead = true
        }
        isReading = false
        // More may have come meanwhile.
        if hasRead { noteSeen() }
    }

    /// Puts the newest in the place of what is known of them: what is missing among them was removed, here or by the history's limit.
    /// More than a page may have come at once: then what lies between is read, too, so that there is no hole. If that is too much,
    /// it begins anew with the newest.
    private func join(_ newest: [Message]) async throws {
        let last = state.messages.last?.place
        var joined = newest
        var isMore = newest.count == Self.page
        while isMore, let last, last.isBefore(joined[0].place), joined.count < Self.mostJoined {
            let page = try await host.messages(with: friend, before: joined[0].place, limit: Self.largePage)
            joined = page + joined
            isMore = page.count == Self.largePage
        }
        let isWhole = !isMore || last.map { $0.isBefore(joined[0].place) } ?? true
        change {
            let older = isWhole ? [] : $0.messages.filter { $0.place.isBefore(joined[0].place) }
            $0.messages = older + joined
            if isWhole { $0.hasOlder = isMore }
        }
    }

    /// Reads older messages until all that are unread are there. What stands in the way of that is no trouble: then the line is missing.
    private func bringUnread() async {
        guard state.firstUnread == nil else { return }
        let all = Int((try? await host.friend(friend))?.unread ?? 0)
        var known = state.messages.filter(\.unread).count
        while known < all, await load(Self.largePage) {
            let now = state.messages.filter(\.unread).count
            // One may have come since they were counted: it is none of the older ones.
            if now == known { break }
            known = now
        }
        change { $0.firstUnread = $0.messages.first { $0.unread }?.id }
    }

    /// Where one begins: at the message that was looked for, where one was, at what is new, or at the end. Who comes back from
    /// another screen finds it as it was.
    private func arrive(first: Bool) async {
        let wanted = saved[Self.wanted]
        saved[Self.wanted] = nil
        if let wanted, await bring(wanted) {
            change { $0.marked = wanted }
            go(to: wanted, .middle)
        } else if !first {
            // It stands where it stood.
        } else if let anchor = saved["anchor"], await bring(anchor) {
            go(to: anchor, .bottom)
        } else if let unread = state.firstUnread, await bring(unread) {
            go(to: unread, .middle)
        } else if let last = state.messages.last?.id {
            go(to: last, .bottom)
        }
        hasArrived = true
    }

    private func go(to message: String, _ edge: Goal.Edge) {
        goals += 1
        change { $0.goal = Goal(message: message, edge: edge, number: goals) }
    }

    private func has(_ message: String) -> Bool {
        state.messages.contains { $0.id == message }
    }

    /// Reads older messages until that one is there. False if it is not in this conversation.
    private func bring(_ message: String) async -> Bool {
        if has(message) { return true }
        guard let found = try? await host.message(message), found.host == friend else { return false }
        change { $0.isSeeking = true }
        while !has(message), state.hasOlder, await load(Self.largePage) {}
        change { $0.isSeeking = false }
        return has(message)
    }

    /// Reads a page of older messages; false if that brought none.
    private func load(_ limit: Int) async -> Bool {
        guard let oldest = state.messages.first, state.hasOlder, !isLoading else { return false }
        isLoading = true
        defer { isLoading = false }
        let count = state.messages.count
        await attempt {
            let page = try await host.messages(with: friend, before: oldest.place, limit: limit)
            // Meanwhile it may have begun anew: what stands before another message is no page of this list.
            guard state.messages.first?.id == oldest.id else { return }
            change {
                let known = Set($0.messages.map(\.id))
                $0.messages = page.filter { !known.contains($0.id) } + $0.messages
                $0.hasOlder = page.count == limit
            }
        }
        return state.messages.count > count
    }

    /// The stream of the newest does not tell of older ones.
    private func onEvent(_ event: Event) async throws {
        guard case .messageChanged(friend, let id, _, _, _, _) = event, state.messages.contains(where: { $0.id == id })
        else { return }
        let message = try await host.message(id)
        change {
            guard let index = $0.messages.firstIndex(where: { $0.id == id }) else { return }
            if let message { $0.messages[index] = message } else { $0.messages.remove(at: index) }
        }
    }
}

extension Array {
    /// What stands at the end and holds; nothing where all do, since then it is unknown where it begins.
    fileprivate func suffix(while holds: (Element) -> Bool) -> ArraySlice<Element> {
        lastIndex { !holds($0) }.map { self[index(after: $0)...] } ?? []
    }
}

extension MessagePlace {
    fileprivate func isBefore(_ other: Self) -> Bool {
        (order, key) < (other.order, other.key)
    }
}

/// What stands below each other in a conversation.
public enum ConversationRow: Sendable, Identifiable, Equatable {
    /// By its first moment.
    case day(Date)
    /// What follows has not been read.
    case unread
    /// A message before this one has not arrived yet.
    case gap(before: String)
    case text(Message)

    public var id: String {
        switch self {
        case .day(let day): "day \(day.timeIntervalSince1970)"
        case .unread: "unread"
        case .gap(let before): "gap \(before)"
        case .text(let message): message.id
        }
    }
}

extension Conversation.State {
    /// The rows of the conversation, the oldest first.
    public func rows(in calendar: Calendar) -> [ConversationRow] {
        var rows: [ConversationRow] = []
        var days: Set<Date> = []
        for message in messages {
            // Clocks go back now and then; each day is named once.
            let day = calendar.startOfDay(for: message.localTime.moment)
            if days.insert(day).inserted { rows.append(.day(day)) }
            if message.id == firstUnread { rows.append(.unread) }
            if message.gap { rows.append(.gap(before: message.id)) }
            rows.append(.text(message))
        }
        return rows
    }
}

extension UInt64 {
    /// Of milliseconds since 1970.
    public var moment: Date { Date(timeIntervalSince1970: Double(self) / 1_000) }
}
