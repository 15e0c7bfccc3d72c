# Tutti i testi del comando in italiano. Le chiavi e le variabili sono quelle di en.ftl; i test confrontano i due.

## Host, amici e richieste

friend-state-unknown = estraneo
friend-state-request-sent = richiesta inviata
friend-state-request-received = ti ha chiesto l'amicizia
friend-state-friend = amico
friend-state-ended = amicizia finita

presence-here = qui
presence-away = non è qui

special-local = questo host

flag-same-as-friend = ha il nome di un amico ma è un altro host
flag-looks-like-friend = somiglia al nome di un amico ma è un altro host
flag-mixed-scripts = mescola alfabeti
flag-hidden-characters = contiene caratteri nascosti

unread = { $count } da leggere
verified = verificato
has-code = chiede con il tuo codice
blocked = bloccato
nobody-yet = Ancora nessuno. `permesso ask --to NOME` chiede l'amicizia a qualcuno su questa rete.
nobody-heard = Non si è sentito nessun altro.
nothing-new = Niente di nuovo.
nothing-found = Nessun messaggio contiene questo.
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

fate-held-by-server =
    { $others ->
        [0] In custodia presso il server { $holder }
        [one] In custodia presso il server { $holder } e un altro
       *[other] In custodia presso il server { $holder } e altri { $others }
    }
fate-held-by =
    { $others ->
        [0] In custodia presso { $holder }
        [one] In custodia presso { $holder } e un altro
       *[other] In custodia presso { $holder } e altri { $others }
    }
fate-held-by-hosts =
    { $count ->
        [0] In custodia presso altri
        [one] In custodia presso un altro host
       *[other] In custodia presso altri { $count } host
    }
holder-server = il server { $name }
fate-full-storage = il server { $server } è pieno
fate-full-quota = il server { $server } ha già di questo host quanto ne accetta
fate-full-servers = { $count } server non hanno posto

reason-expired = il suo tempo è scaduto
reason-friendship-ended = l'amicizia è finita
reason-cancelled = è stato annullato
reason-outbox-full = troppi messaggi erano in attesa

fate-sentence-queued = In attesa: salvato qui; partirà quando questo host incontra { $name }, un server o qualcuno che può portarlo.
fate-sentence-queued-full = In attesa qui: { $full }. Partirà quando ci sarà posto, o quando questo host incontra { $name }, un altro server o qualcuno che può portarlo.
fate-sentence-held = { $held } finché non c'è { $name }.
fate-sentence-delivered = Consegnato a { $name }.
fate-sentence-read = Letto da { $name }.
fate-sentence-failed = Non consegnato a { $name }: { $why }.
fate-hint-queued = `permesso cancel { $message }` ci rinuncia.
fate-hint-failed = `permesso resend { $message }` lo manda di nuovo.

## Affidati prima di uscire

leaving-handed-on =
    { $count ->
        [one] Prima di uscire, 1 messaggio in attesa è stato affidato ad altri che sono qui
       *[other] Prima di uscire, { $count } messaggi in attesa sono stati affidati ad altri che sono qui
    }{ $kept ->
        [0] .
        [one] ; un altro è solo su questo dispositivo.
       *[other] ; altri { $kept } sono solo su questo dispositivo.
    }

## Ciò che si porta per altri

carrying-on = Porta messaggi di altri, sigillati, ai loro destinatari.
carrying-off = Non prende messaggi di altri; quelli che ha restano per i destinatari.
carrying-server = È un server persistente: tiene messaggi, sigillati, per tutti.
carrying-stock =
    { $count ->
        [0] Ora non ce n'è nessuno; possono occupare { $most }.
        [one] Ora ce n'è 1, di { $used }; possono occupare { $most }.
       *[other] Ora sono { $count }, di { $used }; possono occupare { $most }.
    }
carrying-depositors =
    { $count ->
        [one] Li ha affidati 1 host.
       *[other] Li hanno affidati { $count } host.
    }
carrying-since =
    { $taken ->
        [one] Dall'avvio ne ha preso 1, con { $delivered } di consegna provata.
       *[other] Dall'avvio ne ha presi { $taken }, con { $delivered } di consegna provata.
    }

## Avvisi

notice-history-dropped = La conversazione con { $name } era piena: il messaggio più vecchio è stato tolto (il limite è nelle impostazioni).
notice-outbox-dropped = Troppi messaggi in attesa: il più vecchio per { $name } non partirà (il limite è nelle impostazioni).
notice-messages-lost =
    { $count ->
        [one] { $count } messaggio di { $name } non si è potuto aprire ed è perso: chiedi di rimandarlo.
       *[other] { $count } messaggi di { $name } non si sono potuti aprire e sono persi: chiedi di rimandarli.
    }
