import CoreImage
import PermessoKit
import PermessoScreens
import PhotosUI
import SwiftUI

/// The code that one friend scans.
struct MyCodeView: View {
    @StateObject private var model: MyCode
    @Environment(\.words) private var words

    init(model: @autoclosure @escaping @MainActor () -> MyCode) {
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        ScrollView {
            VStack(spacing: 16) {
                if let uri = model.state.uri {
                    CodePicture(text: uri, label: words.codeOf(name: model.state.alias))
                    Text(model.state.isNew ? words.codeNew : words.codeExplained)
                    NavigationLink(words.scanTitle, value: Screen.scan(nil)).prominent()
                    ShareLink(words.share, item: uri).bordered()
                    Button(words.copy) { UIPasteboard.general.string = uri }.bordered()
                    Button(words.renewCode) { Task { await model.renew() } }.bordered()
                    Text(words.codeAsText).font(.headline)
                    Text(uri).font(.footnote.monospaced()).textSelection(.enabled)
                }
            }
            .padding()
            .frame(maxWidth: .infinity)
        }
        .navigationTitle(words.codeTitle)
        .troubles(of: model)
        .task { await model.load() }
    }
}

/// A text as a QR code, dark on light also at night: cameras want it so.
struct CodePicture: View {
    let text: String
    let label: String

    var body: some View {
        if let image {
            Image(uiImage: image)
                .interpolation(.none)
                .resizable()
                .scaledToFit()
                .padding(16)
                .background(.white)
                .frame(maxWidth: 360)
                .accessibilityLabel(label)
        }
    }

    private var image: UIImage? {
        let filter = CIFilter(
            name: "CIQRCodeGenerator", parameters: ["inputMessage": Data(text.utf8), "inputCorrectionLevel": "M"])
        guard let output = filter?.outputImage, let picture = CIContext().createCGImage(output, from: output.extent)
        else { return nil }
        return UIImage(cgImage: picture)
    }
}

/// The codes in a picture of the photo library. The system shows its own chooser, so no permission is needed.
enum CodeInPicture {
    static func texts(of chosen: PhotosPickerItem) async -> [String] {
        guard let data = try? await chosen.loadTransferable(type: Data.self) else { return [] }
        return texts(in: data)
    }

    private static func texts(in data: Data) -> [String] {
        let options = [CIDetectorAccuracy: CIDetectorAccuracyHigh]
        guard let image = CIImage(data: data), let detector = CIDetector(ofType: CIDetectorTypeQRCode, context: nil, options: options)
        else { return [] }
        return detector.features(in: image).compactMap { ($0 as? CIQRCodeFeature)?.messageString }
    }
}

/// Takes in somebody's code.
struct ScanView: View {
    let app: AppModel
    @StateObject private var model: Scan
    @State private var picture: PhotosPickerItem?
    @State private var permission = CameraPermission.now
    /// The camera is another one for each time that it is tried.
    @State private var attempt = 0
    @Environment(\.words) private var words

    init(app: AppModel, model: @autoclosure @escaping @MainActor () -> Scan) {
        self.app = app
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        Form {
            Section {
                camera
            } footer: {
                Text(words.scanExplained)
            }
            if let fault = model.state.fault { Section { Text(said(fault)).foregroundStyle(.bad) } }
            Section {
                PhotosPicker(words.choosePicture, selection: $picture, matching: .images).disabled(model.state.isTaking)
                TextField(words.scanWrite, text: Binding(model.state.text) { model.write($0) }, axis: .vertical)
                    .textInputAutocapitalization(.never)
                    .autocorrectionDisabled()
                Button(words.goOn) { model.look(at: model.state.text) }.disabled(model.state.text.isEmpty || model.state.isTaking)
                PasteButton(payloadType: String.self) { pasted in
                    guard let first = pasted.first else { return }
                    Task { @MainActor in model.look(at: first) }
                }
            } footer: {
                Text(words.scanOrDigits)
            }
        }
        .navigationTitle(words.scanTitle)
        .troubles(of: model)
        .onChange(of: picture) { chosen in
            guard let chosen else { return }
            picture = nil
            Task { model.look(inPicture: await CodeInPicture.texts(of: chosen)) }
        }
        .onChange(of: model.state.person) { person in
            if let person { app.replace(.person(person)) }
        }
        .alert(words.scanSeenTitle, isPresented: Binding(model.state.waiting != nil) { if !$0 { model.dismiss() } }, presenting: model.state.waiting) {
            code in
            Button(words.scanAccept) { Task { await model.accept(code) } }
            Button(words.cancel, role: .cancel) {}
        } message: { _ in
            if let alias = model.state.claimedAlias { Text(words.scanSeenNamed(alias: alias)) } else { Text(words.scanSeen) }
        }
    }

    private func said(_ fault: Scan.Fault) -> String {
        switch fault {
        case .foreign(let beginning): words.codeForeign(text: beginning)
        case .cutOff: words.codeCutOff
        case .own: words.codeOwn
        case .notInPicture: words.codeNotInPicture
        }
    }

    @ViewBuilder
    private var camera: some View {
        switch permission {
        case .given:
            finder
        case .unasked:
            Text(words.cameraWhy)
            Button(words.useCamera) {
                Task {
                    await CameraPermission.ask()
                    permission = .now
                }
            }
        case .refused:
            Text(words.cameraRefused)
            SettingsButton()
        case .none:
            EmptyView()
        }
    }

    /// What the camera sees; until it does, and where it does not, what is the matter. It stays below what is said: when that has
    /// passed, it says so itself.
    @ViewBuilder
    private var finder: some View {
        CodeCamera { model.see($0) } onSight: { model.camera($0) }
            .id(attempt)
            .frame(height: 280)
            .overlay { if model.state.sight == .opens { ProgressView(words.cameraOpens).padding().background(.thinMaterial) } }
            .listRowInsets(EdgeInsets())
            .accessibilityLabel(words.scanExplained)
        switch model.state.sight {
        case .opens, .shows: EmptyView()
        case .taken: failure(words.cameraTaken)
        case .fails: failure(words.cameraFails)
        }
    }

    @ViewBuilder
    private func failure(_ why: String) -> some View {
        Text(why).foregroundStyle(.bad)
        Button(words.again) {
            model.camera(.opens)
            attempt += 1
        }
    }
}
