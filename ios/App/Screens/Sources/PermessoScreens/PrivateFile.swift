import Foundation

/// A file of this app that nobody reads while the device is locked, and that no backup takes along. The system may begin the app while
/// it is locked all the same: so the file is read when that is needed first, and nothing is written over what could not be read.
@MainActor
final class PrivateFile {
    private let file: URL
    private let protection: Data.WritingOptions

    /// Whether it is known what stands there: it was read, or there was nothing.
    private(set) var isRead = false

    /// At that place; its folder is made when something is written, and left out of backups as a whole.
    init(_ file: URL, _ protection: Data.WritingOptions = .unreadableWhenLocked) {
        self.file = file
        self.protection = protection
    }

    /// What an earlier process wrote last; nil if that is nothing, or was read before. Throws where it cannot be read now.
    func read() throws -> Data? {
        guard !isRead else { return nil }
        do {
            let data = try Data(contentsOf: file)
            isRead = true
            return data
        } catch let error as CocoaError where error.isAbsence {
            isRead = true
            return nil
        }
    }

    /// Writes it whole or, where nothing can be written now or what is there is not known, leaves what was there. Whether it is written.
    @discardableResult
    func write(_ data: Data) -> Bool {
        guard isRead else { return false }
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        folder.keepOutOfBackups()
        return (try? data.write(to: file, options: protection)) != nil
    }

    /// Nothing of it is wanted any more, read or not.
    func remove() {
        try? FileManager.default.removeItem(at: file)
        isRead = true
    }
}

extension CocoaError {
    /// Whether there is no such file, nor a folder that it could be in.
    fileprivate var isAbsence: Bool { code == .fileReadNoSuchFile || (underlying as? POSIXError)?.code == .ENOTDIR }
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

    /// Whole or not at all, and nobody reads or writes it before the device was unlocked once since it was switched on.
    static var unreadableBeforeUnlocking: Data.WritingOptions {
        #if canImport(Darwin)
            [.atomic, .completeFileProtectionUntilFirstUserAuthentication]
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
