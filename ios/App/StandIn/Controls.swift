import Foundation
import UniformTypeIdentifiers

public struct Text: Shown {
    public init(_ text: some StringProtocol) {}
    public init(verbatim text: String) {}
    public func font(_ font: Font) -> Text { self }
    public func bold() -> Text { self }
}

public struct Image: Shown {
    public enum Interpolation: Sendable { case none }
    public init(systemName: String) {}
    public init(uiImage: UIImage) {}
    public func interpolation(_ interpolation: Interpolation) -> Image { self }
    public func resizable() -> Image { self }
}

public struct Label: Shown {
    public init(_ title: some StringProtocol, systemImage: String) {}
    public init(@ViewBuilder title: Content_, @ViewBuilder icon: Content_) {}
}

public struct Button: Shown {
    public init(_ title: some StringProtocol, role: ButtonRole? = nil, action: @escaping @MainActor () -> Void) {}
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: Content_) {}
}

public struct Toggle: Shown {
    public init(_ title: some StringProtocol, isOn: Binding<Bool>) {}
}

public struct TextField: Shown {
    public init(_ title: some StringProtocol, text: Binding<String>) {}
    public init(_ title: some StringProtocol, text: Binding<String>, axis: Axis) {}
}

public struct SecureField: Shown {
    public init(_ title: some StringProtocol, text: Binding<String>) {}
}

public struct Picker: Shown {
    public init<Choice: Hashable>(_ title: some StringProtocol, selection: Binding<Choice>, @ViewBuilder content: Content_) {}
}

public struct ProgressView: Shown {
    public init() {}
    public init(_ title: some StringProtocol) {}
    public init<Value: BinaryFloatingPoint>(_ title: some StringProtocol, value: Value?, total: Value) {}
}

public struct LabeledContent: Shown {
    public init(_ title: some StringProtocol, value: some StringProtocol) {}
}

public struct ShareLink: Shown {
    public init(_ title: some StringProtocol, item: String) {}
}

public struct PasteButton: Shown {
    public init<Payload>(payloadType: Payload.Type, onPaste: @escaping @Sendable ([Payload]) -> Void) {}
}

public struct NavigationLink: Shown {
    public init(_ title: some StringProtocol, value: (some Hashable)?) {}
    public init(value: (some Hashable)?, @ViewBuilder label: Content_) {}
    public init(_ title: some StringProtocol, @ViewBuilder destination: Content_) {}
}

public struct NavigationStack: Shown {
    public init(@ViewBuilder root: Content_) {}
    public init<Data: MutableCollection & RandomAccessCollection & RangeReplaceableCollection>(
        path: Binding<Data>, @ViewBuilder root: Content_
    ) where Data.Element: Hashable {}
}

public struct NavigationSplitView: Shown {
    public init(
        columnVisibility: Binding<NavigationSplitViewVisibility>, @ViewBuilder sidebar: Content_, @ViewBuilder detail: Content_
    ) {}
}

public struct DisclosureGroup: Shown {
    public init(_ title: some StringProtocol, isExpanded: Binding<Bool>, @ViewBuilder content: Content_) {}
}

public struct Spacer: Shown {
    public init() {}
}

public struct EmptyView: Shown {
    public init() {}
}

public struct Group: Shown {
    public init(@ViewBuilder content: Content_) {}
}

public struct Form: Shown {
    public init(@ViewBuilder content: Content_) {}
}

public struct ScrollView: Shown {
    public init(@ViewBuilder content: Content_) {}
}

public struct List: Shown {
    public init(@ViewBuilder content: Content_) {}
    public init<Data: RandomAccessCollection, ID: Hashable>(
        _ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder rowContent: @escaping (Data.Element) -> AnyView
    ) {}
}

public struct ForEach: Shown {
    public init<Data: RandomAccessCollection, ID: Hashable>(
        _ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> AnyView
    ) {}
    public init<Data: RandomAccessCollection>(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> AnyView)
    where Data.Element: Identifiable {}
}

public struct Section: Shown {
    public init(@ViewBuilder content: Content_) {}
    public init(_ title: some StringProtocol, @ViewBuilder content: Content_) {}
    public init(@ViewBuilder content: Content_, @ViewBuilder header: Content_) {}
    public init(@ViewBuilder content: Content_, @ViewBuilder footer: Content_) {}
    public init(@ViewBuilder content: Content_, @ViewBuilder header: Content_, @ViewBuilder footer: Content_) {}
}

