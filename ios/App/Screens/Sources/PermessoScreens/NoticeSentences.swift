import PermessoKit

extension Words {
    /// A notice as a sentence. The Kotlin side has the same in its `OtherScreens.kt`.
    public func notice(_ dated: DatedNotice) -> String {
        let name = dated.name
        return switch dated.notice {
        case .addressUnusable(let address, _): noticeAddressUnusable(address: address)
        case .askExpired: noticeAskExpired(name: name)
        case .askRefused: noticeAskRefused(name: name)
        case .codeShared: noticeCodeShared(name: name, other: dated.other)
        case .copyRestored: noticeCopyRestored
        case .encryptionReset: noticeEncryptionReset(name: name)
        case .friendAsksAgain: noticeAsksAgain(name: name)
        case .generationNotKept: noticeGenerationNotKept
        case .heldDropped: noticeHeldDropped(name: name)
        case .historyDropped: noticeHistoryDropped(name: name)
        case .messagesLost(_, let count): noticeMessagesLost(count: Int(clamping: count), name: name)
        case .missed(let count): noticeMissed(count: Int(clamping: count))
        case .noPort: noticeNoPort
        case .outboxDropped: noticeOutboxDropped(name: name)
        case .restored: noticeRestored
        case .storageFailed: noticeStorageFailed
        }
    }
}
