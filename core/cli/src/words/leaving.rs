//! What is said of mail that was handed on before this host went.

use permesso_node::api::Left;

use super::{Language, say};

/// What became of one's own messages that were waiting; nothing if none was handed on.
pub(crate) fn handed_on(language: Language, left: &Left) -> Option<String> {
    (left.handed_on > 0).then(|| say!(language, "leaving-handed-on", count = left.handed_on, kept = left.kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_is_told_how_many_messages_were_handed_on_and_how_many_are_here_alone() {
        let said = |language, handed_on, kept| super::handed_on(language, &Left { handed_on, kept, carried: 7 });
        assert_eq!(said(Language::English, 0, 3), None);
        assert_eq!(
            said(Language::English, 1, 0).as_deref(),
            Some("Before leaving, 1 message that waits was handed to others who are here.")
        );
        assert_eq!(
            said(Language::English, 2, 1).as_deref(),
            Some(
                "Before leaving, 2 messages that wait were handed to others who are here; 1 more is on this device alone."
            )
        );
        assert_eq!(
            said(Language::Italian, 2, 3).as_deref(),
            Some(
                "Prima di uscire, 2 messaggi in attesa sono stati affidati ad altri che sono qui; altri 3 sono solo su questo dispositivo."
            )
        );
    }
}
