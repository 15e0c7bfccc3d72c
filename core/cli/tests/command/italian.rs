//! Help, usage errors, manual pages and completions in Italian.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::process::{permesso, run, run_to, run_to_error, skipped};

/// `permesso` where the language is Italian.
fn italian(arguments: &[&str]) -> Command {
    let mut command = permesso(arguments);
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "it_IT.UTF-8");
    command
}

/// Command lines that cannot be understood, and what is said of them.
const WRONG: [(&[&str], &[&str]); 24] = [
    (&["snd"], &["non esiste nessun comando \"snd\"", "Volevi dire send?", "Uso: permesso [OPZIONI] [COMANDO]"]),
    (
        &["contacts", "expor"],
        &["Volevi dire uno di questi: import, export?", "`permesso contacts --help` spiega tutto."],
    ),
    (
        &["send", "--jsn"],
        &["--jsn qui non esiste", "Volevi dire --json?", "Uso: permesso send [OPZIONI] --to <NOME> <TESTO>"],
    ),
    (&["send", "--to", "Ada", "--x"], &["--x qui non esiste", "Se è un testo e non un'opzione, scrivi: -- --x"]),
    (&["--home", "x", "send"], &["--home qui non esiste", "`send --home` esiste: scrivilo così"]),
    (&["--", "send"], &["\"send\" è di troppo", "`send` è un comando: togli il -- davanti."]),
    (&["send", "--to", "Ada", "a", "b"], &["\"b\" è di troppo"]),
    (&["send"], &["mancano --to <NOME>, <TESTO>", "Uso: permesso send [OPZIONI] --to <NOME> <TESTO>"]),
    (&["ask"], &["manca <--to <NOME>|--uri <URI>>"]),
    (&["accept", "Ada", "--tell"], &["manca --refuse"]),
    (&["sim", "-v"], &["dopo permesso sim manca un comando", "Può essere: world, trace, growth, help."]),
    (&["send", "--wait"], &["a --wait <TEMPO> manca il valore", "come 10s o 2m"]),
    (&["search", ""], &["a <TESTO> manca il valore", "Ciò che un messaggio deve contenere"]),
    (&["send", "--wait", "soon"], &["\"soon\" non va bene per --wait <TEMPO>", "come 10s o 2m"]),
    (&["whoami", "--port", "0"], &["\"0\" non va bene per --port <N>: ci vuole un numero da 1 a 65535"]),
    (&["whoami", "--port", "x"], &["\"x\" non va bene per --port <N>: ci vuole un numero intero"]),
    (&["whoami", "--port", "99999999999999999999"], &["è un numero troppo grande"]),
    (&["sim", "growth", "--hosts", "10,1"], &["per --hosts <N,N,…>: ci vuole un numero da 2 a 10000"]),
    (&["completions", "cmd"], &["\"cmd\" non va bene per <SHELL>", "Può essere: bash, elvish, fish, powershell, zsh."]),
    (&["sim", "world", "--faults", "losy"], &["Volevi dire lossy?", "Può essere: calm, lossy, storm."]),
    (&["friends", "--json=5"], &["--json non vuole nessun valore, invece c'è \"5\""]),
    (&["send", "--to", "Ada", "--to", "Eve", "x"], &["--to <NOME> si può dare una volta sola"]),
    (&["ask", "--to", "Ada", "--uri", "x"], &["--to <NOME> non va insieme a --uri <URI>"]),
    (
        &["server", "--home", "x", "status"],
        &["status non va insieme a --home <DIR>", "\n     permesso server <COMANDO>"],
    ),
];

/// What `clap` says in each of them in English.
const ENGLISH: [&str; 9] =
    ["error:", "tip:", "Usage:", "For more", "OPTIONS", "COMMAND", "required", "invalid", "found"];

#[test]
fn what_cannot_be_understood_is_told_in_italian_with_what_to_write() {
    for (arguments, parts) in WRONG {
        let says = run_to_error(2, &mut italian(arguments));
        assert!(says.starts_with("permesso: "), "{arguments:?}: {says}");
        for part in parts {
            assert!(says.contains(part), "{arguments:?}: {part} is not in\n{says}");
        }
        for english in ENGLISH {
            assert!(!says.contains(english), "{arguments:?}: {english} is in\n{says}");
        }
        assert!(says.ends_with("--help` spiega tutto.\n"), "{arguments:?}: {says}");
    }
}

#[test]
fn in_english_the_same_is_told_as_ever() {
    for (arguments, _) in WRONG {
        let says = run_to_error(2, &mut permesso(arguments));
        assert!(says.starts_with("error: ") && says.ends_with("For more information, try '--help'.\n"), "{says}");
    }
}

