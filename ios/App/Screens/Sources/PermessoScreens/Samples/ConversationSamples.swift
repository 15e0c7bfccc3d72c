#if DEBUG
    import PermessoKit

    extension Sample {
        private static let grace = sampleFriend("Grace", 1, verified: true, online: true)
        private static let away = sampleFriend("Grace", 1)
        private static let library = Holder(id: sampleId(20), name: "Library", flags: [], server: true)
        private static let three = [
            library, Holder(id: sampleId(21), name: "Linus", flags: [], server: false),
            Holder(id: sampleId(22), name: nil, flags: [], server: false),
        ]
        private static let usual = [
            sampleMessage("Ciao Grace! Tea at five?", 1, minutesAgo: 1_600),
            sampleMessage("With pleasure. I bring the cake", 2, mine: false, minutesAgo: 1_590),
            sampleMessage("I saved you a seat", 3, .read),
            sampleMessage("Are you on your way?", 4),
            sampleMessage("Almost there", 5, mine: false),
        ]
        private static let queued = sampleMessage("The tickets are at the door", 6, .queued)
        private static let held = sampleMessage("The tickets are at the door", 6, .held, holders: three)
        private static let failed = sampleMessage("The tickets are at the door", 6, .failed, because: .expired)
        private static let full = sampleMessage(
            "The tickets are at the door", 6, .queued,
            full: [FullServer(id: sampleId(20), name: "Library", flags: [], why: .storage)])
        private static let link = sampleMessage("https://example.org/menu?day=fri", 3, mine: false)

        private static func of(
            _ name: String, _ messages: [Message], with friend: Friend = grace, _ edit: (inout Conversation.State) -> Void = { _ in }
        ) -> Sample {
            var state = Conversation.State(isLoaded: true, friend: friend, messages: messages)
            edit(&state)
            let model = Conversation(AsleepHost(), with: friend.id, drafts: Drafts())
            return Sample(screen: "conversation", state: name, model: .conversation(model.shows(state)))
        }

        /// A conversation, also in its odd states.
        static var conversations: [Sample] {
            let lines = ["Yes", "Tea at five?", "With pleasure. I bring the cake, and the book you asked for last week.", "👍"]
            var late = usual
            late[4].gap = true
            return [
                of("usual", usual),
                of("empty", []),
                of("queued", usual + [queued], with: away),
                of("held by three", usual + [held], with: away),
                of("failed", usual + [failed], with: away),
                of("queued close", usual + [queued], with: away) { $0.detail = queued.id },
                of("server full", usual + [full], with: away) { $0.detail = full.id },
                of("held close", usual + [held], with: away) { $0.detail = held.id },
                of("failed close", usual + [failed], with: away) { $0.detail = failed.id },
                of("cancel", usual + [queued], with: away) {
                    $0.detail = queued.id
                    $0.question = .cancel
                },
                of("delete", usual) {
                    $0.detail = usual[4].id
                    $0.question = .delete
                },
                of("unread and gap", late) { $0.firstUnread = late[4].id },
                of("new below", usual) { $0.isNewBelow = true },
                of("draft too long", usual) { $0.draft = String(repeating: "x", count: 4_100) },
                of("storage full", usual) {
                    $0.draft = "Hello"
                    $0.trouble = .sampleFull
                },
                of("ended", usual, with: sampleFriend("Grace", 1, .ended)),
                of("blocked", usual, with: sampleFriend("Grace", 1, .ended, blocked: true)),
                of(
                    "10,000 messages",
                    (0..<10_000).map { sampleMessage("\(lines[$0 % 4]) (\($0))", $0, mine: $0 % 3 != 0, minutesAgo: (10_000 - $0) * 7) }),
                of(
                    "4,000 characters",
                    [sampleMessage(String(String(repeating: "All happy families are alike. ", count: 134).prefix(4_000)), 1, mine: false)]),
                of(
                    "right to left",
                    [
                        sampleMessage("مرحبا! هل نلتقي في الثامنة؟", 1, mine: false),
                        sampleMessage("כן, בשמונה ליד השעון (ליד הגשר)", 2),
                        sampleMessage("OK, alle 8 — نعم — 20:00", 3, mine: false),
                    ]),
                of("emoji", [sampleMessage("👩‍🚀🏳️‍🌈👨‍👩‍👧‍👦👍🏽", 1), sampleMessage("🇮🇹🇪🇺 1️⃣ ❤️‍🔥", 2, mine: false), link]),
                of("link", [link]) { $0.detail = link.id },
                of("found", usual) { $0.marked = usual[1].id },
            ]
        }
    }
#endif
