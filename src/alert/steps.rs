//! Steps through a text that is JSON, of which only what is asked for is looked at.
//!
//! Whatever is out of the ordinary in it (escapes of code points, keys that need any, exponents, deep nesting) is not
//! stepped over: then there is none to give, and the text has to be read as a whole.

use std::ops::Range;
use wide::{u8x16, u8x32};

/// Nested deeper, a value is out of the ordinary; reading it has a limit of its own.
pub const DEEPEST: usize = 100;
/// Longer numbers are out of the ordinary.
const LONGEST_NUMBER: usize = 200;

/// So many bytes are compared at once.
pub const AT_ONCE: usize = 32;

/// A place in a text that is JSON.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Steps<'t> {
    /// At the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// What has been stepped over since another place of the same text.
    #[inline]
    pub fn since(&self, start: Self) -> Option<&'t str> {
        self.text.get(start.at..self.at)
    }

    /// The whole text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Where it is, in bytes.
    #[inline]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Steps over the value of an object's last key, and gives its text: an object that nothing but one closing brace
    /// stands behind is not stepped through.
    pub fn last_value(&mut self) -> Option<&'t str> {
        let is_last = self.peek()? == b'{' && self.bytes().ends_with(b"}}");
        let start = *self;
        match is_last {
            true => self.at = self.text.len() - 1,
            false => self.value(1)?,
        }
        self.since(start)
    }

    /// Steps over blanks.
    #[inline]
    pub fn blank(&mut self) {
        while self.bytes().get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// The byte that comes next, behind blanks.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.bytes().get(self.at).copied()
    }

    /// Whether this comes next; none if it does not.
    #[inline]
    pub fn is_at(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then_some(())
    }

    /// Steps over what must come next.
    #[inline]
    pub fn step(&mut self, byte: u8) -> Option<()> {
        self.is_at(byte)?;
        self.at += 1;
        Some(())
    }

    /// Whether something stands before the bracket that closes; steps over commas, and over that bracket.
    #[inline]
    pub fn has_more(&mut self, close: u8) -> Option<bool> {
        loop {
            match self.peek()? {
                b',' => self.at += 1,
                byte if byte == close => {
                    self.at += 1;
                    return Some(false);
                }
                _ => return Some(true),
            }
        }
    }

    /// Whether nothing but blanks comes any more.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Whether a number stands here.
    #[inline]
    pub fn is_at_number(&self) -> bool {
        self.bytes().get(self.at).is_some_and(|byte| matches!(byte, b'-' | b'0'..=b'9'))
    }

    /// Whether the list or map that begins here holds nothing.
    pub fn is_empty_inside(&self) -> bool {
        let rest = self.bytes().get(self.at + 1..).unwrap_or_default().trim_ascii_start();
        matches!(rest.first(), Some(b']' | b'}'))
    }

    /// A key without escapes, and its colon.
    #[inline]
    pub fn key(&mut self) -> Option<&'t str> {
        let key = self.verbatim()?;
        self.step(b':')?;
        Some(key)
    }

    /// Steps over a string without escapes, and gives what it holds.
    #[inline]
    pub fn verbatim(&mut self) -> Option<&'t str> {
        self.step(b'"')?;
        self.verbatim_rest()
    }

    /// As [`Steps::verbatim`], behind the opening quote; with escapes it stays there.
    #[inline]
    pub fn verbatim_rest(&mut self) -> Option<&'t str> {
        let start = self.at;
        let end = quote_or_backslash(self.bytes(), start)?;
        (self.bytes()[end] == b'"').then(|| self.at = end + 1)?;
        self.text.get(start..end)
    }

    /// Steps over the rest of a string of which any escapes are known, behind the opening quote, and adds what it holds to a
    /// text.
    pub fn unescape_rest(&mut self, onto: &mut String) -> Option<()> {
        let text = self.text;
        self.rest_by(|plain, escaped| {
            onto.push_str(text.get(plain)?);
            onto.push(match escaped {
                None => return Some(()),
                Some(escaped @ (b'"' | b'\\' | b'/')) => escaped.into(),
                Some(b'b') => '\u{8}',
                Some(b'f') => '\u{c}',
                Some(b'n') => '\n',
                Some(b'r') => '\r',
                Some(b't') => '\t',
                Some(_) => return None,
            });
            Some(())
        })
    }

    /// Steps over a number, and gives its text.
    pub fn number(&mut self) -> Option<&'t str> {
        let rest = self.bytes().get(self.at..)?;
        let length = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'.')).unwrap_or(rest.len());
        let ends = rest.get(length).is_none_or(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace());
        if length == 0 || length > LONGEST_NUMBER || !ends {
            return None;
        }
        let text = self.text.get(self.at..self.at + length);
        self.at += length;
        text
    }

    /// Steps over a word that must stand here.
    #[inline]
    pub fn over(&mut self, word: &[u8]) -> Option<()> {
        let stands = self.bytes().get(self.at..)?.starts_with(word);
        stands.then(|| self.at += word.len())
    }

    /// As [`Steps::over`], a word that is the beginning of this one: short words are compared at once.
    #[inline]
    pub fn over_beginning(&mut self, word: &[u8; AT_ONCE], length: usize) -> Option<()> {
        debug_assert!(length <= AT_ONCE, "it is no beginning of these");
        let rest = self.bytes().get(self.at..)?;
        let Some(here) = rest.first_chunk::<AT_ONCE>() else { return self.over(word.get(..length)?) };
        (alike(here, word) >= length).then(|| self.at += length)
    }

    /// Steps over a value that stands at this depth.
    pub fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.string_rest()
            }
            b'{' | b'[' => self.inside(depth, 0).map(drop),
            b't' => self.over(b"true"),
            b'f' => self.over(b"false"),
            b'n' => self.over(b"null"),
            _ => self.number().map(drop),
        }
    }

    /// Steps over the rest of an object or a list at this depth, and gives how deep it nests.
    pub fn rest(&mut self, depth: usize) -> Option<usize> {
        self.inside(depth, 1)
    }

    /// Steps over everything up to behind the bracket that closes as many as are open, and one that opens first; gives how
    /// many were open at most.
    fn inside(&mut self, depth: usize, mut open: usize) -> Option<usize> {
        let mut most = open;
        loop {
            match *self.bytes().get(self.at)? {
                b'"' => {
                    self.strings()?;
                    continue;
                }
                b'{' | b'[' => {
                    open += 1;
                    most = most.max(open);
                    if depth + open > DEEPEST {
                        return None;
                    }
                }
                b'}' | b']' => open -= 1,
                b'-' | b'0'..=b'9' => {
                    self.number()?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(most);
            }
        }
    }

    /// Steps over a string and all those that stand behind it with nothing but a colon or a comma between them, as keys and
    /// texts mostly do: one look serves all that end in it.
    fn strings(&mut self) -> Option<()> {
        self.at += 1;
        self.over_quotes(|_, found| match found {
            [b'"', b':' | b',', b'"', ..] => Some(Over::Bytes(3)),
            [b'"', ..] => Some(Over::End),
            [_] | [_, b'u', ..] => None,
            // What is escaped says nothing.
            _ => Some(Over::Bytes(2)),
        })
    }

    /// Steps over the rest of a string, behind the opening quote.
    #[inline]
    pub fn string_rest(&mut self) -> Option<()> {
        self.rest_by(|_, escaped| (escaped != Some(b'u')).then_some(()))
    }

    /// Steps over the rest of a string piece by piece: where what needs no escape stands, and what is escaped behind it, which
    /// is nothing at the end.
    #[inline]
    fn rest_by(&mut self, mut piece: impl FnMut(Range<usize>, Option<u8>) -> Option<()>) -> Option<()> {
        let mut plain = self.at;
        self.over_quotes(|at, found| {
            if found[0] == b'"' {
                piece(plain..at, None)?;
                return Some(Over::End);
            }
            piece(plain..at, Some(*found.get(1)?))?;
            plain = at + 2;
            Some(Over::Bytes(2))
        })
    }

    /// Steps over one quote or backslash after the other, as far as is told of each, by its place and what stands from there
    /// on; none if that is none.
    #[inline]
    fn over_quotes(&mut self, mut over: impl FnMut(usize, &[u8]) -> Option<Over>) -> Option<()> {
        let mut from = self.at;
        loop {
            let start = from;
            let mut found = look(self.bytes(), start)?;
            from += LOOK;
            while found != 0 {
                let ahead = found.trailing_zeros();
                let at = start + ahead as usize;
                match over(at, &self.bytes()[at..])? {
                    Over::End => {
                        self.at = at + 1;
                        return Some(());
                    }
                    // It may reach beyond what was looked at.
                    Over::Bytes(many) => {
                        from = from.max(at + many);
                        found &= !(((1 << many) - 1) << ahead);
                    }
                }
            }
        }
    }
}

