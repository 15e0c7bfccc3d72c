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

flag-same-as-friend = has a friend's name but is another host
flag-looks-like-friend = looks like a friend's name but is another host
flag-mixed-scripts = mixes alphabets
flag-hidden-characters = contains hidden characters

unread = { $count } unread
verified = verified
has-code = asks with your code
blocked = blocked
nobody-yet = Nobody yet. `permesso ask --to NAME` asks somebody on this network.
nobody-heard = Nobody else was heard.
nothing-new = Nothing new.
nothing-found = No message contains that.
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

fate-held-by-server =
    { $others ->
        [0] Held by server { $holder }
        [one] Held by server { $holder } and 1 other
       *[other] Held by server { $holder } and { $others } others
    }
fate-held-by =
    { $others ->
        [0] Held by { $holder }
        [one] Held by { $holder } and 1 other
       *[other] Held by { $holder } and { $others } others
    }
fate-held-by-hosts =
    { $count ->
        [0] Held by others
        [one] Held by another host
       *[other] Held by { $count } other hosts
    }
holder-server = server { $name }
fate-full-storage = server { $server } is full
fate-full-quota = server { $server } has as much of this host as it takes
fate-full-servers = { $count } servers have no room

reason-expired = its time ran out
reason-friendship-ended = the friendship ended
reason-cancelled = it was cancelled
reason-outbox-full = too many messages were waiting

fate-sentence-queued = Waiting: stored here; it will leave when this host meets { $name }, a server, or somebody who can carry it.
fate-sentence-queued-full = Waiting here: { $full }. It will leave when there is room, or when this host meets { $name }, another server, or somebody who can carry it.
fate-sentence-held = { $held } until { $name } is here.
fate-sentence-delivered = Delivered to { $name }.
fate-sentence-read = Read by { $name }.
fate-sentence-failed = Not delivered to { $name }: { $why }.
fate-hint-queued = `permesso cancel { $message }` gives it up.
fate-hint-failed = `permesso resend { $message }` sends it again.

## Handed on before leaving

leaving-handed-on =
    { $count ->
        [one] Before leaving, 1 message that waits was handed to others who are here
       *[other] Before leaving, { $count } messages that wait were handed to others who are here
    }{ $kept ->
        [0] .
        [one] ; 1 more is on this device alone.
       *[other] ; { $kept } more are on this device alone.
    }

## What is carried for others

carrying-on = Carries messages of others, sealed, to their recipients.
carrying-off = Takes no messages of others; those it has stay for their recipients.
carrying-server = Is a persistent server: keeps messages, sealed, for everybody.
carrying-stock =
    { $count ->
        [0] Now there is none; they may take { $most }.
        [one] Now there is 1, of { $used }; they may take { $most }.
       *[other] Now there are { $count }, of { $used }; they may take { $most }.
    }
carrying-depositors =
    { $count ->
        [one] 1 host handed them over.
       *[other] { $count } hosts handed them over.
    }
carrying-since =
    { $taken ->
        [one] Since the start 1 was taken, and { $delivered } proved delivered.
       *[other] Since the start { $taken } were taken, and { $delivered } proved delivered.
    }

## Notices

notice-history-dropped = The conversation with { $name } was full: its oldest message was removed (the limit is in the settings).
notice-outbox-dropped = Too many messages were waiting: the oldest to { $name } will not be sent (the limit is in the settings).
notice-messages-lost =
    { $count ->
        [one] { $count } message of { $name } could not be opened and is lost: ask for it again.
       *[other] { $count } messages of { $name } could not be opened and are lost: ask for them again.
    }
