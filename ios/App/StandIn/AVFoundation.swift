import Foundation
import SwiftUI

public enum AVMediaType: Sendable {
    case video
}

public enum AVAuthorizationStatus: Sendable {
    case notDetermined, restricted, denied, authorized
}

open class AVCaptureInput {}
open class AVCaptureOutput {
    public init() {}
}
public final class AVCaptureConnection {
    public var isVideoOrientationSupported: Bool { false }
    public var videoOrientation = AVCaptureVideoOrientation.portrait
}

public enum AVCaptureVideoOrientation: Int, Sendable {
    case portrait = 1
}

public final class AVCaptureDevice {
    public class func `default`(for type: AVMediaType) -> AVCaptureDevice? { nil }
    public class func authorizationStatus(for type: AVMediaType) -> AVAuthorizationStatus { .denied }
    public class func requestAccess(for type: AVMediaType) async -> Bool { false }
}

public final class AVCaptureDeviceInput: AVCaptureInput {
    public init(device: AVCaptureDevice) throws {}
}

public let AVCaptureSessionInterruptionReasonKey = ""

public final class AVCaptureSession {
    public enum InterruptionReason: Int, Sendable {
        case videoDeviceNotAvailableInBackground = 1, videoDeviceInUseByAnotherClient = 3
        case videoDeviceNotAvailableWithMultipleForegroundApps = 4
    }

    public static let runtimeErrorNotification = Notification.Name("")
    public static let wasInterruptedNotification = Notification.Name("")
    public static let interruptionEndedNotification = Notification.Name("")
    public init() {}
    public var isRunning: Bool { false }
    public var isInterrupted: Bool { false }
    public func canAddInput(_ input: AVCaptureInput) -> Bool { false }
    public func canAddOutput(_ output: AVCaptureOutput) -> Bool { false }
    public func addInput(_ input: AVCaptureInput) {}
    public func addOutput(_ output: AVCaptureOutput) {}
    public func startRunning() {}
    public func stopRunning() {}
}

open class AVMetadataObject {
    public enum ObjectType: Sendable { case qr }
}

public final class AVMetadataMachineReadableCodeObject: AVMetadataObject {
    public var stringValue: String? { nil }
}

public protocol AVCaptureMetadataOutputObjectsDelegate: AnyObject {
    func metadataOutput(
        _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject], from connection: AVCaptureConnection)
}

public final class AVCaptureMetadataOutput: AVCaptureOutput {
    public override init() {}
    public func setMetadataObjectsDelegate(_ delegate: (any AVCaptureMetadataOutputObjectsDelegate)?, queue: DispatchQueue?) {}
    public var metadataObjectTypes: [AVMetadataObject.ObjectType] = []
    public var availableMetadataObjectTypes: [AVMetadataObject.ObjectType] { [] }
}

public enum AVLayerVideoGravity: Sendable {
    case resizeAspectFill
}

public final class AVCaptureVideoPreviewLayer: CALayer {
    public var session: AVCaptureSession?
    public var videoGravity = AVLayerVideoGravity.resizeAspectFill
    public var connection: AVCaptureConnection? { nil }
}
