//! What characters look like (UTS 39 §4), from tables that the build script packs.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

/// The skeleton of a text: two that look the same have the same.
pub(crate) fn skeleton(text: &str) -> impl Iterator<Item = char> {
    text.chars().nfd().filter(|letter| !is_ignored(*letter)).flat_map(prototype).nfd()
}

/// What a character looks like: others, or itself.
fn prototype(letter: char) -> impl Iterator<Item = char> {
    let place = LETTERS.binary_search(&letter.into()).ok().and_then(|index| PLACES.get(index));
    let texts = place.and_then(|place| TEXTS.get(usize::from(*place)..)).unwrap_or_default();
    let shape = texts.split('\n').next().unwrap_or_default();
    shape.chars().chain(Some(letter).filter(|_| shape.is_empty()))
}

/// Whether it is not seen by itself (Default_Ignorable_Code_Point).
fn is_ignored(letter: char) -> bool {
    let letter = u32::from(letter);
    let order = |(first, last): &(u32, u32)| match letter {
        _ if *last < letter => Ordering::Less,
        _ if *first > letter => Ordering::Greater,
        _ => Ordering::Equal,
    };
    IGNORED.binary_search_by(order).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    fn same(text: &str) -> bool {
        skeleton(text).eq(unicode_security::skeleton(text))
    }

    #[test]
    fn every_character_looks_as_the_standard_says() {
        let others: Vec<_> = ('\0'..=char::MAX).filter(|letter| !same(letter.encode_utf8(&mut [0; 4]))).collect();
        assert_eq!(others, []);
        assert!(skeleton("раураl").eq("paypal".chars()), "in Cyrillic");
    }

    proptest! {
        #[test]
        fn every_text_looks_as_the_standard_says(text in "[\\PC\u{300}-\u{36f}\u{200b}-\u{200f}]{0,24}") {
            prop_assert_eq!(skeleton(&text).collect::<String>(), unicode_security::skeleton(&text).collect::<String>());
        }
    }
}
