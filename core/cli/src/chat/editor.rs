//! A text being written: characters as people see them (grapheme clusters), a cursor, the usual keys.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// A text being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Editor {
    text: String,
    /// In bytes, always between two grapheme clusters.
    cursor: usize,
    lines: bool,
}

impl Editor {
    /// A text of one line; what is pasted becomes one.
    pub(crate) fn line(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len(), lines: false }
    }

    /// A text of any number of lines.
    pub(crate) fn lines(text: &str) -> Self {
        Self { lines: true, ..Self::line(text) }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor stands, in bytes from the start.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether there is nothing but white space.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Gives the text away.
    pub(crate) fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Writes at the cursor. Line breaks are kept if there may be several lines; other control characters are not.
    pub(crate) fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let allowed = text.chars().filter_map(|c| match c {
            '\n' if self.lines => Some('\n'),
            '\n' | '\t' => Some(' '),
            c if c.is_control() => None,
            c => Some(c),
        });
        let allowed: String = allowed.collect();
        self.text.insert_str(self.cursor, &allowed);
        self.cursor += allowed.len();
    }

    /// Reacts to a key. Whether it means something here.
    pub(crate) fn on_key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('j') if control && self.lines => self.insert("\n"),
            KeyCode::Enter if (alt || key.modifiers.contains(KeyModifiers::SHIFT)) && self.lines => self.insert("\n"),
            KeyCode::Char('a') if control => self.cursor = self.line_start(),
            KeyCode::Char('e') if control => self.cursor = self.line_end(),
            KeyCode::Char('u') if control => self.remove(self.line_start()..self.cursor),
            KeyCode::Char('w') if control => self.remove(self.word_before()..self.cursor),
            KeyCode::Char(c) if !control && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.remove(self.before()..self.cursor),
            KeyCode::Delete => self.remove(self.cursor..self.after()),
            KeyCode::Left if control => self.cursor = self.word_before(),
            KeyCode::Right if control => self.cursor = self.word_after(),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = self.line_start(),
            KeyCode::End => self.cursor = self.line_end(),
            KeyCode::Up if self.lines => return self.up(),
            KeyCode::Down if self.lines => return self.down(),
            _ => return false,
        }
        true
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
    }

    fn head(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    fn tail(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or_default()
    }

    fn before(&self) -> usize {
        self.cursor - self.head().graphemes(true).next_back().map_or(0, str::len)
    }

    fn after(&self) -> usize {
        self.cursor + self.tail().graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let words = self.head().split_word_bound_indices().rev().find(|(_, word)| !word.trim().is_empty());
        words.map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let mut words = self.tail().split_word_bound_indices().filter(|(_, word)| !word.trim().is_empty());
        words.next().map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }

    fn line_start(&self) -> usize {
        self.head().rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.tail().find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }

    fn up(&mut self) -> bool {
        let start = self.line_start();
        if start == 0 {
            return false;
        }
        let column = self.column(start);
        self.cursor = start - 1;
        self.cursor = self.at_column(self.line_start(), column);
        true
    }

    fn down(&mut self) -> bool {
        let end = self.line_end();
        if end == self.text.len() {
            return false;
        }
        let column = self.column(self.line_start());
        self.cursor = self.at_column(end + 1, column);
        true
    }

    fn column(&self, start: usize) -> usize {
        self.text.get(start..self.cursor).unwrap_or_default().graphemes(true).count()
    }

    fn at_column(&self, start: usize, column: usize) -> usize {
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        start + line.graphemes(true).take(column).map(str::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    fn control(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::CONTROL)
    }

    #[test]
    fn a_character_of_several_code_points_is_one_step_and_one_deletion() {
        let mut editor = Editor::line("ae\u{301}👩‍🚀");
        editor.on_key(key(KeyCode::Left));
        assert_eq!(editor.cursor(), "ae\u{301}".len());
        editor.on_key(key(KeyCode::Backspace));
        assert_eq!(editor.text(), "a👩‍🚀");
        editor.on_key(key(KeyCode::Delete));
        assert_eq!(editor.text(), "a");
    }

    #[test]
    fn what_is_pasted_keeps_its_lines_only_where_there_may_be_several() {
        let (mut one, mut several) = (Editor::line(""), Editor::lines(""));
        one.insert("a\r\nb\u{1b}[2J\tc");
        several.insert("a\r\nb\u{1b}[2J\tc");
        assert_eq!(one.text(), "a b[2J c");
        assert_eq!(several.text(), "a\nb[2J c");
    }

    #[test]
    fn enter_alone_is_not_a_line_break() {
        let mut editor = Editor::lines("a");
        assert!(!editor.on_key(key(KeyCode::Enter)));
        assert!(editor.on_key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT)));
        assert!(editor.on_key(control(KeyCode::Char('j'))));
        assert_eq!(editor.text(), "a\n\n");
    }

    #[test]
    fn up_and_down_keep_the_column_and_stop_at_the_ends() {
        let mut editor = Editor::lines("città\nè\nlunga");
        assert!(editor.on_key(key(KeyCode::Up)));
        assert!(editor.text()[editor.cursor()..].starts_with("\nlunga"));
        assert!(editor.on_key(key(KeyCode::Up)));
        assert!(editor.text()[editor.cursor()..].starts_with("ittà"));
        assert!(!editor.on_key(key(KeyCode::Up)));
        assert!(editor.on_key(key(KeyCode::Down)) && editor.on_key(key(KeyCode::Down)));
        assert!(!editor.on_key(key(KeyCode::Down)));
    }

    #[test]
    fn words_and_lines_are_removed_whole() {
        let mut editor = Editor::lines("first\nsecond third");
        editor.on_key(control(KeyCode::Char('w')));
        assert_eq!(editor.text(), "first\nsecond ");
        editor.on_key(control(KeyCode::Char('u')));
        assert_eq!(editor.text(), "first\n");
    }
}
