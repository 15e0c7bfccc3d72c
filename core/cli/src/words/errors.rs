//! What went wrong, and what to do. In English the errors of the host speak for themselves.

use permesso_node::{CommandError, NodeError, StoreError};

use super::{Language, people, say};
use crate::failure::Failure;
use crate::key::KeyError;
use crate::names::{Candidate, NameError};
use crate::printing::one_line;

/// Why a command could not be carried out.
pub(crate) fn failure(language: Language, failure: &Failure) -> String {
    match failure {
        Failure::Node(error) => node(language, error),
        Failure::Config(error) => error.to_string(),
        Failure::Key(error) => key(language, error),
        Failure::Name(error) => name(language, error),
        Failure::NobodyAnswers(alias) => {
            let alias = one_line(alias);
            say!(
                language,
                "nobody here answers to \"{alias}\": check the spelling, that the other is on the same network, and that its visibility is not \"friends\" or \"nobody\"",
                "nessuno qui risponde al nome \"{alias}\": controlla come è scritto, che l'altro sia sulla stessa rete e che la sua visibilità non sia \"friends\" o \"nobody\""
            )
        }
        Failure::SeveralClaim(claims) => {
            let listed = claims.iter().map(|claim| format!("\n  {}  {}", claim.host, one_line(&claim.alias)));
            let listed: String = listed.collect();
            say!(
                language,
                "several hosts claim that name; find out which is the right one and give its id:{listed}",
                "più host dicono di chiamarsi così; scopri qual è quello giusto e indicane l'id:{listed}"
            )
        }
        Failure::NoHome => say!(
            language,
            "there is no data folder for this user: name one with --home DIR",
            "questo utente non ha una cartella per i dati: indicane una con --home DIR"
        ),
        Failure::NotEmpty(path) => {
            let path = path.display();
            say!(
                language,
                "{path} is not empty: name a new or an empty folder",
                "{path} non è vuota: indica una cartella nuova o vuota"
            )
        }
        Failure::Folder { path, source } => {
            let path = path.display();
            say!(language, "{path} cannot be used: {source}", "{path} non si può usare: {source}")
        }
        Failure::Runtime(error) => say!(
            language,
            "the system gives no threads or event queue: {error}",
            "il sistema non concede thread o code di eventi: {error}"
        ),
        Failure::Interrupted => say!(language, "interrupted", "interrotto"),
        Failure::Stream(error) => {
            say!(language, "input or output failed: {error}", "lettura o scrittura non riuscita: {error}")
        }
    }
}

fn key(language: Language, error: &KeyError) -> String {
    match error {
        KeyError::Missing(path) => {
            let path = path.display();
            say!(
                language,
                "the key of this home is missing: put {path} back, or give the passphrase if the home has one (--passphrase-file). Nothing was changed; without the key the data cannot be read, and a new identity needs another --home",
                "manca la chiave di questa cartella: rimetti {path} al suo posto, o dai la frase segreta se la cartella ne ha una (--passphrase-file). Nulla è stato cambiato; senza la chiave i dati non si leggono, e una nuova identità richiede un'altra --home"
            )
        }
        KeyError::Damaged(path) => {
            let path = path.display();
            say!(
                language,
                "{path} is not a key file (32 bytes): restore it from a copy",
                "{path} non è un file di chiave (32 byte): recuperalo da una copia"
            )
        }
        KeyError::Both(path) => {
            let path = path.display();
            say!(
                language,
                "this home is unlocked by the file {path}, not by a passphrase: give none (--passphrase-file, PERMESSO_PASSPHRASE)",
                "questa cartella si apre con il file {path}, non con una frase segreta: non darne (--passphrase-file, PERMESSO_PASSPHRASE)"
            )
        }
        KeyError::EmptyPassphrase => say!(language, "the passphrase is empty", "la frase segreta è vuota"),
        KeyError::File { path, source } => {
            let path = path.display();
            say!(language, "{path} cannot be used: {source}", "{path} non si può usare: {source}")
        }
        KeyError::Store(error) => store(language, error),
    }
}

/// Why a name names nobody.
pub(crate) fn name(language: Language, error: &NameError) -> String {
    match error {
        NameError::Unknown { name } => {
            let name = one_line(name);
            say!(
                language,
                "you have no friend called \"{name}\": `permesso friends` lists them, `permesso ask --to NAME` makes new ones",
                "non hai amici di nome \"{name}\": `permesso friends` li elenca, `permesso ask --to NOME` ne fa di nuovi"
            )
        }
        NameError::Ambiguous { name, candidates } => {
            let name = one_line(name);
            let listed: String = candidates.iter().map(|one| candidate(language, one)).collect();
            say!(
                language,
                "\"{name}\" may be any of these; give an id:{listed}",
                "\"{name}\" può essere uno di questi; indica un id:{listed}"
            )
        }
    }
}

