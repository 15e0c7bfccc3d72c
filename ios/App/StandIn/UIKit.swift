import Foundation

@MainActor
open class UIView {
    public init(frame: CGRect) {}
    public convenience init() { self.init(frame: .zero) }
    public required init?(coder: NSCoder) {}
    open class var layerClass: AnyClass { UIView.self }
    public var layer: CALayer { fatalError() }
    open func layoutSubviews() {}
    public var window: UIWindow? { nil }
}

@MainActor
public final class UIDevice {
    public static let current = UIDevice()
    public nonisolated static let orientationDidChangeNotification = Notification.Name("")
    public func beginGeneratingDeviceOrientationNotifications() {}
    public func endGeneratingDeviceOrientationNotifications() {}
}

@MainActor
open class UIViewController {
    public init() {}
}

@MainActor
open class UIActivity {
    public struct ActivityType: Sendable {}
}

@MainActor
public final class UIActivityViewController: UIViewController {
    public typealias CompletionWithItemsHandler = (UIActivity.ActivityType?, Bool, [Any]?, (any Error)?) -> Void
    public init(activityItems: [Any], applicationActivities: [UIActivity]?) { super.init() }
    public var completionWithItemsHandler: CompletionWithItemsHandler?
}

@MainActor
public final class UIWindow {
    public var windowScene: UIWindowScene? { nil }
}

@MainActor
public final class UIWindowScene {
    public var interfaceOrientation: UIInterfaceOrientation { .portrait }
}

public enum UIInterfaceOrientation: Int, Sendable {
    case portrait = 1
}

@MainActor
public protocol UIApplicationDelegate: AnyObject {}

open class CALayer {}

public final class UIColor: Sendable {
    public init() {}
    public init(red: CGFloat, green: CGFloat, blue: CGFloat, alpha: CGFloat) {}
    public convenience init(dynamicProvider: @escaping (UITraitCollection) -> UIColor) { self.init() }
    public static let secondarySystemBackground = UIColor()
}

public final class UITraitCollection {
    public var userInterfaceStyle: UIUserInterfaceStyle { .unspecified }
}

public enum UIUserInterfaceStyle: Sendable {
    case unspecified, light, dark
}

public final class UIImage {
    public init(cgImage: CGImage) {}
}

public final class CGImage {}

public struct UIAccessibility {
    public struct Notification: Sendable {
        public static let announcement = Self()
    }

    @MainActor
    public static func post(notification: Notification, argument: Any?) {}
}

@MainActor
public final class UIPasteboard {
    public static let general = UIPasteboard()
    public var string: String?
}

public enum UIKeyboardType: Sendable {
    case `default`, numberPad
}

public struct UITextContentType: Sendable {
    public static let nickname = Self(), newPassword = Self()
}

public struct UIBackgroundTaskIdentifier: Equatable, Sendable {
    public static let invalid = Self()
}

@MainActor
public final class UIApplication {
    public static let shared = UIApplication()
    public static let openSettingsURLString = ""
    public func beginBackgroundTask(withName name: String?, expirationHandler: (@Sendable () -> Void)?) -> UIBackgroundTaskIdentifier { .invalid }
    public func endBackgroundTask(_ identifier: UIBackgroundTaskIdentifier) {}
}

extension URL {
    public static var applicationSupportDirectory: URL { fatalError() }
    public func startAccessingSecurityScopedResource() -> Bool { false }
    public func stopAccessingSecurityScopedResource() {}
}
