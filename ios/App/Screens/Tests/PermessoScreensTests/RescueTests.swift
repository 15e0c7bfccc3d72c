import Foundation
import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

/// What is read of damaged data, and the files that are made of it.
@MainActor
final class RescueTests: XCTestCase, @unchecked Sendable {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rescue-\(UUID().uuidString)")
    private let opener = FakeOpener(isThere: true)

    override func tearDown() async throws {
        try? FileManager.default.removeItem(at: folder)
    }

    private var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }

    private nonisolated static let key = String(repeating: "ab", count: 32)
    private nonisolated static let grace = Contact(
        id: sampleId(1), key: key, name: "Grace; from, work", alias: "Gráce", localAlias: nil, state: .friend, verified: true, blocked: false)

    private nonisolated static func message(_ text: String, mine: Bool, name: String?) -> RescuedMessage {
        RescuedMessage(
            id: "1", conversation: 3, host: nil, name: name, mine: mine, text: text, localTime: sampleNow, sendTime: sampleNow,
            state: .delivered, failReason: nil)
    }

    func test_damaged_data_is_said_can_be_rescued_and_is_in_two_files_until_they_are_handed_on() async throws {
        opener.trouble = .Damaged(reason: "its header was changed")
        opener.rescuing = { onFound in
            _ = try onFound([Self.grace], [Self.message("uno\ndue", mine: false, name: "Grace")])
            _ = try onFound([], [Self.message("tre", mine: true, name: nil)])
            return RescueReport(friends: 1, messages: 2, unreadable: 0, tornTables: 1)
        }
        let app = AppModel(opener, drafts: Drafts(), exports: folder)
        await app.open()
        guard case .stuck(let trouble) = app.state.phase, trouble.canBeRescued else { return XCTFail("\(app.state.phase)") }
        await app.rescue.begin()
        XCTAssertNil(app.rescue.state.trouble)
        XCTAssertFalse(app.rescue.state.isRunning)
        XCTAssertEqual(app.rescue.state.report?.messages, 2)
        XCTAssertEqual(app.rescue.state.report?.tornTables, 1)
        try await eventually { app.rescue.state.found == 3 }
        let texts = try app.rescue.state.files.map { try String(contentsOf: $0, encoding: .utf8) }
        XCTAssertEqual(
            texts.first,
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Grace\\; from\\, work\r\nIMPP:permesso:\(Self.key)?alias=Gr%C3%A1ce\r\nEND:VCARD\r\n")
        let lines = try XCTUnwrap(texts.last).split(separator: "\n").map { $0.replacingOccurrences(of: #"^[-0-9]{10} [:0-9]{5}"#, with: "", options: .regularExpression) }
        XCTAssertEqual(lines, ["  Grace: uno", "    due", "  → #3: tre"])
        // Trying again in vain leaves the files where they are.
        await app.open()
        XCTAssertEqual(files.count, 2)
        app.rescue.handedOn()
        XCTAssertEqual(files, [])
        XCTAssertEqual(app.rescue.state.files, [])
        XCTAssertEqual(app.rescue.state.report?.messages, 2, "it is said what was in them")
        await app.rescue.begin()
        XCTAssertEqual(files.count, 2)
        app.rescue.remove()
        XCTAssertEqual(files, [])
        XCTAssertNil(app.rescue.state.report)
    }

    func test_what_was_rescued_is_not_kept_once_the_data_opens() async throws {
        opener.trouble = .Damaged(reason: "its header was changed")
        opener.rescuing = { onFound in
            _ = try onFound([Self.grace], [])
            return RescueReport(friends: 1, messages: 0, unreadable: 0, tornTables: 0)
        }
        let app = AppModel(opener, drafts: Drafts(), exports: folder)
        await app.open()
        await app.rescue.begin()
        XCTAssertEqual(files.count, 2)
        opener.trouble = nil
        await app.open()
        XCTAssertEqual(app.state.phase, .live)
        XCTAssertEqual(files, [])
        XCTAssertNil(app.rescue.state.report)
    }

    func test_of_what_cannot_be_read_at_all_that_is_told_and_no_file_is_left() async throws {
        let rescue = Rescue(opener, folder: folder)
        await rescue.begin()
        XCTAssertEqual(rescue.state.trouble, .Damaged(reason: "its first page is gone"))
        XCTAssertNil(rescue.state.report)
        XCTAssertEqual(files, [])
        opener.rescuing = { _ in RescueReport(friends: 0, messages: 0, unreadable: 0, tornTables: 0) }
        await rescue.begin()
        XCTAssertNil(rescue.state.trouble)
        XCTAssertEqual(rescue.state.report?.messages, 0)
    }

    func test_a_rescue_that_is_ended_leaves_nothing_and_is_no_trouble() async throws {
        let rescue = Rescue(opener, folder: folder)
        opener.rescuing = { onFound in
            await rescue.cancel()
            guard try onFound([Self.grace], []) else { throw PermessoError.Cancelled(reason: "it was ended") }
            return RescueReport(friends: 1, messages: 0, unreadable: 0, tornTables: 0)
        }
        await rescue.begin()
        XCTAssertNil(rescue.state.trouble)
        XCTAssertNil(rescue.state.report)
        XCTAssertEqual(files, [])
    }

    func test_where_the_files_cannot_be_written_that_is_what_is_told() async throws {
        let rescue = Rescue(opener, folder: URL(fileURLWithPath: "/dev/null/rescue"))
        await rescue.begin()
        guard case .StorageUnavailable? = rescue.state.trouble else { return XCTFail("\(String(describing: rescue.state.trouble))") }
    }

    #if os(Linux)
        func test_a_disk_that_is_full_in_the_middle_is_told_although_the_library_speaks_of_an_end() async throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("permesso-messages.txt")
            try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/dev/full")
            opener.rescuing = { onFound in
                let goesOn = (try? onFound([], [Self.message("uno", mine: false, name: "Grace")])) ?? false
                if !goesOn { throw PermessoError.Cancelled(reason: "it was ended") }
                return RescueReport(friends: 0, messages: 1, unreadable: 0, tornTables: 0)
            }
            let rescue = Rescue(opener, folder: folder)
            await rescue.begin()
            guard case .StorageUnavailable? = rescue.state.trouble else { return XCTFail("\(rescue.state)") }
            XCTAssertEqual(files, [])
        }
    #endif

    func test_that_nothing_can_be_read_is_said_only_where_that_is_so() async throws {
        let words = Words(try CatalogueWords("en"))
        XCTAssertEqual(words.rescueFailed(.Damaged(reason: "")), words.rescuedNothing)
        XCTAssertEqual(words.rescueFailed(.StorageUnavailable(reason: "")), words.trouble(.StorageUnavailable(reason: "")))
        XCTAssertNotEqual(words.rescueFailed(.StorageUnavailable(reason: "")), words.rescuedNothing)
    }

    func test_only_damaged_data_is_offered_to_be_rescued() async {
        XCTAssertTrue(PermessoError.Damaged(reason: "").canBeRescued)
        for trouble: PermessoError in [.KeyUnavailable(reason: ""), .StorageUnavailable(reason: ""), .TooNew(reason: "")] {
            XCTAssertFalse(trouble.canBeRescued, "\(trouble)")
        }
    }
}
