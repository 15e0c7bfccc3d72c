import Foundation
import PermessoKit

/// Notices as they are written down.
struct KeptNotices: Codable {
    let list: [KeptNotice]
    let unseen: Int
}

/// A notice as it is written down: its kind, and what belongs to it.
struct KeptNotice: Codable {
    private let moment: Date
    private let kind: String
    private let parts: [String]
    private let name: String
    private let other: String

    init(_ dated: DatedNotice) {
        (moment, name, other) = (dated.moment, dated.name, dated.other)
        (kind, parts) = dated.notice.written
    }

    /// Nil for a kind that only a later version has.
    func dated(_ id: Int) -> DatedNotice? {
        Notice(kind, parts).map { DatedNotice(id: id, moment: moment, notice: $0, name: name, other: other) }
    }
}

extension Notice {
    fileprivate var written: (String, [String]) {
        switch self {
        case .addressUnusable(let address, let reason): ("addressUnusable", [address, reason])
        case .askExpired(let host): ("askExpired", [host])
        case .askRefused(let host): ("askRefused", [host])
        case .codeShared(let host, let other): ("codeShared", [host, other])
        case .copyRestored: ("copyRestored", [])
        case .encryptionReset(let host): ("encryptionReset", [host])
        case .friendAsksAgain(let host): ("friendAsksAgain", [host])
        case .generationNotKept(let reason): ("generationNotKept", [reason])
        case .heldDropped(let host): ("heldDropped", [host])
        case .historyDropped(let host, let message): ("historyDropped", [host, message])
        case .messagesLost(let host, let count): ("messagesLost", [host, String(count)])
        case .missed(let count): ("missed", [String(count)])
        case .noPort: ("noPort", [])
        case .outboxDropped(let host, let message): ("outboxDropped", [host, message])
        case .restored: ("restored", [])
        case .storageFailed(let reason): ("storageFailed", [reason])
        }
    }

    fileprivate init?(_ kind: String, _ parts: [String]) {
        let (first, second) = (parts.first ?? "", parts.dropFirst().first ?? "")
        switch kind {
        case "addressUnusable": self = .addressUnusable(address: first, reason: second)
        case "askExpired": self = .askExpired(host: first)
        case "askRefused": self = .askRefused(host: first)
        case "codeShared": self = .codeShared(host: first, other: second)
        case "copyRestored": self = .copyRestored
        case "encryptionReset": self = .encryptionReset(host: first)
        case "friendAsksAgain": self = .friendAsksAgain(host: first)
        case "generationNotKept": self = .generationNotKept(reason: first)
        case "heldDropped": self = .heldDropped(host: first)
        case "historyDropped": self = .historyDropped(host: first, message: second)
        case "messagesLost": self = .messagesLost(host: first, count: .init(second) ?? 0)
        case "missed": self = .missed(count: .init(first) ?? 0)
        case "noPort": self = .noPort
        case "outboxDropped": self = .outboxDropped(host: first, message: second)
        case "restored": self = .restored
        case "storageFailed": self = .storageFailed(reason: first)
        default: return nil
        }
    }
}
