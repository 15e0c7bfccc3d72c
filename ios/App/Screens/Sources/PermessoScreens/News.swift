import PermessoKit

/// Something that is worth a notification.
public struct News: Sendable, Equatable {
    /// What it is.
    public enum Kind: Sendable, Equatable {
        /// A message came.
        case message
        /// Somebody asks for friendship.
        case ask
    }

    public let kind: Kind
    /// From whom.
    public let host: String
    public let name: String
    /// The message or the greeting.
    public let text: String

    /// The screen that shows it, or where it is answered.
    public var screen: Screen { kind == .message ? .conversation(host) : .person(host) }

    /// What a notification of it keeps until it is tapped.
    public var note: [String: String] { [Self.hostName: host, Self.kindName: kind == .message ? Self.messageName : Self.askName] }

    /// Where a tap on the notification that keeps that leads; nil if it is none of ours.
    public static func screen(noted note: [AnyHashable: Any]) -> Screen? {
        guard let host = note[hostName] as? String else { return nil }
        switch note[kindName] as? String {
        case messageName: return .conversation(host)
        case askName: return .person(host)
        default: return nil
        }
    }

    private static let hostName = "host"
    private static let kindName = "kind"
    private static let messageName = "message"
    private static let askName = "ask"

    /// Of an event, if it is worth one.
    init?(_ event: Event, from permesso: any PermessoHost) async {
        switch event {
        case .messageReceived(let host, _, let text, _, _, _):
            self.init(kind: .message, host: host, name: await nameOf(host, in: permesso), text: text)
        case .friendChanged(let friend) where friend.asks:
            self.init(kind: .ask, host: friend.id, name: friend.name, text: friend.greeting ?? "")
        default: return nil
        }
    }

    /// With all that is in it.
    public init(kind: Kind, host: String, name: String, text: String) {
        self.kind = kind
        self.host = host
        self.name = name
        self.text = text
    }
}

extension Friend {
    /// Whether there is a request to be answered.
    var asks: Bool { state == .requestReceived && !blocked }
}
