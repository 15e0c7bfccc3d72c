import PermessoKit
import PermessoKitTesting
import XCTest

@testable import PermessoScreens

@MainActor
final class PeopleTests: XCTestCase, @unchecked Sendable {
    func test_somebody_nearby_asks_is_accepted_and_writes() async throws {
        let pair = try await Pair()
        let people = People(pair.ada)
        try await shown(people.run) {
            try await eventually("a stranger") { people.state.strangers.map(\.id) == [pair.grace.id] }
            try await pair.grace.askFriendship(pair.ada.id, greeting: "Ciao!")
            try await eventually("an ask") { people.state.asks.first?.greeting == "Ciao!" && people.state.strangers.isEmpty }
            await people.accept(pair.grace.id)
            try await eventually("a friend") { people.state.talks.map(\.name) == ["Grace"] && people.state.asks.isEmpty }
            try await pair.grace.send("sono qui", to: pair.ada.id)
            try await eventually("the last message") { people.state.last[pair.grace.id]?.text == "sono qui" }
            try await eventually("unread") { people.state.talks.first?.unread == 1 }
        }
        XCTAssertNil(people.state.trouble)
    }

    func test_who_is_known_and_away_stands_in_the_list_and_is_no_stranger_when_here() async throws {
        let pair = try await Pair()
        try await pair.grace.leave()
        let people = People(pair.ada)
        try await shown(people.run) {
            try await eventually("nobody") { people.state.isEmpty }
            _ = try await pair.ada.scanURI("permesso:\(pair.grace.id)")
            try await eventually("known") { people.state.known.map(\.name) == ["Grace"] }
            XCTAssertFalse(people.state.isEmpty)
            try await pair.grace.start()
            try await eventually("a stranger") { people.state.strangers.map(\.id) == [pair.grace.id] && people.state.known.isEmpty }
        }
    }

    func test_whatever_there_is_between_us_everybody_who_is_known_stands_in_one_group() async {
        var state = People.State(isLoaded: true)
        XCTAssertTrue(state.isEmpty)
        for relation: FriendState in [.unknown, .requestSent, .requestReceived, .friend, .ended] {
            for (isBlocked, isHere) in [(false, false), (false, true), (true, false), (true, true)] {
                let number = state.friends.count + 1
                state.friends.append(sampleFriend("Ada", number, relation, blocked: isBlocked))
                if isHere { state.nearby.append(sampleHost("Ada", number)) }
            }
        }
        let shown = [state.asks, state.talks, state.asked, state.known, state.others].flatMap { $0 }.map(\.id) + state.strangers.map(\.id)
        XCTAssertEqual(shown.sorted(), state.friends.map(\.id).sorted())
        XCTAssertFalse(state.isEmpty)
    }

    func test_a_refusal_happens_only_after_the_question() async throws {
        let pair = try await Pair()
        try await pair.grace.askFriendship(pair.ada.id)
        let people = People(pair.ada)
        people.askRefuse(pair.grace.id)
        XCTAssertEqual(people.state.refusing, pair.grace.id)
        let asked = try await pair.ada.friend(pair.grace.id)?.state
        XCTAssertEqual(asked, .requestReceived)
        await people.refuse(pair.grace.id, tell: false)
        let refused = try await pair.ada.friend(pair.grace.id)?.state
        XCTAssertEqual(refused, .unknown)
        XCTAssertNil(people.state.refusing)
    }

    func test_whoever_wrote_last_stands_first() async throws {
        let pair = try await Pair.friends()
        let linus = try pair.network.open("Linus")
        try await linus.start()
        try await linus.askFriendship(pair.ada.id)
        try await pair.ada.acceptFriendship(linus.id)
        try await pair.ada.send("1", to: pair.grace.id)
        let people = People(pair.ada)
        try await shown(people.run) {
            try await eventually { people.state.talks.map(\.name) == ["Grace", "Linus"] && people.state.last.count == 1 }
            try await linus.send("2", to: pair.ada.id)
            try await eventually { people.state.talks.map(\.name) == ["Linus", "Grace"] }
        }
    }

    func test_what_fails_is_told_and_can_be_put_away() async throws {
        let pair = try await Pair()
        let people = People(pair.ada)
        await people.accept(pair.grace.id)
        guard case .NotNow? = people.state.trouble else { return XCTFail("\(String(describing: people.state.trouble))") }
        people.seen()
        XCTAssertNil(people.state.trouble)
    }

    func test_of_a_greeting_and_a_name_only_what_was_typed_would_be_lost() async throws {
        let pair = try await Pair.friends()
        try await pair.ada.setLocalAlias("G", of: pair.grace.id)
        let person = Person(pair.ada, pair.grace.id)
        try await shown(person.run) {
            try await eventually { person.state.friend?.localAlias == "G" }
            person.ask(.rename)
            XCTAssertFalse(person.state.isTyped)
            person.write("")
            XCTAssertTrue(person.state.isTyped)
            person.ask(.ask)
            XCTAssertFalse(person.state.isTyped)
            person.write("Ciao!")
            XCTAssertTrue(person.state.isTyped)
            person.ask(.block)
            XCTAssertFalse(person.state.isTyped)
        }
    }

