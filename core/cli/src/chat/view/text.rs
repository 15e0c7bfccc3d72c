//! Text in columns of a terminal: wide characters take two, combining ones none.

use ratatui::text::Line;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::printing::one_line;

/// The columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most so many columns; `…` stands for what was cut.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut taken = 0;
    for grapheme in text.graphemes(true) {
        taken += width(grapheme);
        if taken >= columns {
            break;
        }
        cut.push_str(grapheme);
    }
    if columns > 0 {
        cut.push('…');
    }
    cut
}

/// The text in exactly so many columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let mut padded = cut(text, columns);
    padded.push_str(&" ".repeat(columns.saturating_sub(width(&padded))));
    padded
}

/// A text of others or one's own in lines of at most so many columns, safe for the terminal. Its line breaks are kept.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let safe = one_line(line.trim_end_matches('\r'));
        let wrapped = textwrap::wrap(&safe, columns);
        lines.extend(wrapped.into_iter().map(std::borrow::Cow::into_owned));
    }
    lines
}

/// The same as lines to draw.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<Line<'static>> {
    wrap(text, columns).into_iter().map(Line::raw).collect()
}

/// A text being written, in rows of at most so many columns, and the row and column of the cursor.
pub(crate) fn rows(text: &str, cursor: usize, columns: usize) -> (Vec<String>, (usize, usize)) {
    let columns = columns.max(2);
    let mut rows = vec![String::new()];
    let (mut taken, mut at, mut place) = (0, 0, (0, 0));
    for grapheme in text.graphemes(true) {
        let shown = one_line(grapheme);
        let wide = width(&shown);
        if grapheme != "\n" && taken + wide > columns {
            rows.push(String::new());
            taken = 0;
        }
        if at <= cursor {
            place = (rows.len() - 1, taken);
        }
        at += grapheme.len();
        if grapheme == "\n" {
            rows.push(String::new());
            taken = 0;
            continue;
        }
        if let Some(row) = rows.last_mut() {
            row.push_str(&shown);
        }
        taken += wide;
    }
    if cursor >= at {
        if taken >= columns {
            rows.push(String::new());
            taken = 0;
        }
        place = (rows.len() - 1, taken);
    }
    (rows, place)
}

/// Where a window of so many lines begins, so that `wanted` is in it, in its middle if there is enough on both sides.
pub(crate) fn window(lines: usize, height: usize, wanted: std::ops::Range<usize>) -> usize {
    let middle = usize::midpoint(wanted.start, wanted.end);
    let most = lines.saturating_sub(height);
    // What begins above the window is seen from its start.
    middle.saturating_sub(height / 2).min(wanted.start).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_is_never_cut_in_half() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(width(&pad("日", 5)), 5);
    }

    #[test]
    fn a_combining_mark_stays_with_its_letter() {
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert!(wrap("e\u{301}e\u{301}e\u{301}", 2).iter().all(|line| !line.starts_with('\u{301}')));
    }

    #[test]
    fn a_text_is_wrapped_at_words_and_at_its_own_line_breaks() {
        assert_eq!(wrap("one two three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\nb", 9), ["a", "", "b"]);
    }

    #[test]
    fn what_could_drive_the_terminal_is_shown_as_its_code() {
        assert_eq!(wrap("\u{1b}[2J\u{202e}x\ry", 80), ["\\u{1b}[2J\\u{202e}x\\u{d}y"]);
    }

    #[test]
    fn the_cursor_stands_where_the_next_character_goes() {
        assert_eq!(rows("", 0, 10).1, (0, 0));
        assert_eq!(rows("日a", 3, 10).1, (0, 2));
        assert_eq!(rows("ab\nc", 4, 10), (vec!["ab".into(), "c".into()], (1, 1)));
        assert_eq!(rows("ab\n", 3, 10).1, (1, 0));
        assert_eq!(rows("abcd", 4, 4), (vec!["abcd".into(), String::new()], (1, 0)));
        assert_eq!(rows("abcde", 4, 4).1, (1, 0));
    }

    #[test]
    fn the_window_holds_what_is_wanted_and_does_not_leave_the_lines() {
        assert_eq!(window(100, 10, 0..1), 0);
        assert_eq!(window(100, 10, 99..100), 90);
        assert_eq!(window(100, 10, 50..52), 46);
        assert_eq!(window(100, 10, 40..80), 40);
        assert_eq!(window(5, 10, 3..4), 0);
    }
}
