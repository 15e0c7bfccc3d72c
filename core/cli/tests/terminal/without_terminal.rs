//! Without a terminal there is no chat.

use crate::process::{permesso, run_to, run_to_error};

#[test]
fn the_command_alone_prints_its_help_where_there_is_no_terminal() {
    let help = run_to(0, &mut permesso(&[]));
    assert!(help.contains("Usage: permesso") && help.contains("chat"), "{help}");
}

#[test]
fn a_chat_without_a_terminal_says_so_and_makes_no_home() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let said = run_to_error(2, permesso(&["chat", "--home"]).arg(&home));
    assert!(said.contains("terminal"), "{said}");
    assert!(!home.exists());
}