notice-held-dropped = Troppo aspetta il suo turno: un messaggio di { $name } è rimandato; arriverà di nuovo.
notice-encryption-reset = La cifratura con { $name } è ricominciata da capo.
notice-asks-again = { $name } ha perso l'amicizia (un dispositivo nuovo o azzerato) e la chiede di nuovo: confrontate i numeri di sicurezza.
notice-code-shared = { $name } e { $other } hanno chiesto con lo stesso tuo codice: qualcuno lo ha passato o fotografato. Nessuno dei due ne è verificato; confrontate i numeri di sicurezza.
notice-ask-expired = Una richiesta fra te e { $name } non ha avuto risposta in tempo.
notice-no-port = La porta è di un altro programma: fermalo, o cambia la porta nelle impostazioni.
notice-storage-failed = Un cambiamento non si è potuto salvare e non è avvenuto: { $why }.
notice-generation-not-kept = Ciò che dice se i dati sono una copia vecchia non si può scrivere ({ $why }); nulla parte finché non si può: libera dello spazio o permetti di scrivere accanto alla cartella.
notice-restored = L'host va avanti da quello che era salvato.

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
key-both = questa cartella si apre con { $path }, non con una frase segreta: non darne (--passphrase-file, PERMESSO_PASSPHRASE)
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
command-server-carries = un server persistente trasporta sempre per gli altri: prima rinuncia a quel ruolo
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
store-damaged = i dati sono danneggiati ({ $why }). Restano come sono: copia la cartella per sicurezza; `permesso rescue FILE` scrive quello che ancora si legge; poi recupera una copia, o cancella (`permesso erase`) e ricomincia
store-in-use = i dati sono in uso: un altro Permesso gira con la stessa cartella
store-not-writable = la cartella dei dati non si può scrivere ({ $why }): controlla i permessi
store-disk-full = il disco è pieno: libera dello spazio
store-io = il disco non funziona ({ $why })

## La dimostrazione

story-opening = Quattro host su questa macchina, con socket veri e dati veri su disco:

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
story-befriend = Anche Linus e Grace diventano amici
story-leave = Grace non c'è; Ada scrive, esce e lo affida ad altri
story-carried = Grace incontra solo Linus, e ha il messaggio di Ada
story-proved = Ada torna e ne ha la prova
story-server = Parte un server persistente
story-held = Grace non c'è; il server tiene ciò che Ada scrive
story-collected = Ada e Linus non ci sono più; Grace lo ha dal server

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
story-state-handed-on = affidato
story-state-received = ricevuto
story-state-held = in custodia

story-not-happened = NON RIUSCITO
story-happy-end = Tutto è successo davvero, in { $seconds } s.
story-sad-end = La storia si ferma qui. `permesso -v demo --keep DIR` dice di più e conserva le cartelle.
story-kept = Le cartelle sono in { $folder }: prova `permesso inbox --all --home { $folder }/ada`.
story-late = Non è successo in tempo. Si è visto invece: { $seen }
story-different = È successo altro: { $seen }
story-safety = { $start }… ({ $digits } cifre, da confrontare)
story-holder = in custodia presso { $name } ({ $host })
story-holder-server = in custodia presso il server { $name } ({ $host })
story-conversation = su una porta propria della conversazione, { $port }

story-says-greeting = Sono io, quella della biblioteca
story-says-question = Ciao Grace! Un tè alle cinque?
story-says-answer = Volentieri. La torta la porto io
story-says-waiting = Stai arrivando? Ti ho tenuto il posto
story-says-handed-on = Devo andare. I biglietti sono all'ingresso
story-says-kept = Ci siamo spostati in giardino

## La chat

failure-no-terminal = per la chat serve un terminale, in lettura e in scrittura: avviala in uno, oppure usa `permesso send` e `permesso inbox`

chat-opening = Apro…
chat-leaving = Lascio la rete…
chat-loading = Carico…
chat-looking = Guardo…

chat-welcome = Benvenuto in Permesso
chat-welcome-what = Persone vicine chiacchierano senza server, senza account e senza internet; i messaggi agli amici sono cifrati, e aspettano che l'amico torni.
chat-welcome-key-file = Tutto resta su questo dispositivo, cifrato, in { $folder }. La chiave va nel portachiavi del desktop; se non c'è, nel file "key" della cartella, che solo tu puoi leggere: chi la copia tutta può leggerla. Al suo posto una frase segreta: PERMESSO_PASSPHRASE o --passphrase-file.
chat-welcome-passphrase = Tutto resta su questo dispositivo, cifrato, in { $folder }. Si apre con la tua frase segreta, che non è scritta da nessuna parte: conservala bene.
chat-welcome-alias = Come vuoi che ti chiamino gli altri?