notice-held-dropped = Too much waits for its turn: a message of { $name } was put off; it will be sent again.
notice-encryption-reset = The encryption with { $name } was started afresh.
notice-asks-again = { $name } has lost the friendship (a new or an erased device) and asks again: compare the safety numbers.
notice-code-shared = { $name } and { $other } asked with the same code of yours: somebody passed it on, or took a picture of it. Neither is verified by it; compare the safety numbers.
notice-ask-expired = A request between you and { $name } was not answered in time.
notice-no-port = The port is taken by another program: stop it, or change the port in the settings.
notice-storage-failed = A change could not be stored and has not happened: { $why }.
notice-generation-not-kept = What shows whether the data is an older copy cannot be written ({ $why }); nothing is sent until it can: free some space or allow writing beside the folder.
notice-restored = The host goes on from what was stored.

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
key-both = this home is unlocked by { $path }, not by a passphrase: give none (--passphrase-file, PERMESSO_PASSPHRASE)
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
command-server-carries = a persistent server always carries for others: give up that role first
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
store-damaged = the database is damaged ({ $why }). It is left as it is: copy the folder for safety; `permesso rescue FILE` writes what can still be read; then restore a backup, or erase it (`permesso erase`) and start afresh
store-in-use = the data is in use: another Permesso is running with the same folder
store-not-writable = the data folder cannot be written ({ $why }): check its permissions and that the medium is not read-only
store-disk-full = the disk is full: free some space
store-io = the disk failed ({ $why })

## The demonstration

story-opening = Four hosts on this machine, with real sockets and real storage:

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
story-befriend = Linus and Grace become friends too
story-leave = Grace is away; Ada writes, leaves and hands it on
story-carried = Grace meets Linus alone, and has Ada's message
story-proved = Ada comes back and has the proof
story-server = A persistent server starts
story-held = Grace is away; the server keeps what Ada writes
story-collected = Ada and Linus are gone; Grace has it from the server

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
story-state-handed-on = handed on
story-state-received = received
story-state-held = held

story-not-happened = FAILED
story-happy-end = Every step really happened, in { $seconds } s.
story-sad-end = The story stops here. `permesso -v demo --keep DIR` says more and keeps the homes.
story-kept = The homes are in { $folder }: try `permesso inbox --all --home { $folder }/ada`.
story-late = It did not happen in time. Seen instead: { $seen }
story-different = Something else happened: { $seen }
story-safety = { $start }… ({ $digits } digits, to be compared)
story-holder = held by { $name } ({ $host })
story-holder-server = held by server { $name } ({ $host })
story-conversation = on a conversation port of its own, { $port }

story-says-greeting = It is me, from the library
story-says-question = Ciao Grace! Tea at five?
story-says-answer = With pleasure. I bring the cake
story-says-waiting = Are you on your way? I saved you a seat
story-says-handed-on = I must go. The tickets are at the door
story-says-kept = We moved to the garden

## The chat

failure-no-terminal = a chat needs a terminal for input and output: run it in one, or use `permesso send` and `permesso inbox`

chat-opening = Opening…
chat-leaving = Leaving the network…
chat-loading = Loading…
chat-looking = Looking…

chat-welcome = Welcome to Permesso
chat-welcome-what = People near each other chat with no server, no account and no internet; messages to friends are encrypted, and wait until the friend is back.
chat-welcome-key-file = Everything stays on this device, encrypted, in { $folder }. Its key goes into the desktop's keyring; without one, into the file "key" there, readable by you alone: whoever copies the whole folder can read it. A passphrase instead: PERMESSO_PASSPHRASE or --passphrase-file.
chat-welcome-passphrase = Everything stays on this device, encrypted, in { $folder }. Your passphrase opens it and is stored nowhere: keep it well.
chat-welcome-alias = What should others call you?

chat-alias-empty = Write a name: it may be anything, and can be changed later.
chat-alias-too-long = The name has { $length } bytes, the limit is { $limit }: shorten it.
chat-text-too-long = The text has { $length } bytes, the limit is { $limit }: shorten it. Nothing was sent.
chat-text-length = { $length } of { $limit } bytes
chat-greeting-too-long = The greeting has { $length } bytes, the limit is { $limit }: shorten it.
chat-not-a-number = Write a whole number.
chat-out-of-range = Write a number from { $low } to { $high }.
chat-not-a-span = Write a span of time like 12h or 30d.
chat-span-out-of-range = Write a span from 1m to 365d.

