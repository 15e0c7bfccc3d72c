import Foundation
import SwiftUI

public final class CIImage {
    public init?(data: Data) {}
    public var extent: CGRect { fatalError() }
}

public let CIDetectorTypeQRCode = ""
public let CIDetectorAccuracy = ""
public let CIDetectorAccuracyHigh = ""

open class CIFeature {}

public final class CIQRCodeFeature: CIFeature {
    public var messageString: String? { nil }
}

public final class CIDetector {
    public init?(ofType type: String, context: CIContext?, options: [String: Any]?) {}
    public func features(in image: CIImage) -> [CIFeature] { [] }
}

public final class CIFilter {
    public init?(name: String, parameters: [String: Any]?) {}
    public var outputImage: CIImage? { nil }
}

public final class CIContext {
    public init() {}
    public func createCGImage(_ image: CIImage, from rectangle: CGRect) -> CGImage? { nil }
}
