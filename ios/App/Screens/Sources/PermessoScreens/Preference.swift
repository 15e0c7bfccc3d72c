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
    /// What became of the mail that was waiting, if the user has left the network and not come back.
    var left: Departure? {
        get {
            guard object(forKey: Preference.left) != nil else { return nil }
            // Whatever it says: who has left is not brought back by a number that cannot be read.
            let counts = array(forKey: Preference.left) as? [Int] ?? []
            func count(_ index: Int) -> UInt64 { counts.indices.contains(index) ? UInt64(clamping: counts[index]) : 0 }
            return Departure(handedOn: count(0), carried: count(1), kept: count(2))
        }
        set {
            if let newValue {
                set([newValue.handedOn, newValue.carried, newValue.kept].map { Int(clamping: $0) }, forKey: Preference.left)
            } else {
                removeObject(forKey: Preference.left)
            }
        }
    }

    /// Removes every choice, one by one: who follows one of them is told.
    func forgetAll() {
        for name in dictionaryRepresentation().keys { removeObject(forKey: name) }
    }
}
