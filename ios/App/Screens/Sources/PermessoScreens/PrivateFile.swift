import Foundation

/// A file of this app that nobody reads while the device is locked, and that no backup takes along.
struct PrivateFile: Sendable {
    private let file: URL

    /// At that place; its folder is made when something is written, and left out of backups as a whole.
    init(_ file: URL) {
        self.file = file
    }

    /// What was written last, if it can be read now.
    func read() -> Data? {
        try? Data(contentsOf: file)
    }

    /// Writes it whole or, where nothing can be written now, leaves what was there. Whether it is written.
    @discardableResult
    func write(_ data: Data) -> Bool {
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        folder.keepOutOfBackups()
        return (try? data.write(to: file, options: .unreadableWhenLocked)) != nil
    }

    func remove() {
        try? FileManager.default.removeItem(at: file)
    }
}

extension Data.WritingOptions {
    /// Whole or not at all, and nobody reads it while the device is locked, where the system knows of that.
    static var unreadableWhenLocked: Data.WritingOptions {
        #if canImport(Darwin)
            [.atomic, .completeFileProtection]
        #else
            .atomic
        #endif
    }

    /// Nobody reads it while the device is locked; who has it open goes on writing.
    static var unlessOpen: Data.WritingOptions {
        #if canImport(Darwin)
            .completeFileProtectionUnlessOpen
        #else
            []
        #endif
    }
}

extension URL {
    /// Leaves a folder, with all that is in it, out of the system's backups.
    func keepOutOfBackups() {
        #if canImport(Darwin)
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            var folder = self
            try? folder.setResourceValues(values)
        #endif
    }
}
