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

        /// How often it is looked who may see this host, in nanoseconds, and whether the system has ended something.
        private static let interval: UInt64 = 10_000_000_000

        /// What the system says where the user has refused the local network, or not answered yet: `kDNSServiceErr_PolicyDenied` in
        /// Apple's `dns_sd.h`.
        private static let policyDenied: Int32 = -65_570

        private let host: any PermessoHost
        private let ownName = String(format: "permesso-%016llx", UInt64.random(in: 0...UInt64.max))
        /// Everything below is used on it alone.
        private let queue = DispatchQueue(label: "org.permesso.bonjour")
        private var isWanted = false
        private var listener: NWListener?
        /// Of the host, as others were told.
        private var announced: UInt16?
        private var browser: NWBrowser?
        private var resolving: [NWEndpoint: NWConnection] = [:]
        /// Whose address the core was told.
        private var named: Set<NWEndpoint> = []
        private var watching: Task<Void, Never>?
        private var isBrowsingRefused = false
        private var isTellingRefused = false

        /// Whether the user has refused this app the local network, or not answered yet: then no packet goes out at all, and only the
        /// system's settings help. False while it is not started; once the user has allowed it, false within 10 s.
        public var isRefused: Bool { queue.sync { isBrowsingRefused || isTellingRefused } }

        /// For that host.
        public init(_ host: any PermessoHost) {
            self.host = host
        }

        /// Tells others of this host, and it of others. Asks the user for the local network when it is the first to need it.
        public func start() async throws {
            queue.sync { isWanted = true }
            // Whoever may see it is known before anybody is told.
            let (port, visibility) = try await (boundPort(), host.settings().visibility)
            queue.sync {
                // It may have been stopped meanwhile, or begun by another.
                guard isWanted, watching == nil else { return }
                look(port, visibility)
                watching = Task { [weak self] in
                    while true {
                        try? await Task.sleep(nanoseconds: Self.interval)
                        guard !Task.isCancelled, let self else { return }
                        await self.lookAgain()
                    }
                }
            }
        }

        /// Ends both.
        public func stop() {
            queue.sync {
                isWanted = false
                watching?.cancel()
                watching = nil
                hide()
                endBrowsing()
                resolving.values.forEach { $0.cancel() }
                isBrowsingRefused = false
                resolving = [:]
                named = []
            }
        }

        private func boundPort() async throws -> UInt16 {
            if let bound = try await host.addresses().first?.split(separator: ":").last.flatMap({ UInt16($0) }) { return bound }
            return try await host.settings().port
        }

        private func lookAgain() async {
            // One that is paused keeps what it was: the system ends all this in the background.
            guard let port = try? await boundPort(), let visibility = try? await host.settings().visibility else { return }
            queue.sync {
                if isWanted { look(port, visibility) }
            }
        }

        /// Others are told of this host as long as everybody may see it, at the port that it has now; others are looked for.
        private func look(_ port: UInt16, _ visibility: Visibility) {
            // One that was refused may wait for ever, whatever the user allows meanwhile: another is begun. That it was is true until the
            // other says something else.
            if isBrowsingRefused { endBrowsing() }
            if browser == nil { browse() }
            // An answer may have been lost, and the system does not say again who is there.
            browser?.browseResults.filter { !named.contains($0.endpoint) }.forEach(resolve)
            if visibility != .everybody { return hide() }
            if announced != port || isTellingRefused { endTelling() }
            if listener == nil { try? advertise(port) }
        }

        private func hide() {
            endTelling()
            isTellingRefused = false
        }

        private func endTelling() {
            listener?.cancel()
            listener = nil
            announced = nil
        }

        private func endBrowsing() {
            browser?.cancel()
            browser = nil
        }

        /// The listener has a port of its own, since the core has the host's; that one stands in the record.
        private func advertise(_ port: UInt16) throws {
            let listener = try NWListener(using: .udp)
            let record = NWTXTRecord(["port": String(port)])
            listener.service = NWListener.Service(name: ownName, type: Self.service, txtRecord: record)
            listener.newConnectionHandler = { $0.cancel() }
            listener.stateUpdateHandler = { [weak self, weak listener] state in
                guard let self, self.listener === listener else { return }
                // Later it is tried again.
                if case .failed = state { self.endTelling() }
                switch state {
                case .ready: self.isTellingRefused = false
                case .waiting(let error), .failed(let error): self.isTellingRefused = Self.isRefusal(error)
                default: break
                }
            }
            listener.start(queue: queue)
            self.listener = listener
            announced = port
        }

        private func browse() {
            let browser = NWBrowser(for: .bonjourWithTXTRecord(type: Self.service, domain: nil), using: .udp)
            browser.browseResultsChangedHandler = { [weak self] results, _ in
                results.forEach { self?.resolve($0) }
            }
            browser.stateUpdateHandler = { [weak self, weak browser] state in
                guard let self, self.browser === browser else { return }
                // Later it is tried again.
                if case .failed = state { self.endBrowsing() }
                switch state {
                case .ready: self.isBrowsingRefused = false
                case .waiting(let error), .failed(let error): self.isBrowsingRefused = Self.isRefusal(error)
                default: break
                }
            }
            browser.start(queue: queue)
            self.browser = browser
        }

        private static func isRefusal(_ error: NWError) -> Bool {
            if case .dns(policyDenied) = error { true } else { false }
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
                named.insert(endpoint)
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
