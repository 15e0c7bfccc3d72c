@_exported import SwiftUI

public struct PHPickerFilter: Sendable {
    public static let images = Self()
}

public struct PhotosPickerItem: Hashable, Sendable {
    public func loadTransferable<Value: Transferable>(type: Value.Type) async throws -> Value? { nil }
}

public struct PhotosPicker: Shown {
    public init(_ title: some StringProtocol, selection: Binding<PhotosPickerItem?>, matching filter: PHPickerFilter? = nil) {}
}