chat-group-asks = Ask for your friendship ({ $count })
chat-group-friends = Friends ({ $count })
chat-group-sent = You asked ({ $count })
chat-group-nearby = Nearby ({ $count })
chat-group-others = Blocked or ended ({ $count })

chat-nobody = Nobody yet. Whoever is on this network with Permesso appears here by itself. f searches by name; m shows your code.
chat-start = Choose somebody on the left. Enter opens the conversation with a friend, a asks a stranger for friendship, ? shows all keys.
chat-start-alone = Nobody is here yet. Start Permesso on another device on this network, or press m and let a friend scan your code.
chat-unseen-notices =
    { $count ->
        [one] { $count } notice (n)
       *[other] { $count } notices (n)
    }
chat-off-network = off the network
chat-not-started = Not on the network yet: { $why }
chat-draft = Draft: { $draft }

chat-no-messages = No messages yet.
chat-write-here = Write here (Tab)
chat-not-a-friend = Only friends can be written to. F2 shows what can be done.
chat-beginning = The beginning
chat-older = Older messages: Page Up
message-gap = A message before this one has not arrived yet.
chat-new-message = { $name } has written.
chat-resent = It will be sent again.
chat-cancelled = The message was cancelled.

chat-title-code = My code
chat-title-code-of = The code of { $name }
chat-title-find = Find people
chat-title-search = Search messages and people
chat-title-settings = Settings
chat-title-doctor = Network doctor
chat-title-log = Log
chat-title-help = Help
chat-title-notices = Notices
chat-title-details = Message
chat-title-confirm = Are you sure?
chat-title-ask = Ask { $name }
chat-title-rename = A name for { $name }

chat-calls-itself = calls itself "{ $alias }"
chat-person-asks = asks to be your friend. Accept only if you know who it is; a refusal is not told unless you want it.
chat-person-has-code = It asks with your code, and nobody else did. If you showed it to this person alone, accepting verifies them.
chat-person-stranger = Ask for friendship to write to each other.
chat-last-heard = last heard { $heard } { $address }
chat-safety = Safety number:
chat-safety-explained = Compare it with the one on your friend's screen, side by side or by telephone. If all digits are the same, nobody stands between you: press v.
chat-safety-verified = Safety number, compared and the same:
chat-safety-by-code = Safety number, verified by your code:

chat-code-explained = Let one friend scan this, and both of you are verified. For the next, it is another.
chat-code-too-small = The picture needs a larger screen. This text says the same:
chat-code-new = A new code. Those before it verify nobody any more.

chat-find-what = A part of a name (empty: everybody here), or a permesso: code
chat-found-nobody = Nobody answers to that. Check the spelling and that the other is on this network and visible.
chat-search-what = A word of a message or a part of a name
chat-no-hits = Nothing contains that.
chat-greeting-what = A few words, so that they know who you are (may be empty)
chat-rename-what = The name that you see; empty takes it away. Nobody else sees it.

chat-ask-end = End the friendship with { $name }? It is told. The conversation stays here; neither of you can write any more.
chat-ask-block = Block { $name }? You hear nothing more of it, and it is not told.
chat-ask-delete = Remove this message from this device? It stays on the other's; if it is still waiting, it will not be sent.
chat-ask-cancel = Give this message up? It will not be sent.

chat-asked = { $name } is asked. The answer comes when you meet.
chat-ask-withdrawn = The request to { $name } was taken back.
chat-renamed = The name was changed.
chat-verified = { $name } is verified.
chat-unverified = { $name } is no longer verified.
chat-blocked = { $name } is blocked.
chat-unblocked = { $name } is no longer blocked.
chat-ended = The friendship with { $name } has ended.

