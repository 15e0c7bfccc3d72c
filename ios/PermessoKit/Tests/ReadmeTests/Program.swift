import Foundation
import PermessoKit

func chat(in folder: URL) async throws {
    let ada = try await Permesso.open(
        PermessoConfiguration(directory: folder, alias: "Ada", keyStore: KeychainKeyStore()))
    try await ada.start()
    let discovery = BonjourDiscovery(ada)                       // tells others of this host, and it of others
    try await discovery.start()
    for try await people in ada.nearby where !people.isEmpty { break }  // who is here now
    guard let grace = try await ada.search("gra").first else { return } // whose alias has that part
    if grace.friendState != .friend { try await ada.askFriendship(grace.id, greeting: "Ciao!") }
    for try await list in ada.friends where list.contains(where: { $0.id == grace.id && $0.state == .friend }) { break }
    let sent = try await ada.send("ci vediamo alle 8?", to: grace.id)
    print(try await ada.waitForFate(of: sent, timeout: .seconds(10)))   // delivered: stored there, and proved
    discovery.stop()
    try await ada.leave()                                       // hands waiting messages on, then goes
    try await ada.stop()
}
