import PermessoKit

/// "Why can't I see anybody?"
@MainActor
public final class Doctor: Model<Doctor.State> {
    /// What the screen shows.
    public struct State: Sendable, Troubled {
        public var isExamining = false
        public var examination: Examination?
        /// Whether the user has refused this app the local network: then no way leads anywhere, whatever the examination says of it.
        public var isRefused = false
        /// Whether every way that was tried is shown.
        public var showsDetails = false
        public var trouble: PermessoError?
        /// Whether somebody else is here now: then all is well.
        public var isSomebodyHere = false

        /// What does not work, first; what works, last.
        public var findings: [Diagnosis] {
            let all = examination?.diagnoses ?? []
            return [Judgement.doesNotWork, .unknown, .works].flatMap { judgement in all.filter { $0.judgement == judgement } }
        }
    }

    private let host: any PermessoHost
    private let saved: Saved
    private let isRefused: @MainActor () -> Bool
    private let beforeLooking: @MainActor () async throws -> Void
    private let onLooked: @MainActor () -> Void

    /// Of that host. `isRefused` says whether the user has refused this app the local network. Looking brings the host on the network:
    /// `beforeLooking` does what must be done first, and where that fails it does not look. `onLooked` is called each time that it has
    /// looked: a host that was not on the network may be there now.
    public init(
        _ host: any PermessoHost, saved: Saved = Saved(), isRefused: @escaping @MainActor () -> Bool = { false },
        beforeLooking: @escaping @MainActor () async throws -> Void = {}, onLooked: @escaping @MainActor () -> Void = {}
    ) {
        self.host = host
        self.saved = saved
        self.isRefused = isRefused
        self.beforeLooking = beforeLooking
        self.onLooked = onLooked
        super.init(State(showsDetails: saved["details"] != nil))
    }

    /// Shows every way that was tried, or hides them.
    public func showDetails(_ shown: Bool) {
        saved["details"] = shown ? "yes" : nil
        change { $0.showsDetails = shown }
    }

    /// Looks which ways of finding others work: 12 s, somewhat more with several small networks.
    public func examine() async {
        guard !state.isExamining else { return }
        change {
            $0.isExamining = true
            $0.isRefused = isRefused()
        }
        await attempt {
            try await beforeLooking()
            let examination = try await host.examineNetwork()
            let isSomebodyHere = try await host.hosts().contains { $0.online && $0.special == nil }
            change {
                $0.examination = examination
                $0.isSomebodyHere = isSomebodyHere
                $0.trouble = nil
            }
            onLooked()
        }
        change {
            $0.isExamining = false
            // The system tells it only once something was tried.
            $0.isRefused = isRefused()
        }
    }
}