chat-notice-asks = { $name } asks to be your friend.
chat-notice-ended = { $name } ended the friendship.
chat-no-notices = No notices.
chat-drafts-damaged = Drafts could not be read. The file is kept as { $path }.

chat-log-empty = The log is empty.

chat-set-alias = Name
chat-set-alias-help = What others call you and search for; it need not be unique.
chat-set-visibility = Visible to
chat-set-visibility-help = Who may see that you are here and find you by name.
chat-set-receipts = Read receipts
chat-set-receipts-help = Tell friends when you have opened their messages.
chat-set-carry = Carry for others
chat-set-carry-help = Carry sealed messages of others to their recipients, as others do for you; it costs storage and power. Yours are given to carriers in any case.
chat-set-storage = Storage for others at most
chat-set-storage-help = In MiB, 1 to 1048576. What no longer fits is dropped at once, messages of strangers first; a persistent server drops nothing and takes no more.
chat-set-port = Port
chat-set-port-help = The UDP port of presence, 1 to 65535; the same on all devices of a network.
chat-set-history = Messages kept per conversation
chat-set-history-help = 1 to 1000000; the oldest goes first, and you are told.
chat-set-outbox = Messages waiting at most
chat-set-outbox-help = 1 to 100000, all friends together; the oldest is given up, and you are told.
chat-set-expiry = A message waits at most
chat-set-expiry-help = After this it is "not delivered"; like 12h or 30d, 1m to 365d.
chat-settings-folder = Everything is kept in { $folder }
chat-visible-everybody = everybody
chat-visible-friends = friends only
chat-visible-nobody = nobody
chat-on = on
chat-off = off

chat-written-at = Written on { $when }
chat-sent-at = { $name } says it was sent on { $when }
chat-received-at = Received on { $when }
chat-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }

chat-doctor-me = This host is { $alias }, { $host }
chat-doctor-port = It listens on UDP port { $port }

chat-key-help = help
chat-key-quit = quit
chat-key-go-on = go on
chat-key-open = open
chat-key-accept = accept
chat-key-refuse = refuse
chat-key-refuse-and-tell = refuse and tell
chat-key-ask = ask
chat-key-person = about
chat-key-find = find people
chat-key-search = search
chat-key-code = my code
chat-key-their-code = code
chat-key-settings = settings
chat-key-notices = notices
chat-key-doctor = doctor
chat-key-log = log
chat-key-send = send
chat-key-list = list
chat-key-messages = messages
chat-key-new-line = new line
chat-key-details = details
chat-key-back = back
chat-key-choose = choose
chat-key-scroll = scroll
chat-key-resend = send again
chat-key-cancel = cancel
chat-key-delete = remove
chat-key-as-text = as text
chat-key-invert = invert
chat-key-new-code = new code
chat-key-search-open = search, open
chat-key-change = change
chat-key-again = again
chat-key-yes = yes
chat-key-no = no
chat-key-write = write
chat-key-withdraw = take back
chat-key-verify = same digits
chat-key-unverify = not verified
chat-key-rename = name
chat-key-block = block
chat-key-unblock = unblock
chat-key-end = end friendship