chat-alias-empty = Scrivi un nome: va bene qualsiasi, e si può cambiare.
chat-alias-too-long = Il nome ha { $length } byte, il limite è { $limit }: accorcialo.
chat-text-too-long = Il testo ha { $length } byte, il limite è { $limit }: accorcialo. Non è partito nulla.
chat-text-length = { $length } di { $limit } byte
chat-greeting-too-long = Il saluto ha { $length } byte, il limite è { $limit }: accorcialo.
chat-not-a-number = Scrivi un numero intero.
chat-out-of-range = Scrivi un numero da { $low } a { $high }.
chat-not-a-span = Scrivi una durata, come 12h o 30d.
chat-span-out-of-range = Scrivi una durata da 1m a 365d.

chat-group-asks = Ti chiedono l'amicizia ({ $count })
chat-group-friends = Amici ({ $count })
chat-group-sent = Hai chiesto ({ $count })
chat-group-nearby = Qui vicino ({ $count })
chat-group-others = Bloccati o finiti ({ $count })

chat-nobody = Ancora nessuno. Chi è su questa rete con Permesso compare qui da sé. f cerca per nome; m mostra il tuo codice.
chat-start = Scegli qualcuno a sinistra. Invio apre la conversazione con un amico, a chiede l'amicizia a un estraneo, ? mostra tutti i tasti.
chat-start-alone = Ancora non c'è nessuno. Avvia Permesso su un altro dispositivo di questa rete, oppure premi m e fai inquadrare il tuo codice a un amico.
chat-unseen-notices =
    { $count ->
        [one] { $count } avviso (n)
       *[other] { $count } avvisi (n)
    }
chat-off-network = fuori rete
chat-not-started = Non ancora in rete: { $why }
chat-draft = Bozza: { $draft }

chat-no-messages = Ancora nessun messaggio.
chat-write-here = Scrivi qui (Tab)
chat-not-a-friend = Si scrive solo agli amici. F2 mostra che cosa si può fare.
chat-beginning = L'inizio
chat-older = Messaggi precedenti: Pag su
message-gap = Un messaggio prima di questo non è ancora arrivato.
chat-new-message = { $name } ha scritto.
chat-resent = Sarà rimandato.
chat-cancelled = Il messaggio è annullato.

chat-title-code = Il mio codice
chat-title-code-of = Il codice di { $name }
chat-title-find = Trova persone
chat-title-search = Cerca nei messaggi e fra le persone
chat-title-settings = Impostazioni
chat-title-doctor = Diagnosi della rete
chat-title-log = Registro
chat-title-help = Aiuto
chat-title-notices = Avvisi
chat-title-details = Messaggio
chat-title-confirm = Sicuro?
chat-title-ask = Chiedi a { $name }
chat-title-rename = Un nome per { $name }

chat-calls-itself = si fa chiamare "{ $alias }"
chat-person-asks = ti chiede l'amicizia. Accetta solo se sai chi è; un rifiuto non viene detto, se non vuoi.
chat-person-has-code = Chiede con il tuo codice, e nessun altro lo ha fatto. Se lo hai mostrato solo a questa persona, accettando la verifichi.
chat-person-stranger = Chiedi l'amicizia, per potervi scrivere.
chat-last-heard = sentito l'ultima volta { $heard } { $address }
chat-safety = Numero di sicurezza:
chat-safety-explained = Confrontalo con quello sullo schermo dell'amico, fianco a fianco o al telefono. Se tutte le cifre sono uguali, nessuno sta in mezzo: premi v.
chat-safety-verified = Numero di sicurezza, confrontato e uguale:
chat-safety-by-code = Numero di sicurezza, verificato dal tuo codice:

chat-code-explained = Fallo inquadrare a un solo amico, e siete verificati entrambi. Per il prossimo sarà un altro.
chat-code-too-small = L'immagine vuole uno schermo più grande. Questo testo dice lo stesso:
chat-code-new = Un codice nuovo. Quelli di prima non verificano più nessuno.

chat-find-what = Una parte del nome (vuoto: tutti quelli qui), o un codice permesso:
chat-found-nobody = Nessuno risponde. Controlla come è scritto, e che l'altro sia su questa rete e visibile.
chat-search-what = Una parola di un messaggio o una parte di un nome
chat-no-hits = Non c'è in nessun messaggio e in nessun nome.
chat-greeting-what = Qualche parola, perché sappiano chi sei (anche vuoto)
chat-rename-what = Il nome che vedi tu; vuoto lo toglie. Nessun altro lo vede.

chat-ask-end = Finire l'amicizia con { $name }? Gli viene detto. La conversazione resta qui; nessuno dei due può più scrivere.
chat-ask-block = Bloccare { $name }? Non ne senti più nulla, e non gli viene detto.
chat-ask-delete = Togliere questo messaggio da questo dispositivo? Su quello dell'altro resta; se aspetta ancora, non parte.
chat-ask-cancel = Rinunciare a questo messaggio? Non sarà spedito.

