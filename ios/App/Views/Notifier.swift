import PermessoScreens
import UserNotifications

/// Notifications while the app runs. They say who, not what: they stay in the notification centre, where others may look.
@MainActor
final class Notifier: NSObject, UNUserNotificationCenterDelegate {
    /// Where a tap leads.
    var onOpen: ((Screen) -> Void)?

    private let words = Words(BundleWords())

    override init() {
        super.init()
        UNUserNotificationCenter.current().delegate = self
    }

    /// The first one asks the user whether they are welcome.
    func show(_ news: News) async {
        let center = UNUserNotificationCenter.current()
        guard (try? await center.requestAuthorization(options: [.alert, .sound])) == true else { return }
        let content = UNMutableNotificationContent()
        content.title = news.name
        content.body = news.kind == .message ? words.iosNewMessage : words.stateAsksYou
        let quiet = QuietHours(UserDefaults.standard.string(forKey: QuietHours.preference) ?? "")
        content.sound = quiet?.contain(Date()) == true ? nil : .default
        content.threadIdentifier = news.host
        content.userInfo = news.note
        // One a person: the next takes the place of the one before.
        try? await center.add(UNNotificationRequest(identifier: news.host, content: content, trigger: nil))
    }

    /// Takes back the one about somebody.
    func remove(_ host: String) {
        UNUserNotificationCenter.current().removeDeliveredNotifications(withIdentifiers: [host])
    }

    nonisolated func userNotificationCenter(
        _ center: UNUserNotificationCenter, willPresent notification: UNNotification
    ) async -> UNNotificationPresentationOptions {
        [.banner, .list, .sound]
    }

    nonisolated func userNotificationCenter(_ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse) async {
        guard let screen = News.screen(noted: response.notification.request.content.userInfo) else { return }
        await MainActor.run { onOpen?(screen) }
    }
}