chat-help-everywhere = Everywhere (letters where no text is written)
chat-help-help = this page
chat-help-person = about a person: what is known, safety number, block, end
chat-help-search = search messages and people
chat-help-find = find people on the network, or enter a permesso: code
chat-help-code = my code, for friends to scan
chat-help-settings = settings
chat-help-notices = what happened that you should know
chat-help-doctor = how the network is
chat-help-log = the technical log
chat-help-back = back
chat-help-quit = quit; drafts are kept
chat-help-suspend = to the shell; fg comes back
chat-help-redraw = draw the screen anew
chat-help-list = In the list
chat-help-choose = choose
chat-help-open = open the conversation, or the person's page
chat-help-ask = accept who asks; ask a stranger
chat-help-refuse = refuse who asks; X also tells
chat-help-text = While writing
chat-help-send = send
chat-help-new-line = new line (also Ctrl-J)
chat-help-messages = to the messages
chat-help-remove = remove a word, a line
chat-help-message = Among the messages
chat-help-details = details, and who holds it
chat-help-cancel = cancel a waiting message
chat-help-resend = send a failed one again
chat-help-delete = remove from this device
chat-help-person-page = On a person's page
chat-help-verify = the safety number is the same, or not
chat-help-rename = give a name of your own
chat-help-their-code = the code of the person, for others to scan
chat-help-withdraw = take a request back
chat-help-block = block or unblock
chat-help-end = end the friendship
chat-help-signs = Signs
chat-sign-presence = here, away
chat-sign-verified = verified: numbers compared, or a code scanned
chat-sign-flag = look out: the name may deceive, see the person's page
chat-sign-unread = so many messages unread
chat-help-fates = Where a message is
chat-fate-queued = Waiting: only this device has it
chat-fate-held = Held: a server or other hosts took a copy
chat-fate-delivered = Delivered: the friend's device has stored it and proved so
chat-fate-read = Read: the friend opened it
chat-fate-failed = Not delivered: with the reason, and a way to send again

chat-weekday =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
chat-month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
## Looking after an account

ask-home-passphrase = Passphrase of { $folder }:
ask-account-passphrase = Passphrase of the account file:
ask-account-passphrase-again = Once more, to be sure:
account-exporting = Writing
account-importing = Reading
account-exported = The whole account is in { $path }, encrypted. Messages: { $messages }, friends and contacts: { $friends }.
account-exported-warning = Only one of the two copies may go on. Once the account lives elsewhere, do not use it here any more: erase it here (`permesso erase`). What arrives here from now on is not in the file. Keep the passphrase: without it nobody can open the file.
account-imported = The account is in { $folder } now. Messages: { $messages }, friends and contacts: { $friends }.
account-imported-warning = Do not use it on the old device any more: two copies of one account lose messages. With each friend the encryption starts afresh when you next meet; what was written on the old device after the export is not here.
key-place-keyring = The key of its data is in this desktop's keyring.
key-place-file = The key of its data lies in the file { $path }, which you alone may read. Whoever copies the whole folder reads everything: use a passphrase (--passphrase-file, PERMESSO_PASSPHRASE) at the first start if that may happen.
key-place-passphrase = Its data opens with the passphrase alone: nobody can recover it without.
rescued = Read: messages { $messages }, friends and contacts { $friends }. Rows that cannot be read: { $unreadable }.
rescued-torn = The damage hides how much was there, so more may be lost.

contacts-exported = Contacts in { $path }: { $count }.
contacts-none = There is no contact in it.
contact-nameless = (no name)
contact-added = added
contact-known = known already
contact-skipped = skipped: line { $line }, { $name }: { $why }
contact-unfinished = the card has no end: copy the whole file again
contact-no-uri = it has no permesso: address in IMPP, URL or NOTE: ask that person for one

erase-ask = Everything in { $folder } will be erased: key, messages, friends, settings. It cannot be undone. Type { $word } to go on:
erased = Erased in { $folder }:
erase-not-ours = Not Permesso's, and still there:

config-default = Default: { $value }
config-is-setting = Can be changed while the host runs; what was changed so is kept in the account and counts more than the file.
config-source-default = default
config-source-file = file
config-source-run-time = set at run time
config-source-command-line = command line
config-settings-unknown = what was set at run time is not known now: { $why }
config-set-in-file = { $key } = { $value } in { $path }; it counts from the next start.
config-set-in-account = { $key } = { $value } in the account.