chat-asked = Richiesta a { $name } salvata. La risposta arriva quando vi incontrate.
chat-ask-withdrawn = La richiesta a { $name } è ritirata.
chat-renamed = Nome cambiato.
chat-verified = { $name } è verificato.
chat-unverified = { $name } non è più verificato.
chat-blocked = { $name } è bloccato.
chat-unblocked = { $name } non è più bloccato.
chat-ended = L'amicizia con { $name } è finita.

chat-notice-asks = { $name } ti chiede l'amicizia.
chat-notice-ended = { $name } ha finito l'amicizia.
chat-no-notices = Nessun avviso.
chat-drafts-damaged = Le bozze non si leggono. Il file resta come { $path }.

chat-log-empty = Il registro è vuoto.

chat-set-alias = Nome
chat-set-alias-help = Come ti chiamano e ti cercano gli altri; può non essere unico.
chat-set-visibility = Ti vede
chat-set-visibility-help = Chi può vedere che sei qui e trovarti per nome.
chat-set-receipts = Conferme di lettura
chat-set-receipts-help = Di' agli amici quando hai aperto i loro messaggi.
chat-set-carry = Portare per altri
chat-set-carry-help = Porta messaggi sigillati di altri ai destinatari, come altri fanno per te; costa spazio ed energia. I tuoi si affidano comunque.
chat-set-storage = Spazio per altri al massimo
chat-set-storage-help = In MiB, da 1 a 1048576. Ciò che non ci sta più viene eliminato subito, prima i messaggi degli estranei; un server persistente non elimina nulla e non accetta altro.
chat-set-port = Porta
chat-set-port-help = La porta UDP della presenza, da 1 a 65535; la stessa su tutti i dispositivi di una rete.
chat-set-history = Messaggi per conversazione
chat-set-history-help = Da 1 a 1000000; il più vecchio va via per primo, e ti viene detto.
chat-set-outbox = Messaggi in attesa al massimo
chat-set-outbox-help = Da 1 a 100000, per tutti gli amici insieme; al più vecchio si rinuncia, e ti viene detto.
chat-set-expiry = Un messaggio aspetta al massimo
chat-set-expiry-help = Dopo è "non consegnato"; come 12h o 30d, da 1m a 365d.
chat-settings-folder = Tutto sta in { $folder }
chat-visible-everybody = chiunque
chat-visible-friends = solo gli amici
chat-visible-nobody = nessuno
chat-on = sì
chat-off = no

chat-written-at = Scritto { $when }
chat-sent-at = { $name } dice di averlo spedito { $when }
chat-received-at = Ricevuto { $when }
chat-bytes = { $count } byte

chat-doctor-me = Questo host è { $alias }, { $host }
chat-doctor-port = Ascolta sulla porta UDP { $port }

chat-key-help = aiuto
chat-key-quit = esci
chat-key-go-on = avanti
chat-key-open = apri
chat-key-accept = accetta
chat-key-refuse = rifiuta
chat-key-refuse-and-tell = rifiuta e dillo
chat-key-ask = chiedi
chat-key-person = chi è
chat-key-find = trova persone
chat-key-search = cerca
chat-key-code = mio codice
chat-key-their-code = codice
chat-key-settings = impostazioni
chat-key-notices = avvisi
chat-key-doctor = diagnosi
chat-key-log = registro
chat-key-send = invia
chat-key-list = elenco
chat-key-messages = messaggi
chat-key-new-line = a capo
chat-key-details = dettagli
chat-key-back = indietro
chat-key-choose = scegli
chat-key-scroll = scorri
chat-key-resend = rimanda
chat-key-cancel = annulla
chat-key-delete = togli
chat-key-as-text = come testo
chat-key-invert = inverti
chat-key-new-code = nuovo codice
chat-key-search-open = cerca, apri
chat-key-change = cambia
chat-key-again = di nuovo
chat-key-yes = sì
chat-key-no = no
chat-key-write = scrivi
chat-key-withdraw = ritira
chat-key-verify = cifre uguali
chat-key-unverify = non verificato
chat-key-rename = nome
chat-key-block = blocca
chat-key-unblock = sblocca
chat-key-end = finisci l'amicizia

