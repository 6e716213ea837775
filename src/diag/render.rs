//! Diagnostics as people read them: the headline, the line of source, a caret, the hint.

use super::Diagnostic;

/// Renders one finding; `source` is the text of its file, where it is at hand.
pub fn render_text(diagnostic: &Diagnostic, source: Option<&str>) -> String {
    let mut out = diagnostic.headline();
    let start = diagnostic.span.start;
    let line = source.and_then(|text| text.lines().nth(start.line as usize - 1));
    if let Some(line) = line.filter(|line| !line.trim().is_empty()) {
        // Alert and rule text is hostile: what would move the cursor or reorder the line is shown, not sent.
        let shown: String = line.chars().take(160).map(visible).collect();
        let number = start.line.to_string();
        let gutter = " ".repeat(number.len());
        let indent = " ".repeat(start.column as usize - 1);
        let marked = source.and_then(|text| text.get(start.offset..diagnostic.span.end)).unwrap_or("");
        let width = marked.lines().next().unwrap_or("").chars().count();
        let room = line.chars().count().saturating_sub(start.column as usize - 1);
        let carets = "^".repeat(width.min(room).max(1));
        out.push_str(&format!("\n {gutter} |\n {number} | {shown}"));
        if start.column <= 160 {
            out.push_str(&format!("\n {gutter} | {indent}{carets}"));
        }
    }
    if let Some(help) = &diagnostic.help {
        out.push_str(&format!("\n  = help: {help}"));
    }
    out
}

fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Diagnostics, Position, Span};
    use super::*;

    #[test]
    fn shows_the_line_the_place_and_the_hint() {
        let source = "title: x\nsevrity: low\n";
        let start = Position { line: 2, column: 1, offset: 9 };
        let mut found = Diagnostics::new();
        let file = super::super::diagnostic::file_name("rules/a.yaml");
        found
            .error(&file, Span { start, end: 16 }, Code::new("F001", "unknown key"), "unknown key `sevrity`")
            .help("did you mean `severity`?");
        assert_eq!(
            render_text(found.iter().next().unwrap(), Some(source)),
            "rules/a.yaml:2:1: error[F001]: unknown key `sevrity`\n   |\n 2 | sevrity: low\n   | ^^^^^^^\n  = help: did you mean `severity`?"
        );
    }
}
