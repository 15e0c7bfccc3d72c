//! The form of a text in which upper and lower case, and the ways to compose one character, are alike: what searching
//! compares.

use unicode_normalization::UnicodeNormalization;

/// `text` in canonical caseless form (Unicode Standard, D145), composed (NFC). Accents still count: "e" is not "é".
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let decomposed: String = text.nfd().collect();
    caseless::default_case_fold_str(&decomposed).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_composition_make_no_difference() {
        assert_eq!(fold("Grüße"), fold("GRU\u{308}SSE"));
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
        assert_eq!(fold("PLAIN"), "plain");
    }

    #[test]
    fn accents_make_a_difference() {
        assert_ne!(fold("cafe"), fold("café"));
    }
}
