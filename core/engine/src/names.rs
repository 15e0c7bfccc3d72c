//! Aliases: how they are compared, and what users are warned of (PROTOCOL.md, Aliases).
//!
//! Names are claims: two hosts may bear one name, and one name may look like another. Look-alikes are flagged (UTS 39),
//! never merged.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript as _};
use unicode_security::mixed_script::AugmentedScriptSet;

use crate::api::{Match, NameFlag};
use crate::ids::HostId;
use crate::shapes::skeleton;

/// The form in which an alias is stored, sent and shown: NFC; control characters (category Cc: line breaks, tabs, escapes)
/// and the line and paragraph separators U+2028 and U+2029 become spaces; white space is trimmed at both ends and runs of it
/// within become one space.
///
/// Nothing else is taken away: characters that hide or reorder text stay and are flagged by [`flags`]. The result may be
/// empty. Applying it twice changes nothing more.
pub fn normalize(alias: &str) -> String {
    if alias.is_ascii() {
        // Every composition of it is itself.
        let visible = alias.replace(is_break, " ");
        return visible.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let visible: String = alias.nfc().map(|c| if is_break(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// Whether `alias` is, or contains, `query`. Case, canonical and compatibility differences do not matter (Unicode default
/// case folding with NFKC; "ﬁ" is "fi", "STRASSE" is "Straße"). An empty query matches every alias in part and none exactly.
pub fn matches(alias: &str, query: &str, matching: Match) -> bool {
    let (alias, query) = (folded(alias), folded(query));
    match matching {
        Match::Exact => !query.is_empty() && alias == query,
        Match::Partial => alias.contains(&query),
    }
}

/// What a user should see before trusting that `host` is who `alias` says. `friends` are hosts with the names they are shown
/// by; the host itself among them is passed over.
pub fn flags<'a>(alias: &str, host: HostId, friends: impl Iterator<Item = (HostId, &'a str)>) -> Vec<NameFlag> {
    let mut flags = BTreeSet::new();
    let name = folded(alias);
    let shapes = shapes_of(alias);
    for (_, friend) in friends.filter(|(friend, _)| *friend != host) {
        if folded(friend) == name {
            flags.insert(NameFlag::SameAsFriend);
        } else if shapes_of(friend).iter().any(|shape| shapes.contains(shape)) {
            flags.insert(NameFlag::LooksLikeFriend);
        }
    }
    if has_mixed_scripts(alias) {
        flags.insert(NameFlag::MixedScripts);
    }
    if hidden(alias).next().is_some() {
        flags.insert(NameFlag::InvisibleOrBidi);
    }
    flags.into_iter().collect()
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Compatibility caseless form (Unicode §3.13, D146), after [`normalize`].
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return normalize(text).to_ascii_lowercase();
    }
    normalize(text).chars().nfd().default_case_fold().nfkc().default_case_fold().nfkc().collect()
}

/// UTS 39 §4 skeletons: what the name looks like as it is written ("I" is like "l") and without regard to case, both folded
/// afterwards, for a prototype may be a capital.
fn shapes_of(text: &str) -> [String; 2] {
    [normalize(text), folded(text)].map(|text| shape_of(&text))
}

fn shape_of(text: &str) -> String {
    // With five hundred friends each is compared with each; a name in ASCII is shaped letter by letter.
    static OF_ASCII: LazyLock<Vec<String>> =
        LazyLock::new(|| (0..128_u8).map(|byte| drawn(&char::from(byte).to_string())).collect());
    if !text.is_ascii() {
        return drawn(text);
    }
    text.bytes().filter_map(|byte| OF_ASCII.get(usize::from(byte))).map(String::as_str).collect()
}

fn drawn(text: &str) -> String {
    let shape: String = skeleton(text).default_case_fold().collect();
    skeleton(&shape).filter(|c| !c.is_whitespace()).collect()
}

/// UTS 39 §5.1 word by word, for a name in two scripts is common where each word keeps to one. Characters common to all
/// scripts (digits, emoji, punctuation) mix with every one.
fn has_mixed_scripts(text: &str) -> bool {
    text.split_whitespace().any(|word| AugmentedScriptSet::for_str(word).is_empty())
}

/// Where in `text`, in bytes, characters hide or reorder what is around them, so that two texts can look the same: bidi
/// controls, zero-width and other default-ignorable characters, blanks with letter properties, tags.
///
/// Not among them: variation selectors of emoji; a zero-width joiner between two emoji (UTS 51); a joiner or non-joiner
/// between two characters of one script that is written with them, such as Arabic's or an Indian one (UAX 31 §2.3).
pub fn hidden(text: &str) -> impl Iterator<Item = usize> {
    let before = std::iter::once(None).chain(text.chars().map(Some));
    let places = text.char_indices().zip(before);
    places.filter(|((at, c), before)| is_invisible_or_bidi(*c) && !joins(*c, *before, text, *at)).map(|((at, _), _)| at)
}

/// Whether nothing of `text` can be seen.
pub fn is_blank(text: &str) -> bool {
    let mut hidden = hidden(text).peekable();
    text.char_indices().all(|(at, c)| hidden.next_if_eq(&at).is_some() || c.is_whitespace() || c.is_control())
}

/// Whether a joiner stands where it is needed.
fn joins(c: char, before: Option<char>, text: &str, at: usize) -> bool {
    let after = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
    let (Some(before), Some(after)) = (before, after) else { return false };
    let of_emoji = |c: char| is_pictograph(c) || matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    match c {
        '\u{200d}' if of_emoji(before) && is_pictograph(after) => true,
        '\u{200c}' | '\u{200d}' => before.script() == after.script() && is_joining(before.script()),
        _ => false,
    }
}

/// Roughly Extended_Pictographic (UTS 51): the blocks in which emoji stand that are joined to others.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Scripts whose orthography needs joiners.
fn is_joining(script: Script) -> bool {
    use Script::{
        Arabic, Bengali, Devanagari, Gujarati, Gurmukhi, Kannada, Khmer, Malayalam, Mongolian, Myanmar, Nko, Oriya,
        Sinhala, Syriac, Tamil, Telugu, Thaana,
    };
    matches!(
        script,
        Arabic
            | Bengali
            | Devanagari
            | Gujarati
            | Gurmukhi
            | Kannada
            | Khmer
            | Malayalam
            | Mongolian
            | Myanmar
            | Nko
            | Oriya
            | Sinhala
            | Syriac
            | Tamil
            | Telugu
            | Thaana
    )
}

fn is_invisible_or_bidi(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::identity::Identity;

    fn host(seed: u8) -> HostId {
        Identity::from_secret([seed; 32]).host_id()
    }

    fn flags_beside(alias: &str, friend: &str) -> Vec<NameFlag> {
        flags(alias, host(1), [(host(2), friend)].into_iter())
    }

    fn flags_alone(alias: &str) -> Vec<NameFlag> {
        flags(alias, host(1), std::iter::empty())
    }

    #[test]
    fn a_name_is_composed_trimmed_and_kept_on_one_line() {
        assert_eq!(normalize("  Jose\u{301} \t\n Luis\u{2028}\0 "), "José Luis");
        assert_eq!(normalize("\u{1b}[31m"), "[31m");
        assert_eq!(normalize("\n\r\t"), "");
    }

    #[test]
    fn names_in_ascii_are_folded_and_drawn_as_all_others_are() {
        let slowly = |text: &str| -> String {
            let text = normalize(text);
            text.chars().nfd().default_case_fold().nfkc().default_case_fold().nfkc().collect()
        };
        for byte in 0..128_u8 {
            let text = format!("Gr{0}a{0}ce", char::from(byte));
            assert_eq!(folded(&text), slowly(&text), "{text:?}");
            assert_eq!(shape_of(&text), drawn(&text), "{text:?}");
        }
    }

    #[test]
    fn characters_that_hide_are_kept_for_the_warning() {
        assert_eq!(normalize("a\u{200b}b"), "a\u{200b}b");
    }

    #[test]
    fn case_and_composition_do_not_matter() {
        assert!(matches("Grazia", "GRAZIA", Match::Exact));
        assert!(matches("Jose\u{301}", "JOSÉ", Match::Exact));
        assert!(matches("STRASSE", "straße", Match::Exact));
        assert!(matches("ΣΊΣΥΦΟΣ", "Σίσυφος", Match::Exact));
        assert!(matches("ﬁore", "Fiore", Match::Exact));
        assert!(!matches("Grazia", "Graziella", Match::Exact));
    }

    #[test]
    fn a_part_matches_only_if_parts_are_asked_for() {
        assert!(matches("Maria Grazia", "GRA", Match::Partial));
        assert!(!matches("Maria Grazia", "GRA", Match::Exact));
        assert!(!matches("Maria", "Grazia", Match::Partial));
    }

    #[test]
    fn an_empty_query_finds_everybody_in_part_and_nobody_exactly() {
        assert!(matches("Maria", "", Match::Partial));
        assert!(!matches("", "", Match::Exact));
    }

    #[test]
    fn letters_that_differ_are_not_merged() {
        assert!(!matches("Mаria", "Maria", Match::Exact), "the first has a Cyrillic а");
        assert!(!matches("José", "Jose", Match::Exact));
    }

    #[test]
    fn a_look_alike_of_a_friend_is_flagged() {
        assert_eq!(flags_beside("Раulо", "Paulo"), [NameFlag::LooksLikeFriend, NameFlag::MixedScripts]);
        assert_eq!(flags_beside("PauIo", "Paulo"), [NameFlag::LooksLikeFriend]);
        assert_eq!(flags_beside("rnaria", "maria"), [NameFlag::LooksLikeFriend]);
        assert_eq!(flags_beside("Maria", "Paulo"), []);
    }

    #[test]
    fn a_hidden_character_does_not_hide_the_likeness() {
        let expected = [NameFlag::LooksLikeFriend, NameFlag::InvisibleOrBidi];
        assert_eq!(flags_beside("Pau\u{200b}lo", "Paulo"), expected);
    }

    #[test]
    fn the_very_name_of_a_friend_is_flagged_for_another_host_only() {
        assert_eq!(flags_beside("PAULO", "Paulo"), [NameFlag::SameAsFriend]);
        assert_eq!(flags("Paulo", host(2), [(host(2), "Paulo")].into_iter()), []);
    }

    #[test]
    fn mixed_scripts_are_flagged_word_by_word() {
        assert_eq!(flags_alone("Pаulo"), [NameFlag::MixedScripts], "with a Cyrillic а");
        assert_eq!(flags_alone("Anna Анна"), []);
        assert_eq!(flags_alone("さくらサクラ桜"), []);
        assert_eq!(flags_alone("Zoë 7 🌻"), []);
    }

    #[test]
    fn bidi_controls_and_invisible_characters_are_flagged() {
        for c in [
            '\u{202e}',
            '\u{2066}',
            '\u{200f}',
            '\u{061c}',
            '\u{200b}',
            '\u{200d}',
            '\u{feff}',
            '\u{3164}',
            '\u{e0041}',
        ] {
            assert!(flags_alone(&format!("ab{c}cd")).contains(&NameFlag::InvisibleOrBidi), "{}", c.escape_unicode());
        }
        assert_eq!(flags_alone("❤\u{fe0f}"), []);
    }

    #[test]
    fn joiners_are_hidden_except_where_emoji_and_scripts_need_them() {
        for needed in [
            "👨\u{200d}💻",
            "👩🏽\u{200d}🚀",
            "❤\u{fe0f}\u{200d}🔥",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}👩\u{200d}👧",
        ] {
            assert_eq!(hidden(needed).count(), 0, "{}", needed.escape_unicode());
            assert_eq!(flags_alone(needed), []);
        }
        for hides in [
            "Pau\u{200d}lo",
            "\u{200d}💻",
            "👨\u{200d}",
            "👨\u{200d}a",
            "م\u{200c}a",
            "م\u{200c}\u{200c}م",
            "م\u{200b}م",
        ] {
            assert!(hidden(hides).count() > 0, "{}", hides.escape_unicode());
        }
        assert_eq!(hidden("Ada\u{ad} é\u{2800}").collect::<Vec<_>>(), [3, 8]);
        assert!(is_blank("\u{3164} \u{2800}\u{ad}") && is_blank("") && !is_blank("\u{ad}a"));
    }

    #[test]
    fn names_in_scripts_from_right_to_left_are_not_flagged() {
        assert_eq!(flags_alone("שרה"), []);
        assert_eq!(flags_alone("فاطمة"), []);
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing_more(alias in any::<String>()) {
            let once = normalize(&alias);
            prop_assert_eq!(normalize(&once), once.clone());
            prop_assert!(!once.chars().any(char::is_control));
        }

        #[test]
        fn every_name_matches_itself(alias in any::<String>()) {
            prop_assert!(matches(&alias, &alias, Match::Partial));
            prop_assert!(matches(&alias, &normalize(&alias), Match::Partial));
        }

        #[test]
        fn a_name_never_looks_unlike_itself(alias in any::<String>()) {
            let flags = flags_beside(&alias, &alias);
            prop_assert!(flags.contains(&NameFlag::SameAsFriend));
        }
    }
}
