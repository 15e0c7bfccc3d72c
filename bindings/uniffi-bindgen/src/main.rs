//! uniffi's generator. It goes by the workspace's `uniffi.toml` where no configuration is named: maturin, which calls a program
//! of this name, names none.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    if !lacks_config(&given) {
        uniffi::uniffi_bindgen_main();
        return ExitCode::SUCCESS;
    }
    // uniffi reads the arguments of the process itself, so they are added by starting it once more.
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../uniffi.toml");
    let again = std::env::current_exe()
        .and_then(|program| Command::new(program).args(given).arg("--config").arg(config).status());
    match again {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("uniffi-bindgen could not be started again: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether something is to be generated and no configuration is named for it.
fn lacks_config(arguments: &[OsString]) -> bool {
    let is_config = |argument: &OsString| {
        let text = argument.to_string_lossy();
        text == "-c" || text == "--config" || text.starts_with("--config=")
    };
    arguments.first().is_some_and(|first| first == "generate") && !arguments.iter().any(is_config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(line: &str) -> bool {
        lacks_config(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_configuration_is_added_only_where_something_is_generated_without_one() {
        assert!(lacks("generate --language kotlin lib.so"));
        assert!(!lacks("generate --config a.toml lib.so"));
        assert!(!lacks("generate --config=a.toml lib.so"));
        assert!(!lacks("generate -c a.toml lib.so"));
        assert!(!lacks("--help"));
    }
}