io-not-found = there is nothing of that name; check the path
io-permission-denied = you may not read or write there; choose a folder of your own, or have its owner allow it
io-read-only = that disk can only be read; choose another place
io-storage-full = the disk is full; make room first
io-not-a-folder = a file stands where a folder should be; choose another path
io-a-folder = it is a folder, not a file
io-exists = there is something of that name already; choose another name
io-name-too-long = the name is too long for this system; choose a shorter one
io-not-text = it is not a text file (UTF-8)
failure-database-gone = the key of an account lies in { $folder }, but its database is gone. Put permesso.db back from a copy; or, to begin afresh as somebody new: permesso erase --home { $folder }
uri-too-long = it has { $length } bytes, the limit is { $limit }: scan or copy the code again
uri-other-scheme = it does not begin with "permesso:": scan the code that Permesso shows under "my code"
uri-bad-key = the key must be 64 hexadecimal digits, { $length } characters were found: copy the whole code
uri-bad-alias = the alias must be percent-encoded UTF-8 of 1 to { $limit } bytes: ask for a new code
uri-bad-token = the token must be 2 to 64 hexadecimal digits: ask for a new code
uri-bad-certificate = the certificate is damaged or of another key: copy the whole code, or ask for a new one
uri-bad-address = the address must be like 192.168.1.7:20070 or [fe80::1]:20070: ask for a new code or leave it out
uri-too-many-addresses = it has more than { $limit } addresses: leave some out
uri-bad-parameter = "{ $parameter }" must be given once, with a value: copy the whole code
damage-cut-off = the file is cut off
damage-empty = the file is empty
damage-other-program = it is a database of another program
damage-missing = permesso.db is missing
damage-salt = the file `salt` is missing or was changed
damage-ends-early = its last part is missing or was changed
damage-header = its header was changed
damage-goes-on = it goes on after its end
failure-no-account = there is no account in { $folder }: name the folder of one with --home DIR
failure-file-exists = { $path } is there already and is not overwritten: choose another name
failure-no-passphrase = the account file needs a passphrase, and there is no terminal to ask for it: give a file (--account-passphrase-file) or PERMESSO_ACCOUNT_PASSPHRASE
failure-passphrases-differ = the two passphrases are not the same: try again
failure-passphrase-short = the passphrase is shorter than { $least } characters: whoever finds the account file can try billions; take a longer one, some words for example
failure-not-confirmed = that was not it; nothing was erased
failure-status-address = the status page cannot be served on { $address }: { $why }. If another server or program has the port, stop it, or name another (--status-address 127.0.0.1:0 takes a free one)
failure-no-server = no server runs in { $folder }; `permesso server` starts one, --home names another folder
failure-server-silent = the server runs, but does not say how it is: { $why }

key-passphrase-wanted = this home opens with a passphrase: give it (--passphrase-file, PERMESSO_PASSPHRASE)
key-exposed = others on this machine may read the key file { $path } (mode { $mode }): close it with `chmod 600 { $path }`, and if anybody may have copied it, think of its data as read
key-not-in-keyring = the keyring does not have the key of { $home } ({ $why }): open the keyring it was kept in, or restore it. Nothing was changed; without the key the data cannot be read, and a new identity needs another --home
key-keyring-unavailable = the keyring cannot be asked now ({ $why }): unlock it or log in to your desktop, then try again. Nothing was changed

archive-not-an-account = this is not an account file of Permesso: choose the file that the export made
archive-newer = the account file was made by a newer version of Permesso (format { $found }, this one knows up to { $supported }): update this one
archive-wrong-passphrase = this passphrase does not open the account file: check it, capital letters too
archive-empty-passphrase = the passphrase of an account file cannot be empty: choose one
archive-damaged = the account file is damaged or incomplete ({ $why }): copy it again, or make a new export
archive-account-exists = there is an account already in { $folder }: import into an empty folder, or erase that account first
archive-file = the account file could not be read or written: { $why }
archive-cancelled = cancelled; nothing was changed

