import Foundation
import PermessoGenerated

/// One upstream of events for every reader of them. A reader that is too slow misses some, is told so, and holds nobody up.
final class EventHub: @unchecked Sendable {
    /// Events taken in one call: a call with 64 costs each of them a fortieth of one alone.
    private static let batch: UInt32 = 64

    /// As many as the core keeps for a reader.
    static let behindMax = 4_096

    private struct Reader {
        let take: @Sendable ([Event]) -> Void
        let wake: @Sendable () -> Void
        let end: @Sendable () -> Void
    }

    private let upstream: EventReader
    /// Guards everything below.
    private let lock = NSLock()
    private var readers: [UUID: Reader] = [:]
    private var begun = false
    private var ended = false

    init(_ upstream: EventReader) {
        self.upstream = upstream
    }

    deinit {
        readers.values.forEach { $0.end() }
    }

    /// Everything from now on, until the host has stopped; the first reader also gets what happened before.
    func events() -> AsyncStream<Event> {
        AsyncStream(bufferingPolicy: .bufferingNewest(Self.behindMax)) { continuation in
            let missed = Missed()
            subscribe(continuation, wake: {}) { batch in
                for event in batch {
                    missed.note(continuation.yield(event))
                }
                // Takes a place itself, so that one more may be missed; that is told with the next.
                let count = missed.take()
                if count > 0 {
                    missed.note(continuation.yield(.notice(notice: .missed(count: count))))
                }
            }
        }
    }

    /// A sign whenever something happened that is wanted; many at once are one.
    func signs(of wanted: @escaping @Sendable (Event) -> Bool) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            subscribe(continuation, wake: { continuation.yield() }) { batch in
                if batch.contains(where: wanted) {
                    continuation.yield()
                }
            }
        }
    }

    /// Gives a sign to all who wait for one.
    func wake() {
        let all = lock.withLock { Array(readers.values) }
        all.forEach { $0.wake() }
    }

    private func subscribe<Element>(
        _ continuation: AsyncStream<Element>.Continuation, wake: @escaping @Sendable () -> Void,
        take: @escaping @Sendable ([Event]) -> Void
    ) {
        let key = UUID()
        continuation.onTermination = { [weak self] _ in
            self?.forget(key)
        }
        let isOver = lock.withLock {
            if !ended {
                readers[key] = Reader(take: take, wake: wake, end: { continuation.finish() })
            }
            return ended
        }
        if isOver {
            continuation.finish()
        } else {
            begin()
        }
    }

    private func forget(_ key: UUID) {
        _ = lock.withLock { readers.removeValue(forKey: key) }
    }

    /// With the first reader, which so gets what happened since the host was opened.
    private func begin() {
        let isFirst = lock.withLock {
            defer { begun = true }
            return !begun
        }
        guard isFirst else { return }
        // It keeps the upstream alone: a host nothing refers to ends, and with it this.
        Task { [weak self, upstream] in
            while let batch = try? await upstream.nextEvents(max: Self.batch), !batch.isEmpty {
                self?.offer(batch)
            }
            self?.end()
        }
    }

    private func offer(_ batch: [Event]) {
        let all = lock.withLock { Array(readers.values) }
        all.forEach { $0.take(batch) }
    }

    private func end() {
        let all = lock.withLock {
            ended = true
            return Array(readers.values)
        }
        all.forEach { $0.end() }
    }
}

/// How many events a reader has lost and was not told of. Used by one task alone, the upstream's.
private final class Missed: @unchecked Sendable {
    private var count: UInt64 = 0

    func note(_ result: AsyncStream<Event>.Continuation.YieldResult) {
        guard case .dropped(let lost) = result else { return }
        if case .notice(notice: .missed(let earlier)) = lost {
            count += earlier
        } else {
            count += 1
        }
    }

    func take() -> UInt64 {
        defer { count = 0 }
        return count
    }
}
