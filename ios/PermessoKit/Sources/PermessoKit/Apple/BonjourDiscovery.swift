#if canImport(Network)
    import Foundation
    import Network

    /// Finds other hosts by Bonjour, which Apple's systems allow where broadcast and multicast need an entitlement, and names
    /// them to the core. Nothing it says is trusted: it is an address where another host may listen.
    ///
    /// Others find this host by it only while it is visible to everybody, and under a name that says nothing of who it is and is
    /// another each time.
    ///
    /// The app's `Info.plist` needs `NSLocalNetworkUsageDescription`, and `_permesso._udp` in `NSBonjourServices`. Start it after
    /// the host, stop it before a pause: the system ends it in the background.
    public final class BonjourDiscovery: @unchecked Sendable {
        /// The kind of service, as in `NSBonjourServices`.
        public static let service = "_permesso._udp"

        /// How long finding out an address may take, in seconds: a lost answer is asked for again within one.
        private static let resolveTime = 5.0

        /// How often it is looked who may see this host, in nanoseconds.
        private static let lookAgain: UInt64 = 10_000_000_000

        private let host: any PermessoHost
        private let ownName = String(format: "permesso-%016llx", UInt64.random(in: 0...UInt64.max))
        /// Everything below is used on it alone.
        private let queue = DispatchQueue(label: "org.permesso.bonjour")
        private var listener: NWListener?
        private var browser: NWBrowser?
        private var resolving: [NWEndpoint: NWConnection] = [:]
        private var watching: Task<Void, Never>?

        /// For that host.
        public init(_ host: any PermessoHost) {
            self.host = host
        }

        /// Tells others of this host, and it of others. Asks the user for the local network when it is the first to need it.
        public func start() async throws {
            let bound = try await host.addresses().first?.split(separator: ":").last.flatMap { UInt16($0) }
            let port = if let bound { bound } else { try await host.settings().port }
            queue.sync {
                guard browser == nil else { return }
                browse()
                watching = Task { [weak self] in
                    while !Task.isCancelled {
                        await self?.announceIfVisible(port)
                        try? await Task.sleep(nanoseconds: Self.lookAgain)
                    }
                }
            }
        }

        /// Ends both.
        public func stop() {
            queue.sync {
                watching?.cancel()
                watching = nil
                listener?.cancel()
                browser?.cancel()
                resolving.values.forEach { $0.cancel() }
                listener = nil
                browser = nil
                resolving = [:]
            }
        }

        /// Others are told of this host as long as everybody may see it.
        private func announceIfVisible(_ port: UInt16) async {
            // One that is paused keeps what it was: the system ends all this in the background.
            guard let visibility = try? await host.settings().visibility else { return }
            queue.sync {
                // It may have been stopped meanwhile.
                guard browser != nil else { return }
                if visibility != .everybody {
                    listener?.cancel()
                    listener = nil
                } else if listener == nil {
                    try? advertise(port)
                }
            }
        }

        /// The listener has a port of its own, since the core has the host's; that one stands in the record.
        private func advertise(_ port: UInt16) throws {
            let listener = try NWListener(using: .udp)
            let record = NWTXTRecord(["port": String(port)])
            listener.service = NWListener.Service(name: ownName, type: Self.service, txtRecord: record)
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
            if case .service(let name, _, _, _) = endpoint, name == ownName { return }
            guard case .bonjour(let record) = result.metadata,
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