    func test_a_person_is_asked_renamed_verified_and_blocked() async throws {
        let pair = try await Pair()
        let person = Person(pair.ada, pair.grace.id)
        try await shown(person.run) {
            try await eventually { person.state.isLoaded && person.state.isHere && person.state.name == "Grace" }
            person.ask(.ask)
            person.write(String(repeating: "è", count: 141))
            XCTAssertFalse(person.state.textFits)
            await person.answer(.ask)
            XCTAssertEqual(person.state.question, .ask)
            person.write("Sono Ada")
            await person.answer(.ask)
            try await eventually { person.state.relation == .requestSent }
            try await pair.grace.acceptFriendship(pair.ada.id)
            try await eventually { person.state.relation == .friend }
            XCTAssertEqual(person.state.safetyNumber.map(\.count), Array(repeating: 5, count: 12))
            XCTAssertEqual(person.state.code, "permesso:\(pair.grace.id)")
            await person.setVerified(true)
            try await eventually { person.state.isVerified }
            person.ask(.rename)
            person.write("Amazing Grace")
            await person.answer(.rename)
            try await eventually { person.state.name == "Amazing Grace" && person.state.alias == "Grace" }
            person.ask(.block)
            person.ask(nil)
            await person.answer(.block)
            try await eventually { person.state.isBlocked }
        }
        let greeting = try await pair.grace.friend(pair.ada.id)?.greeting
        XCTAssertEqual(greeting, "Sono Ada")
        XCTAssertNil(person.state.trouble)
    }