public struct HStack: Shown {
    public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: Content_) {}
}

public struct VStack: Shown {
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: Content_) {}
}

public struct LazyVGrid: Shown {
    public init(columns: [GridItem], @ViewBuilder content: Content_) {}
}

public struct ScrollViewReader: Shown {
    public init(@ViewBuilder content: (ScrollViewProxy) -> AnyView) {}
}

@MainActor
public struct ScrollViewProxy {
    public func scrollTo(_ id: some Hashable, anchor: UnitPoint? = nil) {}
}

public struct ToolbarItem: Shown {
    public init(placement: ToolbarItemPlacement, @ViewBuilder content: Content_) {}
}

public struct ToolbarItemGroup: Shown {
    public init(placement: ToolbarItemPlacement, @ViewBuilder content: Content_) {}
}

@MainActor @preconcurrency
public protocol ViewModifier {
    associatedtype Body: View
    typealias Content = AnyView
    @ViewBuilder func body(content: Content) -> Body
}

@MainActor @preconcurrency
public protocol UIViewRepresentable: Shown {
    associatedtype UIViewType: UIView
    typealias Context = Void
    func makeUIView(context: Context) -> UIViewType
    func updateUIView(_ view: UIViewType, context: Context)
    static func dismantleUIView(_ view: UIViewType, coordinator: Void)
}

@MainActor @preconcurrency
public protocol UIViewControllerRepresentable: Shown {
    associatedtype UIViewControllerType: UIViewController
    typealias Context = Void
    func makeUIViewController(context: Context) -> UIViewControllerType
    func updateUIViewController(_ controller: UIViewControllerType, context: Context)
}

@MainActor @preconcurrency
public protocol PreviewProvider {
    associatedtype Previews: View
    @ViewBuilder static var previews: Previews { get }
}

// MARK: Modifiers

extension View {
    public func modifier(_ modifier: some ViewModifier) -> AnyView { AnyView(self) }
    public func environment<Value>(_ path: WritableKeyPath<EnvironmentValues, Value>, _ value: Value) -> AnyView { AnyView(self) }
    public func environmentObject(_ object: some ObservableObject) -> AnyView { AnyView(self) }
    public func task(_ action: @escaping @MainActor @Sendable () async -> Void) -> AnyView { AnyView(self) }
    public func task(id: some Equatable, _ action: @escaping @MainActor @Sendable () async -> Void) -> AnyView { AnyView(self) }
    public func onAppear(perform: (() -> Void)?) -> AnyView { AnyView(self) }
    public func onDisappear(perform: (() -> Void)?) -> AnyView { AnyView(self) }
    public func onOpenURL(perform: @escaping (URL) -> Void) -> AnyView { AnyView(self) }
    public func onChange<Value: Equatable>(of value: Value, perform: @escaping (Value) -> Void) -> AnyView { AnyView(self) }
    public func onSubmit(_ action: @escaping () -> Void) -> AnyView { AnyView(self) }
    public func previewDisplayName(_ name: String?) -> AnyView { AnyView(self) }
    public func id(_ id: some Hashable) -> AnyView { AnyView(self) }
    public func tag(_ tag: some Hashable) -> AnyView { AnyView(self) }
    public func badge(_ count: Int) -> AnyView { AnyView(self) }