chat-help-everywhere = Dappertutto (le lettere dove non si scrive)
chat-help-help = questa pagina
chat-help-person = chi è: che cosa se ne sa, numero di sicurezza, blocca, finisci
chat-help-search = cerca nei messaggi e fra le persone
chat-help-find = trova persone in rete, o scrivi un codice permesso:
chat-help-code = il mio codice, da far inquadrare
chat-help-settings = impostazioni
chat-help-notices = che cosa è successo e devi sapere
chat-help-doctor = come sta la rete
chat-help-log = il registro tecnico
chat-help-back = indietro
chat-help-quit = esci; le bozze restano
chat-help-suspend = alla shell; fg torna
chat-help-redraw = ridisegna lo schermo
chat-help-list = Nell'elenco
chat-help-choose = scegli
chat-help-open = apri la conversazione, o la pagina della persona
chat-help-ask = accetta chi chiede; chiedi a un estraneo
chat-help-refuse = rifiuta chi chiede; X lo dice anche
chat-help-text = Mentre scrivi
chat-help-send = invia
chat-help-new-line = a capo (anche Ctrl-J)
chat-help-messages = ai messaggi
chat-help-remove = togli una parola, una riga
chat-help-message = Fra i messaggi
chat-help-details = dettagli, e chi lo ha
chat-help-cancel = annulla uno in attesa
chat-help-resend = rimanda uno non consegnato
chat-help-delete = togli da questo dispositivo
chat-help-person-page = Nella pagina di una persona
chat-help-verify = il numero di sicurezza è uguale, o no
chat-help-rename = dalle un nome tuo
chat-help-their-code = il codice della persona, da far inquadrare
chat-help-withdraw = ritira una richiesta
chat-help-block = blocca o sblocca
chat-help-end = finisci l'amicizia
chat-help-signs = Segni
chat-sign-presence = è qui, non è qui
chat-sign-verified = verificato: numeri confrontati, o un codice inquadrato
chat-sign-flag = attenzione: il nome può ingannare, vedi la pagina della persona
chat-sign-unread = tanti messaggi da leggere
chat-help-fates = Dov'è un messaggio
chat-fate-queued = In attesa: lo ha solo questo dispositivo
chat-fate-held = In custodia: un server o altri host ne hanno una copia
chat-fate-delivered = Consegnato: il dispositivo dell'amico lo ha salvato e lo ha provato
chat-fate-read = Letto: l'amico lo ha aperto
chat-fate-failed = Non consegnato: con il motivo, e il modo di rimandarlo

chat-weekday =
    { $weekday ->
        [1] lunedì
        [2] martedì
        [3] mercoledì
        [4] giovedì
        [5] venerdì
        [6] sabato
       *[7] domenica
    }
chat-month =
    { $month ->
        [1] gennaio
        [2] febbraio
        [3] marzo
        [4] aprile
        [5] maggio
        [6] giugno
        [7] luglio
        [8] agosto
        [9] settembre
        [10] ottobre
        [11] novembre
       *[12] dicembre
    }
## Avere cura di un account

ask-home-passphrase = Frase segreta di { $folder }:
ask-account-passphrase = Frase segreta del file dell'account:
ask-account-passphrase-again = Ancora una volta, per sicurezza:
account-exporting = Scrittura
account-importing = Lettura
account-exported = Tutto l'account è in { $path }, cifrato: messaggi { $messages }, amici e contatti { $friends }.
account-exported-warning = Delle due copie una sola può continuare. Quando l'account vive altrove, qui non usarlo più: cancellalo (`permesso erase`). Quello che arriva qui da ora in poi non è nel file. Conserva la frase segreta: senza, nessuno può aprire il file.
account-imported = L'account ora è in { $folder }: messaggi { $messages }, amici e contatti { $friends }.
account-imported-warning = Sul vecchio dispositivo non usarlo più: due copie di un account perdono messaggi. Con ogni amico la cifratura ricomincia da capo al prossimo incontro; quello che fu scritto sul vecchio dispositivo dopo l'esportazione qui non c'è.
key-place-keyring = La chiave dei suoi dati è nel portachiavi di questo desktop.
key-place-file = La chiave dei suoi dati è nel file { $path }, che solo tu puoi leggere. Chi copia tutta la cartella legge ogni cosa: se può succedere, al primo avvio usa una frase segreta (--passphrase-file, PERMESSO_PASSPHRASE).
key-place-passphrase = I suoi dati si aprono solo con la frase segreta: senza, nessuno può recuperarli.
rescued = Letti: messaggi { $messages }, amici e contatti { $friends }. Righe non leggibili: { $unreadable }.
rescued-torn = Il danno nasconde quanto c'era, quindi può essere andato perso di più.

contacts-exported = Contatti in { $path }: { $count }.
contacts-none = Dentro non c'è nessun contatto.
contact-nameless = (senza nome)
contact-added = aggiunto
contact-known = già conosciuto
contact-skipped = saltato: riga { $line }, { $name }: { $why }
contact-unfinished = la scheda non ha una fine: copia di nuovo tutto il file
contact-no-uri = non ha un indirizzo permesso: in IMPP, URL o NOTE: chiedine uno a quella persona

erase-ask = Tutto quello che è in { $folder } sarà cancellato: chiave, messaggi, amici, impostazioni. Non si torna indietro. Scrivi { $word } per continuare:
erased = Cancellato in { $folder }:
erase-not-ours = Non è di Permesso, e resta:

config-default = Valore iniziale: { $value }
config-is-setting = Si può cambiare mentre l'host è in funzione; quello che si cambia così è conservato nell'account e conta più del file.
config-source-default = iniziale
config-source-file = dal file
config-source-run-time = cambiato in funzione
config-source-command-line = riga di comando
config-settings-unknown = quello che fu cambiato in funzione ora non si sa: { $why }
config-set-in-file = { $key } = { $value } in { $path }; conta dal prossimo avvio.
config-set-in-account = { $key } = { $value } nell'account.

