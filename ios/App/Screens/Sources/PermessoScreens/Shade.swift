/// A colour that says something, by light and in the dark. The system's own green, red, orange and grey are too pale to read on
/// white; a test computes the contrast of these.
public struct Shade: Sendable, Equatable {
    /// Red, green and blue of sRGB, as 0xRRGGBB.
    public let light: UInt32
    public let dark: UInt32

    /// Somebody is here, or is who they say.
    public static let good = Shade(light: 0x1A6B33, dark: 0x6FDD8B)
    /// Something failed, or cannot be taken back.
    public static let bad = Shade(light: 0xA8161A, dark: 0xFFB3AD)
    /// A name may deceive.
    public static let warning = Shade(light: 0x7A4A00, dark: 0xFFBA5C)
    /// What is said beside.
    public static let quiet = Shade(light: 0x55555A, dark: 0xB4B4BA)
    /// The accent, as the catalogue of assets has it: what can be touched.
    public static let accent = Shade(light: 0x00595C, dark: 0x7FD4D8)
    /// Below white letters: the accent of the dark is too light for them.
    public static let filled = Shade(light: 0x00595C, dark: 0x00797D)

    static let all: [String: Shade] = ["good": good, "bad": bad, "warning": warning, "quiet": quiet, "accent": accent]
}
