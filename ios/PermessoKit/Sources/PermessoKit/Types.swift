import PermessoGenerated

// The types that cross the door, by names of this module. Where another module has a type of the same name (Settings in SwiftUI
// for the Mac), write `PermessoKit.Settings`.

/// A host, as this host sees it.
public typealias NearbyHost = PermessoGenerated.NearbyHost

/// An answer to a search: a claim, proved by the host's key.
public typealias FoundHost = PermessoGenerated.FoundHost

/// Which of the three hosts that everybody knows a host is.
public typealias SpecialHost = PermessoGenerated.SpecialHost

/// A friend, somebody who asks, or an ended friend.
public typealias Friend = PermessoGenerated.Friend

/// The states of a friendship.
public typealias FriendState = PermessoGenerated.FriendState

/// Something about a name that a user should see before trusting it.
public typealias NameFlag = PermessoGenerated.NameFlag

/// How an alias is compared.
public typealias Match = PermessoGenerated.Match

/// A message of the history.
public typealias Message = PermessoGenerated.Message

/// A message's fate, in one of five words.
public typealias MessageState = PermessoGenerated.MessageState

/// Why a message failed.
public typealias FailReason = PermessoGenerated.FailReason

/// A message's place in its conversation.
public typealias MessagePlace = PermessoGenerated.MessagePlace

/// Somebody who has a copy of a message of ours.
public typealias Holder = PermessoGenerated.Holder

/// A server that had no room for a message of ours.
public typealias FullServer = PermessoGenerated.FullServer

/// Why a server has no room for a message.
public typealias FullReason = PermessoGenerated.FullReason

/// Something that happened.
public typealias Event = PermessoGenerated.Event

/// Something the user should know.
public typealias Notice = PermessoGenerated.Notice

/// The settings in force.
public typealias Settings = PermessoGenerated.Settings

/// Settings to change; what is nil stays.
public typealias SettingsChange = PermessoGenerated.SettingsChange

/// Who may see that this host is here.
public typealias Visibility = PermessoGenerated.Visibility

/// Somebody whose key is pinned, as an address book needs it.
public typealias Contact = PermessoGenerated.Contact

/// What became of one card of an address book.
public typealias CardResult = PermessoGenerated.CardResult

/// What an account file holds.
public typealias AccountReport = PermessoGenerated.AccountReport

/// A message that could be read of a damaged database.
public typealias RescuedMessage = PermessoGenerated.RescuedMessage

/// How much of a damaged database could be read.
public typealias RescueReport = PermessoGenerated.RescueReport

/// What became of the mail that was waiting when a host left.
public typealias Departure = PermessoGenerated.Departure

/// What the doctor found out.
public typealias Examination = PermessoGenerated.Examination

/// What the doctor found out about one thing.
public typealias Diagnosis = PermessoGenerated.Diagnosis

/// What the doctor looked at.
public typealias ExaminedThing = PermessoGenerated.ExaminedThing

/// What the doctor says of it.
public typealias Judgement = PermessoGenerated.Judgement

/// Why the doctor says so.
public typealias Ground = PermessoGenerated.Ground

/// An address this device has.
public typealias NetworkAddress = PermessoGenerated.NetworkAddress

/// What is carried for others, and how busy the host is.
public typealias Statistics = PermessoGenerated.Statistics

/// A packet, as diagnostics show it.
public typealias Packet = PermessoGenerated.Packet

/// What a packet is for.
public typealias PacketService = PermessoGenerated.PacketService

/// What became of a packet.
public typealias PacketState = PermessoGenerated.PacketState

/// What went wrong, by what the user can do about it; `reason` says it in English.
public typealias PermessoError = PermessoGenerated.PermessoError

/// Keeps secrets of 32 bytes by name, where no other app and no backup gets them.
public typealias KeyStore = PermessoGenerated.KeyStore

/// Why a key store does not answer.
public typealias KeyStoreError = PermessoGenerated.KeyStoreError

/// An open host link: `receive` takes in what the radio brought, `end` closes it.
public typealias HostLink = PermessoGenerated.HostLink

/// The app's other radio, as far as it reaches one other host.
public typealias HostLinkCarrier = PermessoGenerated.HostLinkCarrier

/// Why a packet was not carried.
public typealias CarrierError = PermessoGenerated.CarrierError

/// How much is logged.
public typealias LogLevel = PermessoGenerated.LogLevel

/// Takes lines of the log.
public typealias LogSink = PermessoGenerated.LogSink

/// The longest packet of a host link, in bytes.
public func hostPacketMax() -> Int {
    Int(PermessoGenerated.hostPacketMax())
}

/// The version of the library.
public func libraryVersion() -> String {
    PermessoGenerated.libraryVersion()
}
