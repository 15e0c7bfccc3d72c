// swift-tools-version: 6.0
import PackageDescription

// What the screens show and do, without a view: it is compiled and tested on Linux too. `cargo xtask strings` writes
// Sources/PermessoScreens/Generated, `cargo xtask swift` what PermessoKit needs.
let package = Package(
    name: "PermessoScreens",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "PermessoScreens", targets: ["PermessoScreens"])],
    dependencies: [.package(path: "../../PermessoKit")],
    targets: [
        .target(name: "PermessoScreens", dependencies: ["PermessoKit"]),
        .testTarget(
            name: "PermessoScreensTests",
            dependencies: [
                "PermessoScreens",
                .product(name: "PermessoKit", package: "PermessoKit"),
                .product(name: "PermessoKitTesting", package: "PermessoKit"),
            ]
        ),
    ]
)
