//! Diagnostics as people read them: the headline, the line of source, a caret, the hint.

use super::{Diagnostic, Level, is_hidden, visible};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

/// Characters of a source line that are shown.
const WINDOW: usize = 160;
/// Where in the window a place beyond it is put.
const BEFORE: usize = 60;

/// Renders one finding without colour; `source` is the text of its file, where it is at hand.
pub fn render_text(diagnostic: &Diagnostic, source: Option<&str>) -> String {
    render(diagnostic, source, &Palette::default())
}

/// Renders one finding with colours for a terminal; `source` is the text of its file, where it is at hand.
pub fn render_coloured(diagnostic: &Diagnostic, source: Option<&str>) -> String {
    render(diagnostic, source, &Palette::coloured(diagnostic.level))
}

#[derive(Default)]
struct Palette {
    place: Style,
    level: Style,
    gutter: Style,
    help: Style,
}

impl Palette {
    fn coloured(level: Level) -> Self {
        let colour = match level {
            Level::Error => AnsiColor::Red,
            Level::Warning => AnsiColor::Yellow,
            Level::Note => AnsiColor::Cyan,
        };
        Self {
            place: Style::new().bold(),
            level: colour.on_default().bold(),
            gutter: AnsiColor::Blue.on_default(),
            help: AnsiColor::Green.on_default(),
        }
    }
}

fn render(diagnostic: &Diagnostic, source: Option<&str>, palette: &Palette) -> String {
    let Palette { place, level, gutter, help } = palette;
    let Diagnostic { file, span, code, message, .. } = diagnostic;
    let (line, column, word) = (span.start.line, span.start.column, diagnostic.level.word());
    let file = file.display().to_string();
    // Rule text is hostile, and so are the messages that quote it.
    let (file, message) = (visible(&file), visible(message));
    let mut out = format!("{place}{file}:{line}:{column}:{place:#} {level}{word}[{code}]{level:#}: {message}");
    if let Some(excerpt) = source.and_then(|text| excerpt(diagnostic, text)) {
        let (number, Excerpt { text, indent, carets }) = (line.to_string(), excerpt);
        let pad = " ".repeat(number.len());
        let (indent, carets) = (" ".repeat(indent), "^".repeat(carets));
        // Writing to a `String` cannot fail.
        let _ = write!(out, "\n {gutter}{pad} |{gutter:#}\n {gutter}{number} |{gutter:#} {text}");
        let _ = write!(out, "\n {gutter}{pad} |{gutter:#} {indent}{level}{carets}{level:#}");
    }
    for line in diagnostic.help.iter().flat_map(|text| text.lines()) {
        let _ = write!(out, "\n  = {help}help{help:#}: {}", visible(line));
    }
    out
}

/// The part of a source line that is shown, and the caret's place under it, in terminal cells.
struct Excerpt {
    text: String,
    indent: usize,
    carets: usize,
}

fn excerpt(diagnostic: &Diagnostic, source: &str) -> Option<Excerpt> {
    let start = diagnostic.span.start;
    let line: Vec<char> = source.lines().nth(start.line as usize - 1)?.chars().map(shown).collect();
    if line.iter().all(|c| c.is_whitespace()) {
        return None;
    }
    let at = (start.column as usize - 1).min(line.len());
    let from = if at < WINDOW - BEFORE { 0 } else { at - BEFORE };
    let to = line.len().min(from + WINDOW);
    let marked = source.get(start.offset..diagnostic.span.end).unwrap_or("").lines().next().unwrap_or("");
    let end = (at + marked.chars().count()).clamp(at, to);
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < line.len() { "…" } else { "" });
    Some(Excerpt {
        text: format!("{before}{}{after}", line[from..to].iter().collect::<String>()),
        indent: before.chars().count() + cells(&line[from..at]),
        carets: cells(&line[at..end]).max(1),
    })
}

/// One character for one, so that columns still count.
fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        c if is_hidden(c) => '\u{fffd}',
        c => c,
    }
}

fn cells(text: &[char]) -> usize {
    text.iter().map(|c| c.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Diagnostics, Position, Span};
    use super::*;
    use std::path::Path;

    const CODE: Code = Code::new("F001", "unknown key");

    fn fault(source: &str, what: &str, message: &str) -> Diagnostic {
        let at = source.find(what).unwrap();
        let span = Span { start: Position::from(&source[..at]), end: at + what.len() };
        let mut found = Diagnostics::new();
        found.error(&Path::new("rules/a.yaml").into(), span, CODE, message);
        found.sorted().remove(0)
    }

    #[test]
    fn shows_the_line_the_place_and_the_hint() {
        let source = "title: x\nsevrity: low\n";
        let mut fault = fault(source, "sevrity", "unknown key `sevrity`");
        fault.help("did you mean `severity`?");
        assert_eq!(
            render_text(&fault, Some(source)),
            "rules/a.yaml:2:1: error[F001]: unknown key `sevrity`\n   |\n 2 | sevrity: low\n   | ^^^^^^^\n  = help: did you mean `severity`?"
        );
        assert_eq!(
            render_text(&fault, None),
            "rules/a.yaml:2:1: error[F001]: unknown key `sevrity`\n  = help: did you mean `severity`?"
        );
    }

    #[test]
    fn colours_nothing_but_what_it_says() {
        let source = "title: x\n";
        let fault = fault(source, "x", "no");
        let coloured = render_coloured(&fault, Some(source));
        assert!(coloured.contains("\u{1b}[1m\u{1b}[31merror[F001]\u{1b}[0m: no"), "{coloured:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), render_text(&fault, Some(source)));
    }

    #[test]
    fn hostile_text_does_not_reach_the_terminal() {
        let source = "a: \u{1b}[2Jx\u{202e}\n";
        let rendered = render_text(&fault(source, "x", "unknown `\u{1b}]0;title\u{7}`"), Some(source));
        assert_eq!(
            rendered,
            "rules/a.yaml:1:8: error[F001]: unknown `\\u{1b}]0;title\\u{7}`\n   |\n 1 | a: \u{fffd}[2Jx\u{fffd}\n   |        ^"
        );
    }

    #[test]
    fn the_caret_stands_under_wide_characters_and_far_columns() {
        let source = "title: 漢字 x\n";
        assert!(
            render_text(&fault(source, "字", "m"), Some(source)).ends_with("\n 1 | title: 漢字 x\n   |          ^^")
        );
        let source = format!("{}HERE{}\n", "a".repeat(500), "b".repeat(500));
        let rendered = render_text(&fault(&source, "HERE", "m"), Some(&source));
        let expected = format!("\n 1 | …{}HERE{}…\n   | {}^^^^", "a".repeat(60), "b".repeat(96), " ".repeat(61));
        assert!(rendered.ends_with(&expected), "{rendered}");
    }

    #[test]
    fn a_place_outside_the_text_is_no_panic() {
        let source = "a\n";
        let mut fault = fault(source, "a", "m");
        fault.span = Span { start: Position { line: 1, column: 90, offset: 400 }, end: 7 };
        assert!(render_text(&fault, Some(source)).ends_with(" 1 | a\n   |  ^"));
        fault.span = Span { start: Position { line: 9, column: 1, offset: 9 }, end: 9 };
        assert_eq!(render_text(&fault, Some(source)), "rules/a.yaml:9:1: error[F001]: m");
    }
}
