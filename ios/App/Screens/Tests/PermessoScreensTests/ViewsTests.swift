import Foundation
import XCTest

/// What the sources of the views show; a view can be made by Apple's systems alone.
final class ViewsTests: XCTestCase {
    func test_each_view_says_once_at_most_that_nothing_can_be_stored() throws {
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../Views").standardized
        var screens = 0
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let source = try String(contentsOf: file, encoding: .utf8)
            for view in source.components(separatedBy: "struct ").dropFirst() {
                let banners = view.components(separatedBy: ".troubles(of:").count - 1
                XCTAssertLessThanOrEqual(banners, 1, "\(file.lastPathComponent): \(view.prefix { $0 != ":" })")
                screens += banners
            }
        }
        XCTAssertGreaterThan(screens, 10)
    }
}
