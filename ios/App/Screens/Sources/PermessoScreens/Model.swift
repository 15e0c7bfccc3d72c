import PermessoKit

#if canImport(Combine)
    import Combine
#endif

/// What a screen shows, and what can be done there. A view draws ``state`` and calls the methods; it decides nothing.
@MainActor
public class Model<State: Sendable> {
    #if canImport(Combine)
        @Published public private(set) var state: State
    #else
        public private(set) var state: State
    #endif

    init(_ state: State) {
        self.state = state
    }

    /// Changes what is shown.
    func change(_ edit: (inout State) -> Void) {
        var next = state
        edit(&next)
        state = next
    }
}

#if canImport(Combine)
    extension Model: ObservableObject {}
#endif

/// A state that can tell of trouble.
public protocol Troubled {
    /// What went wrong last, until it was seen.
    var trouble: PermessoError? { get set }
}

extension Model where State: Troubled {
    /// The trouble was seen.
    public func seen() {
        change { $0.trouble = nil }
    }

    /// Does something that the host may refuse.
    func attempt(_ action: () async throws -> Void) async {
        do {
            try await action()
        } catch {
            onTrouble(error)
        }
    }

    /// A host that sleeps or has ended is no trouble: the app went to the background, or begins afresh.
    func onTrouble(_ error: any Error) {
        switch error {
        case PermessoError.Paused, PermessoError.Stopped, is CancellationError: break
        case let trouble as PermessoError: change { $0.trouble = trouble }
        default: change { $0.trouble = .System(reason: String(describing: error)) }
        }
    }

    /// Follows a stream of the host for as long as the task lives. What ends it is told; what fails when an element is taken is too,
    /// and does not end it.
    func follow<Stream: AsyncSequence & Sendable>(_ stream: Stream, _ take: @MainActor (Stream.Element) async throws -> Void) async
    where Stream.Element: Sendable {
        await attempt {
            for try await element in stream {
                // A list that stays as it is comes once alone: what could not be taken in time must be taken later.
                await attempt { try await whenReady { try await take(element) } }
            }
        }
    }
}

/// Does something with a host as soon as it is not paused and can store. `onWait` is told each time that it can not.
@MainActor
func whenReady(_ onWait: (PermessoError) -> Void = { _ in }, _ action: () async throws -> Void) async throws {
    while true {
        do {
            return try await action()
        } catch let trouble as PermessoError {
            switch trouble {
            case .Paused, .StorageUnavailable: onWait(trouble)
            default: throw trouble
            }
        }
        // Nobody shall wait for a host that is ready again.
        try await Task.sleep(nanoseconds: 1_000_000_000)
    }
}