#[test]
fn what_was_typed_drives_no_terminal() {
    for arguments in [["\u{1b}[2J", "x"], ["send", "--\u{1b}[2J"], ["whoami", "--port=\u{1b}[2J"]] {
        let says = run_to_error(2, &mut italian(&arguments));
        assert!(!says.contains('\u{1b}') && says.contains("\\u{1b}[2J"), "{says:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_told_in_italian() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut command = italian(&["send", "--to", "Ada"]);
    let says = run_to_error(2, command.arg(OsStr::from_bytes(b"\xff")));
    assert!(says.contains("non è testo leggibile (UTF-8)") && says.contains("\n\nUso: permesso send"), "{says}");
}

#[test]
fn help_is_italian_however_it_is_asked_for() {
    let all = run_to(0, &mut italian(&["--help"]));
    assert!(all.contains("\nUso: permesso [OPZIONI] [COMANDO]\n\nComandi:\n"), "{all}");
    for same in [&["help"][..], &["-h"], &[]] {
        assert_eq!(run_to(0, &mut italian(same)), all, "{same:?}");
    }
    let send = run_to(0, &mut italian(&["send", "--help"]));
    for part in
        ["Scrive a un amico", "Argomenti:\n  <TESTO>", "[valore iniziale: 10s]", "Questo host:\n", "Stato di uscita:\n"]
    {
        assert!(send.contains(part), "{part} is not in\n{send}");
    }
    assert_eq!(run_to(0, &mut italian(&["help", "send"])), send);
    let world = run_to(0, &mut italian(&["sim", "world", "-h"]));
    assert!(world.contains("[valore iniziale: lossy] [valori possibili: calm, lossy, storm]"), "{world}");
    let sim = run(&mut italian(&["sim"]));
    assert!(String::from_utf8(sim.stderr).unwrap().contains("\nComandi:\n"));
    assert_eq!(sim.status.code(), Some(2));
    assert!(run_to(0, &mut italian(&["--version"])).starts_with("permesso 0."));
}

#[test]
fn the_manual_is_italian_with_its_headings() {
    let folder = tempfile::tempdir().unwrap();
    run_to(0, italian(&["man", "--dir"]).arg(folder.path()));
    let headings =
        ["NOME", "SINTASSI", "DESCRIZIONE", "ARGOMENTI", "OPZIONI", "\"QUESTO HOST\"", "COMANDI", "ALTRO", "VERSIONE"];
    let mut count = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let found: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        assert!(found.starts_with(&["NOME", "SINTASSI", "DESCRIZIONE"]), "{path:?}: {found:?}");
        assert!(found.iter().all(|heading| headings.contains(heading)), "{path:?}: {found:?}");
        assert!(!page.contains("[default") && !page.contains("Possible values"), "{path:?}");
        count += 1;
    }
    assert!(count > 30, "{count}");
    let page = run_to(0, &mut italian(&["man"]));
    assert_eq!(page, fs::read_to_string(folder.path().join("permesso.1")).unwrap());
    assert!(page.contains("la frase segreta manca, è sbagliata") && page.contains("Manuale di Permesso"), "{page}");
    let english = run_to(0, &mut permesso(&["man"]));
    assert!(english.contains(".SH SYNOPSIS") && !english.contains("OPZIONI"), "{english}");
    shows(&folder.path().join("permesso-send.1"));
}

/// What `man` makes of a page, where there is one.
fn shows(page: &std::path::Path) {
    let mut man = Command::new("man");
    man.args(["--warnings", "-P", "cat", "-l"]).arg(page).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "100");
    let Ok(output) = man.output() else {
        skipped("there is no man, the page is not looked at");
        return;
    };
    let (shown, warnings) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(warnings.is_empty(), "{warnings}");
    for part in
        ["\nSINTASSI\n       permesso send ", "\nARGOMENTI\n", "\nQUESTO HOST\n", "finché il messaggio è consegnato"]
    {
        let flowing = |text: &str| text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        assert!(flowing(&shown).contains(&flowing(part)), "{part} is not in\n{shown}");
    }
}

#[test]
fn completions_say_in_italian_what_commands_and_options_do() {
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let script = run_to(0, &mut italian(&["completions", shell]));
        for (italian, english) in [
            ("Scrive a un amico", "Write to a friend"),
            ("Stampa un oggetto JSON", "Print a JSON object"),
            ("Mostra questo aiuto", "Print help"),
        ] {
            assert!(script.contains(italian) && !script.contains(english), "{shell}: {italian}");
        }
    }
    // Bash shows no descriptions; the order of the options is the only difference.
    let words = |mut command: Command| {
        let script = run_to(0, command.args(["completions", "bash"]));
        script.split([' ', '"', '\n']).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert!(words(italian(&[])) == words(permesso(&[])), "bash completes other words in Italian");
}
