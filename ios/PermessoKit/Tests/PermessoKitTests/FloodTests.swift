#if os(Linux)
    // The library for Apple's systems has no rehearsals.
    import PermessoGenerated
    import XCTest

    @testable import PermessoKit

    final class FloodTests: XCTestCase {
        func test_of_two_hundred_thousand_events_each_is_seen_or_told_to_be_missed_by_fast_and_slow_readers() async throws {
            let count: UInt64 = 200_000
            let hubs = [EventHub(rehearseEvents(count: count)), EventHub(rehearseEvents(count: count))]
            let streams = hubs.map { $0.events() }
            let totals = try await withThrowingTaskGroup(of: (seen: UInt64, missed: UInt64).self) { group in
                for (index, stream) in streams.enumerated() {
                    group.addTask {
                        var (seen, missed): (UInt64, UInt64) = (0, 0)
                        for await event in stream {
                            if case .notice(notice: .missed(let lost)) = event {
                                missed += lost
                            } else {
                                seen += 1
                            }
                            if index == 1, seen.isMultiple(of: 4_000) {
                                try await Task.sleep(nanoseconds: 20_000_000)
                            }
                        }
                        return (seen, missed)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            withExtendedLifetime(hubs) {}
            XCTAssertTrue(totals.contains { $0.missed > 0 }, "the slow one was not slow")
            for (seen, missed) in totals {
                // What the last notice itself pushed out is the only thing that nobody tells of.
                XCTAssertTrue((count - 1...count).contains(seen + missed), "\(seen) and \(missed)")
            }
        }
    }
#endif
