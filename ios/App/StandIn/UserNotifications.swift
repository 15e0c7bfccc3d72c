@_exported import Foundation

public struct UNAuthorizationOptions: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let alert = Self(rawValue: 1), sound = Self(rawValue: 2)
}

public struct UNNotificationPresentationOptions: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let banner = Self(rawValue: 1), list = Self(rawValue: 2), sound = Self(rawValue: 4)
}

public protocol UNUserNotificationCenterDelegate: AnyObject {
    func userNotificationCenter(
        _ center: UNUserNotificationCenter, willPresent notification: UNNotification,
        withCompletionHandler completionHandler: @escaping @Sendable (UNNotificationPresentationOptions) -> Void)
    func userNotificationCenter(
        _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse,
        withCompletionHandler completionHandler: @escaping @Sendable () -> Void)
}

public final class UNUserNotificationCenter: @unchecked Sendable {
    public class func current() -> UNUserNotificationCenter { fatalError() }
    public weak var delegate: (any UNUserNotificationCenterDelegate)?
    public func requestAuthorization(options: UNAuthorizationOptions) async throws -> Bool { false }
    public func add(_ request: UNNotificationRequest) async throws {}
    public func notificationSettings() async -> UNNotificationSettings { fatalError() }
    public func removeAllPendingNotificationRequests() {}
    public func removeAllDeliveredNotifications() {}
    public func removePendingNotificationRequests(withIdentifiers identifiers: [String]) {}
    public func removeDeliveredNotifications(withIdentifiers identifiers: [String]) {}
}

public enum UNAuthorizationStatus: Sendable {
    case notDetermined, denied, authorized, provisional, ephemeral
}

public final class UNNotificationSettings: Sendable {
    public var authorizationStatus: UNAuthorizationStatus { .denied }
}

public final class UNNotificationSound: Sendable {
    public static let `default` = UNNotificationSound()
}

open class UNNotificationContent: @unchecked Sendable {
    init() {}
    public var userInfo: [AnyHashable: Any] = [:]
}

public final class UNMutableNotificationContent: UNNotificationContent, @unchecked Sendable {
    public override init() {}
    public var title = ""
    public var body = ""
    public var threadIdentifier = ""
    public var sound: UNNotificationSound?
}

public final class UNNotificationRequest: Sendable {
    public let content: UNNotificationContent
    public init(identifier: String, content: UNNotificationContent, trigger: Never?) { self.content = content }
}

public final class UNNotification: Sendable {
    public var request: UNNotificationRequest { fatalError() }
}

public final class UNNotificationResponse: Sendable {
    public var notification: UNNotification { fatalError() }
}
