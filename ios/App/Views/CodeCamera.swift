import AVFoundation
import PermessoScreens
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

/// What the camera sees; tells each QR code's text once, and how the camera goes.
struct CodeCamera: UIViewRepresentable {
    let onText: @MainActor (String) -> Void
    let onSight: @MainActor (Scan.Sight) -> Void

    func makeUIView(context: Context) -> CameraPicture {
        let picture = CameraPicture()
        picture.onText = onText
        picture.onSight = onSight
        picture.begin()
        return picture
    }

    func updateUIView(_ picture: CameraPicture, context: Context) {
        picture.onText = onText
        picture.onSight = onSight
        picture.standUpright()
    }

    static func dismantleUIView(_ picture: CameraPicture, coordinator: ()) {
        picture.stop()
    }
}

/// A view whose layer is the camera's picture.
final class CameraPicture: UIView, AVCaptureMetadataOutputObjectsDelegate {
    var onText: (@MainActor (String) -> Void)?
    var onSight: (@MainActor (Scan.Sight) -> Void)?
    private var last: String?
    private var followed: [any NSObjectProtocol] = []
    private let running = RunningSession()
    private var isTold = false
    /// How long the system takes to turn what it shows by half, in nanoseconds: twice the 0.4 s of a quarter, says UIKit's documentation.
    private static let turning: UInt64 = 800_000_000

    override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }

    func begin() {
        guard prepare() else { return tell(.fails) }
        followTurns()
        follow(AVCaptureSession.runtimeErrorNotification) { _ in .fails }
        follow(AVCaptureSession.interruptionEndedNotification) { _ in .shows }
        follow(AVCaptureSession.wasInterruptedNotification) { Self.sight(interrupted: $0) }
        running.start { [weak self] isRunning in self?.tell(isRunning ? .shows : .fails) }
    }

    func stop() {
        followed.forEach { NotificationCenter.default.removeObserver($0) }
        followed = []
        if isTold { UIDevice.current.endGeneratingDeviceOrientationNotifications() }
        isTold = false
        running.stop()
    }

    override func layoutSubviews() {
        super.layoutSubviews()
        standUpright()
    }

    /// After half a turn the view is as large as before, and nothing is laid out anew.
    private func followTurns() {
        UIDevice.current.beginGeneratingDeviceOrientationNotifications()
        isTold = true
        let token = NotificationCenter.default.addObserver(
            forName: UIDevice.orientationDidChangeNotification, object: nil, queue: .main
        ) { [weak self] _ in
            Task { @MainActor in
                self?.standUpright()
                // The device is told before what it shows has turned.
                try? await Task.sleep(nanoseconds: Self.turning)
                self?.standUpright()
            }
        }
        followed.append(token)
    }

    /// The picture stands upright however the device is held.
    func standUpright() {
        guard let connection = (layer as? AVCaptureVideoPreviewLayer)?.connection, connection.isVideoOrientationSupported,
            let held = window?.windowScene?.interfaceOrientation,
            let orientation = AVCaptureVideoOrientation(rawValue: held.rawValue)
        else { return }
        connection.videoOrientation = orientation
    }

    private func prepare() -> Bool {
        guard let device = AVCaptureDevice.default(for: .video), let input = try? AVCaptureDeviceInput(device: device) else { return false }
        let output = AVCaptureMetadataOutput()
        let session = running.session
        guard session.canAddInput(input), session.canAddOutput(output) else { return false }
        session.addInput(input)
        session.addOutput(output)
        guard output.availableMetadataObjectTypes.contains(.qr) else { return false }
        output.setMetadataObjectsDelegate(self, queue: .main)
        output.metadataObjectTypes = [.qr]
        if let preview = layer as? AVCaptureVideoPreviewLayer {
            preview.session = session
            preview.videoGravity = .resizeAspectFill
        }
        return true
    }

    private func follow(_ name: Notification.Name, _ sight: @escaping @Sendable (Notification) -> Scan.Sight?) {
        let token = NotificationCenter.default.addObserver(forName: name, object: running.session, queue: .main) { [weak self] told in
            guard let now = sight(told) else { return }
            MainActor.assumeIsolated { self?.tell(now) }
        }
        followed.append(token)
    }

    /// In the background the system takes the camera away, and gives it back by itself.
    private nonisolated static func sight(interrupted told: Notification) -> Scan.Sight? {
        let number = told.userInfo?[AVCaptureSessionInterruptionReasonKey] as? Int
        switch number.flatMap({ AVCaptureSession.InterruptionReason(rawValue: $0) }) {
        case .videoDeviceNotAvailableInBackground: return nil
        case .videoDeviceInUseByAnotherClient, .videoDeviceNotAvailableWithMultipleForegroundApps: return .taken
        default: return .fails
        }
    }

    /// Not at once: a view that is being made must not change what is shown.
    private func tell(_ sight: Scan.Sight) {
        DispatchQueue.main.async { [weak self] in
            MainActor.assumeIsolated { self?.onSight?(sight) }
        }
    }

    /// Called on the main queue, as was asked for; with nothing, once a code has left the picture.
    nonisolated func metadataOutput(
        _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject], from connection: AVCaptureConnection
    ) {
        let texts = objects.compactMap { ($0 as? AVMetadataMachineReadableCodeObject)?.stringValue }
        MainActor.assumeIsolated {
            if texts.isEmpty { last = nil }
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

    /// Tells whether it runs. One that another app keeps from it tells that itself.
    func start(_ onStarted: @escaping @MainActor @Sendable (Bool) -> Void) {
        queue.async {
            self.session.startRunning()
            let isRunning = self.session.isRunning
            guard !self.session.isInterrupted else { return }
            DispatchQueue.main.async { MainActor.assumeIsolated { onStarted(isRunning) } }
        }
    }

    func stop() {
        queue.async { self.session.stopRunning() }
    }
}
