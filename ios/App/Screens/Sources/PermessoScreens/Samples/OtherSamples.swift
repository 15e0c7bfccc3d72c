#if DEBUG
    import Foundation
    import PermessoKit

    extension Sample {
        /// Before there is a host.
        static var start: [Sample] {
            func of(_ name: String, _ phase: AppModel.Phase, _ kept: [String: String] = [:], _ edit: (inout AppModel.State) -> Void = { _ in })
                -> Sample
            {
                let app = AppModel(AsleepOpener(), drafts: Drafts())
                kept.forEach { app.saved()[$0.key] = $0.value }
                var state = AppModel.State(phase: phase)
                edit(&state)
                return Sample(screen: "start", state: name, model: .start(app.shows(state)))
            }
            let importing = ["importing": "yes"]
            func rescued(_ name: String, _ rescue: Rescue.State) -> Sample {
                let app = AppModel(AsleepOpener(), drafts: Drafts())
                _ = app.rescue.shows(rescue)
                return Sample(screen: "start", state: name, model: .start(app.shows(AppModel.State(phase: .stuck(damaged)))))
            }
            let damaged = PermessoError.Damaged(reason: "the database is damaged (its header was changed)")
            let files = ["friends.vcf", "messages.txt"].map { URL(fileURLWithPath: "/tmp/permesso-\($0)") }
            let report = RescueReport(friends: 9, messages: 1_204, unreadable: 3, tornTables: 0)
            return [
                of("first run", .firstRun),
                of("name too long", .firstRun, ["alias": String(repeating: "Ada Augusta ", count: 6)]),
                of("import", .firstRun, importing),
                of("importing", .firstRun, importing) { $0.importing = 42 },
                of("import failed", .firstRun, importing) { $0.trouble = .WrongPassphrase(reason: "the passphrase does not fit") },
                of("key unavailable", .stuck(.KeyUnavailable(reason: "the key of the database is missing"))),
                of("database damaged", .stuck(damaged)),
                rescued("rescuing", Rescue.State(isRunning: true, found: 400)),
                rescued("rescued", Rescue.State(found: 1_204, report: report, files: files)),
                rescued("nothing rescued", Rescue.State(trouble: damaged)),
                rescued("no room to rescue", Rescue.State(trouble: .sampleFull)),
                of("in use", .stuck(.AlreadyThere(reason: "another program has the database open"))),
                of("storage full", .stuck(.sampleFull)),
                of("newer version", .stuck(.TooNew(reason: "schema 9, this one knows up to 7"))),
            ]
        }

        /// Showing and taking in codes.
        static var codes: [Sample] {
            func mine(_ name: String, _ uri: String, isNew: Bool = false) -> Sample {
                let state = MyCode.State(uri: uri, alias: "Grace", isNew: isNew)
                return Sample(screen: "code", state: name, model: .code(MyCode(AsleepHost()).shows(state)))
            }
            func scan(_ name: String, _ state: Scan.State) -> Sample {
                Sample(screen: "scan", state: name, model: .scan(Scan(AsleepHost()).shows(state)))
            }
            let certificate = String(String(repeating: "0123456789ABCDEF", count: 18).prefix(280))
            return [
                mine("usual", sampleURI),
                mine("longest", "\(sampleURI)&cert=\(certificate)", isNew: true),
                scan("empty", Scan.State()),
                scan("camera opens", Scan.State(sight: .opens)),
                scan("camera taken", Scan.State(sight: .taken)),
                scan("camera fails", Scan.State(sight: .fails)),
                scan("foreign", Scan.State(fault: .foreign("https://example.org/app"), text: "https://example.org/app")),
                scan("cut off", Scan.State(fault: .cutOff, text: "permesso:ea4a6c")),
                scan("own", Scan.State(fault: .own)),
                scan("seen", Scan.State(waiting: sampleURI)),
                scan("no code in the picture", Scan.State(fault: .notInPicture)),
            ]
        }

        /// Search in messages.
        static var searches: [Sample] {
            let found = [
                sampleMessage("The tickets are at the door", 6),
                sampleMessage(
                    "Did you get the tickets? They cost more than last year, and the seats are worse. I would not go again.", 4, mine: false),
                sampleMessage("Tickets!", 2, minutesAgo: 5_000),
            ]
            let states: [(String, SearchMessages.State)] = [
                ("empty", SearchMessages.State()),
                ("found", SearchMessages.State(text: "ticket", found: found, names: [sampleId(1): "Grace"])),
                ("nothing", SearchMessages.State(text: "tikcet", found: [])),
            ]
            return states.map { Sample(screen: "search", state: $0.0, model: .search(SearchMessages(AsleepHost()).shows($0.1))) }
        }

        /// Why can't I see anybody?
        static var doctors: [Sample] {
            func found(_ thing: ExaminedThing, _ judgement: Judgement, _ ground: Ground, alias: String? = nil, ahead: Int64? = nil)
                -> Diagnosis
            {
                Diagnosis(
                    thing: thing, network: "en0", address: "192.168.1.7", judgement: judgement, ground: ground, asked: 3,
                    answeredBy: alias.map { _ in sampleId(1) }, answeredByAlias: alias, detail: nil, othersAheadMs: ahead)
            }
            func of(_ name: String, _ somebody: Bool, _ diagnoses: [Diagnosis], _ edit: (inout Doctor.State) -> Void = { _ in }) -> Sample {
                let examination = Examination(port: 20_071, leadsToSomebody: somebody, diagnoses: diagnoses)
                var state = Doctor.State(examination: diagnoses.isEmpty ? nil : examination)
                edit(&state)
                let isRefused = state.isRefused
                return Sample(screen: "doctor", state: name, model: .doctor(Doctor(AsleepHost(), isRefused: { isRefused }).shows(state)))
            }
            let well = [
                found(.address, .works, .fine), found(.broadcast, .doesNotWork, .othersAnswered),
                found(.multicastV4, .works, .answered, alias: "Grace"), found(.multicastV6, .unknown, .notNeeded),
                found(.clock, .works, .fine),
            ]
            let nobody = [
                found(.address, .works, .fine), found(.broadcast, .unknown, .nobodyAnswered),
                found(.multicastV4, .unknown, .nobodyAnswered),
            ]
            return [
                of("looking", false, []) { $0.isExamining = true },
                of("well", true, well),
                of("details", true, well) { $0.showsDetails = true },
                of("nobody", false, nobody),
                of("no network", false, [found(.address, .doesNotWork, .noAddress)]),
                of("no permission", false, [found(.broadcast, .doesNotWork, .noPermission)]),
                of("local network refused", false, [found(.broadcast, .doesNotWork, .notToEverybody)]) { $0.isRefused = true },
                of("clock wrong", true, [found(.clock, .doesNotWork, .clockDiffers, ahead: 3 * 86_400_000)]),
                of("failed", false, []) { $0.trouble = .TimedOut(reason: "the host does not answer") },
            ]
        }

        /// The settings.
        static var settings: [Sample] {
            func of(
                _ name: String, notifications permission: Notifications.Permission? = nil,
                _ edit: (inout SettingsScreen.State) -> Void = { _ in }
            ) -> Sample {
                var state = SettingsScreen.State(
                    settings: PermessoKit.Settings(
                        alias: "Ada", visibility: .everybody, port: 20_071, historyLimit: 10_000, outboxLimit: 1_000,
                        outboxExpiryMs: 2_592_000_000, readReceipts: false, carry: true, carryBytes: 67_108_864),
                    statistics: Statistics(
                        server: false, carries: true, envelopes: 12, envelopesMax: 100_000, bytes: 48_000, bytesMax: 67_108_864,
                        depositors: 3, deposits: 40, deliveries: 28, refused: 0, expired: 0, hostsOnline: 4, serversOnline: 1, links: 2))
                edit(&state)
                let notifications = Notifications().shows(Notifications.State(permission: permission))
                return Sample(screen: "settings", state: name, model: .settings(SettingsScreen(AsleepHost()).shows(state), notifications))
            }
            func typing(_ name: String, _ field: SettingsScreen.Field, _ text: String) -> Sample {
                of(name) {
                    $0.editing = field
                    $0.text = text
                }
            }
            return [
                of("usual"), typing("name", .alias, "Ada"), typing("port wrong", .port, "70000"),
                typing("storage for others", .carryMegabytes, "64"), typing("quiet hours", .quietHours, "22:00-07:00"),
                of("notifications unasked", notifications: .unasked), of("notifications refused", notifications: .refused),
                of("storage full") { $0.trouble = .sampleFull },
            ]
        }

        /// The page about the account.
        static var accounts: [Sample] {
            let cards = [
                CardResult(line: 1, name: "Grace", host: sampleId(1), added: true, skippedBecause: nil),
                CardResult(line: 9, name: "Pizza", host: nil, added: false, skippedBecause: "no permesso: URI"),
            ]
            let report = AccountReport(messages: 1_204, friends: 9, rows: 5_000)
            let states: [(String, Account.State)] = [
                ("usual", Account.State()), ("exporting", Account.State(percent: 42)),
                ("to be handed on", Account.State(file: URL(fileURLWithPath: "/tmp/permesso.account"), report: report)),
                ("exported", Account.State(report: report)),
                ("passphrase", Account.State(passphrase: "correct horse", repeated: "correct hrose")),
                ("passphrase short", Account.State(passphrase: "horse")), ("erase", Account.State(isAskingErase: true)),
                ("contacts", Account.State(cards: cards)), ("storage full", Account.State(trouble: .sampleFull)),
            ]
            return states.map { Sample(screen: "account", state: $0.0, model: .account(Account(AsleepHost()).shows($0.1))) }
        }

        /// One of each kind.
        static var notices: [DatedNotice] {
            let host = sampleId(1)
            let all: [Notice] = [
                .friendAsksAgain(host: host), .encryptionReset(host: host), .codeShared(host: host, other: sampleId(2)),
                .messagesLost(host: host, count: 2), .historyDropped(host: host, message: "1"), .outboxDropped(host: host, message: "2"),
                .heldDropped(host: host), .askRefused(host: host), .askExpired(host: host), .noPort, .storageFailed(reason: "the disk is full"),
                .generationNotKept(reason: "read only"), .copyRestored, .restored, .missed(count: 7),
                .addressUnusable(address: "192.168.1.7", reason: "in use"),
            ]
            return all.enumerated().map { number, notice in
                DatedNotice(
                    id: number, moment: (sampleNow - UInt64(number) * 4_000_000).moment, notice: notice, name: "Grace", other: "Linus")
            }
        }

        /// What is reached from "more".
        static var others: [Sample] {
            func more(_ name: String, _ state: AppModel.State) -> Sample {
                Sample(screen: "more", state: name, model: .more(AppModel(AsleepOpener(), drafts: Drafts()).shows(state)))
            }
            return [
                more("usual", AppModel.State(phase: .live)),
                more("leave", AppModel.State(phase: .live, isAskingLeave: true)),
                more("leaving", AppModel.State(phase: .live, isLeaving: true)),
                more("not left", AppModel.State(phase: .live, trouble: .sampleFull)),
                more("left", AppModel.State(phase: .live, left: Departure(handedOn: 2, carried: 5, kept: 1))),
                Sample(
                    screen: "notices", state: "key changed and others", model: .notices(NoticeLog().shows(NoticeLog.State(list: notices)))),
                Sample(screen: "notices", state: "none", model: .notices(NoticeLog())),
                Sample(screen: "about", state: "usual", model: .about),
                Sample(screen: "about", state: "licences", model: .licences),
                Sample(screen: "pass on", state: "cannot", model: .passOn),
            ]
        }
    }
#endif
