#if DEBUG
    import Foundation
    import PermessoKit

    /// A screen in a state that has a name, for previews and tests. Screens, states and what they show are those of Android's samples.
    @MainActor
    public struct Sample: Identifiable {
        /// The model, by its screen.
        public enum Model {
            case start(AppModel), people(People, AppModel), find(Find, AppModel), person(Person), code(MyCode), scan(Scan)
            case conversation(Conversation), search(SearchMessages), doctor(Doctor), settings(SettingsScreen, Notifications), account(Account)
            case more(AppModel), notices(NoticeLog), about, licences, passOn
        }

        public let screen: String
        public let state: String
        public let model: Model

        public nonisolated var id: String { "\(screen): \(state)" }

        /// Every sample of every screen.
        public static var all: [Sample] {
            start + people + finds + persons + codes + conversations + searches + doctors + settings + accounts + others
        }

        /// The app that samples belong to.
        public static let app = AppModel(AsleepOpener(), drafts: Drafts())
    }

    /// 2026-03-14, 15:09 UTC, in milliseconds.
    let sampleNow: UInt64 = 1_773_500_940_000

    let sampleURI =
        "permesso:ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c?alias=Grace&token=0f1e2d3c4b5a&at=192.168.1.7:20070"

    /// The id of a sample's host.
    public func sampleId(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits + "-3c52-8afd-938a-375d0df1fbf6"
    }

    func sampleFriend(
        _ name: String, _ number: Int, _ state: FriendState = .friend, alias: String? = nil, localAlias: String? = nil,
        verified: Bool = false, hasCode: Bool = false, blocked: Bool = false, greeting: String? = nil, flags: [NameFlag] = [],
        unread: UInt32 = 0, online: Bool = false
    ) -> Friend {
        Friend(
            id: sampleId(number), name: localAlias ?? name, alias: alias ?? name, localAlias: localAlias, state: state,
            verified: verified, hasCode: hasCode, blocked: blocked, greeting: greeting, flags: flags, unread: unread, online: online)
    }

    func sampleHost(_ name: String, _ number: Int) -> NearbyHost {
        NearbyHost(
            id: sampleId(number), alias: name, online: true, address: "192.168.1.\(number % 200 + 2):20071", conversationPort: nil,
            lastHeard: sampleNow, special: nil, friendState: .unknown)
    }

    func sampleMessage(
        _ text: String, _ number: Int, mine: Bool = true, _ state: MessageState = .delivered, minutesAgo: Int? = nil,
        holders: [Holder] = [], because: FailReason? = nil, full: [FullServer] = [], unread: Bool = false, gap: Bool = false,
        host: String = sampleId(1)
    ) -> Message {
        let digits = String(number, radix: 16)
        let time = sampleNow - UInt64(minutesAgo ?? 100 - number) * 60_000
        return Message(
            id: String(repeating: "0", count: 32 - digits.count) + digits, host: host, mine: mine, text: text, localTime: time,
            sendTime: time, state: state, failReason: because, holders: holders, full: full, unread: unread,
            place: MessagePlace(order: UInt64(number), key: UInt64(number)), parents: [], gap: gap)
    }

    /// What the doctor says where another program has the port.
    let samplePortTaken = Examination(
        port: 20_071, leadsToSomebody: false,
        diagnoses: [
            Diagnosis(
                thing: .address, network: "en0", address: "192.168.1.7", judgement: .doesNotWork, ground: .portTaken, asked: 0,
                answeredBy: nil, answeredByAlias: nil, detail: nil, othersAheadMs: nil)
        ])

    extension PermessoError {
        static let sampleFull = PermessoError.StorageUnavailable(reason: "the disk is full")
        static let sampleOffline = PermessoError.NetworkUnavailable(reason: "no usable network address")
    }

    extension Model {
        /// The model as it looks in that state.
        func shows(_ state: State) -> Self {
            change { $0 = state }
            return self
        }
    }
#endif
