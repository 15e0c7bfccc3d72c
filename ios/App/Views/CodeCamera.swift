import AVFoundation
import SwiftUI

/// Whether the camera may be used.
enum CameraPermission {
    case given, unasked, refused
    /// There is no camera.
    case none

    static var now: CameraPermission {
        guard AVCaptureDevice.default(for: .video) != nil else { return .none }
        switch AVCaptureDevice.authorizationStatus(for: .video) {
        case .authorized: return .given
        case .notDetermined: return .unasked
        default: return .refused
        }
    }

    static func ask() async {
        _ = await AVCaptureDevice.requestAccess(for: .video)
    }
}

/// What the camera sees; tells each QR code's text once.
struct CodeCamera: UIViewRepresentable {
    let onText: @MainActor (String) -> Void

    func makeUIView(context: Context) -> CameraPicture {
        let picture = CameraPicture()
        picture.onText = onText
        return picture
    }

    func updateUIView(_ picture: CameraPicture, context: Context) {
        picture.onText = onText
    }

    static func dismantleUIView(_ picture: CameraPicture, coordinator: ()) {
        picture.stop()
    }
}

/// A view whose layer is the camera's picture.
final class CameraPicture: UIView, AVCaptureMetadataOutputObjectsDelegate {
    var onText: (@MainActor (String) -> Void)?
    private var last: String?
    private let running = RunningSession()

    override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }

    override init(frame: CGRect) {
        super.init(frame: frame)
        guard let device = AVCaptureDevice.default(for: .video), let input = try? AVCaptureDeviceInput(device: device) else { return }
        let output = AVCaptureMetadataOutput()
        let session = running.session
        guard session.canAddInput(input), session.canAddOutput(output) else { return }
        session.addInput(input)
        session.addOutput(output)
        output.setMetadataObjectsDelegate(self, queue: .main)
        output.metadataObjectTypes = [.qr]
        if let preview = layer as? AVCaptureVideoPreviewLayer {
            preview.session = session
            preview.videoGravity = .resizeAspectFill
        }
        running.start()
    }

    @available(*, unavailable)
    required init?(coder: NSCoder) {
        fatalError("made in code alone")
    }

    func stop() {
        running.stop()
    }

    /// Called on the main queue, as was asked for.
    nonisolated func metadataOutput(
        _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject], from connection: AVCaptureConnection
    ) {
        let texts = objects.compactMap { ($0 as? AVMetadataMachineReadableCodeObject)?.stringValue }
        MainActor.assumeIsolated {
            for text in texts where text != last {
                last = text
                onText?(text)
            }
        }
    }
}

/// Starts and stops a session off the main thread, which both would hold up.
private final class RunningSession: @unchecked Sendable {
    let session = AVCaptureSession()
    private let queue = DispatchQueue(label: "org.permesso.camera")

    func start() {
        queue.async { self.session.startRunning() }
    }

    func stop() {
        queue.async { self.session.stopRunning() }
    }
}
