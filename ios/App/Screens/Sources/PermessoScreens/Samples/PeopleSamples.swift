#if DEBUG
    import PermessoKit

    extension Sample {
        private static let usual: People.State = {
            let alan = sampleFriend("Alan", 4, .requestReceived, greeting: "It's me, from the library", online: true)
            let linus = sampleFriend("Linus", 2, unread: 1)
            let mum = sampleFriend("Maria", 3, localAlias: "Mum")
            let library = Holder(id: sampleId(20), name: "Library", flags: [], server: true)
            return People.State(
                isLoaded: true,
                friends: [
                    alan, sampleFriend("Grace", 1, verified: true, online: true), linus, mum, sampleFriend("Barbara", 7, online: true),
                    sampleFriend("Edsger", 5, .requestSent), sampleFriend("Niklaus", 6, .ended),
                ],
                nearby: [sampleHost("Hedy", 8), sampleHost("Radia", 9)],
                last: [
                    sampleId(1): sampleMessage("See you at eight, under the clock", 90),
                    linus.id: sampleMessage("Did you get the tickets?", 80, mine: false, unread: true, host: linus.id),
                    mum.id: sampleMessage("Buon compleanno! 🎂", 70, .held, minutesAgo: 2_000, holders: [library], host: mum.id),
                ])
        }()

        private static func of(
            _ name: String, _ state: People.State, _ app: AppModel = Sample.app, _ edit: (inout People.State) -> Void = { _ in }
        ) -> Sample {
            var state = state
            edit(&state)
            return Sample(screen: "people", state: name, model: .people(People(AsleepHost()).shows(state), app))
        }

        /// Friends, those who ask, and who is here.
        static var people: [Sample] {
            let drafting = Drafts()
            drafting[sampleId(7)] = "I was thinking that"
            let noticed = AppModel(AsleepOpener(), drafts: Drafts())
            _ = noticed.notices.shows(NoticeLog.State(list: notices, unseen: 2))
            let inUse = PermessoError.NetworkUnavailable(reason: "UDP port 20071 is in use")
            let taken = AppModel.State(phase: .live, offNetwork: inUse, examination: samplePortTaken)
            let unstored = AppModel.State(phase: .live, offNetwork: .sampleFull, unstored: .friends)
            let left = AppModel.State(phase: .live, left: Departure(handedOn: 0, carried: 0, kept: 0))
            let asking = AppModel(AsleepOpener(), drafts: Drafts())
            _ = asking.notifications.shows(Notifications.State(permission: .unasked, isNeeded: true))
            return [
                of("usual", usual),
                of("draft", usual, AppModel(AsleepOpener(), drafts: drafting)) { $0.friends = $0.talks },
                of(
                    "known and away",
                    People.State(
                        isLoaded: true,
                        friends: [sampleFriend("Margaret", 11, .unknown), sampleFriend("Katherine Johnson", 12, .unknown, verified: true)])),
                of("nobody", People.State(isLoaded: true)),
                of("no network", usual, AppModel(AsleepOpener(), drafts: Drafts()).shows(AppModel.State(phase: .live, offNetwork: .sampleOffline))),
                of("port taken", usual, AppModel(AsleepOpener(), drafts: Drafts()).shows(taken)),
                of("visibility not stored", usual, AppModel(AsleepOpener(), drafts: Drafts()).shows(unstored)),
                of("leaving", usual, AppModel(AsleepOpener(), drafts: Drafts()).shows(AppModel.State(phase: .live, isLeaving: true))),
                of("not left", usual, AppModel(AsleepOpener(), drafts: Drafts()).shows(AppModel.State(phase: .live, trouble: .sampleFull))),
                of("left", usual, AppModel(AsleepOpener(), drafts: Drafts()).shows(left)) {
                    for friend in $0.friends.indices { $0.friends[friend].online = false }
                    $0.nearby = []
                },
                of("notifications", usual, asking),
                of("notices", usual, noticed),
                of("storage full", usual) { $0.trouble = .sampleFull },
                of("refuse", usual) { $0.refusing = $0.friends[0].id },
                of("deceiving names", usual) {
                    $0.friends = [
                        sampleFriend("Grасe", 30, .requestReceived, flags: [.mixedScripts, .looksLikeFriend]),
                        sampleFriend("Grace", 31, .requestReceived, greeting: "Hi!", flags: [.sameAsFriend]),
                        sampleFriend("Grace", 1, verified: true, online: true),
                    ]
                },
                of("300 nearby", usual) { $0.nearby = (1...300).map { sampleHost("Host \($0)", 1_000 + $0) } },
                of(
                    "long and right to left",
                    People.State(
                        isLoaded: true,
                        friends: [
                            sampleFriend("نورا عبد الله", 40, unread: 120, online: true),
                            sampleFriend("Wolfeschlegelsteinhausenbergerdorff the Elder of Hamburg", 41, verified: true, unread: 1),
                            sampleFriend("👩‍👩‍👧‍👦 Familie", 42),
                        ],
                        last: [sampleId(40): sampleMessage("مرحبا، كيف حالك اليوم؟", 50, mine: false, host: sampleId(40))])),
            ]
        }

        /// Search for people.
        static var finds: [Sample] {
            let found = [
                FoundHost(id: sampleId(1), alias: "Grace", flags: [], friendState: .friend),
                FoundHost(id: sampleId(9), alias: "Grace", flags: [.sameAsFriend], friendState: .unknown),
                FoundHost(id: sampleId(10), alias: "Graziella", flags: [], friendState: .requestSent),
                FoundHost(id: sampleId(11), alias: "Graham", flags: [], friendState: .ended),
            ]
            let states: [(String, Find.State)] = [
                ("empty", Find.State()), ("searching", Find.State(text: "gra", isSearching: true)),
                ("found", Find.State(text: "gra", found: found, blocked: [sampleId(11)])), ("nobody", Find.State(text: "gra", found: [])),
                ("no network", Find.State(text: "gra")),
            ]
            let on = AppModel(AsleepOpener(), drafts: Drafts()).shows(AppModel.State(phase: .live, isOnNetwork: true))
            let off = AppModel(AsleepOpener(), drafts: Drafts()).shows(AppModel.State(phase: .live, offNetwork: .sampleOffline))
            return states.map { name, state in
                let app = name == "no network" ? off : on
                let find = Find(AsleepHost(), isOnNetwork: { app.state.isOnNetwork }).shows(state)
                return Sample(screen: "find", state: name, model: .find(find, app))
            }
        }

        /// Somebody's page.
        static var persons: [Sample] {
            let digits = String("371945028117465920385610472938561209475836102948571620394857".prefix(60))
            func of(_ name: String, _ friend: Friend, _ edit: (inout Person.State) -> Void = { _ in }) -> Sample {
                var known = sampleHost(friend.alias, 1)
                known.online = friend.online
                known.friendState = friend.state
                var state = Person.State(
                    isLoaded: true, friend: friend, known: known, isHere: friend.online, safetyNumber: digits.inGroups(of: 5),
                    code: sampleURI)
                edit(&state)
                return Sample(screen: "person", state: name, model: .person(Person(AsleepHost(), friend.id).shows(state)))
            }
            let grace = sampleFriend("Grace", 1, online: true)
            let stranger = Person.State(isLoaded: true, known: sampleHost("Hedy", 8), isHere: true)
            return [
                of("friend", grace),
                of("verified", sampleFriend("Grace", 1, localAlias: "Grace from work", verified: true, online: true)),
                Sample(screen: "person", state: "stranger", model: .person(Person(AsleepHost(), sampleId(8)).shows(stranger))),
                of("asks", sampleFriend("Grace", 1, .requestReceived, greeting: "It's me, from the library", online: true)),
                of("asks with code", sampleFriend("Grace", 1, .requestReceived, hasCode: true, online: true)),
                of("asked", sampleFriend("Grace", 1, .requestSent)),
                of("ended", sampleFriend("Grace", 1, .ended)) { $0.hasConversation = true },
                of("blocked", sampleFriend("Grace", 1, .ended, blocked: true, online: true)) { $0.hasConversation = true },
                of("refuse", sampleFriend("Grace", 1, .requestReceived, online: true)) { $0.question = .refuse },
                of("deceiving", sampleFriend("Grace", 1, .requestReceived, flags: [.sameAsFriend, .mixedScripts], online: true)),
                of("ask", sampleFriend("Grace", 1, .unknown, online: true)) {
                    $0.question = .ask
                    $0.text = "It's me, from the library"
                },
                of("rename", grace) {
                    $0.question = .rename
                    $0.text = String(repeating: "Grace from work ", count: 5)
                },
                of("end", grace) { $0.question = .end },
                of("block", grace) { $0.question = .block },
                of("code", grace) { $0.question = .code },
                of("storage full", grace) { $0.trouble = .sampleFull },
            ]
        }
    }
#endif
