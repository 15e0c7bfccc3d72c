#if os(Linux)
    import Foundation
    import PermessoKit
    import XCTest

    /// A disk that becomes full: a small file system of its own, which only root can mount.
    final class FullDiskTests: XCTestCase {
        func test_lists_that_are_watched_wait_while_the_disk_is_full_and_go_on_by_themselves_when_there_is_room() async throws {
            let world = World()
            let disk = try SmallDisk(at: world.folder.appendingPathComponent("Ada"))
            defer { disk.unmount() }
            let (ada, grace) = (try await world.start("Ada", 1), try await world.start("Grace", 2))
            try await befriend(ada, grace)
            let graceId = grace.id
            let watch = { @Sendable in
                [
                    Task { [friends = ada.friends] in
                        _ = try await first(of: friends) { list in list.contains { $0.name == "Gr." } }
                    },
                    Task { [conversation = ada.conversation(with: graceId)] in
                        _ = try await first(of: conversation) { list in list.contains { $0.text == "room" } }
                    },
                ]
            }
            let before = watch()
            try await Task.sleep(nanoseconds: 200_000_000)
            // Closing a database that has failed moves its log, which makes a little room: it is taken too.
            repeat {
                try disk.fill()
                _ = try await fails { _ = try await ada.send(String(repeating: "x", count: 1_000), to: graceId) }
            } while try await !failsForAWhile { _ = try await ada.settings() }
            let meanwhile = watch()
            try await Task.sleep(nanoseconds: 200_000_000)
            try disk.empty()
            try await until { try await !self.fails { try await ada.setLocalAlias("Gr.", of: graceId) } }
            try await until { try await !self.fails { try await ada.send("room", to: graceId) } }
            for watching in before + meanwhile { try await watching.value }
            try await ada.stop()
            try await grace.stop()
        }

        private func failsForAWhile(_ action: () async throws -> Void) async throws -> Bool {
            for _ in 0..<8 {
                try await Task.sleep(nanoseconds: 40_000_000)
                if try await !fails(action) { return false }
            }
            return true
        }

        private func fails(_ action: () async throws -> Void) async throws -> Bool {
            do {
                try await action()
                return false
            } catch PermessoError.StorageUnavailable {
                return true
            }
        }
    }

    /// A small file system in memory; skips the test where this user may not mount.
    private struct SmallDisk {
        private let folder: URL
        private var ballast: URL { folder.appendingPathComponent("ballast") }

        init(at folder: URL) throws {
            self.folder = folder
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // Room for a new database with its log and some hundred messages.
            let isMounted = mount("permesso-test", folder.path, "tmpfs", 0, "size=1536k") == 0
            try XCTSkipUnless(isMounted, "no small file system can be mounted here: \(String(cString: strerror(errno)))")
        }

        /// Takes all the room that is left.
        func fill() throws {
            if !FileManager.default.fileExists(atPath: ballast.path) {
                try Data().write(to: ballast)
            }
            let file = try FileHandle(forWritingTo: ballast)
            defer { try? file.close() }
            try file.seekToEnd()
            var size = 1 << 20
            while size >= 512 {
                do { try file.write(contentsOf: Data(count: size)) } catch { size /= 2 }
            }
        }

        func empty() throws {
            try FileManager.default.removeItem(at: ballast)
        }

        func unmount() {
            umount2(folder.path, Int32(MNT_DETACH))
        }
    }
#endif