io-not-found = non c'è niente con questo nome; controlla il percorso
io-permission-denied = lì non puoi leggere o scrivere; scegli una cartella tua, o chiedi il permesso a chi la possiede
io-read-only = quel disco si può solo leggere; scegli un altro posto
io-storage-full = il disco è pieno; prima libera spazio
io-not-a-folder = dove dovrebbe esserci una cartella c'è un file; scegli un altro percorso
io-a-folder = è una cartella, non un file
io-exists = c'è già qualcosa con questo nome; scegline un altro
io-name-too-long = il nome è troppo lungo per questo sistema; scegline uno più corto
io-not-text = non è un file di testo (UTF-8)
failure-database-gone = in { $folder } c'è la chiave di un account, ma il suo database non c'è più. Rimetti permesso.db da una copia; oppure, per ricominciare come una persona nuova: permesso erase --home { $folder }
uri-too-long = ha { $length } byte, il limite è { $limit }: inquadra o copia di nuovo il codice
uri-other-scheme = non comincia con "permesso:": inquadra il codice che Permesso mostra sotto "il mio codice"
uri-bad-key = la chiave dev'essere di 64 cifre esadecimali, qui ci sono { $length } caratteri: copia il codice intero
uri-bad-alias = l'alias dev'essere UTF-8 in percent-encoding, da 1 a { $limit } byte: fatti dare un codice nuovo
uri-bad-token = il contrassegno dev'essere da 2 a 64 cifre esadecimali: fatti dare un codice nuovo
uri-bad-certificate = il certificato è danneggiato o di un'altra chiave: copia il codice intero, o fattene dare uno nuovo
uri-bad-address = l'indirizzo dev'essere come 192.168.1.7:20070 o [fe80::1]:20070: fatti dare un codice nuovo o toglilo
uri-too-many-addresses = ha più di { $limit } indirizzi: togline qualcuno
uri-bad-parameter = "{ $parameter }" va indicato una volta sola, con un valore: copia il codice intero
damage-cut-off = il file è troncato
damage-empty = il file è vuoto
damage-other-program = è il database di un altro programma
damage-missing = manca permesso.db
damage-salt = il file `salt` manca o è stato cambiato
damage-ends-early = l'ultima parte manca o è stata cambiata
damage-header = l'intestazione è stata cambiata
damage-goes-on = continua dopo la fine
failure-no-account = in { $folder } non c'è nessun account: indica la cartella giusta con --home DIR
failure-file-exists = { $path } c'è già e non viene sovrascritto: scegli un altro nome
failure-no-passphrase = il file dell'account vuole una frase segreta, e non c'è un terminale per chiederla: indica un file (--account-passphrase-file) o PERMESSO_ACCOUNT_PASSPHRASE
failure-passphrases-differ = le due frasi segrete non sono uguali: riprova
failure-passphrase-short = la frase segreta ha meno di { $least } caratteri: chi trova il file dell'account può provarne miliardi; scegline una più lunga, per esempio alcune parole
failure-not-confirmed = non era quello; nulla è stato cancellato
failure-status-address = la pagina di stato non si può servire su { $address }: { $why }. Se la porta è di un altro server o programma, fermalo, o indicane un'altra (--status-address 127.0.0.1:0 ne prende una libera)
failure-no-server = in { $folder } non gira nessun server; `permesso server` ne avvia uno, --home indica un'altra cartella
failure-server-silent = il server gira, ma non dice come sta: { $why }

key-passphrase-wanted = questa cartella si apre con una frase segreta: indicala (--passphrase-file, PERMESSO_PASSPHRASE)
key-exposed = altri su questa macchina possono leggere il file di chiave { $path } (permessi { $mode }): chiudilo con `chmod 600 { $path }`, e se qualcuno può averlo copiato considera letti i suoi dati
key-not-in-keyring = il portachiavi non ha la chiave di { $home } ({ $why }): apri il portachiavi in cui fu messa, o recuperala. Nulla è stato cambiato; senza la chiave i dati non si leggono, e una nuova identità richiede un'altra --home
key-keyring-unavailable = il portachiavi ora non risponde ({ $why }): sbloccalo o entra nel tuo desktop, poi riprova. Nulla è stato cambiato

archive-not-an-account = questo non è il file di un account di Permesso: scegli il file fatto dall'esportazione
archive-newer = il file dell'account è di una versione più nuova di Permesso (formato { $found }, questa arriva a { $supported }): aggiorna questa
archive-wrong-passphrase = questa frase segreta non apre il file dell'account: controllala, anche le maiuscole
archive-empty-passphrase = la frase segreta del file di un account non può essere vuota: scegline una
archive-damaged = il file dell'account è danneggiato o incompleto ({ $why }): copialo di nuovo, o rifai l'esportazione
archive-account-exists = in { $folder } c'è già un account: importa in una cartella vuota, o prima cancella quell'account
archive-file = il file dell'account non si è potuto leggere o scrivere: { $why }
archive-cancelled = annullato; nulla è stato cambiato

