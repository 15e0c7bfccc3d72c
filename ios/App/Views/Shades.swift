import PermessoScreens
import SwiftUI

extension Color {
    /// As light or dark as everything else on the screen.
    init(_ shade: Shade) {
        self.init(uiColor: UIColor { UIColor(hex: $0.userInterfaceStyle == .dark ? shade.dark : shade.light) })
    }
}

extension UIColor {
    fileprivate convenience init(hex: UInt32) {
        let part = { (shift: UInt32) in CGFloat(hex >> shift & 0xFF) / 255 }
        self.init(red: part(16), green: part(8), blue: part(0), alpha: 1)
    }
}

extension ShapeStyle where Self == Color {
    static var good: Color { Color(Shade.good) }
    static var bad: Color { Color(Shade.bad) }
    static var warning: Color { Color(Shade.warning) }
    static var quiet: Color { Color(Shade.quiet) }
    static var filled: Color { Color(Shade.filled) }
}

extension View {
    /// What one most likely wants to do: white on colour.
    func prominent() -> some View {
        buttonStyle(.borderedProminent).tint(Color(Shade.filled)).controlSize(.large)
    }

    /// What else one may do. The system's usual size is less than the 44 points that a finger needs.
    func bordered() -> some View {
        buttonStyle(.bordered).controlSize(.large)
    }
}
