//! Makes a picture of a terminal's screen: `tmux capture-pane -e -p | cargo run --example picture > core/chat.svg`.
//!
//! Reads lines with SGR sequences (ECMA-48 §8.3.117) as tmux writes them, and writes an SVG. Bold, dim, reverse and the
//! sixteen colours are understood, which is all that the chat uses.

#![allow(missing_docs, reason = "a tool")]

use std::fmt::Write as _;
use std::io::Read;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A cell in pixels; common monospaced fonts are about 0.6 as wide as high.
const CELL: (f64, f64) = (8.4, 18.0);
const FONT_SIZE: f64 = 14.0;
const MARGIN: f64 = 14.0;

const BACKGROUND: &str = "#16161e";
const TEXT: &str = "#d5d6db";
const FAINT: &str = "#8b8e9c";
/// Black, red, green, yellow, blue, magenta, cyan, white.
const COLORS: [&str; 8] = ["#16161e", "#ff7a93", "#9ece6a", "#e0af68", "#7aa2f7", "#bb9af7", "#7dcfff", "#d5d6db"];

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    bold: bool,
    dim: bool,
    reverse: bool,
    color: Option<u8>,
}

struct Run {
    column: usize,
    text: String,
    look: Look,
}

fn main() -> std::io::Result<()> {
    let mut screen = String::new();
    std::io::stdin().read_to_string(&mut screen)?;
    let mut look = Look::default();
    let lines: Vec<Vec<Run>> = screen.trim_end().lines().map(|line| runs(line, &mut look)).collect();
    let end = |run: &Run| run.column + run.text.width();
    let columns = lines.iter().flatten().map(end).max().unwrap_or(0);
    println!("{}", svg(&lines, columns));
    Ok(())
}

/// A line as runs of one look each. The look goes on in the next line.
fn runs(line: &str, look: &mut Look) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut column = 0;
    let mut rest = line;
    while !rest.is_empty() {
        if let Some((parameters, after)) = rest.strip_prefix("\u{1b}[").and_then(|sequence| sequence.split_once('m')) {
            look.apply(parameters);
            rest = after;
            continue;
        }
        let at = rest.find('\u{1b}').filter(|at| *at > 0).unwrap_or(rest.len());
        let (text, after) = rest.split_at(at);
        // Each word of a run gets a place of its own, so that a font of another width changes little.
        for word in text.split_word_bounds() {
            runs.push(Run { column, text: word.to_owned(), look: *look });
            column += word.width();
        }
        rest = after;
    }
    runs
}

impl Look {
    fn apply(&mut self, parameters: &str) {
        let mut numbers = parameters.split(';').map(|parameter| parameter.parse::<u8>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            // 38;5;N is the Nth colour of the terminal's palette.
            match number {
                38 => self.color = numbers.nth(1).map(|color| color % 8),
                48 => drop(numbers.nth(1)),
                number => self.apply_one(number),
            }
        }
    }

    fn apply_one(&mut self, number: u8) {
        match number {
            0 => *self = Self::default(),
            1 => self.bold = true,
            2 => self.dim = true,
            7 => self.reverse = true,
            22 => (self.bold, self.dim) = (false, false),
            27 => self.reverse = false,
            color @ 30..=37 => self.color = Some(color - 30),
            color @ 90..=97 => self.color = Some(color - 90),
            39 => self.color = None,
            _ => {}
        }
    }

    fn fill(self) -> &'static str {
        match self.color {
            _ if self.reverse => BACKGROUND,
            Some(color) => COLORS.get(usize::from(color)).copied().unwrap_or(TEXT),
            None if self.dim => FAINT,
            None => TEXT,
        }
    }
}

fn svg(lines: &[Vec<Run>], columns: usize) -> String {
    let (width, height) = (columns as f64 * CELL.0 + 2.0 * MARGIN, lines.len() as f64 * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-size=\"{FONT_SIZE}\" \
         font-family=\"'DejaVu Sans Mono', Menlo, Consolas, monospace\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (row, runs) in lines.iter().enumerate() {
        let top = MARGIN + row as f64 * CELL.1;
        for run in runs {
            let (x, wide) = (MARGIN + run.column as f64 * CELL.0, run.text.width() as f64 * CELL.0);
            // Writing to a string does not fail.
            if run.look.reverse {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{}\" fill=\"{TEXT}\"/>",
                    CELL.1
                );
            }
            if run.text.trim().is_empty() {
                continue;
            }
            let weight = if run.look.bold { " font-weight=\"bold\"" } else { "" };
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{wide:.1}\" fill=\"{}\"{weight}>{}</text>",
                top + FONT_SIZE,
                run.look.fill(),
                escaped(&run.text)
            );
        }
    }
    svg + "</svg>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
