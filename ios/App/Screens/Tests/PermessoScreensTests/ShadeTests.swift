import Foundation
import XCTest

@testable import PermessoScreens

/// What is written in a colour can be read: WCAG 2.1, level AA.
final class ShadeTests: XCTestCase {
    /// What may lie below letters: pages, lists, raised sheets, and what is touched, as Apple's systems draw them.
    private let light: [UInt32] = [0xFFFFFF, 0xF2F2F7]
    private let dark: [UInt32] = [0x000000, 0x1C1C1E, 0x2C2C2E]

    private func luminance(_ colour: UInt32) -> Double {
        let parts = [16, 8, 0].map { (shift: UInt32) in Double(colour >> shift & 0xFF) / 255 }
        let linear = parts.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    private func contrast(_ one: UInt32, _ other: UInt32) -> Double {
        let (least, most) = (min(luminance(one), luminance(other)), max(luminance(one), luminance(other)))
        return (most + 0.05) / (least + 0.05)
    }

    func test_the_measure_is_that_of_the_guidelines() {
        XCTAssertEqual(contrast(0x000000, 0xFFFFFF), 21, accuracy: 0.001)
        XCTAssertEqual(contrast(0x767676, 0xFFFFFF), 4.54, accuracy: 0.01)
        // Apple's green on white.
        XCTAssertEqual(contrast(0x34C759, 0xFFFFFF), 2.2, accuracy: 0.1)
    }

    func test_what_is_written_in_a_colour_can_be_read_by_light_and_in_the_dark() {
        for (name, shade) in Shade.all {
            for below in light { XCTAssertGreaterThanOrEqual(contrast(shade.light, below), 4.5, name) }
            for below in dark { XCTAssertGreaterThanOrEqual(contrast(shade.dark, below), 4.5, name) }
        }
    }

    func test_white_letters_stand_on_what_is_filled_and_it_stands_out() {
        for (shade, around) in [(Shade.filled.light, light), (Shade.filled.dark, [0x000000, 0x1C1C1E])] {
            XCTAssertGreaterThanOrEqual(contrast(0xFFFFFF, shade), 4.5)
            for below in around { XCTAssertGreaterThanOrEqual(contrast(shade, below), 3) }
        }
    }

    func test_the_accent_is_that_of_the_catalogue() throws {
        struct Catalogue: Decodable {
            struct Entry: Decodable {
                struct Colour: Decodable { let components: [String: String] }
                let color: Colour
            }
            let colors: [Entry]
        }
        let file = URL(fileURLWithPath: #filePath + "/../../../../Assets.xcassets/AccentColor.colorset/Contents.json").standardized
        let entries = try JSONDecoder().decode(Catalogue.self, from: Data(contentsOf: file)).colors
        let colours = entries.map { entry in
            ["red", "green", "blue"].reduce(UInt32(0)) { whole, part in
                whole << 8 | (UInt32(entry.color.components[part]?.dropFirst(2) ?? "", radix: 16) ?? 0)
            }
        }
        XCTAssertEqual(colours, [Shade.accent.light, Shade.accent.dark])
    }
}