config-unreadable = cannot read { $path }: { $why }
config-invalid = { $place }line { $line }: this is not TOML, which is written key = value, with texts in quotation marks and sections like [host]: { $why }
config-unknown-key = { $place }there is no { $key }
config-unknown-key-nearest = { $place }there is no { $key }; did you mean { $nearest }?
config-out-of-range = { $place }{ $key } must be { $expected }, it is { $found }
config-line = line { $line }:
config-expected-range = { $least } to { $most }
config-expected-number = a whole number, { $least } to { $most }
config-expected-span = a span of time, { $least } to { $most }, written "250ms", "5s", "2m", "3h" or "30d"
config-expected-spans = a list of { $count } spans of time, each { $least } to { $most }, like ["0ms", "500ms", "2s"]
config-expected-alias-length = 1 to { $limit } bytes of UTF-8
config-expected-alias = a text in quotation marks, 1 to { $limit } bytes of UTF-8
config-expected-visibility = "everybody", "friends" or "nobody"
config-expected-flag = true or false
config-expected-interfaces = "auto" or a list of addresses of this host, like ["192.168.1.20"]
config-expected-peers = a list of addresses with a port, like ["192.168.1.20:20070"]
config-expected-address = an address of this host with a port, like "127.0.0.1:20071"
config-expected-more-than-outbox = a whole number, more than messages.outbox_max and at most { $most }
config-expected-less-than-marks = less than messages.marks_max, which is { $marks }
config-expected-section = a section: [{ $name }] on a line of its own, its keys below

node-host-link = the host link cannot be opened: { $why }
node-randomness = the operating system gives no randomness: { $why }
restore-damaged = the stored { $table } record { $row } cannot be read: `permesso rescue FILE` writes what can be read; then restore a backup or start afresh
restore-newer = the data was written by a newer version of Permesso: update this one

command-out-of-range = { $what } must be { $range }
noun-name = name
noun-the-port = the port
noun-the-history-limit = the history limit
noun-the-storage-for-others = the storage for others
noun-the-outbox-limit = the outbox limit
noun-the-outbox-expiry = the outbox expiry
noun-the-prefix-v4 = the prefix of an IPv4 address
noun-the-prefix-v6 = the prefix of an IPv6 address
range-port = 1 to 65535
range-history-limit = 1 to 1000000 messages
range-outbox-limit = 1 to 100000 messages
range-storage-for-others = 1 MiB to 1 TiB
range-outbox-expiry = 1 minute to 365 days
range-less-than-marks = less than messages.marks_max
range-prefix-v4 = 0 to 32 bits
range-prefix-v6 = 0 to 128 bits

store-rejected = the change contradicts what is stored ({ $why })
store-closed = the store is paused or closed: resume or reopen it
store-changed-meanwhile = the data was changed by another process meanwhile: reopen it

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
doctor-host-link = Another radio
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
doctor-why-not-to-everybody = the system lets this program send to single addresses alone
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
doctor-do-wait-for-sweep = In a small network others are asked one by one, which takes up to a minute; elsewhere scan their code, or let them scan yours.
doctor-do-permission = Allow the program to use the local network in the system's and the firewall's settings; ports below 1024 need a privilege.
doctor-do-set-clock = Set the date and time of this device.
doctor-do-address-first = Mend the address above and look again.

doctor-somebody = At least one way leads to others.
doctor-nobody = Nobody answered. If others are on this Wi-Fi all the same, the access point keeps its clients apart (isolation): switch that off, or use another network or a phone's hotspot.
doctor-broken = This host cannot be found as it is; see above what to mend.

## A persistent server

server-runs = The server "{ $alias }" runs. Ctrl-C ends it.
server-runs-since = The server "{ $alias }" has run since { $when } UTC.
server-id = id
server-present-on = present on
server-code = code
server-status-page = status page
server-token = its token is in
server-too-slow = it took too long
server-of = { $part } of { $whole }
server-waiting = waiting envelopes
server-storage = storage
server-deposits = taken in since the start
server-deliveries = delivered since the start
server-refused = refused for lack of room
server-expired = too old, removed
server-hosts = hosts here
server-servers = of these, other servers
server-links = links