/// How far to step over what a quote or a backslash begins.
enum Over {
    /// Over it and no further.
    End,
    /// Over so many bytes, a few.
    Bytes(usize),
}

/// Where the next quote or backslash stands.
#[inline]
fn quote_or_backslash(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        match look(bytes, from)? {
            0 => from += LOOK,
            found => return Some(from + found.trailing_zeros() as usize),
        }
    }
}

/// As many bytes are looked at together.
const LOOK: usize = 64;

/// Which of the next bytes are quotes or backslashes, a bit for each; none at the end. Most strings of alerts end within one
/// look, and then nothing depends on how long they are: a branch that a processor cannot foresee costs more than all the rest.
#[inline]
fn look(bytes: &[u8], from: usize) -> Option<u64> {
    let rest = bytes.get(from..).filter(|rest| !rest.is_empty())?;
    Some(match rest.first_chunk() {
        Some(whole) => quotes_and_backslashes(whole),
        None => {
            let mut last = [0; LOOK];
            last[..rest.len()].copy_from_slice(rest);
            quotes_and_backslashes(&last)
        }
    })
}

/// How many bytes are the same, from the first on.
#[inline]
fn alike(one: &[u8; AT_ONCE], other: &[u8; AT_ONCE]) -> usize {
    u8x32::new(*one).simd_eq(u8x32::new(*other)).to_bitmask().trailing_ones() as usize
}