    public func preferredColorScheme(_ scheme: ColorScheme?) -> AnyView { AnyView(self) }
    public func font(_ font: Font?) -> AnyView { AnyView(self) }
    public func foregroundStyle(_ style: some ShapeStyle) -> AnyView { AnyView(self) }
    public func tint(_ color: Color?) -> AnyView { AnyView(self) }
    public func background(_ style: some ShapeStyle) -> AnyView { AnyView(self) }
    public func background(_ style: some ShapeStyle, in shape: some Shape) -> AnyView { AnyView(self) }
    public func clipShape(_ shape: some Shape) -> AnyView { AnyView(self) }
    public func contentShape(_ shape: some Shape) -> AnyView { AnyView(self) }
    public func padding() -> AnyView { AnyView(self) }
    public func padding(_ length: CGFloat) -> AnyView { AnyView(self) }
    public func padding(_ edges: Edge.Set, _ length: CGFloat? = nil) -> AnyView { AnyView(self) }
    public func frame(height: CGFloat) -> AnyView { AnyView(self) }
    public func frame(
        minWidth: CGFloat? = nil, maxWidth: CGFloat? = nil, minHeight: CGFloat? = nil, alignment: Alignment = .center
    ) -> AnyView { AnyView(self) }
    public func scaledToFit() -> AnyView { AnyView(self) }
    public func lineLimit(_ most: Int?) -> AnyView { AnyView(self) }
    public func lineLimit(_ lines: ClosedRange<Int>) -> AnyView { AnyView(self) }
    public func multilineTextAlignment(_ alignment: TextAlignment) -> AnyView { AnyView(self) }
    public func textSelection(_ selectability: some Selectability) -> AnyView { AnyView(self) }
    public func overlay(@ViewBuilder content: Content_) -> AnyView { AnyView(self) }
    public func safeAreaInset(edge: VerticalEdge, @ViewBuilder content: Content_) -> AnyView { AnyView(self) }
    public func listStyle(_ style: ListStyle) -> AnyView { AnyView(self) }
    public func buttonStyle(_ style: ButtonStyle) -> AnyView { AnyView(self) }
    public func controlSize(_ size: ControlSize) -> AnyView { AnyView(self) }
    public func labelStyle(_ style: LabelStyle) -> AnyView { AnyView(self) }
    public func textFieldStyle(_ style: TextFieldStyle) -> AnyView { AnyView(self) }
    public func listRowSeparator(_ visibility: Visibility) -> AnyView { AnyView(self) }
    public func listRowBackground(_ view: (some View)?) -> AnyView { AnyView(self) }
    public func listRowInsets(_ insets: EdgeInsets?) -> AnyView { AnyView(self) }

    public func disabled(_ disabled: Bool) -> AnyView { AnyView(self) }
    public func focused(_ binding: Binding<Bool>) -> AnyView { AnyView(self) }
    public func keyboardShortcut(_ key: KeyEquivalent, modifiers: EventModifiers) -> AnyView { AnyView(self) }
    public func keyboardType(_ type: UIKeyboardType) -> AnyView { AnyView(self) }
    public func textContentType(_ type: UITextContentType?) -> AnyView { AnyView(self) }
    public func textInputAutocapitalization(_ kind: TextInputAutocapitalization?) -> AnyView { AnyView(self) }
    public func autocorrectionDisabled() -> AnyView { AnyView(self) }
    public func submitLabel(_ label: SubmitLabel) -> AnyView { AnyView(self) }

    public func accessibilityLabel(_ label: some StringProtocol) -> AnyView { AnyView(self) }
    public func accessibilityHint(_ hint: some StringProtocol) -> AnyView { AnyView(self) }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> AnyView { AnyView(self) }
    public func accessibilityElement(children: AccessibilityChildren) -> AnyView { AnyView(self) }

    public func navigationSplitViewStyle(_ style: some NavigationSplitViewStyle) -> AnyView { AnyView(self) }
    public func navigationTitle(_ title: some StringProtocol) -> AnyView { AnyView(self) }
    public func navigationBarTitleDisplayMode(_ mode: TitleDisplayMode) -> AnyView { AnyView(self) }
    public func navigationDestination<Value: Hashable>(
        for data: Value.Type, @ViewBuilder destination: @escaping (Value) -> AnyView
    ) -> AnyView { AnyView(self) }
    public func toolbar(@ViewBuilder content: Content_) -> AnyView { AnyView(self) }
    public func searchable(text: Binding<String>, placement: SearchFieldPlacement, prompt: some StringProtocol) -> AnyView {
        AnyView(self)
    }
    public func sheet(isPresented: Binding<Bool>, @ViewBuilder content: @escaping Content_) -> AnyView { AnyView(self) }
    public func interactiveDismissDisabled(_ isDisabled: Bool = true) -> AnyView { AnyView(self) }
    public func presentationDetents(_ detents: Set<PresentationDetent>) -> AnyView { AnyView(self) }
    public func alert(
        _ title: some StringProtocol, isPresented: Binding<Bool>, @ViewBuilder actions: Content_, @ViewBuilder message: Content_
    ) -> AnyView { AnyView(self) }
    public func alert<Value>(
        _ title: some StringProtocol, isPresented: Binding<Bool>, presenting: Value?, @ViewBuilder actions: (Value) -> AnyView,
        @ViewBuilder message: (Value) -> AnyView
    ) -> AnyView { AnyView(self) }
    public func fileImporter(
        isPresented: Binding<Bool>, allowedContentTypes: [UTType], onCompletion: @escaping (Result<URL, any Error>) -> Void
    ) -> AnyView { AnyView(self) }
}
