# La riga di comando in italiano: i testi di `--help` e delle pagine di manuale, e gli errori di chi la scrive. L'inglese sta
# nel codice (src/arguments.rs) e in clap; i test lo confrontano con questo, comando per comando.

## Ciò che è uguale dappertutto. Un comando che vuole un testo suo lo ha sotto il proprio nome.

everywhere =
    .verbose = Dice sullo standard error che cosa succede; -vv dice di più. PERMESSO_LOG=FILTRO dice esattamente che cosa
    .help = Mostra questo aiuto
    .version = Mostra la versione
    .home = La cartella di questo host [valore iniziale: permesso nella cartella dei dati dell'utente, ~/.local/share/permesso]
    .config = Il file di configurazione [valore iniziale: config.toml nella cartella, se c'è]
    .alias = Cambia il nome con cui gli altri possono cercarti; resta salvato
    .passphrase_file = Un file la cui prima riga è la frase segreta di questa cartella; PERMESSO_PASSPHRASE fa lo stesso
    .account_passphrase_file = Un file la cui prima riga è la frase segreta del file dell'account; PERMESSO_ACCOUNT_PASSPHRASE fa lo stesso. Senza, viene chiesta
    .port = Cambia la porta UDP della presenza, la stessa su tutti gli host di una rete; resta salvata per i prossimi avvii
    .interfaces = È presente solo su questo indirizzo di questa macchina; si può ripetere
    .peers = Cerca un host anche a questo indirizzo e porta; si può ripetere
    .json = Stampa un oggetto JSON
    .minutes = Per quanti minuti virtuali gli utenti sono all'opera
    .seed = Ciò da cui segue tutto quello che si decide

headings =
    .arguments = Argomenti
    .options = Opzioni
    .commands = Comandi
    .this-host = Questo host

notes =
    .usage = Uso
    .options = OPZIONI
    .command = COMANDO
    .default = valore iniziale: { $values }
    .possible = valori possibili: { $values }

value-names =
    .ADDR = INDIRIZZO
    .ADDR-PORT = INDIRIZZO:PORTA
    .KEY = CHIAVE
    .NAME = NOME
    .SPAN = TEMPO
    .TEXT = TESTO
    .VALUE = VALORE
    .WORLD = MONDO

manual =
    .title = Manuale di Permesso
    .name = NOME
    .synopsis = SINTASSI
    .description = DESCRIZIONE
    .extra = ALTRO
    .version = VERSIONE

help = Mostra questo aiuto, o quello dei comandi indicati

## I comandi

permesso = Persone vicine chiacchierano senza server, senza account e senza internet.
    .after-help =
        Stato di uscita:
          0  fatto: consegnato, risposto, oppure c'è qualcosa di nuovo
          1  qualcosa è andato storto; lo standard error dice che cosa
          2  la riga di comando non si capisce
          3  non ancora: salvato e in attesa, senza risposta, o niente di nuovo
          4  il messaggio non arriverà
          5  la cartella è in uso da un altro processo
          6  la chiave o la frase segreta manca, è sbagliata, o non la puoi leggere
          130  interrotto (SIGINT, SIGTERM, SIGHUP); ha lasciato la rete in ordine, e ciò che fu accettato è salvato

chat = Chiacchiera in questo terminale: persone vicine, amici, conversazioni (anche `permesso` da solo)
    .after-help =
        F1 mostra tutti i tasti.

        Stato di uscita: 0 alla fine; 1, 5 o 6 se l'host non si può aprire; 2 senza un terminale.

demo = Mostra host su questa macchina che si incontrano, diventano amici, parlano e non perdono nulla mentre uno non c'è, senza server e con uno
    .json = Stampa un oggetto JSON per ogni passo
    .keep = Conserva le cartelle degli host in questa, che deve essere nuova o vuota
    .one_address = Mette tutti gli host su un solo indirizzo, ognuno con una porta sua, come sui sistemi dove 127.0.0.2 non si può usare
    .after-help = Stato di uscita: 0 solo se ogni passo è successo davvero, altrimenti 1.

bot = Avvia un host guidato da righe JSON: comandi dallo standard input, risposte ed eventi sullo standard output
    .stay = Va avanti dopo la fine dell'input, fino a un segnale o finché nessuno legge più l'output
    .offline = Non entra in rete prima del comando join
    .after-help =
        core/cli/BOT.md descrive le righe, core/cli/bot.schema.json è il loro JSON Schema.

        Stato di uscita: 0 dopo la fine dell'input, un comando stop, un segnale, o quando nessuno legge più l'output; 1, 5 o 6 se l'host non parte.

server = Avvia un server persistente, che conserva la posta per chi non c'è; `server status` dice come sta
    .status_address = L'indirizzo e la porta TCP della pagina di stato, dove 0 è una porta a caso [valore iniziale: 127.0.0.1:20071]. Fuori da questa macchina vuole la parola d'ordine che è nel file status-token della cartella
    .home = La cartella di questo server [valore iniziale: permesso-server nella cartella dei dati dell'utente, ~/.local/share/permesso-server]
    .after-help =
        Non c'è nulla da preparare: il primo avvio crea la sua cartella, e gli altri sulla rete lo trovano da soli. Vede solo posta sigillata.

        Stato di uscita:
          0  fermato da un segnale (SIGINT, SIGTERM, SIGHUP); ha lasciato la rete in ordine, e ciò che conserva è salvato
          1  non può partire: una porta è in uso, non c'è rete, o altro che lo standard error dice
          2 riga di comando, 5 cartella in uso (gira già), 6 chiave mancante o sbagliata

server-status = Dice come sta il server in funzione: che cosa aspetta, che cosa ha preso e consegnato, chi c'è
    .home = La cartella di questo server [valore iniziale: permesso-server nella cartella dei dati dell'utente, ~/.local/share/permesso-server]
    .after-help =
        Stato di uscita:
          0  il server gira; è stampato come sta
          3  in questa cartella non gira nessun server
          1  qualcosa è andato storto, 2 riga di comando

send = Scrive a un amico, e resta in rete finché il messaggio è consegnato o l'attesa finisce
    .to = L'amico: il nome che gli hai dato, quello con cui si presenta, o il suo id
    .text = Il testo, al massimo 4096 byte; - lo legge dallo standard input
    .wait = Quanto restare in rete per la prova della consegna, come 10s o 2m; con 0s il messaggio è solo salvato
    .after-help =
        Stato di uscita:
          0  consegnato: il dispositivo del destinatario lo ha salvato e lo ha provato
          3  in attesa: salvato qui (o in custodia per il destinatario); parte quando questo host e il destinatario si incontrano
          4  non consegnato: non arriverà, ed è stampato perché
          1  altro è andato storto, 2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

resend = Manda di nuovo un messaggio non consegnato; `inbox --all` mostra quali
    .message = L'id del messaggio, 32 cifre esadecimali
    .wait = Quanto restare in rete per la prova della consegna, come 10s o 2m; con 0s il messaggio è solo messo fra quelli in attesa
    .after-help =
        Stato di uscita:
          0  consegnato: il dispositivo del destinatario lo ha salvato e lo ha provato
          3  in attesa: salvato qui (o in custodia per il destinatario); parte quando questo host e il destinatario si incontrano
          4  non consegnato: non arriverà, ed è stampato perché
          1  altro è andato storto, 2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

cancel = Rinuncia a un messaggio in attesa; `inbox --all` mostra quali
    .message = L'id del messaggio, 32 cifre esadecimali
    .after-help =
        Stato di uscita:
          0  rinunciato: non sarà spedito
          1  quel messaggio non c'è o non aspetta più (lo dice lo standard error), o altro è andato storto
          2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

inbox = Mostra i messaggi da leggere e li segna come letti
    .all = Mostra tutta la cronologia: anche i messaggi tuoi, con il loro stato e perché uno non è stato consegnato, e gli id di tutti
    .peek = Li lascia da leggere, senza segnarli
    .wait = Prima resta in rete per questo tempo, come 10s o 2m, perché i messaggi in attesa possano arrivare
    .json = Stampa un oggetto JSON per ogni messaggio
    .after-help =
        Stato di uscita:
          0  ci sono messaggi da leggere; sono stampati
          3  non c'è niente da leggere
          1  qualcosa è andato storto, 2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

search = Cerca nei messaggi di tutte le conversazioni
    .text = Ciò che un messaggio deve contenere; maiuscole e minuscole non contano
    .limit = Ne mostra al massimo questo numero, i più recenti; da 1 a 10000
    .json = Stampa un oggetto JSON per ogni messaggio
    .after-help =
        Stato di uscita:
          0  ci sono messaggi che contengono il testo; sono stampati
          3  non ce n'è nessuno
          1  qualcosa è andato storto, 2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

friends = Elenca amici, richieste aperte e amicizie finite
    .json = Stampa un oggetto JSON per ogni amico

hosts = Elenca gli host a portata
    .wait = Quanto ascoltare, come 10s o 2m
    .json = Stampa un oggetto JSON per ogni host

ask = Chiede l'amicizia a un host
    .to = A chi: il nome di un contatto importato, un nome da cercare sulla rete, o un id
    .uri = A chi: il contenuto del suo codice QR, permesso:...
    .greeting = Qualche parola, al massimo 280 byte
    .wait = Quanto restare in rete per la risposta, come 10s o 2m
    .after-help =
        Stato di uscita:
          0  siete amici
          3  la richiesta è salvata e non ha ancora risposta; è rimandata ogni volta che i due host si incontrano
          4  è stata rifiutata
          1  altro è andato storto, 2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

accept = Accetta (o rifiuta) una richiesta di amicizia
    .name = Chi l'ha chiesta: il suo nome o il suo id
    .refuse = La rifiuta, invece; a chi chiede non viene detto
    .tell = Dice il rifiuto a chi chiede
    .wait = Quanto restare in rete, perché la richiesta arrivi e la risposta parta, come 10s o 2m
    .after-help =
        Stato di uscita:
          0  siete amici (o, con --refuse, la richiesta è rifiutata)
          3  quella richiesta non c'è ancora
          1  altro è andato storto, 2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

whoami = Mostra l'id e l'URI permesso: di questo host, e i numeri di sicurezza da confrontare con gli amici
    .address = L'indirizzo da mettere nell'URI al posto di quello di questo host, perché gli altri lo trovino dove il broadcast è scartato

diagnostics = Mostra i pacchetti più recenti con il loro stato, e quanti ne sono stati scartati o rifiutati

contacts = Scrive i contatti per una rubrica, e li prende da una rubrica (vCard)

contacts-export = Scrive amici e host fissati come vCard, con i loro URI permesso:
    .file = Il file da creare; uno che c'è già non viene sovrascritto. - scrive sullo standard output

contacts-import = Prende le vCard che hanno un URI permesso:, fissa le chiavi e ricorda i nomi
    .file = Il file da leggere, - per lo standard input
    .json = Stampa un oggetto JSON per ogni contatto
    .after-help = Stato di uscita: 0 se un contatto è stato preso, 3 se nessuno; 1, 2, 5, 6 come dappertutto.

export = Scrive tutto questo account in un file cifrato, per portarlo su un altro dispositivo
    .file = Il file da creare; uno che c'è già non viene sovrascritto

import = Crea in una cartella vuota l'account di un file scritto da `export`
    .file = Il file dell'account

rescue = Scrive ciò che si legge dei dati, danneggiati o no, come righe JSON
    .file = Il file da creare; uno che c'è già non viene sovrascritto. - scrive sullo standard output

erase = Cancella questo account: chiave, messaggi, amici, impostazioni, tutto
    .yes = Non chiede conferma

doctor = Guarda quali vie per trovare altri funzionano qui, perché una non funziona, e che cosa fare
    .after-help =
        Stato di uscita:
          0  qualcuno ha risposto per almeno una via; l'elenco dice chi e per quale
          3  non ha risposto nessuno: forse non c'è nessuno, o una via è bloccata
          1  così questo host non può essere trovato (senza indirizzo, porta in uso, senza permesso), o altro è andato storto
          2 riga di comando, 5 cartella in uso, 6 chiave mancante o sbagliata

config = Mostra, cambia e spiega i parametri

config-default = Stampa un file di configurazione con ogni parametro, che cosa significa e il suo valore iniziale

config-show = Mostra ogni valore che vale ora e da dove viene: iniziale, dal file, cambiato in funzione, riga di comando
    .json = Stampa un oggetto JSON per ogni parametro

config-set = Cambia un parametro: nell'account se può cambiare mentre un host gira, altrimenti nel file di configurazione
    .key = Il parametro con la sua sezione, come messages.outbox_max
    .value = Il suo valore, come 500, 5m, Ada o true
    .config = Il file di configurazione [valore iniziale: config.toml nella cartella]

config-explain = Dice che cosa significa un parametro, che valori può avere e quello iniziale
    .key = Il parametro con la sua sezione, come messages.outbox_max

sim = Fa girare molti host in un mondo simulato

sim-world = Host che vanno e vengono, si incontrano, parlano e si bloccano in un tempo virtuale; si controlla ogni promessa del protocollo
    .hosts = Quanti host
    .mobility = Al posto di --hosts, persone che vanno a piedi e in auto in un quadrato e si raggiungono entro 50 m: waypoint:HOST:LATO o clustered:HOST:LATO:GRUPPI, come clustered:500:1km:20
    .servers = Quanti di questi host sono server persistenti, che nessuno usa
    .minutes = Per quanti minuti virtuali utenti e guasti sono all'opera; poi tutto guarisce
    .faults = Che cosa va storto: niente, una radio cattiva, o tutto insieme con un avversario
    .small = Dà agli host cronologie e code piccole, perché ogni limite sia raggiunto
    .quiet = Va avanti per 40 minuti tranquilli e controlla che gli host tacciano
    .print = Stampa sullo standard error che cosa succede, mentre succede
    .json = Stampa il resoconto come un oggetto JSON
    .after-help = Stato di uscita: 0 se ogni promessa è stata mantenuta, altrimenti 1.

sim-trace = Chi incontra chi lo dice una traccia dei contatti, e si vede fin dove arrivano i messaggi; i formati sono quelli del simulatore ONE
    .scenario = Che cosa si ripete e con quali regole, un file TOML
    .contacts = La traccia dei contatti, semplice o gzip: `<secondi> CONN <indirizzo> <indirizzo> up|down`
    .messages = La lista dei messaggi: `<secondi> <id> <byte> <da> <a> <minuti di vita> N`
    .world = Al posto di una traccia, persone che vanno a piedi e in auto in un quadrato: waypoint:HOST:LATO o clustered:HOST:LATO:GRUPPI, come clustered:500:8km:20; senza una lista si scrivono una volta ogni 25 s
    .end = Quanto dura, come 12h [valore iniziale: quanto la traccia, 12h per un mondo]
    .seed = Ciò da cui segue tutto quello che né una traccia né una lista decidono
    .plot = Disegna in quanto tempo e quando sono arrivati i messaggi in questo file SVG, che viene sostituito
    .json = Stampa il resoconto come un oggetto JSON
    .after-help =
        Stato di uscita:
          0  ogni promessa è stata mantenuta, per quanti messaggi siano arrivati
          1  una promessa non è stata mantenuta, o un file non si legge o ha una riga sbagliata
          2  la riga di comando non si capisce

sim-growth = Quanto costa un host in mondi di sempre più host che camminano: byte inviati, tempo e memoria di questa macchina
    .hosts = Quanti host, un mondo per ogni numero, come 10,100,1000; da 2 a 10000
    .density = Host in un chilometro quadrato, da 1 a 100000; con 1000 un host ne ha otto a portata
    .clustered = Le persone vivono attorno a un luogo ogni 25 host, invece che dappertutto
    .plot = Disegna i numeri in questo file SVG, che viene sostituito
    .json = Stampa un oggetto JSON per ogni mondo
    .after-help = Stato di uscita: 0 se ogni promessa è stata mantenuta in ogni mondo, altrimenti 1.

completions = Stampa uno script con cui una shell completa comandi e opzioni
    .shell = Per quale shell
    .after-help = Per bash: permesso completions bash > ~/.local/share/bash-completion/completions/permesso

man = Stampa la pagina di manuale, o scrive quelle di tutti i comandi in una cartella
    .dir = Scrive una pagina per ogni comando in questa cartella, che viene creata se non c'è

## Che cosa non si capisce

usage-unknown-argument = { $argument } qui non esiste
usage-too-much = "{ $argument }" è di troppo
usage-unknown-command = non esiste nessun comando "{ $command }"
usage-missing =
    { $count ->
        [one] manca { $arguments }
       *[other] mancano { $arguments }
    }
usage-missing-command = dopo { $command } manca un comando
usage-missing-value = a { $argument } manca il valore
usage-invalid-value = "{ $value }" non va bene per { $argument }
usage-not-a-number = "{ $value }" non va bene per { $argument }: ci vuole un numero intero
usage-not-an-address = "{ $value }" non va bene per { $argument }: ci vuole un indirizzo di questa macchina, come 192.168.1.20 o fe80::1, non il nome di un'interfaccia
usage-too-large = "{ $value }" non va bene per { $argument }: è un numero troppo grande
usage-out-of-range = "{ $value }" non va bene per { $argument }: ci vuole un numero da { $least } a { $most }
usage-no-value-wanted = { $argument } non vuole nessun valore, invece c'è "{ $value }"
usage-twice = { $argument } si può dare una volta sola
usage-conflict = { $argument } non va insieme a { $others }
usage-not-text = un argomento non è testo leggibile (UTF-8): scrivilo di nuovo
usage-general = questa riga di comando non si capisce

usage-did-you-mean =
    { $count ->
        [one] Volevi dire { $names }?
       *[other] Volevi dire uno di questi: { $names }?
    }
usage-possible-values = Può essere: { $values }.
usage-exists = `{ $line }` esiste: scrivilo così, in quest'ordine.
usage-as-value = Se è un testo e non un'opzione, scrivi: -- { $argument }
usage-no-dashes = `{ $command }` è un comando: togli il -- davanti.
usage-what-it-is = { $argument }: { $help }
usage-more = `{ $line }` spiega tutto.