config-unreadable = { $path } non si può leggere: { $why }
config-invalid = { $place }riga { $line }: questo non è TOML, che si scrive chiave = valore, con i testi fra virgolette e le sezioni come [host]: { $why }
config-unknown-key = { $place }non esiste { $key }
config-unknown-key-nearest = { $place }non esiste { $key }; volevi dire { $nearest }?
config-out-of-range = { $place }{ $key } deve essere { $expected }, invece è { $found }
config-line = riga { $line }:
config-expected-range = da { $least } a { $most }
config-expected-number = un numero intero, da { $least } a { $most }
config-expected-span = un tempo, da { $least } a { $most }, scritto "250ms", "5s", "2m", "3h" o "30d"
config-expected-spans = un elenco di { $count } tempi, ciascuno da { $least } a { $most }, come ["0ms", "500ms", "2s"]
config-expected-alias-length = da 1 a { $limit } byte di UTF-8
config-expected-alias = un testo fra virgolette, da 1 a { $limit } byte di UTF-8
config-expected-visibility = "everybody" (tutti), "friends" (gli amici) o "nobody" (nessuno)
config-expected-flag = true (sì) o false (no)
config-expected-interfaces = "auto" o un elenco di indirizzi di questo host, come ["192.168.1.20"]
config-expected-peers = un elenco di indirizzi con una porta, come ["192.168.1.20:20070"]
config-expected-address = un indirizzo di questo host con una porta, come "127.0.0.1:20071"
config-expected-more-than-outbox = un numero intero, più di messages.outbox_max e al massimo { $most }
config-expected-less-than-marks = meno di messages.marks_max, che è { $marks }
config-expected-section = una sezione: [{ $name }] su una riga sua, con le chiavi sotto

node-host-link = il collegamento con l'altra radio non si può aprire: { $why }
node-randomness = il sistema operativo non dà numeri casuali: { $why }
restore-damaged = il dato { $row } della tabella { $table } non si può leggere: `permesso rescue FILE` scrive quello che si legge; poi recupera una copia o ricomincia
restore-newer = i dati sono stati scritti da una versione più nuova di Permesso: aggiorna questa

command-out-of-range = { $what } deve essere { $range }
noun-name = nome dato
noun-the-port = la porta
noun-the-history-limit = il limite della cronologia
noun-the-storage-for-others = lo spazio per gli altri
noun-the-outbox-limit = il limite dei messaggi in attesa
noun-the-outbox-expiry = la scadenza dei messaggi in attesa
noun-the-prefix-v4 = il prefisso di un indirizzo IPv4
noun-the-prefix-v6 = il prefisso di un indirizzo IPv6
range-port = da 1 a 65535
range-history-limit = da 1 a 1000000 messaggi
range-outbox-limit = da 1 a 100000 messaggi
range-storage-for-others = da 1 MiB a 1 TiB
range-outbox-expiry = da 1 minuto a 365 giorni
range-less-than-marks = meno di messages.marks_max
range-prefix-v4 = da 0 a 32 bit
range-prefix-v6 = da 0 a 128 bit

store-rejected = il cambiamento contraddice quello che è salvato ({ $why })
store-closed = i dati sono chiusi o in pausa: riaprili
store-changed-meanwhile = un altro processo nel frattempo ha cambiato i dati: riaprili

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
doctor-host-link = Un'altra radio
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
doctor-why-not-to-everybody = il sistema lascia che il programma scriva solo a un indirizzo alla volta
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
doctor-do-wait-for-sweep = In una rete piccola gli altri vengono cercati uno per uno, e ci vuole fino a un minuto; altrove scansiona il loro codice, o fai scansionare il tuo.
doctor-do-permission = Permetti al programma di usare la rete locale nelle impostazioni del sistema e del firewall; le porte sotto 1024 vogliono un privilegio.
doctor-do-set-clock = Imposta data e ora di questo dispositivo.
doctor-do-address-first = Sistema l'indirizzo qui sopra e guarda di nuovo.

doctor-somebody = Almeno una via porta ad altri.
doctor-nobody = Non ha risposto nessuno. Se altri sono comunque su questo Wi-Fi, l'access point tiene separati i suoi client (isolamento): disattivalo, o usa un'altra rete o l'hotspot di un telefono.
doctor-broken = Così questo host non può essere trovato; sopra si legge che cosa sistemare.

## Un server persistente

