// What the views use of SwiftUI and UIKit, by its shape alone: so that a machine without them can hold the views' own code to its
// types. Nothing here runs. Where Apple's documentation says otherwise, it is right and this is wrong.

@_exported import Combine
@_exported import Foundation

@MainActor @preconcurrency
public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}

extension Never: View {
    public var body: Never { return fatalError() }
}

public protocol Shown: View where Body == Never {}

extension Shown {
    public var body: Never { return fatalError() }
}

public struct AnyView: Shown {
    public init(_ view: some View) {}
}

@resultBuilder
public enum ViewBuilder {
    public static func buildExpression(_ view: some View) -> AnyView { fatalError() }
    public static func buildBlock(_ views: AnyView...) -> AnyView { fatalError() }
    public static func buildOptional(_ view: AnyView?) -> AnyView { fatalError() }
    public static func buildEither(first: AnyView) -> AnyView { first }
    public static func buildEither(second: AnyView) -> AnyView { second }
}

public typealias Content_ = () -> AnyView

// MARK: Life

@MainActor @preconcurrency
public protocol App {
    associatedtype Body: Scene
    @SceneBuilder var body: Body { get }
    init()
}

extension App {
    public static func main() {}
}

@MainActor @preconcurrency
public protocol Scene {}

@resultBuilder
public enum SceneBuilder {
    public static func buildBlock<Content: Scene>(_ scene: Content) -> Content { scene }
}

public struct WindowGroup: Scene {
    public init(@ViewBuilder content: Content_) {}
}

extension Scene {
    public func onChange<Value: Equatable>(of value: Value, perform action: @escaping (Value) -> Void) -> some Scene { self }
}

public enum ScenePhase: Comparable, Sendable {
    case background, inactive, active
}

public enum UserInterfaceSizeClass: Sendable {
    case compact, regular
}

public enum DynamicTypeSize: Hashable, Comparable, CaseIterable, Sendable {
    case xSmall, small, medium, large, xLarge, xxLarge, xxxLarge
    case accessibility1, accessibility2, accessibility3, accessibility4, accessibility5
    public var isAccessibilitySize: Bool { fatalError() }
}

public enum ColorScheme: Sendable {
    case light, dark
}

// MARK: State

@propertyWrapper
public struct State<Value> {
    public init(wrappedValue: Value) {}
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Value> { fatalError() }
}

@propertyWrapper
public struct Binding<Value> {
    public init(get: @escaping @isolated(any) @Sendable () -> Value, set: @escaping @isolated(any) @Sendable (Value) -> Void) {}
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Value> { self }
}

@MainActor @propertyWrapper
public struct StateObject<Object: ObservableObject> {
    public nonisolated init(wrappedValue: @autoclosure @escaping () -> Object) {}
    public var wrappedValue: Object { fatalError() }
}

@MainActor @propertyWrapper
public struct UIApplicationDelegateAdaptor<Delegate: NSObject & UIApplicationDelegate> {
    public init(_ type: Delegate.Type = Delegate.self) {}
    public var wrappedValue: Delegate { fatalError() }
}

@MainActor @propertyWrapper
public struct ObservedObject<Object: ObservableObject> {
    public init(wrappedValue: Object) { self.wrappedValue = wrappedValue }
    public var wrappedValue: Object
}

@MainActor @propertyWrapper
public struct EnvironmentObject<Object: ObservableObject> {
    public init() {}
    public var wrappedValue: Object { fatalError() }
}

@propertyWrapper
public struct Environment<Value> {
    public init(_ path: KeyPath<EnvironmentValues, Value>) {}
    public var wrappedValue: Value { fatalError() }
}

