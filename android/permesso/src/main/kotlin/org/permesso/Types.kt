package org.permesso

// The generated types that apps meet, by names of this package. Sealed ones (Event, Notice, PermessoException,
// KeyStoreException, CarrierException) are imported from org.permesso.ffi, since an alias does not reach their subclasses.

/** A host, as this host sees it. */
public typealias NearbyHost = org.permesso.ffi.NearbyHost

/** An answer to a search: a claim, proved by the host's key. */
public typealias FoundHost = org.permesso.ffi.FoundHost

/** Which of the three hosts that everybody knows a host is. */
public typealias SpecialHost = org.permesso.ffi.SpecialHost

/** A friend, somebody who asks, or an ended friend. */
public typealias Friend = org.permesso.ffi.Friend

/** The states of a friendship. */
public typealias FriendState = org.permesso.ffi.FriendState

/** Something about a name that a user should see before trusting it. */
public typealias NameFlag = org.permesso.ffi.NameFlag

/** How an alias is compared. */
public typealias Match = org.permesso.ffi.Match

/** A message of the history. */
public typealias Message = org.permesso.ffi.Message

/** A message's fate, in one of five words. */
public typealias MessageState = org.permesso.ffi.MessageState

/** Why a message failed. */
public typealias FailReason = org.permesso.ffi.FailReason

/** A message's place in its conversation. */
public typealias MessagePlace = org.permesso.ffi.MessagePlace

/** Somebody who has a copy of a message of ours. */
public typealias Holder = org.permesso.ffi.Holder

/** A server that had no room for a message of ours. */
public typealias FullServer = org.permesso.ffi.FullServer

/** Why a server has no room for a message. */
public typealias FullReason = org.permesso.ffi.FullReason

/** The settings in force. */
public typealias Settings = org.permesso.ffi.Settings

/** Settings to change; what is null stays. */
public typealias SettingsChange = org.permesso.ffi.SettingsChange

/** Who may see that this host is here. */
public typealias Visibility = org.permesso.ffi.Visibility

/** Somebody whose key is pinned, as an address book needs it. */
public typealias Contact = org.permesso.ffi.Contact

/** What became of one card of an address book. */
public typealias CardResult = org.permesso.ffi.CardResult

/** What an account file holds. */
public typealias AccountReport = org.permesso.ffi.AccountReport

/** A message that could be read of a damaged database. */
public typealias RescuedMessage = org.permesso.ffi.RescuedMessage

/** How much of a damaged database could be read. */
public typealias RescueReport = org.permesso.ffi.RescueReport

/** What became of the mail that was waiting when a host left. */
public typealias Departure = org.permesso.ffi.Departure

/** What the doctor found out. */
public typealias Examination = org.permesso.ffi.Examination

/** What the doctor found out about one thing. */
public typealias Diagnosis = org.permesso.ffi.Diagnosis

/** What the doctor looked at. */
public typealias ExaminedThing = org.permesso.ffi.ExaminedThing

/** What the doctor says of it. */
public typealias Judgement = org.permesso.ffi.Judgement

/** Why the doctor says so. */
public typealias Ground = org.permesso.ffi.Ground

/** An address this device has. */
public typealias NetworkAddress = org.permesso.ffi.NetworkAddress

/** What is carried for others, and how busy the host is. */
public typealias Statistics = org.permesso.ffi.Statistics

/** A packet, as diagnostics show it. */
public typealias Packet = org.permesso.ffi.Packet

/** Keeps secrets of 32 bytes by name, where no other app and no backup gets them. */
public typealias KeyStore = org.permesso.ffi.KeyStore

/** The app's other radio, as far as it reaches one other host. */
public typealias HostLinkCarrier = org.permesso.ffi.HostLinkCarrier

/** How much is logged. */
public typealias LogLevel = org.permesso.ffi.LogLevel

/** Takes lines of the log. */
public typealias LogSink = org.permesso.ffi.LogSink
