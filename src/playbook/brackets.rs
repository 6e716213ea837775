//! Which bracket of a script is not closed: the parser only knows where it missed the end, which may be far below.

use crate::diag::{Position, Span};

/// A bracket that was opened.
#[derive(Debug, Clone, Copy)]
struct Open {
    bracket: char,
    at: usize,
    /// How far the line is indented that it stands in.
    indent: usize,
    /// Whether the text goes on after it as it was before: what stands in `${…}`.
    resumes_text: bool,
}

/// The bracket that is most probably not closed; none if all are. Where lines are indented by what they are in, it is
/// the last one that a bracket further left closes; else the innermost one.
pub fn unclosed(text: &str) -> Option<Span> {
    let scan = Scan::of(text);
    let last = scan.open.last().copied()?;
    let place = scan.suspect.filter(|_| last.bracket == '{').unwrap_or(last.at);
    Some(Span { start: Position::from(&text[..place]), end: place + 1 })
}

/// Whether a place is directly inside of a block, so of `{` without the `#` of a map.
pub fn is_in_block(text: &str, place: usize) -> bool {
    let before = text.get(..place).unwrap_or_default();
    let scan = Scan::of(before);
    scan.open.last().is_some_and(|open| open.bracket == '{' && !before[..open.at].ends_with('#'))
}

struct Scan<'t> {
    text: &'t str,
    open: Vec<Open>,
    /// A bracket that stands further right than what closes it.
    suspect: Option<usize>,
    /// How many brackets of each kind are open, up to where lines were counted, where the last one begins and how far it
    /// is indented: what is asked at every bracket must not take longer the more of them there are.
    counts: [usize; 3],
    counted: usize,
    line: usize,
    indent: usize,
}

/// Which of the three kinds a bracket is of.
fn kind(bracket: u8) -> usize {
    match bracket {
        b'{' | b'}' => 0,
        b'(' | b')' => 1,
        _ => 2,
    }
}

impl<'t> Scan<'t> {
    fn of(text: &'t str) -> Self {
        let mut scan = Self { text, open: Vec::new(), suspect: None, counts: [0; 3], counted: 0, line: 0, indent: 0 };
        scan.indent = scan.indent_of(0);
        scan.run();
        scan
    }

    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = match (bytes[at], bytes.get(at + 1)) {
                (b'/', Some(b'/')) => self.after(at, "\n"),
                (b'/', Some(b'*')) => self.comment(at + 2),
                (b'"', _) => self.quoted(at + 1, b'"'),
                (b'\'', _) => self.quoted(at + 1, b'\''),
                (b'`', _) => self.template(at + 1),
                (b'{' | b'(' | b'[', _) => {
                    self.push(at, false);
                    at + 1
                }
                (b'}' | b')' | b']', _) => self.close(at),
                _ => at + 1,
            };
        }
    }

    fn after(&self, at: usize, end: &str) -> usize {
        self.text.get(at..).and_then(|rest| rest.find(end)).map_or(self.text.len(), |length| at + length + end.len())
    }

    /// Comments nest.
    fn comment(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 1;
        while at < bytes.len() && depth > 0 {
            let two = &bytes[at..bytes.len().min(at + 2)];
            (depth, at) = match two {
                b"/*" => (depth + 1, at + 2),
                b"*/" => (depth - 1, at + 2),
                _ => (depth, at + 1),
            };
        }
        at
    }

    fn quoted(&self, mut at: usize, quote: u8) -> usize {
        let bytes = self.text.as_bytes();
        while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at + 1
    }

    /// Text between backticks, up to its end or to something that is filled in.
    fn template(&mut self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        while at < bytes.len() && bytes[at] != b'`' {
            if bytes[at..].starts_with(b"${") {
                self.push(at + 1, true);
                return at + 2;
            }
            at += 1;
        }
        at + 1
    }

    fn push(&mut self, at: usize, resumes_text: bool) {
        let indent = self.indent(at);
        self.counts[kind(self.text.as_bytes()[at])] += 1;
        self.open.push(Open { bracket: char::from(self.text.as_bytes()[at]), at, indent, resumes_text });
    }

    fn close(&mut self, at: usize) -> usize {
        let kind_of = |open: &Open| kind(self.text.as_bytes()[open.at]);
        let closing = kind(self.text.as_bytes()[at]);
        // A bracket that nothing opened is another fault; one that closes past an inner one shows that to be open.
        if self.counts[closing] == 0 {
            return at + 1;
        }
        if self.open.last().is_some_and(|open| kind_of(open) != closing) {
            return self.text.len();
        }
        let Some(open) = self.open.pop() else { return at + 1 };
        self.counts[closing] -= 1;
        let indent = self.indent(at);
        let first = at == self.line + indent;
        if first && open.bracket == '{' && indent < open.indent {
            self.suspect = Some(open.at);
        }
        if open.resumes_text { self.template(at + 1) } else { at + 1 }
    }

    /// How far the line is indented that a place is in; places come in order.
    fn indent(&mut self, at: usize) -> usize {
        if let Some(end) = self.text[self.counted..at].rfind('\n') {
            self.line = self.counted + end + 1;
            self.indent = self.indent_of(self.line);
        }
        self.counted = at;
        self.indent
    }

    fn indent_of(&self, line: usize) -> usize {
        let rest = &self.text[line..];
        rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Option<(u32, u32)> {
        unclosed(text).map(|span| (span.start.line, span.start.column))
    }

    #[test]
    fn the_bracket_that_is_not_closed_is_found() {
        assert_eq!(place("fn a() { [1, (2)] }"), None);
        assert_eq!(place("fn a() {\n  if x {\n    b();\n}\n"), Some((2, 8)), "by how lines are indented");
        assert_eq!(place("fn a() {\n  b();\n\nfn c() {\n}\n"), Some((1, 8)));
        assert_eq!(place("fn a() { b(1, [2;"), Some((1, 15)));
        assert_eq!(place("fn a() { b([1, 2); }"), Some((1, 12)));
        assert_eq!(place("fn a() { b(1)); }"), None, "one too many is another fault");
        assert_eq!(place("fn a() { b(`${c(1)}"), Some((1, 11)), "a text that does not end hides no bracket before it");
    }

    #[test]
    fn brackets_in_texts_and_comments_do_not_count() {
        for sound in ["\"{\"", "'{'", "`{ ${a(`}`)} {`", "// {\n", "/* { /* { */ */", "\"\\\"{\"", "\"ä{\" /* ü{ */"]
        {
            assert_eq!(place(sound), None, "{sound}");
        }
        for odd in ["\"\\", "`${", "/*", "'", "\\", "`", "}", "é"] {
            let _ = (unclosed(odd), is_in_block(odd, odd.len()));
        }
    }

    #[test]
    fn a_script_of_nothing_but_brackets_takes_no_longer_than_others() {
        let hostile =
            [" ".repeat(30_000) + &"[".repeat(30_000), "[".repeat(30_000) + &"]".repeat(30_000), "}".repeat(60_000)];
        for text in hostile {
            let _ = (unclosed(&text), is_in_block(&text, text.len()));
        }
    }

    #[test]
    fn a_block_is_told_from_a_map() {
        let text = "f({ a: 1 }, #{ b: 1 }, [c])";
        let at = |what: &str| is_in_block(text, text.find(what).unwrap());
        assert!(at("a:") && !at("b:") && !at("c]"));
    }
}
