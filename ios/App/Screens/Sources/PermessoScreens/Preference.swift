import Foundation
import PermessoKit

/// Choices that the app itself keeps, by their names in the preferences.
public enum Preference {
    /// ``light``, ``dark``, or nothing: as the system.
    public static let theme = "theme"
    public static let light = "light"
    public static let dark = "dark"
    /// Whether a message's page offers to open its links.
    public static let links = "links"
    /// Whether the user wants no question about notifications by itself.
    static let notifyLater = "notify_later"
    /// That the user has left the network, with what became of the mail.
    fileprivate static let left = "left"
}

extension UserDefaults {
    /// Whether the user has left the network, in this process or an earlier one, and not come back.
    var hasLeft: Bool { object(forKey: Preference.left) != nil }

    /// What became of the mail that was waiting then; nil where that is not so, or not known since the process ended meanwhile.
    var left: Departure? {
        get {
            guard let counts = array(forKey: Preference.left) as? [Int], counts.count == 3 else { return nil }
            return Departure(handedOn: UInt64(clamping: counts[0]), carried: UInt64(clamping: counts[1]), kept: UInt64(clamping: counts[2]))
        }
        set {
            if let newValue {
                set([newValue.handedOn, newValue.carried, newValue.kept].map { Int(clamping: $0) }, forKey: Preference.left)
            } else {
                removeObject(forKey: Preference.left)
            }
        }
    }

    /// Whatever becomes of this process, a later one stays off the network.
    func beginLeaving() {
        if !hasLeft { set([Int](), forKey: Preference.left) }
    }

    /// Removes every choice, one by one: who follows one of them is told.
    func forgetAll() {
        for name in dictionaryRepresentation().keys { removeObject(forKey: name) }
    }
}
