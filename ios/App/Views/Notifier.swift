import PermessoScreens
import UserNotifications

/// Notifications while the app runs. They say who, not what: they stay in the notification centre, where others may look.
@MainActor
final class Notifier: NSObject, NotificationSystem, UNUserNotificationCenterDelegate {
    /// Where a tap leads.
    var onOpen: ((Screen) -> Void)?

    private let words = Words(BundleWords())

    override init() {
        super.init()
        UNUserNotificationCenter.current().delegate = self
    }

    func permission() async -> Notifications.Permission {
        switch await UNUserNotificationCenter.current().notificationSettings().authorizationStatus {
        case .notDetermined: .unasked
        case .denied: .refused
        default: .given
        }
    }

    func ask() async {
        _ = try? await UNUserNotificationCenter.current().requestAuthorization(options: [.alert, .sound])
    }

    func show(_ news: News) async {
        let content = UNMutableNotificationContent()
        content.title = news.name
        content.body = news.kind == .message ? words.iosNewMessage : words.stateAsksYou
        let quiet = QuietHours(UserDefaults.standard.string(forKey: QuietHours.preference) ?? "")
        content.sound = quiet?.contain(Date()) == true ? nil : .default
        content.threadIdentifier = news.host
        content.userInfo = news.note
        // One a person: the next takes the place of the one before.
        try? await UNUserNotificationCenter.current().add(UNNotificationRequest(identifier: news.host, content: content, trigger: nil))
    }

    func remove(_ host: String) {
        UNUserNotificationCenter.current().removePendingNotificationRequests(withIdentifiers: [host])
        UNUserNotificationCenter.current().removeDeliveredNotifications(withIdentifiers: [host])
    }

    func removeAll() {
        UNUserNotificationCenter.current().removeAllPendingNotificationRequests()
        UNUserNotificationCenter.current().removeAllDeliveredNotifications()
    }

    nonisolated func userNotificationCenter(
        _ center: UNUserNotificationCenter, willPresent notification: UNNotification,
        withCompletionHandler completionHandler: @escaping @Sendable (UNNotificationPresentationOptions) -> Void
    ) {
        completionHandler([.banner, .list, .sound])
    }

    /// The system wants its answer on the main thread: the form of this that is `async` gives it on any.
    nonisolated func userNotificationCenter(
        _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse,
        withCompletionHandler completionHandler: @escaping @Sendable () -> Void
    ) {
        let screen = News.screen(noted: response.notification.request.content.userInfo)
        DispatchQueue.main.async {
            MainActor.assumeIsolated {
                if let screen { self.onOpen?(screen) }
            }
            completionHandler()
        }
    }
}