## Its status page

page-title = { $alias }, a Permesso server
page-numbers = Now
page-since = Since { $when } UTC
page-activity = Taken in and delivered
page-deposits = taken in
page-deliveries = delivered
page-hosts = hosts here
page-plot = In the last { $span }: { $deposits } taken in, { $deliveries } delivered.
page-now = now
page-ago = { $span } ago
page-seconds = { $seconds } s
page-minutes = { $minutes } min
page-hours = { $hours } h
page-as-table = As a table
page-when = when
page-nothing = Nothing happened in this time.
page-network = Network
page-somebody = somebody
page-examined = Looked at { $when } UTC; every 15 minutes.
page-not-examined = Not looked at yet; that takes half a minute after the start.
page-again = Load again
page-by-itself = As of { $when } UTC; loads again every minute.
page-sealed = A server keeps sealed envelopes. It cannot read them, and this page shows numbers only.
page-choose-span = Span of time
page-choose-language = Language
page-token-wanted = This page wants the token of the server. It is in the file status-token of the server's folder.
page-token-wrong = That was not the token.
page-token = Token
page-open = Open

## The simulator

sim-replaying = Replaying
sim-line = { $path }, line { $line }: { $expected }
sim-scenario = { $path }: { $why }
sim-missing = there is no contact trace or no list of messages: name both with --contacts and --messages or in the scenario, or a world with --world
sim-not-friends = hosts { $first } and { $second } did not become friends before second 0
sim-engine = a host could not be started: { $why }
sim-no-contact = expected `<seconds> CONN <address> <address> up` or `… down`
sim-no-message = expected `<seconds> <id> <bytes> <from> <to> <minutes of lifetime> N`
sim-no-moment = expected seconds from 0 on, like 12.5
sim-backwards = expected no earlier moment than in the line above
sim-no-address = expected a host's address from 0 to 65535, perhaps after letters, like 42 or c42
sim-same-host = expected two different hosts
sim-not-open = expected `up`: these two have no contact that could end
sim-no-size = expected a size from 1 to 4096 bytes
sim-no-lifetime = expected a lifetime from 1 to 10080 minutes
sim-no-text = expected a line of text
sim-world = { $hosts } hosts, { $contacts } contacts, { $friendships } pairs of friends
sim-delivered = messages: { $delivered } of { $messages } delivered ({ $percent } %), { $late } came too late; { $proved } senders have the proof
sim-possible = everything to everyone at once would deliver { $possible } ({ $percent } %), in a mean of { $mean } s
sim-latency = until delivered: mean { $mean } s, median { $median } s, 9 of 10 within { $most } s
sim-transmissions = transmissions for each delivered: { $each } ({ $all } in all, overhead { $overhead }), { $hops } links on the way; { $cut } cut off
sim-bytes = bytes sent: { $bytes }
sim-stored = most stored by one host at a time:
sim-wall = took { $before } s to make friends before second 0, { $since } s for the rest
sim-kept = every promise that was looked at was kept: { $promises }
sim-broken = broken promises:
sim-growth-head = { " hosts in reach  messages arrived   datagrams       links      time    memory" }
    { "                                %        kB/h        kB/h    ms/min        kB" }
sim-growth-hosts = hosts
sim-growth-bytes = Sent by a host, kB an hour
sim-growth-time = Time of this machine for a host's minute, ms
sim-growth-memory = Memory of the process by host, kB
sim-growth-datagrams = beacons and other datagrams
sim-growth-links = on links
sim-plot-soon = Delivered of all, % by time since written
sim-plot-so-far = Messages so far
sim-plot-after = hours since written
sim-plot-at = hours
sim-plot-written = written
sim-plot-delivered = delivered
sim-plot-proved = known to the sender