fn candidate(language: Language, candidate: &Candidate) -> String {
    let state = people::friend_state(language, candidate.state);
    format!("\n  {}  {} ({state})", candidate.host, one_line(&candidate.name))
}

/// What the host says.
pub(crate) fn node(language: Language, error: &NodeError) -> String {
    if language == Language::English {
        return error.to_string();
    }
    match error {
        NodeError::Command(error) => command(error),
        NodeError::Store(error) => store(language, error),
        NodeError::PortInUse { port, address } => format!(
            "la porta UDP {port} su {address} è già in uso: ferma l'altro programma, oppure dai a questo host un'altra porta (--port) o un indirizzo suo (--interface)"
        ),
        NodeError::NoInterface => {
            "nessun indirizzo di rete utilizzabile: collegati a una rete, o indicane uno con --interface (per esempio 127.0.0.1)".into()
        }
        NodeError::Network(error) => format!("la rete non si può usare: {error}"),
        NodeError::AddressUnusable { address, reason } => format!("{address} non si può usare: {reason}"),
        NodeError::StorageFailed => {
            "il cambiamento non si è potuto salvare e non è avvenuto: libera dello spazio e riprova".into()
        }
        NodeError::Paused => "l'host è in pausa: prima riprendilo".into(),
        NodeError::Stopped => "l'host è stato fermato: riaprilo".into(),
        NodeError::Timeout { waited_ms, .. } => {
            format!("non è successo entro {waited_ms} ms; può ancora succedere")
        }
        NodeError::NoConversation { host } => format!("non c'è nessuna conversazione con {host}"),
        error => error.to_string(),
    }
}

fn command(error: &CommandError) -> String {
    match error {
        CommandError::TooLong { length, limit, .. } => {
            format!("troppo lungo: {length} byte, il limite è {limit}; accorcialo")
        }
        CommandError::Empty { .. } => "è vuoto: scrivi qualcosa".into(),
        CommandError::UnknownHost { host } => {
            format!("l'host {host} qui non è conosciuto: prima cercalo o inquadra il suo codice")
        }
        CommandError::NotAFriend { host } => format!("{host} non è un amico: prima chiedi l'amicizia"),
        CommandError::WrongState { host, state } => {
            let state = people::friend_state(Language::Italian, *state);
            format!("ora non è possibile: con {host} lo stato è \"{state}\"")
        }
        CommandError::Oneself => "quello è questo stesso host".into(),
        CommandError::TooManyAsks { limit } => {
            format!("ci sono già {limit} richieste aperte: aspetta qualche risposta o ritirane una")
        }
        CommandError::UnknownMessage { message } => {
            format!("il messaggio {message} qui non c'è, o il suo stato non lo permette")
        }
        CommandError::BadUri { reason } => format!("questo non è un URI permesso: valido: {reason}"),
        CommandError::Busy => "troppe cose aspettano di essere salvate: riprova fra un momento".into(),
        error => error.to_string(),
    }
}

fn store(language: Language, error: &StoreError) -> String {
    if language == Language::English {
        return error.to_string();
    }
    match error {
        StoreError::KeyMissing => "manca la chiave dei dati: recuperala, oppure cancella i dati e ricomincia".into(),
        StoreError::KeyUnavailable => {
            "il custode delle chiavi ora non risponde: sblocca il dispositivo e riprova".into()
        }
        StoreError::WrongKey => "questa non è la chiave dei dati: controlla la frase segreta".into(),
        StoreError::NewerSchema { .. } => {
            "i dati sono stati scritti da una versione più nuova di Permesso: aggiorna questa".into()
        }
        StoreError::Damaged { detail } => format!(
            "i dati sono danneggiati ({detail}): copia la cartella per sicurezza, poi recupera una copia o ricomincia"
        ),
        StoreError::InUse => "i dati sono in uso: un altro Permesso gira con la stessa cartella".into(),
        StoreError::NotWritable { detail } => {
            format!("la cartella dei dati non si può scrivere ({detail}): controlla i permessi")
        }
        StoreError::DiskFull => "il disco è pieno: libera dello spazio".into(),
        error => error.to_string(),
    }
}
