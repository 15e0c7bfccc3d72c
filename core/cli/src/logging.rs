//! Logs, on standard error.

use tracing_subscriber::EnvFilter;

/// What is logged: `RUST_LOG`'s syntax, counts more than `-v`.
const VARIABLE: &str = "PERMESSO_LOG";

/// The crates that `-v` is about.
const OURS: [&str; 5] = ["permesso", "permesso_engine", "permesso_node", "permesso_store", "permesso_sim"];

/// Begins to log. `verbose` is how often `-v` was given.
pub(crate) fn begin(verbose: u8) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(directives(verbose)));
    let begun = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Logs go into files and reports as often as on screens; and `ansi` is left out of the build.
        .with_ansi(false)
        .try_init();
    if let Err(error) = begun {
        eprintln!("permesso: no logs: {error}");
    }
}

fn directives(verbose: u8) -> String {
    let level = match verbose {
        0 => return "error".into(),
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let ours: Vec<String> = OURS.iter().map(|name| format!("{name}={level}")).collect();
    format!("warn,{}", ours.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_v_says_more_of_our_crates_alone() {
        assert_eq!(directives(0), "error");
        assert!(directives(1).starts_with("warn,permesso=info,"));
        assert!(directives(2).contains("permesso_engine=debug"));
        assert!(directives(9).contains("permesso_node=trace"));
        for verbose in 0..4 {
            assert!(directives(verbose).parse::<EnvFilter>().is_ok());
        }
    }
}
