import PermessoKit

/// What is wrong on the network, and what to do.
public struct Remedy: Sendable, Equatable {
    public let wrong: String
    public let todo: String
    /// Whether it is done in the settings of the system.
    public let isInSettings: Bool
}

/// What the doctor found out, in the words of people. The Kotlin side has the same in its `Doctor.kt`.
extension Words {
    /// The gravest first, each with what to do; every remedy once. The gravest of all is that the user has refused the local network:
    /// the core is told then that there is no way, and to connect would not help.
    public func remedies(_ examination: Examination, isRefused: Bool = false) -> [Remedy] {
        let refusal = Remedy(wrong: conditionPermission, todo: iosAllowLocalNetwork, isInSettings: true)
        let known: [Ground] = isRefused ? [.noPermission, .noRoute, .notToEverybody] : []
        let broken = examination.diagnoses.filter { $0.judgement == .doesNotWork && !known.contains($0.ground) }
        let grave = broken.filter { $0.thing == .address || $0.thing == .clock }
        let other = broken.filter { $0.thing != .address && $0.thing != .clock }
        var remedies = isRefused ? [refusal] : []
        for diagnosis in grave + other {
            let todo = todo(diagnosis, examination)
            guard !remedies.contains(where: { $0.todo == todo }) else { continue }
            remedies.append(
                Remedy(
                    wrong: ground(diagnosis, examination).withCapital, todo: todo, isInSettings: diagnosis.ground == .noPermission))
        }
        return remedies
    }

    /// What the page says of it: while the doctor looks, what is known without.
    public func remedies(_ state: Doctor.State) -> [Remedy] {
        let nothing = Examination(port: 0, leadsToSomebody: false, diagnoses: [])
        return remedies(state.isExamining ? nothing : state.examination ?? nothing, isRefused: state.isRefused)
    }

    /// What the doctor looked at.
    public func thing(_ thing: ExaminedThing) -> String {
        switch thing {
        case .address: doctorAddress
        case .broadcast: doctorBroadcast
        case .multicastV4: doctorMulticast4
        case .multicastV6: doctorMulticast6
        case .remembered: doctorRemembered
        case .given: doctorGiven
        case .sweep: doctorSweep
        case .hostLink: doctorHostLink
        case .clock: doctorClock
        }
    }

    /// Whether it works.
    public func judgement(_ judgement: Judgement) -> String {
        switch judgement {
        case .works: doctorWorks
        case .doesNotWork: doctorDoesNotWork
        case .unknown: doctorUnknown
        }
    }

    /// Why the doctor says so.
    public func ground(_ diagnosis: Diagnosis, _ examination: Examination) -> String {
        switch diagnosis.ground {
        case .fine: diagnosis.thing == .clock ? whyClockAgrees : whyPresent
        case .answered: whyAnswered(name: diagnosis.answeredByAlias ?? diagnosis.answeredBy.map { String($0.prefix(8)) } ?? somebody)
        case .nobodyAnswered: whyNobodyAnswered
        case .othersAnswered: whyOthersAnswered
        case .notHeardHere: whyNotHeardHere
        case .noAddress: whyNoAddress
        case .loopbackOnly: whyLoopbackOnly
        case .nothingToTry: whyNothingToTry
        case .notNeeded: whyNotNeeded
        case .networkTooLarge: whyTooLarge
        case .switchedOff: whySwitchedOff
        case .notPresent: whyNotPresent
        case .portTaken: whyPortTaken(port: Int(examination.port))
        case .noPermission: whyNoPermission
        case .noRoute: whyNoRoute
        case .notToEverybody: whyNotToEverybody
        case .interfaceDown: whyInterfaceDown
        case .failed: whyFailed(detail: diagnosis.detail ?? "")
        case .clockTooEarly: whyClockEarly
        case .clockDiffers: whyClockDiffers(count: diagnosis.daysApart)
        }
    }

    func todo(_ diagnosis: Diagnosis, _ examination: Examination) -> String {
        switch diagnosis.ground {
        case .clockTooEarly, .clockDiffers: doSetClock
        case .noPermission: doPermission
        case .portTaken: doFreePort
        case .noAddress, .loopbackOnly, .noRoute, .interfaceDown: doConnect
        case .othersAnswered: doNetworkDrops
        case .notHeardHere, .failed: doFirewall(port: Int(examination.port))
        case .switchedOff: doVisible
        case .notToEverybody: doWaitOrScan
        default: doStartAnother
        }
    }
}

extension String {
    /// As a sentence begins.
    fileprivate var withCapital: String { prefix(1).uppercased() + dropFirst() }
}

extension Diagnosis {
    fileprivate var daysApart: Int {
        max(1, Int(clamping: (othersAheadMs ?? 0).magnitude / 86_400_000))
    }
}
