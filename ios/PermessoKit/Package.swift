// swift-tools-version: 6.0
import PackageDescription

// `cargo xtask swift` makes what stands in Generated: the generated Swift, and the library with its header.
#if os(Linux)
let library: Target = .systemLibrary(name: "PermessoFFI", path: "Generated/linux")
let linking: [LinkerSetting] = [
    .unsafeFlags([
        "-L", "\(Context.packageDirectory)/Generated/linux",
        "-Xlinker", "-rpath", "-Xlinker", "\(Context.packageDirectory)/Generated/linux",
    ])
]
#else
let library: Target = .binaryTarget(name: "PermessoFFI", path: "Generated/PermessoFFI.xcframework")
let linking: [LinkerSetting] = []
#endif

let package = Package(
    name: "PermessoKit",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "PermessoKit", targets: ["PermessoKit"]),
        .library(name: "PermessoKitTesting", targets: ["PermessoKitTesting"]),
    ],
    targets: [
        library,
        .target(
            name: "PermessoGenerated",
            dependencies: ["PermessoFFI"],
            path: "Generated/PermessoGenerated",
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: linking
        ),
        .target(
            name: "PermessoKit",
            dependencies: ["PermessoGenerated"],
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .target(name: "PermessoKitTesting", dependencies: ["PermessoKit"]),
        .testTarget(name: "PermessoKitTests", dependencies: ["PermessoKit", "PermessoKitTesting"]),
        .testTarget(name: "ReadmeTests", dependencies: ["PermessoKit"]),
    ]
)