server-runs = Il server «{ $alias }» è in funzione. Ctrl-C lo ferma.
server-runs-since = Il server «{ $alias }» è in funzione dal { $when } UTC.
server-id = identità
server-present-on = presente su
server-code = codice
server-status-page = pagina di stato
server-token = la sua parola d'ordine è in
server-too-slow = ci ha messo troppo
server-of = { $part } su { $whole }
server-waiting = buste in attesa
server-storage = spazio
server-deposits = prese dall'avvio
server-deliveries = consegnate dall'avvio
server-refused = rifiutate per mancanza di posto
server-expired = troppo vecchie, tolte
server-hosts = host presenti
server-servers = di questi, altri server
server-links = collegamenti

## La sua pagina di stato

page-title = { $alias }, un server Permesso
page-numbers = Adesso
page-since = Dal { $when } UTC
page-activity = Prese e consegnate
page-deposits = prese
page-deliveries = consegnate
page-hosts = host presenti
page-plot = Negli ultimi { $span }: { $deposits } prese, { $deliveries } consegnate.
page-now = adesso
page-ago = { $span } fa
page-seconds = { $seconds } s
page-minutes = { $minutes } min
page-hours = { $hours } h
page-as-table = Come tabella
page-when = quando
page-nothing = In questo tempo non è successo niente.
page-network = Rete
page-somebody = qualcuno
page-examined = Guardata il { $when } UTC; ogni 15 minuti.
page-not-examined = Non ancora guardata; ci vuole mezzo minuto dall'avvio.
page-again = Ricarica
page-by-itself = Al { $when } UTC; si ricarica ogni minuto.
page-sealed = Un server conserva buste sigillate. Non può leggerle, e questa pagina mostra soltanto numeri.
page-choose-span = Intervallo di tempo
page-choose-language = Lingua
page-token-wanted = Questa pagina vuole la parola d'ordine del server. È nel file status-token della sua cartella.
page-token-wrong = Non era la parola d'ordine.
page-token = Parola d'ordine
page-open = Apri

## Il simulatore

sim-replaying = Ripetizione
sim-line = { $path }, riga { $line }: { $expected }
sim-scenario = nello scenario { $path }: { $why }
sim-missing = manca la traccia dei contatti o la lista dei messaggi: indicale con --contacts e --messages o nello scenario, oppure un mondo con --world
sim-not-friends = gli host { $first } e { $second } non sono diventati amici prima del secondo 0
sim-engine = un host non è partito: { $why }
sim-no-contact = atteso `<secondi> CONN <indirizzo> <indirizzo> up` o `… down`
sim-no-message = atteso `<secondi> <id> <byte> <da> <a> <minuti di vita> N`
sim-no-moment = attesi secondi da 0 in su, come 12.5
sim-backwards = atteso un momento non precedente a quello della riga sopra
sim-no-address = atteso l'indirizzo di un host da 0 a 65535, anche dopo lettere, come 42 o c42
sim-same-host = attesi due host diversi
sim-not-open = atteso `up`: questi due non hanno un contatto che possa finire
sim-no-size = attesa una dimensione da 1 a 4096 byte
sim-no-lifetime = attesa una durata da 1 a 10080 minuti
sim-no-text = attesa una riga di testo
sim-world = { $hosts } host, { $contacts } contatti, { $friendships } coppie di amici
sim-delivered = messaggi: { $delivered } di { $messages } consegnati ({ $percent } %), { $late } arrivati tardi; { $proved } mittenti hanno la prova
sim-possible = tutto a tutti subito ne consegnerebbe { $possible } ({ $percent } %), in media in { $mean } s
sim-latency = fino alla consegna: media { $mean } s, mediana { $median } s, 9 su 10 entro { $most } s
sim-transmissions = trasmissioni per messaggio consegnato: { $each } ({ $all } in tutto, eccedenza { $overhead }), { $hops } collegamenti di strada; { $cut } interrotte
sim-bytes = byte inviati: { $bytes }
sim-stored = il massimo che un host ha conservato:
sim-wall = { $before } s per fare amicizia prima del secondo 0, { $since } s per il resto
sim-kept = ogni promessa esaminata è stata mantenuta: { $promises }
sim-broken = promesse non mantenute:
sim-growth-head = { "  host   a tiro  messaggi arrivati  datagrammi   collegam.     tempo   memoria" }
    { "                                %        kB/h        kB/h    ms/min        kB" }
sim-growth-hosts = host
sim-growth-bytes = Inviati da un host, kB all'ora
sim-growth-time = Tempo di questa macchina per un minuto di un host, ms
sim-growth-memory = Memoria del processo per host, kB
sim-growth-datagrams = annunci e altri datagrammi
sim-growth-links = sui collegamenti
sim-plot-soon = Consegnati su tutti, % secondo il tempo dalla scrittura
sim-plot-so-far = Messaggi fino ad allora
sim-plot-after = ore dalla scrittura
sim-plot-at = ore
sim-plot-written = scritti
sim-plot-delivered = consegnati
sim-plot-proved = noti al mittente