    func test_while_nothing_can_be_stored_every_list_waits_and_then_goes_on_by_itself() async throws {
        let pair = try await Pair.friends()
        let people = People(pair.ada)
        let person = Person(pair.ada, pair.grace.id)
        let drafts = Drafts()
        let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: drafts)
        try await shown(people.run) {
            try await eventually { people.state.talks.first?.online == true }
            pair.ada.failStorage()
            try await pair.grace.send("are you there?", to: pair.ada.id)
            try await shown(person.run) {
                try await shown(conversation.run) {
                    try await Task.sleep(nanoseconds: 100_000_000)
                    XCTAssertFalse(person.state.isLoaded || conversation.state.isLoaded)
                    pair.ada.restoreStorage()
                    try await eventually("the page") { person.state.isLoaded && person.state.code != nil }
                    try await eventually("its messages") { conversation.state.messages.map(\.text) == ["are you there?"] }
                    try await eventually("the last message") { people.state.last[pair.grace.id]?.text == "are you there?" }
                }
            }
        }
        for trouble in [people.state.trouble, person.state.trouble, conversation.state.trouble] { XCTAssertNil(trouble) }
    }

    func test_what_cannot_be_taken_while_nothing_can_be_stored_is_taken_later_and_what_fails_otherwise_ends_nothing() async {
        let people = People(try! FakeNetwork().open("Ada"))
        let numbers = AsyncStream<Int> { continuation in
            [1, 2, 3].forEach { continuation.yield($0) }
            continuation.finish()
        }
        var failures: [PermessoError] = [
            .StorageUnavailable(reason: "full"), .Paused(reason: "paused"), .Bug(reason: "a mistake"),
        ]
        var taken: [Int] = []
        await people.follow(numbers) { number in
            if !failures.isEmpty { throw failures.removeFirst() }
            taken.append(number)
        }
        XCTAssertEqual(taken, [2, 3])
        XCTAssertEqual(people.state.trouble, .Bug(reason: "a mistake"))
    }

    func test_a_stranger_can_be_blocked_before_anything_was_said_is_found_and_unblocked() async throws {
        let pair = try await Pair()
        let (people, person, find) = (People(pair.ada), Person(pair.ada, pair.grace.id), Find(pair.ada))
        try await shown(people.run) {
            try await shown(person.run) {
                let searching = Task { await find.run() }
                defer { searching.cancel() }
                try await eventually { person.state.isLoaded }
                XCTAssertNil(person.state.friend)
                XCTAssertTrue(person.state.canBlock)
                await person.answer(.block)
                try await eventually { person.state.isBlocked && people.state.others.map(\.id) == [pair.grace.id] }
                XCTAssertFalse(person.state.canBlock)
                XCTAssertFalse(person.state.canRead)
                XCTAssertTrue(people.state.strangers.isEmpty)
                find.write("gra")
                await find.search()
                XCTAssertEqual(find.state.found?.map(\.id), [pair.grace.id])
                try await eventually { find.state.blocked == [pair.grace.id] }
                await person.unblock()
                try await eventually { !person.state.isBlocked && people.state.strangers.map(\.id) == [pair.grace.id] }
                // What was found stays there as it was.
                try await eventually { find.state.blocked.isEmpty }
            }
        }
        let nobody = Person(pair.ada, "00000000-0000-8000-8000-00000000ffff")
        try await shown(nobody.run) {
            try await eventually { nobody.state.isLoaded }
            XCTAssertFalse(nobody.state.canBlock, "who is not known cannot be")
        }
        for trouble in [people.state.trouble, person.state.trouble, find.state.trouble] { XCTAssertNil(trouble) }
    }

    func test_who_asks_can_be_blocked_instead_of_an_answer() async throws {
        let pair = try await Pair()
        let people = People(pair.ada)
        try await pair.grace.askFriendship(pair.ada.id)
        try await shown(people.run) {
            try await eventually { people.state.asks.count == 1 }
            people.askRefuse(pair.grace.id)
            await people.block(pair.grace.id)
            XCTAssertNil(people.state.refusing)
            try await eventually { people.state.asks.isEmpty && people.state.others.map(\.blocked) == [true] }
        }
        XCTAssertNil(people.state.trouble)
    }

    func test_the_conversation_with_a_friend_who_was_blocked_or_lost_can_be_read() async throws {
        for end in [FakePermesso.block, FakePermesso.endFriendship] {
            let pair = try await Pair.friends()
            let person = Person(pair.ada, pair.grace.id)
            try await shown(person.run) {
                try await eventually { person.state.isLoaded }
                XCTAssertFalse(person.state.hasConversation)
                try await pair.grace.send("sono qui", to: pair.ada.id)
                try await pair.ada.markRead(pair.grace.id)
                try await eventually { person.state.hasConversation }
                XCTAssertFalse(person.state.canRead, "it goes on")
                try await end(pair.ada)(pair.grace.id)
                try await eventually { person.state.canRead }
            }
            let conversation = Conversation(pair.ada, with: pair.grace.id, drafts: Drafts())
            try await shown(conversation.run) {
                try await eventually { conversation.state.messages.map(\.text) == ["sono qui"] && conversation.state.friend != nil }
                XCTAssertFalse(conversation.state.canWrite)
            }
        }
    }

    func test_a_first_message_that_is_read_at_once_is_never_overlooked() async throws {
        for _ in 0..<100 {
            let pair = try await Pair.friends()
            let person = Person(pair.ada, pair.grace.id)
            try await shown(person.run) {
                try await eventually { person.state.isLoaded }
                try await pair.grace.send("sono qui", to: pair.ada.id)
                try await pair.ada.markRead(pair.grace.id)
                try await eventually { person.state.hasConversation }
            }
        }
    }

    func test_a_part_of_a_name_finds_people() async throws {
        let pair = try await Pair()
        let find = Find(pair.ada)
        await find.search()
        XCTAssertNil(find.state.found)
        find.write(" gra ")
        await find.search()
        XCTAssertEqual(find.state.found?.map(\.alias), ["Grace"])
        find.write("nobody")
        await find.search()
        XCTAssertEqual(find.state.found?.count, 0)
    }

    @MainActor
    private final class Network {
        var isOn = false
    }

    func test_off_the_network_nobody_is_searched_for_and_it_is_not_said_that_nobody_answers() async throws {
        let pair = try await Pair()
        let network = Network()
        let find = Find(pair.ada, isOnNetwork: { network.isOn })
        find.write("gra")
        await find.search()
        XCTAssertNil(find.state.found)
        network.isOn = true
        await find.search()
        XCTAssertEqual(find.state.found?.map(\.alias), ["Grace"])
        try await pair.grace.stop()
        await find.search()
        XCTAssertEqual(find.state.found?.count, 0)
        // What nobody answered says nothing once one is off it, and is asked again after that.
        network.isOn = false
        try await shown(find.run) {
            try await eventually { find.state.found == nil }
        }
        let grace = try pair.network.open("Grace")
        try await grace.start()
        network.isOn = true
        try await shown(find.run) {
            try await eventually { find.state.found?.map(\.alias) == ["Grace"] }
        }
        // Who was found stays.
        network.isOn = false
        try await shown(find.run) {
            try await eventually { find.state.blocked.isEmpty }
            XCTAssertEqual(find.state.found?.map(\.alias), ["Grace"])
        }
    }

    func test_a_search_during_which_the_network_goes_says_nothing() async throws {
        let pair = try await Pair()
        var asked = 0
        let find = Find(
            pair.ada,
            isOnNetwork: {
                asked += 1
                return asked == 1
            })
        find.write("nobody")
        await find.search()
        XCTAssertEqual(asked, 2)
        XCTAssertNil(find.state.found)
    }

    func test_a_code_that_is_typed_is_scanned_and_not_searched_for() async throws {
        let pair = try await Pair()
        let find = Find(pair.ada)
        find.write(" Permesso:abc ")
        XCTAssertEqual(find.state.code, "Permesso:abc")
        await find.search()
        XCTAssertNil(find.state.found)
        find.write(String(repeating: "è", count: 33))
        XCTAssertFalse(find.state.canSearch)
    }

    func test_uris_are_found_in_folded_cards_too() async {
        let cards =
            "BEGIN:VCARD\r\nIMPP:permesso:abc?key=12\r\n 34&alias=A\r\nEND:VCARD\r\nNOTE:see permesso:def now\r\nIMPP:xmpp:permess\r\n"
        XCTAssertEqual(VCards.uris(in: cards), ["permesso:abc?key=1234&alias=A", "permesso:def"])
    }
}
