import PermessoKit

/// Something that takes long, such as an export, as a test lets it go on: it tells of nothing that the test does not say.
public final class LongWork: Sendable {
    private enum Step: Sendable {
        case reach(UInt64)
        case fail(PermessoError)
    }

    private let total: UInt64
    private let steps: AsyncStream<Step>
    private let stepping: AsyncStream<Step>.Continuation

    /// So much in all.
    public init(total: UInt64) {
        self.total = total
        (steps, stepping) = AsyncStream.makeStream()
    }

    /// So much is done; with all of it, it ends.
    public func reach(_ done: UInt64) {
        stepping.yield(.reach(done))
    }

    /// It fails, as with a full disk.
    public func fail(_ error: PermessoError) {
        stepping.yield(.fail(error))
    }

    /// Goes through it up to its end. Throws ``PermessoError/Cancelled(reason:)`` if `onProgress` says that it shall not go on.
    public func follow(_ onProgress: OnProgress?) async throws {
        for await step in steps {
            switch step {
            case .fail(let error): throw error
            case .reach(let done):
                let goesOn = (try? onProgress?(done, total) ?? true) ?? false
                if !goesOn { throw PermessoError.Cancelled(reason: "it was ended") }
                if done >= total { return }
            }
        }
    }
}