@MainActor @propertyWrapper
public struct FocusState {
    public init() {}
    public var wrappedValue: Bool {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Bool> { fatalError() }
}

@propertyWrapper
public struct ScaledMetric<Value: BinaryFloatingPoint> {
    public init(wrappedValue: Value, relativeTo style: Font.TextStyle) {}
    public var wrappedValue: Value { fatalError() }
}

public protocol Stored {}
extension Bool: Stored {}
extension String: Stored {}

@propertyWrapper
public struct AppStorage<Value: Stored> {
    public init(wrappedValue: Value, _ name: String) {}
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Value> { fatalError() }
}

public typealias SceneStorage = AppStorage

public struct EnvironmentValues {
    public subscript<Key: EnvironmentKey>(key: Key.Type) -> Key.Value {
        get { fatalError() }
        set {}
    }
    public var scenePhase: ScenePhase { fatalError() }
    public var horizontalSizeClass: UserInterfaceSizeClass? { fatalError() }
    public var accessibilityReduceMotion: Bool { fatalError() }
    public var dynamicTypeSize: DynamicTypeSize { fatalError() }
    public var openURL: OpenURLAction { fatalError() }
    public var dismiss: DismissAction { fatalError() }
}

public protocol EnvironmentKey {
    associatedtype Value
    static var defaultValue: Value { get }
}

@MainActor
public struct OpenURLAction {
    public func callAsFunction(_ url: URL) {}
}

@MainActor
public struct DismissAction {
    public func callAsFunction() {}
}

public protocol Transferable {}
extension Data: Transferable {}

// MARK: Styles

public protocol ShapeStyle: Sendable {}

public struct Color: ShapeStyle, Shown {
    public init(uiColor color: UIColor) {}
    public func opacity(_ opacity: Double) -> Color { self }
    public static let clear = Color(uiColor: .init())
    public static let white = Color(uiColor: .init())
    public static let primary = Color(uiColor: .init())
    public static let accentColor = Color(uiColor: .init())
}

public struct Hierarchical: ShapeStyle {}
public struct Tint: ShapeStyle {}
public struct Material: ShapeStyle {}

extension ShapeStyle where Self == Color {
    public static var white: Color { Color.white }
}

extension ShapeStyle where Self == Hierarchical {
    public static var primary: Hierarchical { .init() }
}

extension ShapeStyle where Self == Tint {
    public static var tint: Tint { .init() }
}

extension ShapeStyle where Self == Material {
    public static var thinMaterial: Material { .init() }
    public static var bar: Material { .init() }
}

public protocol Shape: Sendable {}

extension Shape {
    @MainActor
    public func stroke(_ style: some ShapeStyle, lineWidth: CGFloat = 1) -> some View { EmptyView() }
}

public struct Capsule: Shape {
    public init() {}
}
public struct Rectangle: Shape {
    public init() {}
}
public struct RoundedRectangle: Shape {
    public init(cornerRadius: CGFloat) {}
}

public struct Font: Sendable {
    public static let body = Font(), headline = Font(), footnote = Font(), caption = Font(), title = Font()
    public enum TextStyle: Sendable { case body }
    public func bold() -> Font { self }
    public func monospaced() -> Font { self }
    public func monospacedDigit() -> Font { self }
}

public struct Animation: Sendable {
    public static let `default` = Animation()
}

@MainActor
public func withAnimation<Result>(_ animation: Animation?, _ body: () throws -> Result) rethrows -> Result { try body() }

public struct EdgeInsets: Sendable {
    public init() {}
}

public enum HorizontalAlignment: Sendable {
    case leading, center, trailing
}

public enum VerticalAlignment: Sendable {
    case top, center, bottom, firstTextBaseline
}

public enum Alignment: Sendable {
    case leading, center, trailing
}

public enum VerticalEdge: Sendable {
    case top, bottom
}

public enum Axis: Sendable {
    case horizontal, vertical
}

public enum Edge: Sendable {
    public struct Set: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public static let horizontal = Set(rawValue: 1), vertical = Set(rawValue: 2), all = Set(rawValue: 3)
    }
}

public struct UnitPoint: Sendable {
    public static let top = UnitPoint(), center = UnitPoint(), bottom = UnitPoint()
}

public enum TextAlignment: Sendable {
    case leading, center
}

public struct ButtonRole: Sendable {
    public static let destructive = ButtonRole(), cancel = ButtonRole()
}

public struct ToolbarItemPlacement: Sendable {
    public static let primaryAction = Self(), principal = Self(), cancellationAction = Self(), confirmationAction = Self()
}

public struct PresentationDetent: Hashable, Sendable {
    public static let medium = Self(), large = Self()
}

public struct AccessibilityTraits: Sendable {
    public static let isHeader = Self()
}

public enum AccessibilityChildren: Sendable {
    case combine, contain
}

public struct KeyEquivalent: Sendable {
    public static let `return` = Self()
}

public struct EventModifiers: Sendable {
    public static let command = Self()
}

public struct SubmitLabel: Sendable {
    public static let go = Self(), search = Self()
}

public struct SearchFieldPlacement: Sendable {
    public enum Mode: Sendable { case always }
    public static func navigationBarDrawer(displayMode: Mode) -> Self { .init() }
}

public struct GridItem: Sendable {
    public enum Size: Sendable { case adaptive(minimum: CGFloat) }
    public init(_ size: Size) {}
}

public enum Visibility: Sendable {
    case automatic, visible, hidden
}

public struct ListStyle: Sendable {
    public static let plain = Self()
}

public struct ButtonStyle: Sendable {
    public static let plain = Self(), bordered = Self(), borderedProminent = Self(), borderless = Self()
}

public enum ControlSize: Sendable {
    case mini, small, regular, large
}

public struct LabelStyle: Sendable {
    public static let titleAndIcon = Self()
}

public struct TextFieldStyle: Sendable {
    public static let roundedBorder = Self()
}

public struct TextInputAutocapitalization: Sendable {
    public static let never = Self()
}

public struct NavigationSplitViewVisibility: Equatable, Hashable, Codable, Sendable {
    public static var automatic: Self { .init() }
    public static var all: Self { .init() }
    public static var doubleColumn: Self { .init() }
    public static var detailOnly: Self { .init() }
}

@MainActor @preconcurrency
public protocol NavigationSplitViewStyle {}

public struct BalancedNavigationSplitViewStyle: NavigationSplitViewStyle {}

extension NavigationSplitViewStyle where Self == BalancedNavigationSplitViewStyle {
    public static var balanced: Self { .init() }
}

public enum TitleDisplayMode: Sendable {
    case inline
}

public protocol Selectability {}
public struct EnabledSelectability: Selectability {}
extension Selectability where Self == EnabledSelectability {
    public static var enabled: Self { .init() }
}
