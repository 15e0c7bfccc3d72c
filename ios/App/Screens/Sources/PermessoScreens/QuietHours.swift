import Foundation

/// The hours in which notifications make no sound, written as `22:00-07:00`; they may go over midnight. The Kotlin side has the
/// same in its `Quiet.kt`.
public struct QuietHours: Sendable, Equatable {
    /// The name of the preference that holds them.
    public static let preference = "quiet_hours"

    /// In minutes of the day.
    private let from: Int
    private let to: Int

    /// Nil if those are not two times.
    public init?(_ text: String) {
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
        guard times.count == 2, let from = times[0], let to = times[1] else { return nil }
        (self.from, self.to) = (from, to)
    }

    /// Whether that moment is one of them.
    public func contain(_ moment: Date, in calendar: Calendar = .current) -> Bool {
        let time = calendar.component(.hour, from: moment) * 60 + calendar.component(.minute, from: moment)
        return from <= to ? time >= from && time < to : time >= from || time < to
    }

    private static func minutes(_ time: Substring) -> Int? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isASCII) && $0.allSatisfy(\.isNumber) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }
}
