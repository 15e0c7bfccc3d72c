import PermessoKit

/// Friends, those who ask, and who is here: where everything begins.
@MainActor
public final class People: Model<People.State> {
    /// What the first screen shows.
    public struct State: Sendable, Troubled {
        public var isLoaded = false
        public var friends: [Friend] = []
        public var nearby: [NearbyHost] = []
        /// The newest message by friend.
        public var last: [String: Message] = [:]
        /// Whose request shall perhaps be refused.
        public var refusing: String?
        public var trouble: PermessoError?

        /// Those who ask.
        public var asks: [Friend] { friends.filter(\.asks) }

        /// Friends, those last who wrote longest ago.
        public var talks: [Friend] {
            friends.filter { $0.state == .friend && !$0.blocked }
                .sorted { (last[$0.id]?.localTime ?? 0, $1.name) > (last[$1.id]?.localTime ?? 0, $0.name) }
        }

        /// Who was asked.
        public var asked: [Friend] { friends.filter { $0.state == .requestSent && !$0.blocked } }

        /// Blocked or ended.
        public var others: [Friend] { friends.filter { $0.blocked || $0.state == .ended } }

        /// Who is here and has nothing to do with us.
        public var strangers: [NearbyHost] {
            let known = Set(friends.filter { $0.state != .unknown || $0.blocked }.map(\.id))
            return nearby.filter { !known.contains($0.id) }
        }

        /// Known by a card, a code or a request that came to nothing, and not here: they can be asked all the same.
        public var known: [Friend] {
            let here = Set(nearby.map(\.id))
            return friends.filter { $0.state == .unknown && !$0.blocked && !here.contains($0.id) }
        }

        /// Whether there is nobody in any of the groups.
        public var isEmpty: Bool {
            isLoaded && strangers.isEmpty && [asks, talks, asked, known, others].allSatisfy(\.isEmpty)
        }
    }

    private let host: any PermessoHost
    private let saved: Saved
    private var following: [String: Task<Void, Never>] = [:]

    /// Of that host.
    public init(_ host: any PermessoHost, saved: Saved = Saved()) {
        self.host = host
        self.saved = saved
        super.init(State(refusing: saved["refusing"]))
    }

    /// Follows the host for as long as the screen is there.
    public func run() async {
        async let friends: Void = follow(host.friends) { self.onFriends($0) }
        async let nearby: Void = follow(host.nearby) { hosts in self.change { $0.nearby = hosts } }
        _ = await (friends, nearby)
        followLast(of: [])
    }

    /// Accepts a request.
    public func accept(_ friend: String) async {
        await attempt { try await host.acceptFriendship(friend) }
    }

    /// Asks whether a request shall be refused, or no longer.
    public func askRefuse(_ friend: String?) {
        saved["refusing"] = friend
        change { $0.refusing = friend }
    }

    /// Refuses a request, after the question.
    public func refuse(_ friend: String, tell: Bool) async {
        askRefuse(nil)
        await attempt { try await host.refuseFriendship(friend, tell: tell) }
    }

    /// Hears nothing more of somebody who asks, after the question.
    public func block(_ friend: String) async {
        askRefuse(nil)
        await attempt { try await host.block(friend) }
    }

    private func onFriends(_ friends: [Friend]) {
        change {
            $0.friends = friends
            $0.isLoaded = true
        }
        followLast(of: friends.filter { $0.state == .friend }.map(\.id))
    }

    /// The conversations, not the events: of what one writes to somebody who is away there is none.
    private func followLast(of friends: [String]) {
        for gone in Set(following.keys).subtracting(friends) { following.removeValue(forKey: gone)?.cancel() }
        for friend in friends where following[friend] == nil {
            let newest = host.conversation(with: friend, limit: 1)
            following[friend] = Task { [weak self] in
                do {
                    for try await messages in newest {
                        self?.change { $0.last[friend] = messages.last }
                    }
                } catch PermessoError.NotFound {
                    // Somebody who is no friend any more.
                } catch {
                    self?.onTrouble(error)
                }
            }
        }
    }
}
