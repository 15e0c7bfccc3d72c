// What PermessoKit uses of Network, by its shape alone.

@_exported import Foundation

public final class NWParameters: @unchecked Sendable {
    public class var udp: NWParameters { fatalError() }
}

public struct NWTXTRecord: Sendable, Hashable {
    public init(_ dictionary: [String: String]) {}
    public subscript(key: String) -> String? { nil }
}

public struct NWInterface: Sendable, Hashable {
    public var index: Int { 0 }
}

public struct IPv4Address: Sendable, Hashable {
    public var rawValue: Data { Data() }
}

public struct IPv6Address: Sendable, Hashable {
    public var rawValue: Data { Data() }
    public var isLinkLocal: Bool { false }
    public var interface: NWInterface? { nil }
}

public enum NWEndpoint: Sendable, Hashable {
    public enum Host: Sendable, Hashable {
        case name(String, NWInterface?)
        case ipv4(IPv4Address)
        case ipv6(IPv6Address)
    }

    public struct Port: Sendable, Hashable {}

    case hostPort(host: Host, port: Port)
    case service(name: String, type: String, domain: String, interface: NWInterface?)
}

public enum NWError: Error, Sendable {
    case posix(POSIXErrorCode)
    case dns(Int32)
    case tls(Int32)
}

public struct NWPath: Sendable {
    public let remoteEndpoint: NWEndpoint?
}

public final class NWConnection: @unchecked Sendable {
    public enum State: Sendable {
        case setup, preparing, ready, cancelled
        case waiting(NWError)
        case failed(NWError)
    }

    public init(to endpoint: NWEndpoint, using parameters: NWParameters) {}
    public var stateUpdateHandler: (@Sendable (State) -> Void)?
    public var currentPath: NWPath? { nil }
    public func start(queue: DispatchQueue) {}
    public func cancel() {}
}

public final class NWListener: @unchecked Sendable {
    public enum State: Sendable {
        case setup, ready, cancelled
        case waiting(NWError)
        case failed(NWError)
    }

    public struct Service: Sendable {
        public init(name: String? = nil, type: String, domain: String? = nil, txtRecord: NWTXTRecord) {}
    }

    public init(using parameters: NWParameters) throws {}
    public var service: Service?
    public var newConnectionHandler: (@Sendable (NWConnection) -> Void)?
    public var stateUpdateHandler: (@Sendable (State) -> Void)?
    public func start(queue: DispatchQueue) {}
    public func cancel() {}
}

public final class NWBrowser: @unchecked Sendable {
    public enum State: Sendable {
        case setup, ready, cancelled
        case waiting(NWError)
        case failed(NWError)
    }

    public enum Descriptor: Sendable {
        case bonjourWithTXTRecord(type: String, domain: String?)
    }

    public struct Result: Sendable, Hashable {
        public enum Metadata: Sendable, Hashable {
            case none
            case bonjour(NWTXTRecord)
        }

        public enum Change: Sendable, Hashable {
            case identical
        }

        public let endpoint: NWEndpoint
        public let metadata: Metadata
    }

    public init(for descriptor: Descriptor, using parameters: NWParameters) {}
    public var browseResults: Set<Result> { [] }
    public var browseResultsChangedHandler: (@Sendable (Set<Result>, Set<Result.Change>) -> Void)?
    public var stateUpdateHandler: (@Sendable (State) -> Void)?
    public func start(queue: DispatchQueue) {}
    public func cancel() {}
}
