# Tutti i testi del comando in italiano. Le chiavi e le variabili sono quelle di en.ftl; i test confrontano i due.

## Host, amici e richieste

friend-state-unknown = estraneo
friend-state-request-sent = richiesta inviata
friend-state-request-received = ti ha chiesto l'amicizia
friend-state-friend = amico
friend-state-ended = amicizia finita

presence-here = qui
presence-away = lontano

special-local = questo host
special-broadcast = tutti
special-server = un server persistente qualsiasi

flag-same-as-friend = ha il nome di un amico ma è un altro host
flag-looks-like-friend = somiglia al nome di un amico ma è un altro host
flag-mixed-scripts = mescola alfabeti
flag-hidden-characters = contiene caratteri nascosti

unread = { $count } da leggere
verified = verificato
blocked = bloccato
nobody-yet = Ancora nessuno. `permesso ask --to NOME` chiede l'amicizia a qualcuno su questa rete.
nobody-heard = Non si è sentito nessun altro.
nothing-new = Niente di nuovo.
me = io
friends-now = Tu e { $name } siete amici.
not-answered = { $name } non ha ancora risposto; la richiesta è salvata e viene rimandata ogni volta che vi incontrate.
refused-by = { $name } ha rifiutato.
refused = La richiesta di { $name } è rifiutata.
no-request = Ancora nessuna richiesta da { $name }.
answer-waits = La risposta è salvata e arriverà a { $name } quando vi incontrate.
safety-numbers = Numeri di sicurezza, da confrontare con lo schermo di ogni amico:
new-host = È nato un nuovo host in { $folder }; per gli altri si chiama "{ $alias }" (--alias NOME lo cambia).
restored-copy = I dati di questo host sono una copia vecchia: ciò che è arrivato dopo non c'è. La cifratura con ogni amico ricomincia da capo; ci vorranno uno o due minuti appena vi incontrate.
packets-title = Pacchetti, dal più vecchio:
counters-title = Scartati o rifiutati:
none = nessuno

## Il destino di un messaggio

fate-queued = In attesa
fate-held = In custodia
fate-delivered = Consegnato
fate-read = Letto
fate-failed = Non consegnato

reason-expired = il suo tempo è scaduto
reason-friendship-ended = l'amicizia è finita
reason-cancelled = è stato annullato
reason-outbox-full = troppi messaggi erano in attesa

fate-sentence-queued = In attesa: salvato qui; partirà quando questo host e { $name } si incontrano.
fate-sentence-held = In custodia: altri ne hanno preso una copia per { $name }.
fate-sentence-delivered = Consegnato a { $name }.
fate-sentence-read = Letto da { $name }.
fate-sentence-failed = Non consegnato a { $name }: { $why }.

## Che cosa è andato storto

failure-nobody-answers = nessuno qui risponde al nome "{ $alias }": controlla come è scritto, che l'altro sia sulla stessa rete e che la sua visibilità non sia "friends" o "nobody"
failure-several-claim = più host dicono di chiamarsi così; scopri qual è quello giusto e indicane l'id:{ $listed }
failure-no-home = questo utente non ha una cartella per i dati: indicane una con --home DIR
failure-not-empty = { $path } non è vuota: indica una cartella nuova o vuota
failure-unusable = { $path } non si può usare: { $why }
failure-runtime = il sistema non concede thread o code di eventi: { $why }
failure-interrupted = interrotto
failure-stream = lettura o scrittura non riuscita: { $why }

key-missing = manca la chiave di questa cartella: rimetti { $path } al suo posto, o dai la frase segreta se la cartella ne ha una (--passphrase-file). Nulla è stato cambiato; senza la chiave i dati non si leggono, e una nuova identità richiede un'altra --home
key-damaged = { $path } non è un file di chiave (32 byte): recuperalo da una copia
key-both = questa cartella si apre con il file { $path }, non con una frase segreta: non darne (--passphrase-file, PERMESSO_PASSPHRASE)
key-empty-passphrase = la frase segreta è vuota

name-unknown = non hai amici di nome "{ $name }": `permesso friends` li elenca, `permesso ask --to NOME` ne fa di nuovi
name-ambiguous = "{ $name }" può essere uno di questi; indica un id:{ $listed }

