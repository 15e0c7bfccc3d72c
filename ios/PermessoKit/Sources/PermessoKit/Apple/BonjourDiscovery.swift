#if canImport(Network)
    import Foundation
    import Network

    /// Finds other hosts by Bonjour, which Apple's systems allow where broadcast and multicast need an entitlement, and names
    /// them to the core. Nothing it says is trusted: it is an address where another host may listen.
    ///
    /// The app's `Info.plist` needs `NSLocalNetworkUsageDescription`, and `_permesso._udp` in `NSBonjourServices`. Start it after
    /// the host, stop it before a pause: the system ends it in the background.
    public final class BonjourDiscovery: @unchecked Sendable {
        /// The kind of service, as in `NSBonjourServices`.
        public static let service = "_permesso._udp"

        /// How long finding out an address may take, in seconds: a lost answer is asked for again within one.
        private static let resolveTime = 5.0

        private let host: any PermessoHost
        /// Everything below is used on it alone.
        private let queue = DispatchQueue(label: "org.permesso.bonjour")
        private var listener: NWListener?
        private var browser: NWBrowser?
        private var resolving: [NWEndpoint: NWConnection] = [:]

        /// For that host.
        public init(_ host: any PermessoHost) {
            self.host = host
        }

        /// Tells others of this host, and it of others. Asks the user for the local network when it is the first to need it.
        public func start() async throws {
            let bound = try await host.addresses().first?.split(separator: ":").last.flatMap { UInt16($0) }
            let port = if let bound { bound } else { try await host.settings().port }
            try queue.sync {
                guard listener == nil else { return }
                try advertise(port)
                browse()
            }
        }

        /// Ends both.
        public func stop() {
            queue.sync {
                listener?.cancel()
                browser?.cancel()
                resolving.values.forEach { $0.cancel() }
                listener = nil
                browser = nil
                resolving = [:]
            }
        }

        /// The listener has a port of its own, since the core has the host's; that one stands in the record.
        private func advertise(_ port: UInt16) throws {
            let listener = try NWListener(using: .udp)
            let record = NWTXTRecord(["port": String(port), "id": host.id])
            listener.service = NWListener.Service(name: host.id, type: Self.service, txtRecord: record)
            listener.newConnectionHandler = { $0.cancel() }
            listener.start(queue: queue)
            self.listener = listener
        }

        private func browse() {
            let browser = NWBrowser(for: .bonjourWithTXTRecord(type: Self.service, domain: nil), using: .udp)
            browser.browseResultsChangedHandler = { [weak self] results, _ in
                results.forEach { self?.resolve($0) }
            }
            browser.start(queue: queue)
            self.browser = browser
        }

        /// A connection finds out the address of a service; no packet goes over it.
        private func resolve(_ result: NWBrowser.Result) {
            let endpoint = result.endpoint
            guard case .bonjour(let record) = result.metadata, record["id"] != host.id,
                let port = record["port"].flatMap({ UInt16($0) }), resolving[endpoint] == nil
            else { return }
            let connection = NWConnection(to: endpoint, using: .udp)
            resolving[endpoint] = connection
            connection.stateUpdateHandler = { [weak self] state in
                if case .ready = state { self?.resolved(endpoint, port) }
            }
            connection.start(queue: queue)
            queue.asyncAfter(deadline: .now() + Self.resolveTime) { [weak self] in
                self?.forget(endpoint)
            }
        }

        private func resolved(_ endpoint: NWEndpoint, _ port: UInt16) {
            if case .hostPort(let address, _)? = resolving[endpoint]?.currentPath?.remoteEndpoint {
                name(address, port)
            }
            forget(endpoint)
        }

        private func forget(_ endpoint: NWEndpoint) {
            resolving.removeValue(forKey: endpoint)?.cancel()
        }

        private func name(_ address: NWEndpoint.Host, _ port: UInt16) {
            guard let text = Self.text(of: address, port) else { return }
            let host = host
            // A host that is paused or has ended does not want it; it is found again.
            Task { try? await host.peerFound(text) }
        }

        /// As the core reads it: an address of a link carries the number of its interface.
        private static func text(of address: NWEndpoint.Host, _ port: UInt16) -> String? {
            switch address {
            case .ipv4(let four):
                return "\(four.rawValue.map(String.init).joined(separator: ".")):\(port)"
            case .ipv6(let six):
                let bytes = [UInt8](six.rawValue)
                let groups = stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                let scope = six.isLinkLocal ? six.interface.map { "%\($0.index)" } ?? "" : ""
                return "[\(groups.joined(separator: ":"))\(scope)]:\(port)"
            default:
                return nil
            }
        }
    }
#endif
