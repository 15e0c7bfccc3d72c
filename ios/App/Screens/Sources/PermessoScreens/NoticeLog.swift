import Foundation
import PermessoKit

/// A notice, its moment, and the names of whom it is about, as they were then.
public struct DatedNotice: Sendable, Identifiable {
    public let id: Int
    public let moment: Date
    public let notice: Notice
    public let name: String
    public let other: String

    /// Whom it is about.
    public var host: String? { notice.about }

    fileprivate func numbered(_ id: Int) -> DatedNotice {
        DatedNotice(id: id, moment: moment, notice: notice, name: name, other: other)
    }
}

/// Notices, the newest first. The host tells each once, so they are kept here, over the end of the process too.
@MainActor
public final class NoticeLog: Model<NoticeLog.State> {
    /// What it holds.
    public struct State: Sendable {
        public var list: [DatedNotice] = []
        /// How many came since they were looked at.
        public var unseen = 0
        /// Whether nothing can be stored now: what is asked of the host fails, its lists stand still, and it is off the network.
        public var storageFails = false
    }

    /// More than anybody reads.
    private nonisolated static let most = 200

    private let file: PrivateFile?
    private var count = 0

    /// Kept in that file, or only while the process lives. ``recall()`` reads it.
    init(_ file: URL? = nil) {
        self.file = file.map { PrivateFile($0) }
        super.init(State())
    }

    /// Takes in those of an earlier process, once they can be read; what came meanwhile is newer.
    func recall() {
        guard let file, !file.isRead else { return }
        let kept = (try? file.read()).flatMap { try? JSONDecoder().decode(KeptNotices.self, from: $0) }
        guard file.isRead, let kept else { return }
        let newer = state.list
        let older = kept.list.reversed().enumerated().compactMap { number, one in one.dated(number + 1) }
        // The newest has the greatest number.
        count += older.count
        change {
            $0.list = Array((newer.map { $0.numbered($0.id + older.count) } + older.reversed()).prefix(Self.most))
            $0.unseen = min($0.unseen + kept.unseen, $0.list.count)
        }
        if !newer.isEmpty { save() }
    }

    /// The user looks at them.
    public func seen() {
        recall()
        guard state.unseen > 0 else { return }
        change { $0.unseen = 0 }
        save()
    }

    func forget() {
        change { $0 = State() }
        file?.remove()
    }

    private func save() {
        let kept = KeptNotices(list: state.list.map(KeptNotice.init), unseen: state.unseen)
        if let data = try? JSONEncoder().encode(kept) { file?.write(data) }
    }

    func add(_ notice: Notice, from host: any PermessoHost, at moment: Date) async {
        switch notice {
        case .storageFailed: change { $0.storageFails = true }
        case .restored: change { $0.storageFails = false }
        // One of the two may be among them.
        case .missed:
            let fails = await cannotStore(host)
            change { $0.storageFails = fails }
        default: break
        }
        let name = if let about = notice.about { await nameOf(about, in: host) } else { "" }
        var other = ""
        if case .codeShared(_, let second) = notice { other = await nameOf(second, in: host) }
        recall()
        count += 1
        let dated = DatedNotice(id: count, moment: moment, notice: notice, name: name, other: other)
        change {
            $0.list = Array(([dated] + $0.list).prefix(Self.most))
            $0.unseen += 1
        }
        save()
    }
}

private func cannotStore(_ host: any PermessoHost) async -> Bool {
    do {
        _ = try await host.settings()
        return false
    } catch PermessoError.StorageUnavailable {
        return true
    } catch {
        return false
    }
}

/// What somebody is called here; the beginning of the id where nothing is known.
func nameOf(_ id: String, in host: any PermessoHost) async -> String {
    if let friend = try? await host.friend(id) { return friend.name }
    let hosts = (try? await host.hosts()) ?? []
    return hosts.first { $0.id == id }?.alias ?? String(id.prefix(8))
}

extension Notice {
    /// Whom it is about.
    var about: String? {
        switch self {
        case .askExpired(let host), .askRefused(let host), .codeShared(let host, _), .encryptionReset(let host),
            .friendAsksAgain(let host), .heldDropped(let host), .historyDropped(let host, _), .messagesLost(let host, _),
            .outboxDropped(let host, _):
            host
        default: nil
        }
    }
}