node-port-in-use = la porta UDP { $port } su { $address } è già in uso: ferma l'altro programma, oppure dai a questo host un'altra porta (--port) o un indirizzo suo (--interface)
node-no-interface = nessun indirizzo di rete utilizzabile: collegati a una rete, o indicane uno con --interface (per esempio 127.0.0.1)
node-network = la rete non si può usare: { $why }
node-address-unusable = { $address } non si può usare: { $why }
node-generation-unreadable = il numero che dice se i dati sono una copia vecchia ora non si può leggere ({ $why }): sblocca il portachiavi o permetti di leggere il file, poi riprova
node-storage-failed = il cambiamento non si è potuto salvare e non è avvenuto: libera dello spazio e riprova
node-paused = l'host è in pausa: prima riprendilo
node-stopped = l'host è stato fermato: riaprilo
node-timeout = non è successo entro { $milliseconds } ms ({ $what }); può ancora succedere
node-no-conversation = non c'è nessuna conversazione con { $host }

command-too-long = troppo lungo ({ $what }): { $length } byte, il limite è { $limit }; accorcialo
command-empty = è vuoto ({ $what }): scrivi qualcosa
command-unknown-host = l'host { $host } qui non è conosciuto: prima cercalo o inquadra il suo codice
command-not-a-friend = { $host } non è un amico: prima chiedi l'amicizia
command-wrong-state = ora non è possibile: con { $host } lo stato è "{ $state }"
command-oneself = quello è questo stesso host
command-too-many-asks = ci sono già { $limit } richieste aperte: aspetta qualche risposta o ritirane una
command-unknown-message = il messaggio { $message } qui non c'è, o il suo stato non lo permette
command-bad-uri = questo non è un URI permesso: valido: { $why }
command-busy = troppe cose aspettano di essere salvate: riprova fra un momento

noun-alias = nome
noun-greeting = saluto
noun-text = testo

store-key-missing = manca la chiave dei dati: recuperala, oppure cancella i dati e ricomincia
store-key-unavailable = il custode delle chiavi ora non risponde: sblocca il dispositivo e riprova
store-wrong-key = questa non è la chiave dei dati: controlla la frase segreta
store-newer-schema = i dati sono stati scritti da una versione più nuova di Permesso (schema { $found }, questa arriva a { $supported }): aggiorna questa
store-damaged = i dati sono danneggiati ({ $why }): copia la cartella per sicurezza, poi recupera una copia o ricomincia
store-in-use = i dati sono in uso: un altro Permesso gira con la stessa cartella
store-not-writable = la cartella dei dati non si può scrivere ({ $why }): controlla i permessi
store-disk-full = il disco è pieno: libera dello spazio
store-io = il disco non funziona ({ $why })

## La dimostrazione

story-opening = Tre host su questa macchina, con socket veri e dati veri su disco:

story-start = Ada, Grace e Linus partono, ognuno con le sue chiavi
story-meet = Si incontrano: ognuno vede gli altri due
story-search = Ada cerca "gra" e trova Grace
story-stranger = Ada vede Linus, ma a un estraneo non si scrive
story-ask = Ada chiede l'amicizia a Grace
story-accept = Grace dice di sì; il numero di sicurezza è lo stesso
story-chat = Chiacchierano, nei due sensi
story-namesake = Linus si fa chiamare Grace: Ada vede due host
story-away = Grace va offline
story-wait = Ada le scrive; il messaggio aspetta
story-restart = Anche Ada riparte; il messaggio aspetta ancora
story-back = Grace torna
story-delivered = Il messaggio arriva, e Ada ne ha la prova

story-state-ready = pronti
story-state-online = online
story-state-found = trovata
story-state-refused = rifiutato
story-state-asked = richiesta
story-state-friends = amiche
story-state-delivered = consegnato
story-state-two-claims = due omonimi
story-state-offline = offline
story-state-waiting = in attesa

story-not-happened = NON RIUSCITO
story-happy-end = Tutto è successo davvero, in { $seconds } s.
story-sad-end = La storia si ferma qui. `permesso -v demo --keep DIR` dice di più e conserva le cartelle.
story-kept = Le cartelle sono in { $folder }: prova `permesso inbox --all --home { $folder }/ada`.
story-late = Non è successo in tempo. Si è visto invece: { $seen }
story-different = È successo altro: { $seen }
story-safety = { $start }… ({ $digits } cifre, da confrontare)
story-conversation = su una porta propria della conversazione, { $port }

story-says-greeting = Sono io, quella della biblioteca
story-says-question = Ciao Grace! Un tè alle cinque?
story-says-answer = Volentieri. La torta la porto io
story-says-waiting = Stai arrivando? Ti ho tenuto il posto
