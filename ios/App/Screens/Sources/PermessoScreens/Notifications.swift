import Foundation
import PermessoKit

/// The notifications of a system.
@MainActor
public protocol NotificationSystem: AnyObject {
    /// Whether the app may notify; nothing is asked.
    func permission() async -> Notifications.Permission

    /// Lets the system ask, and returns when that is answered.
    func ask() async

    /// Shows one. The next about the same host takes its place.
    func show(_ news: News) async

    /// Takes back the one about somebody.
    func remove(_ host: String)

    /// Takes back all, also those that were to come.
    func removeAll()
}

/// Notifications, and the question whether they are welcome: it is asked, with the reason, when the first would have been shown.
@MainActor
public final class Notifications: Model<Notifications.State> {
    /// What the system says.
    public enum Permission: Sendable, Equatable {
        case unasked, given, refused
    }

    /// What is known and asked.
    public struct State: Sendable {
        /// Nil before the system was asked.
        public var permission: Permission?
        /// Whether something came that could not be told, since nobody was asked.
        public var isNeeded = false

        /// Whether the reason is shown, and the user may let the system ask.
        public var isAsking: Bool { isNeeded && permission == .unasked }
    }

    private let system: (any NotificationSystem)?
    private let preferences: UserDefaults?

    /// Of that system; without one there are none.
    public init(_ system: (any NotificationSystem)? = nil, preferences: UserDefaults? = nil) {
        self.system = system
        self.preferences = preferences
        super.init(State())
    }

    /// The system's settings may have changed.
    public func look() async {
        guard let system else { return }
        let permission = await system.permission()
        change { $0.permission = permission }
    }

    /// Tells it where that is allowed. Where nobody was asked yet, the question is due.
    func tell(_ news: News) async {
        await look()
        switch state.permission {
        case .given: await system?.show(news)
        case .unasked: if preferences?.bool(forKey: Preference.notifyLater) != true { change { $0.isNeeded = true } }
        case .refused, nil: break
        }
    }

    /// The reason was read: the system asks.
    public func allow() async {
        change { $0.isNeeded = false }
        await system?.ask()
        await look()
    }

    /// Not now: the settings offer it still.
    public func putOff() {
        preferences?.set(true, forKey: Preference.notifyLater)
        change { $0.isNeeded = false }
    }

    /// What is about somebody is out of date.
    public func seen(_ host: String) {
        system?.remove(host)
    }

    func forget() {
        system?.removeAll()
        change { $0.isNeeded = false }
    }
}
