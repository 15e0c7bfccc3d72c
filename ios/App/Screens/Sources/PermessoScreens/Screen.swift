/// A place in the app. All that a screen shows follows from this and from the host.
public enum Screen: Hashable, Codable, Sendable {
    /// Everything else the app can do.
    case more
    /// Search by a part of an alias.
    case find
    /// What is known about somebody.
    case person(String)
    /// The code that others scan.
    case myCode
    /// Takes in somebody's code. One that came from outside waits to be looked at.
    case scan(String?)
    /// The messages with a friend.
    case conversation(String)
    /// Search in messages.
    case searchMessages
    /// Why can't I see anybody?
    case doctor
    /// What can be set.
    case settings
    /// Export, and erasing.
    case account
    /// What happened that the user should know.
    case notices
    /// What is promised and what is not.
    case about
    /// The notices of all that is shipped.
    case licences
    /// Why an iPhone cannot give the app to a neighbour, and what can.
    case passOn
}
