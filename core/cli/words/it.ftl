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

## Il medico

doctor-works = funziona
doctor-does-not-work = non funziona
doctor-unknown = non si sa

doctor-address = Indirizzo proprio
doctor-broadcast = Broadcast IPv4
doctor-multicast-v4 = Multicast di IPv4
doctor-multicast-v6 = Multicast di IPv6
doctor-remembered = Indirizzi ricordati
doctor-given = Indirizzi indicati
doctor-sweep = I vicini, uno per uno
doctor-clock = Orologio

doctor-why-present = questo host è presente lì
doctor-why-clock-agrees = va d'accordo con quelli degli altri
doctor-why-answered = { $name } ha risposto da { $address }
doctor-why-nobody-answered = non ha risposto nessuno; forse non c'è nessuno
doctor-why-nobody-to-compare = nessuno ha risposto con cui confrontarlo
doctor-why-others-answered = qualcuno c'è e per questa via non è raggiunto: la rete la scarta
doctor-why-not-heard-here = nemmeno questo dispositivo sente ciò che manda al gruppo
doctor-why-no-address = non c'è un indirizzo su cui essere presenti
doctor-why-no-v4 = questo dispositivo non ha un indirizzo IPv4
doctor-why-no-v6 = questo dispositivo non ha un indirizzo IPv6 su una rete
doctor-why-loopback-only = questo dispositivo non è su nessuna rete; solo i suoi programmi si sentono
doctor-why-nothing-remembered = nessun indirizzo è ricordato
doctor-why-nothing-given = nessun indirizzo è stato indicato
doctor-why-not-needed = non provata, perché qualcuno si sente per un'altra via
doctor-why-network-too-large = la rete ha più di 254 indirizzi, o indirizzi pubblici
doctor-why-switched-off = è disattivata
doctor-why-not-present = non si è potuto provare
doctor-why-port-taken = un altro programma ha la porta UDP { $port }
doctor-why-no-permission = il sistema, o un firewall di questo dispositivo, lo vieta
doctor-why-no-route = il sistema non ha una via fin lì
doctor-why-interface-down = l'interfaccia è spenta
doctor-why-failed = errore: { $detail }
doctor-why-clock-too-early = segna un tempo passato da molto
doctor-why-clock-differs = gli orologi di tutti quelli che hanno risposto ne differiscono di { $days } giorni

doctor-do-start-another = Avvia Permesso su un altro dispositivo di questa rete e guarda di nuovo.
doctor-do-network-drops = Niente va perso finché un'altra via funziona. Nelle impostazioni dell'access point cerca l'isolamento dei client e i filtri del multicast.
doctor-do-own-firewall = Fa' passare al firewall di questo dispositivo la porta UDP { $port } nei due sensi, e il multicast.
doctor-do-connect = Collegati a un Wi-Fi o a un cavo, o apri un hotspot; un indirizzo in [network] interfaces deve essere di questo dispositivo.
doctor-do-not-needed = Non serve finché un'altra via funziona.
doctor-do-give-address = Inquadra il codice dell'altro (permesso ask --uri URI), o indica il suo indirizzo (--peer INDIRIZZO:PORTA).
doctor-do-switch-on = [presence] sweep = true la attiva, se la visibilità è "everybody".
doctor-do-free-port = Ferma quel programma, che forse è un altro Permesso, o da' a tutti gli host della rete un'altra porta (--port N).
doctor-do-permission = Permetti al programma di usare la rete locale nelle impostazioni del sistema e del firewall; le porte sotto 1024 vogliono un privilegio.
doctor-do-set-clock = Imposta data e ora di questo dispositivo.
doctor-do-address-first = Sistema l'indirizzo qui sopra e guarda di nuovo.

doctor-somebody = Almeno una via porta ad altri.
doctor-nobody = Non ha risposto nessuno. Se altri sono comunque su questo Wi-Fi, l'access point tiene separati i suoi client (isolamento): disattivalo, o usa un'altra rete o l'hotspot di un telefono.
doctor-broken = Così questo host non può essere trovato; sopra si legge che cosa sistemare.
