import Foundation

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
}

extension UserDefaults {
    /// Removes every choice, one by one: who follows one of them is told.
    func forgetAll() {
        for name in dictionaryRepresentation().keys { removeObject(forKey: name) }
    }
}
