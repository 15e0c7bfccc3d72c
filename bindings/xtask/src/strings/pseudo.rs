//! Texts in a language that nobody speaks: longer, with accents and in brackets. What is cut off or not translated shows.

use super::template::{Piece, Template};

/// How much longer than English: German and Finnish come close to it.
const LONGER_PERCENT: usize = 40;

/// The same text with accents, 40 % longer and in brackets, its places untouched.
pub(crate) fn changed(template: &Template) -> Template {
    let length: usize = template
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.chars().count(),
            // A name or a number has its own length.
            Piece::Place(..) => 0,
        })
        .sum();
    // In words of five, so that lines break in it as they do in a language.
    let padding: String =
        (0..(length * LONGER_PERCENT).div_ceil(100)).map(|index| if index % 6 == 5 { ' ' } else { '~' }).collect();
    let mut pieces = vec![Piece::Text("[".to_owned())];
    pieces.extend(template.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => Piece::Text(text.chars().map(accented).collect()),
        place => place.clone(),
    }));
    pieces.push(Piece::Text(format!("{padding}]")));
    Template { pieces }
}

fn accented(letter: char) -> char {
    match letter {
        'a' => 'á',
        'c' => 'ç',
        'e' => 'é',
        'i' => 'í',
        'n' => 'ñ',
        'o' => 'ö',
        's' => 'š',
        'u' => 'ü',
        'y' => 'ý',
        'z' => 'ž',
        'A' => 'Å',
        'C' => 'Ç',
        'E' => 'É',
        'I' => 'Í',
        'N' => 'Ñ',
        'O' => 'Ö',
        'S' => 'Š',
        'U' => 'Ü',
        'Y' => 'Ý',
        'Z' => 'Ž',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strings::template::Reader;

    #[test]
    fn a_changed_text_is_longer_by_two_fifths_and_keeps_its_places() {
        let mut reader = Reader::new();
        reader.take("Held by %1$s now.", None).unwrap();
        let template = changed(&reader.finish().unwrap());
        assert_eq!(template.plain(), "[Héld bý [1] ñöw.~~~~~ ]");
    }
}
