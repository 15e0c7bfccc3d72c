import Foundation
import SwiftUI

public final class CIImage {
    public var extent: CGRect { fatalError() }
}

public final class CIFilter {
    public init?(name: String, parameters: [String: Any]?) {}
    public var outputImage: CIImage? { nil }
}

public final class CIContext {
    public init() {}
    public func createCGImage(_ image: CIImage, from rectangle: CGRect) -> CGImage? { nil }
}
