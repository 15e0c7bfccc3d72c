import Foundation
import PermessoKit

/// What the host says, in the words of people. The Kotlin side has the same in its `Words.kt`.
extension Words {
    /// Where a message is, in the fewest words that are true.
    public func fate(_ message: Message) -> String {
        switch message.state {
        case .queued: fateQueued
        case .held: held(message.holders)
        case .delivered: fateDelivered
        case .read: fateRead
        case .failed: fateFailed
        }
    }

    /// The same as a sentence with what happens next.
    public func fateSentence(_ message: Message, name: String) -> String {
        switch message.state {
        case .queued:
            if let first = message.full.first { fateSentenceFull(full: full(first), name: name) } else { fateSentenceQueued(name: name) }
        case .held: fateSentenceHeld(held: held(message.holders), name: name)
        case .delivered: fateSentenceDelivered(name: name)
        case .read: fateSentenceRead(name: name)
        case .failed: fateSentenceFailed(name: name, why: reason(message.failReason))
        }
    }

    /// Who has a copy, servers first.
    public func held(_ holders: [Holder]) -> String {
        let named = holders.filter { $0.name != nil }
        guard let first = named.first(where: \.server) ?? named.first, let name = first.name else {
            return heldByHosts(count: max(holders.count, 1))
        }
        let others = holders.count - 1
        return switch (others, first.server) {
        case (0, true): heldByServer(name: name)
        case (0, false): heldBy(name: name)
        case (_, true): heldByServerAndOthers(count: others, name: name)
        case (_, false): heldByAndOthers(count: others, name: name)
        }
    }

    /// One who has a copy.
    public func holder(_ holder: Holder) -> String {
        let short = String(holder.id.prefix(8))
        return holder.server ? holderServer(name: holder.name ?? short) : holder.name ?? holderUnknown(id: short)
    }

    /// Why a server took no copy.
    public func full(_ server: FullServer) -> String {
        let name = server.name ?? String(server.id.prefix(8))
        return server.why == .storage ? serverFull(name: name) : serverQuota(name: name)
    }

    func reason(_ reason: FailReason?) -> String {
        switch reason {
        case .friendshipEnded: reasonFriendshipEnded
        case .cancelled: reasonCancelled
        case .outboxFull: reasonOutboxFull
        case .expired, nil: reasonExpired
        }
    }

    /// What somebody is to us.
    public func friendState(_ state: FriendState) -> String {
        switch state {
        case .unknown: stateStranger
        case .requestSent: stateAsked
        case .requestReceived: stateAsksYou
        case .friend: stateFriend
        case .ended: stateEnded
        }
    }

    /// What one should see before trusting a name.
    public func flag(_ flag: NameFlag) -> String {
        switch flag {
        case .sameAsFriend: flagSameAsFriend
        case .looksLikeFriend: flagLooksLikeFriend
        case .mixedScripts: flagMixedScripts
        case .invisibleOrBidi: flagHiddenCharacters
        }
    }

    /// Who may see us.
    public func visibility(_ visibility: Visibility) -> String {
        switch visibility {
        case .everybody: visibleEverybody
        case .friends: visibleFriends
        case .nobody: visibleNobody
        }
    }

    /// Why nothing was rescued: that nothing can be read is said only where that is so.
    public func rescueFailed(_ trouble: PermessoError) -> String {
        if case .Damaged = trouble { rescuedNothing } else { self.trouble(trouble) }
    }

    /// What went wrong and what can be done, without the technical reason, which is in English.
    public func trouble(_ trouble: PermessoError) -> String {
        switch trouble {
        case .InvalidInput: troubleInput
        case .NotFound: troubleNotFound
        case .NotNow: troubleNotNow
        case .NetworkUnavailable: troubleNetwork
        case .KeyUnavailable: troubleKey
        case .StorageUnavailable: troubleStorage
        case .Damaged: troubleDamaged
        case .TooNew: troubleTooNew
        case .AlreadyThere: troubleAlreadyThere
        case .WrongPassphrase: troublePassphrase
        case .Paused, .Stopped: troubleStopped
        case .TimedOut: troubleTimedOut
        case .Cancelled: troubleCancelled
        case .System: troubleSystem
        case .Bug: troubleBug
        }
    }

    /// Why the data cannot be opened.
    public func stuck(_ trouble: PermessoError) -> String {
        if case .AlreadyThere = trouble { stuckInUse } else { self.trouble(trouble) }
    }

    /// Why the host is on no network, and what can be done. The Kotlin side has the same in its `Doctor.kt`.
    public func whyOff(_ trouble: PermessoError, _ examination: Examination?) -> String {
        if let remedy = examination.flatMap({ remedies($0).first }) { return "\(remedy.wrong). \(remedy.todo)" }
        if case .StorageUnavailable = trouble { return storageFails }
        return self.trouble(trouble)
    }

    /// A message as a screen reader says it: who wrote it, what, when, and where it is.
    public func spoken(_ message: Message, name: String, _ moments: Moments) -> String {
        let time = moments.time(message.localTime.moment)
        return message.mine
            ? [you, message.text, time, fate(message)].joined(separator: ", ")
            : [name, message.text, time].joined(separator: ", ")
    }

    /// The words that somebody asks with, if there are any.
    public func greeting(of friend: Friend) -> String? {
        let greeting = friend.greeting?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return greeting.isEmpty ? nil : quoted(text: greeting)
    }

    /// A size as people say it.
    public func size(_ bytes: UInt64) -> String {
        let number = Int(clamping: bytes)
        if number < 1_000 { return sizeBytes(number: number) }
        if number < 1_000_000 { return sizeKilobytes(number: (number + 500) / 1_000) }
        return sizeMegabytes(number: (number + 500_000) / 1_000_000)
    }
}
