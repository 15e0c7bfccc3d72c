import Foundation

/// The moments of a device: its clock, time zone and habits.
public struct Moments: Sendable {
    public let calendar: Calendar
    private let locale: Locale
    private let now: Date

    /// As things are now.
    public init(now: Date = Date(), calendar: Calendar = .current, locale: Locale = .current) {
        self.now = now
        self.calendar = calendar
        self.locale = locale
    }

    /// The time of a day.
    public func time(_ moment: Date) -> String { written(moment, date: .none, time: .short) }

    /// A day by its name.
    public func day(_ day: Date, _ words: Words) -> String {
        if calendar.isDate(day, inSameDayAs: now) { return words.today }
        if let yesterday = calendar.date(byAdding: .day, value: -1, to: now), calendar.isDate(day, inSameDayAs: yesterday) {
            return words.yesterday
        }
        return written(day, date: .full, time: .none)
    }

    /// The time of today, else the day.
    public func brief(_ moment: Date) -> String {
        calendar.isDate(moment, inSameDayAs: now) ? time(moment) : written(moment, date: .short, time: .none)
    }

    /// Day and time.
    public func full(_ moment: Date) -> String { written(moment, date: .short, time: .short) }

    private func written(_ moment: Date, date: DateFormatter.Style, time: DateFormatter.Style) -> String {
        let formatter = DateFormatter()
        formatter.calendar = calendar
        formatter.timeZone = calendar.timeZone
        formatter.locale = locale
        formatter.dateStyle = date
        formatter.timeStyle = time
        return formatter.string(from: moment)
    }
}
