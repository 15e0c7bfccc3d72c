import CoreImage
import PermessoKit
import PermessoScreens
import SwiftUI

/// The code that one friend scans.
struct MyCodeView: View {
    @StateObject private var model: MyCode
    @Environment(\.words) private var words

    init(host: any PermessoHost) {
        _model = StateObject(wrappedValue: MyCode(host))
    }

    var body: some View {
        ScrollView {
            VStack(spacing: 16) {
                if let uri = model.state.uri {
                    CodePicture(text: uri).accessibilityLabel(words.codeOf(name: model.state.alias))
                    Text(model.state.isNew ? words.codeNew : words.codeExplained)
                    NavigationLink(words.scanTitle, value: Screen.scan(nil)).buttonStyle(.borderedProminent)
                    ShareLink(words.share, item: uri).buttonStyle(.bordered)
                    Button(words.copy) { UIPasteboard.general.string = uri }.buttonStyle(.bordered)
                    Button(words.renewCode) { Task { await model.renew() } }.buttonStyle(.bordered)
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

    var body: some View {
        if let image {
            Image(uiImage: image)
                .interpolation(.none)
                .resizable()
                .scaledToFit()
                .padding(16)
                .background(.white)
                .frame(maxWidth: 360)
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

/// Takes in somebody's code.
struct ScanView: View {
    let app: AppModel
    @StateObject private var model: Scan
    @State private var text = ""
    @State private var permission = CameraPermission.now
    @Environment(\.words) private var words
    @Environment(\.openURL) private var openURL

    init(app: AppModel, host: any PermessoHost, code: String?) {
        self.app = app
        _model = StateObject(wrappedValue: Scan(host, code: code))
    }

    var body: some View {
        Form {
            Section {
                camera
            } footer: {
                Text(words.scanExplained)
            }
            if let fault = model.state.fault { Section { Text(said(fault)).foregroundStyle(.red) } }
            Section {
                TextField(words.scanWrite, text: $text, axis: .vertical)
                    .textInputAutocapitalization(.never)
                    .autocorrectionDisabled()
                Button(words.goOn) { model.look(at: text) }.disabled(text.isEmpty || model.state.isTaking)
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
        }
    }

    @ViewBuilder
    private var camera: some View {
        switch permission {
        case .given:
            CodeCamera { model.look(at: $0) }
                .frame(height: 280)
                .listRowInsets(EdgeInsets())
                .accessibilityLabel(words.scanExplained)
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
            Button(words.openSettings) { if let url = URL(string: UIApplication.openSettingsURLString) { openURL(url) } }
        case .none:
            EmptyView()
        }
    }
}
