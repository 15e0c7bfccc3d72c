# Every text of the command in English. it.ftl has the same keys with the same variables; tests compare the two.
# A name in braces with $ is filled in. Names of commands and options stay as they are.

## Hosts, friends and requests

friend-state-unknown = stranger
friend-state-request-sent = asked
friend-state-request-received = asks you
friend-state-friend = friend
friend-state-ended = ended

presence-here = here
presence-away = away

special-local = this host
special-broadcast = everybody
special-server = any persistent server

flag-same-as-friend = has a friend's name but is another host
flag-looks-like-friend = looks like a friend's name but is another host
flag-mixed-scripts = mixes alphabets
flag-hidden-characters = contains hidden characters

unread = { $count } unread
verified = verified
blocked = blocked
nobody-yet = Nobody yet. `permesso ask --to NAME` asks somebody on this network.
nobody-heard = Nobody else was heard.
nothing-new = Nothing new.
me = me
friends-now = You and { $name } are friends.
not-answered = { $name } has not answered yet; the request is stored and is sent again whenever you meet.
refused-by = { $name } refused.
refused = { $name }'s request is refused.
no-request = No request from { $name } yet.
answer-waits = The answer is stored and goes to { $name } when you meet.
safety-numbers = Safety numbers, to compare with each friend's screen:
new-host = A new host was made in { $folder }; others know it as "{ $alias }" (--alias NAME changes that).
restored-copy = The data of this host is an older copy: what came since is not in it. The encryption with every friend is started afresh; that takes a minute or two once you meet.
packets-title = Packets, newest last:
counters-title = Dropped or refused:
none = none

## A message's fate

fate-queued = Waiting
fate-held = Held
fate-delivered = Delivered
fate-read = Read
fate-failed = Not delivered

reason-expired = its time ran out
reason-friendship-ended = the friendship ended
reason-cancelled = it was cancelled
reason-outbox-full = too many messages were waiting

fate-sentence-queued = Waiting: stored here; it will leave when this host and { $name } meet.
fate-sentence-held = Held: others took a copy for { $name }.
fate-sentence-delivered = Delivered to { $name }.
fate-sentence-read = Read by { $name }.
fate-sentence-failed = Not delivered to { $name }: { $why }.

## What went wrong

failure-nobody-answers = nobody here answers to "{ $alias }": check the spelling, that the other is on the same network, and that its visibility is not "friends" or "nobody"
failure-several-claim = several hosts claim that name; find out which is the right one and give its id:{ $listed }
failure-no-home = there is no data folder for this user: name one with --home DIR
failure-not-empty = { $path } is not empty: name a new or an empty folder
failure-unusable = { $path } cannot be used: { $why }
failure-runtime = the system gives no threads or event queue: { $why }
failure-interrupted = interrupted
failure-stream = input or output failed: { $why }

key-missing = the key of this home is missing: put { $path } back, or give the passphrase if the home has one (--passphrase-file). Nothing was changed; without the key the data cannot be read, and a new identity needs another --home
key-damaged = { $path } is not a key file (32 bytes): restore it from a copy
key-both = this home is unlocked by the file { $path }, not by a passphrase: give none (--passphrase-file, PERMESSO_PASSPHRASE)
key-empty-passphrase = the passphrase is empty

name-unknown = you have no friend called "{ $name }": `permesso friends` lists them, `permesso ask --to NAME` makes new ones
name-ambiguous = "{ $name }" may be any of these; give an id:{ $listed }

# The library says the following in English itself, and a test holds these to its words.

node-port-in-use = UDP port { $port } on { $address } is in use: stop the other program, or give this host another [host] port, or an address of its own in [network] interfaces
node-no-interface = no usable network address: connect to a network, or name one in [network] interfaces (e.g. "127.0.0.1")
node-network = the network cannot be used: { $why }
node-address-unusable = { $address } cannot be used: { $why }
node-generation-unreadable = the number that shows whether the data is an older copy cannot be read now ({ $why }): unlock the key store or allow reading the file, then try again
node-storage-failed = the change could not be stored and has not happened: free some space and try again
node-paused = the host is paused: resume it first
node-stopped = the host has been stopped: open it again
node-timeout = { $what } did not happen within { $milliseconds } ms; it may still happen
node-no-conversation = there is no conversation with { $host }

command-too-long = the { $what } has { $length } bytes, the limit is { $limit }: shorten it
command-empty = the { $what } is empty: write something
command-unknown-host = host { $host } is not known here: search for it or scan its code first
command-not-a-friend = { $host } is not a friend: ask for friendship first
command-wrong-state = not possible now: with { $host } the state is { $state }
command-oneself = that is this host itself
command-too-many-asks = { $limit } friend requests are open already: wait for answers or take one back
command-unknown-message = message { $message } is not known here or not in a state that allows this
command-bad-uri = this is not a valid permesso: URI: { $why }
command-busy = too much is waiting to be stored: try again in a moment

noun-alias = alias
noun-greeting = greeting
noun-text = text

