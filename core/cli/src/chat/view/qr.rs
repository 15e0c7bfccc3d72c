//! A QR code in half blocks: two modules in one character.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::style::{Color, Style};
use ratatui::text::Line;

use super::theme::Theme;

/// The light border, in modules. Four are asked for by ISO/IEC 18004; cameras are content with two, and screens are small.
const QUIET: usize = 2;

/// The code as lines, if it can be made; `None` if it needs more columns or rows.
pub(crate) fn lines(
    text: &str,
    columns: usize,
    rows: usize,
    theme: Theme,
    inverted: bool,
) -> Option<Vec<Line<'static>>> {
    let code = QrCode::with_error_correction_level(dense(text), EcLevel::L).ok()?;
    let (size, modules) = (code.width(), code.into_colors());
    let side = size + 2 * QUIET;
    if side > columns || side.div_ceil(2) > rows {
        return None;
    }
    let is_dark = |x: usize, y: usize| {
        let inside = x.checked_sub(QUIET).filter(|x| *x < size).zip(y.checked_sub(QUIET).filter(|y| *y < size));
        let dark = inside.and_then(|(x, y)| modules.get(y * size + x)).is_some_and(|module| *module == Module::Dark);
        dark != inverted
    };
    let line = |row: usize| -> String {
        (0..side)
            .map(|x| match (is_dark(x, row * 2), is_dark(x, row * 2 + 1) || row * 2 + 1 >= side) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            })
            .collect()
    };
    // With colours the picture is the same on every background; without, light modules have the colour of text, and a key
    // exchanges the two.
    let style = match theme.colors {
        true => Style::new().fg(Color::White).bg(Color::Black),
        false => Style::new(),
    };
    Some((0..side.div_ceil(2)).map(|row| Line::styled(line(row), style)).collect())
}

/// A `permesso:` URI with its scheme, key and certificate in capitals, which take less room in a code; their case does not
/// matter.
fn dense(text: &str) -> String {
    let Some((key, rest)) = text.split_once('?') else { return text.to_ascii_uppercase() };
    let capitals = |parameter: &str| match parameter.strip_prefix("cert=") {
        Some(certificate) => format!("cert={}", certificate.to_ascii_uppercase()),
        None => parameter.to_owned(),
    };
    let parameters: Vec<_> = rest.split('&').map(capitals).collect();
    format!("{}?{}", key.to_ascii_uppercase(), parameters.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "permesso:4b348fa4e4d5ff23384a1ecd17898752635ef8f50ecf3bf5fc4b2a0476d03ed3?alias=Grazia";

    #[test]
    fn the_picture_has_the_modules_of_the_code_and_a_light_border() {
        let theme = Theme { colors: false };
        let lines = lines(URI, 80, 40, theme, false).unwrap();
        let code = QrCode::with_error_correction_level(dense(URI), EcLevel::L).unwrap();
        let size = code.width();
        let rows: Vec<Vec<char>> = lines.iter().map(|line| line.to_string().chars().collect()).collect();
        assert!(rows.iter().all(|row| row.len() == size + 2 * QUIET));
        for (index, module) in code.to_colors().into_iter().enumerate() {
            let (x, y) = (index % size + QUIET, index / size + QUIET);
            let light = match rows[y / 2][x] {
                '█' => true,
                '▀' => y % 2 == 0,
                '▄' => y % 2 == 1,
                _ => false,
            };
            assert_eq!(light, module == Module::Light, "{x} {y}");
        }
        assert!(rows[0].iter().all(|c| *c == '█'));
    }

    #[test]
    fn a_code_that_does_not_fit_is_none() {
        let theme = Theme { colors: true };
        assert!(lines(URI, 38, 11, theme, false).is_none());
        assert!(lines(URI, 20, 40, theme, false).is_none());
        assert!(lines(URI, 50, 20, theme, false).is_some());
    }

    #[test]
    fn the_code_of_a_uri_names_the_same_host_in_less_room() {
        let (one, other): (permesso_engine::uri::PermessoUri, permesso_engine::uri::PermessoUri) =
            (URI.parse().unwrap(), dense(URI).parse().unwrap());
        assert_eq!(one, other);
        let width = |text: &str| QrCode::with_error_correction_level(text, EcLevel::L).unwrap().width();
        assert!(width(&dense(URI)) < width(URI));
    }

    /// The version of a code whose modules are that many: ISO/IEC 18004, 17 + 4 · version.
    fn version(text: &str) -> usize {
        (QrCode::with_error_correction_level(dense(text), EcLevel::L).unwrap().width() - 17) / 4
    }

    #[test]
    fn with_its_certificate_the_longest_code_fits_version_20_and_a_usual_one_version_13() {
        let certificate = "a7".repeat(140);
        let usual =
            format!("{URI}&token=0102030405060708090a&cert={certificate}&at=192.168.1.7:20070&at=10.0.0.2:20070");
        let address = |last: char| format!("&at=[fd12:3456:789a:bcde:f012:3456:789a:bcd{last}]:20070");
        let many: String = "0123".chars().map(address).collect();
        let alias = "%F0%90%8D%88".repeat(16);
        let (key, _) = URI.split_once('?').unwrap();
        let longest = format!("{key}?alias={alias}&token={}&cert={certificate}{many}", "ff".repeat(32));
        assert_eq!((version(&usual), version(&longest), longest.len()), (13, 20, 833));
    }
}