#[inline]
fn quotes_and_backslashes(look: &[u8; LOOK]) -> u64 {
    let (quote, backslash) = (u8x16::splat(b'"'), u8x16::splat(b'\\'));
    let (vectors, _) = look.as_chunks::<16>();
    vectors.iter().rev().fold(0, |found, bytes| {
        let bytes = u8x16::new(*bytes);
        found << 16 | u64::from((bytes.simd_eq(quote) | bytes.simd_eq(backslash)).to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_stepped_over_up_to_its_end() {
        for value in [r#""""#, r#""a\"b\\""#, "7", "-1.5", "true", "false", "null", "[]", r#"{"a":["}",{"b":1}]}"#] {
            for behind in ["", ",1", "]", " }"] {
                let text = format!("{value}{behind}");
                let start = Steps::new(&text);
                let mut steps = start;
                steps.value(0).unwrap_or_else(|| panic!("{text}"));
                assert_eq!(steps.since(start), Some(value), "{text}");
            }
        }
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Steps::new(&deep(DEEPEST)).value(0).is_some() && Steps::new(&deep(DEEPEST)).value(1).is_none());
        let long = |length| "1".repeat(length);
        assert!(Steps::new(&long(200)).value(0).is_some() && Steps::new(&long(201)).value(0).is_none());
        for odd in ["1e5", r#""\u0061""#, r#"["\u0061"]"#, "[1E5]", "\"", "[", "{\"", r#""a\"#, ""] {
            assert!(Steps::new(odd).value(0).is_none(), "{odd}");
        }
    }

    #[test]
    fn the_next_quote_or_backslash_is_found_wherever_it_stands() {
        for length in 0..150 {
            for other in ["a", "!", "#", "[", "]", "\u{a2}", "\u{dc}"] {
                let before = other.repeat(length);
                for found in ["\"", "\\"] {
                    let text = format!("{before}{found}\"\\{before}");
                    for end in [text.len(), before.len() + 1] {
                        assert_eq!(quote_or_backslash(&text.as_bytes()[..end], 0), Some(before.len()), "{text}");
                    }
                }
                assert_eq!(quote_or_backslash(before.as_bytes(), 0), None);
            }
        }
    }

    #[test]
    fn strings_in_a_row_are_stepped_over_wherever_they_stand() {
        for length in 0..140 {
            let before = "x".repeat(length);
            for row in [
                r#"["","]"]"#,
                r#"["","]","",["]"],"]"]"#,
                r#"{"":"]","a":"}"}"#,
                r#"["\"","]\"]"]"#,
                r#"["\\","]"]"#,
                r#"["\\\"]","]"]"#,
            ] {
                // Long where the first string stands, or where the next one begins.
                for (short, long) in [("\"", format!("\"é{before}")), (",\"", format!(",\"{before}"))] {
                    let row = row.replacen(short, &long, 1);
                    let text = format!("{row}]}}");
                    let mut steps = Steps::new(&text);
                    steps.value(0).unwrap_or_else(|| panic!("{text}"));
                    assert_eq!(steps.at, row.len(), "{text}");
                    for end in (0..row.len()).filter(|end| text.is_char_boundary(*end)) {
                        assert!(Steps::new(&text[..end]).value(0).is_none(), "{}", &text[..end]);
                    }
                }
            }
            assert!(Steps::new(&format!(r#"["{before}","\u0061"]"#)).value(0).is_none());
        }
    }

    #[test]
    fn the_beginning_of_a_word_is_stepped_over_and_no_more_is_asked_for() {
        let word: [u8; AT_ONCE] = std::array::from_fn(|at| b'a' + at as u8 % 26);
        for length in 0..=AT_ONCE {
            for behind in ["", "?", &"?".repeat(AT_ONCE)] {
                let mut text = word[..length].to_vec();
                text.extend(behind.bytes());
                let over = |text: &[u8]| {
                    let mut steps = Steps::new(std::str::from_utf8(text).expect("plain"));
                    steps.over_beginning(&word, length).map(|()| steps.at)
                };
                assert_eq!(over(&text), Some(length));
                for at in 0..length {
                    let mut other = text.clone();
                    other[at] = b'?';
                    assert_eq!(over(&other), None, "{at} of {length}");
                }
                assert!(length == 0 || over(&text[..length - 1]).is_none());
            }
        }
    }

    #[test]
    fn escapes_are_read_wherever_they_stand() {
        for length in 0..140 {
            let before = "x".repeat(length);
            for (written, read) in [("\\\\", "\\"), ("\\\"", "\""), ("\\n\\\\\\\\", "\n\\\\"), ("é\\/\\té", "é/\té")]
            {
                let text = format!("{before}{written}{before}{written}\"rest");
                let (mut steps, mut over, mut onto) = (Steps::new(&text), Steps::new(&text), String::new());
                steps.unescape_rest(&mut onto).unwrap_or_else(|| panic!("{text}"));
                over.string_rest().unwrap_or_else(|| panic!("{text}"));
                assert_eq!(onto, format!("{before}{read}{before}{read}"), "{text}");
                assert_eq!((&text[steps.at..], over.at), ("rest", steps.at), "{text}");
            }
            for odd in ["\\u0061\"", "\\", "\\\"", ""] {
                let text = format!("{before}\\\\{odd}");
                assert!(Steps::new(&text).string_rest().is_none(), "{text}");
                assert!(Steps::new(&text).unescape_rest(&mut String::new()).is_none(), "{text}");
            }
        }
    }
}
