import XCTest

@testable import PermessoKit

@MainActor
final class BackgroundMomentTests: XCTestCase, @unchecked Sendable {
    func test_a_moment_in_the_background_ends_once_whoever_ends_it() async {
        var taken: (@MainActor () -> Void)?
        var ended: [Int] = []
        let first = BackgroundMoment(ask: { give in taken = give; return 1 }, giveBack: { ended.append($0) })
        XCTAssertEqual(ended, [])
        taken?()
        XCTAssertEqual(ended, [1])
        first.end()
        XCTAssertEqual(ended, [1])
        let second = BackgroundMoment(ask: { give in taken = give; return 2 }, giveBack: { ended.append($0) })
        second.end()
        taken?()
        XCTAssertEqual(ended, [1, 2])
    }

    func test_where_the_system_gives_no_moment_nothing_is_given_back() async {
        var ended: [Int] = []
        let moment = BackgroundMoment<Int>(ask: { _ in nil }, giveBack: { ended.append($0) })
        moment.end()
        XCTAssertEqual(ended, [])
    }
}