store-key-missing = the key of the database is missing: restore it, or erase the data and start afresh
store-key-unavailable = the system's key store cannot be asked now: unlock the device and try again
store-wrong-key = this is not the key of the database: check the passphrase
store-newer-schema = the data was written by a newer version of Permesso (schema { $found }, this one knows up to { $supported }): update this one
store-damaged = the database is damaged ({ $why }): copy the folder for safety, then restore a backup or erase it and start afresh
store-in-use = the data is in use: another Permesso is running with the same folder
store-not-writable = the data folder cannot be written ({ $why }): check its permissions and that the medium is not read-only
store-disk-full = the disk is full: free some space
store-io = the disk failed ({ $why })

## The demonstration

story-opening = Three hosts on this machine, with real sockets and real storage:

story-start = Ada, Grace and Linus start, each with its own keys
story-meet = They meet: each sees the two others
story-search = Ada searches for "gra" and finds Grace
story-stranger = Ada sees Linus, but cannot write to a stranger
story-ask = Ada asks Grace to be friends
story-accept = Grace says yes; both see the same safety number
story-chat = They chat, both ways
story-namesake = Linus calls himself Grace: Ada sees two claims
story-away = Grace goes offline
story-wait = Ada writes to her; the message waits
story-restart = Ada restarts too; the message still waits
story-back = Grace comes back
story-delivered = The message arrives, and Ada has the proof

story-state-ready = ready
story-state-online = online
story-state-found = found
story-state-refused = refused
story-state-asked = asked
story-state-friends = friends
story-state-delivered = delivered
story-state-two-claims = two claims
story-state-offline = offline
story-state-waiting = waiting

story-not-happened = FAILED
story-happy-end = Every step really happened, in { $seconds } s.
story-sad-end = The story stops here. `permesso -v demo --keep DIR` says more and keeps the homes.
story-kept = The homes are in { $folder }: try `permesso inbox --all --home { $folder }/ada`.
story-late = It did not happen in time. Seen instead: { $seen }
story-different = Something else happened: { $seen }
story-safety = { $start }… ({ $digits } digits, to be compared)
story-conversation = on a conversation port of its own, { $port }

story-says-greeting = It is me, from the library
story-says-question = Ciao Grace! Tea at five?
story-says-answer = With pleasure. I bring the cake
story-says-waiting = Are you on your way? I saved you a seat

## The doctor

doctor-works = works
doctor-does-not-work = does not work
doctor-unknown = unknown

doctor-address = Own address
doctor-broadcast = IPv4 broadcast
doctor-multicast-v4 = IPv4 multicast
doctor-multicast-v6 = IPv6 multicast
doctor-remembered = Remembered addresses
doctor-given = Given addresses
doctor-sweep = Asking the neighbours one by one
doctor-clock = Clock

doctor-why-present = this host is present there
doctor-why-clock-agrees = it agrees with others
doctor-why-answered = { $name } answered from { $address }
doctor-why-nobody-answered = nobody answered; there may be nobody
doctor-why-nobody-to-compare = nobody answered to compare it with
doctor-why-others-answered = somebody is here and was not reached by it: the network drops it
doctor-why-not-heard-here = not even this device hears what it sends to the group
doctor-why-no-address = there is no address to be present on
doctor-why-no-v4 = this device has no IPv4 address
doctor-why-no-v6 = this device has no IPv6 address on a network
doctor-why-loopback-only = this device is on no network; only programs on it hear each other
doctor-why-nothing-remembered = no address is remembered
doctor-why-nothing-given = no address was given
doctor-why-not-needed = not tried, since somebody is heard by another way
doctor-why-network-too-large = the network has more than 254 addresses, or public ones
doctor-why-switched-off = it is switched off
doctor-why-not-present = it could not be tried
doctor-why-port-taken = another program has UDP port { $port }
doctor-why-no-permission = the system, or a firewall on this device, forbids it
doctor-why-no-route = the system has no way there
doctor-why-interface-down = the interface is down
doctor-why-failed = error: { $detail }
doctor-why-clock-too-early = it shows a time long past
doctor-why-clock-differs = the clocks of all who answered differ from it by { $days } days

doctor-do-start-another = Start Permesso on another device of this network and look again.
doctor-do-network-drops = Nothing is lost while another way works. In the access point's settings look for client isolation and multicast filters.
doctor-do-own-firewall = Let this device's firewall pass UDP port { $port } in both directions, and multicast.
doctor-do-connect = Connect to a Wi-Fi or a cable, or open a hotspot; an address in [network] interfaces must be one of this device's.
doctor-do-not-needed = Not needed while another way works.
doctor-do-give-address = Scan the other's code (permesso ask --uri URI), or name its address (--peer ADDR:PORT).
doctor-do-switch-on = [presence] sweep = true switches it on, if the visibility is "everybody".
doctor-do-free-port = Stop that program, which may be another Permesso, or give all hosts of the network another port (--port N).
doctor-do-permission = Allow the program to use the local network in the system's and the firewall's settings; ports below 1024 need a privilege.
doctor-do-set-clock = Set the date and time of this device.
doctor-do-address-first = Mend the address above and look again.

doctor-somebody = At least one way leads to others.
doctor-nobody = Nobody answered. If others are on this Wi-Fi all the same, the access point keeps its clients apart (isolation): switch that off, or use another network or a phone's hotspot.
doctor-broken = This host cannot be found as it is; see above what to mend.
