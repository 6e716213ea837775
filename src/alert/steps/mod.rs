//! Steps through a text that is JSON, of which only what is asked for is looked at.
//!
//! What a reader of the whole text would refuse though it is JSON (halves of characters, numbers out of range, what nests too
//! deep) is not stepped over: then there is none to give.

mod look;
mod strings;

use look::plain_number;
use std::borrow::Cow;

pub use look::{AT_ONCE, LOOK, alike, begins_with, same_bytes};
pub use strings::{short_string, spell_out};

/// Nested deeper, a value cannot be read.
pub const DEEPEST: usize = 127;
/// A number that is as long at most, with an exponent of two digits at most, is not out of range.
const IN_RANGE: usize = 200;

/// Whether a byte begins a number.
#[inline]
pub fn begins_number(byte: u8) -> bool {
    matches!(byte, b'-' | b'0'..=b'9')
}

/// A place in a text that is JSON.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'t> {
    text: &'t str,
    /// What stands from here on.
    rest: &'t [u8],
    /// Whether a character was stepped over that is written by its code point.
    has_code_points: bool,
}

impl<'t> Steps<'t> {
    /// At the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, rest: text.as_bytes(), has_code_points: false }
    }

    /// What has been stepped over since another place of the same text.
    #[inline]
    pub fn since(&self, start: Self) -> Option<&'t str> {
        self.text.get(start.at()..self.at())
    }

    /// What stands from here on.
    #[inline]
    pub fn rest_of_text(&self) -> &'t [u8] {
        self.rest
    }

    /// Steps over so many bytes, which stand here.
    #[inline]
    pub fn pass(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The whole text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Where it is, in bytes.
    #[inline]
    pub fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Steps over the value of an object's last key, and gives its text: an object that nothing but one closing brace
    /// stands behind is not stepped through.
    pub fn last_value(&mut self) -> Option<&'t str> {
        let is_last = self.peek()? == b'{' && self.rest.ends_with(b"}}");
        let start = *self;
        match is_last {
            true => self.pass(self.rest.len() - 1),
            false => self.value(1)?,
        }
        self.since(start)
    }

    /// Steps over blanks.
    #[inline]
    pub fn blank(&mut self) {
        while self.rest.first().is_some_and(u8::is_ascii_whitespace) {
            self.pass(1);
        }
    }

    /// The byte that comes next, behind blanks.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.rest.first().copied()
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
        self.pass(1);
        Some(())
    }

    /// Whether something stands before the bracket that closes; steps over commas, and over that bracket.
    #[inline]
    pub fn has_more(&mut self, close: u8) -> Option<bool> {
        loop {
            match self.peek()? {
                b',' => self.pass(1),
                byte if byte == close => {
                    self.pass(1);
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

    /// Whether the list or map that begins here holds nothing.
    pub fn is_empty_inside(&self) -> bool {
        let rest = self.rest.get(1..).unwrap_or_default().trim_ascii_start();
        matches!(rest.first(), Some(b']' | b'}'))
    }

    /// A key, and its colon.
    #[inline]
    pub fn key(&mut self) -> Option<Cow<'t, str>> {
        self.step(b'"')?;
        if let Some(length) = short_string(self.rest)
            && let Some(b':') = self.rest.get(length + 1)
        {
            let key = self.next(length)?;
            self.pass(length + 2);
            return Some(Cow::Borrowed(key));
        }
        self.any_key()
    }

    /// As [`Steps::key`], behind its quote.
    #[inline(never)]
    fn any_key(&mut self) -> Option<Cow<'t, str>> {
        let key = match self.verbatim_rest() {
            Some(key) => Cow::Borrowed(key),
            None => {
                let mut key = String::new();
                self.unescape_rest(&mut key)?;
                Cow::Owned(key)
            }
        };
        self.step(b':')?;
        Some(key)
    }

    /// Steps over a number.
    #[inline]
    pub fn over_number(&mut self) -> Option<()> {
        match self.rest.first_chunk().and_then(plain_number) {
            Some(length @ 1..) => {
                self.pass(length);
                Some(())
            }
            _ => self.long_number().map(drop),
        }
    }

    /// As [`Steps::over_number`], and gives its text.
    #[inline]
    pub fn number(&mut self) -> Option<&'t str> {
        let Some(length) = self.rest.first_chunk().and_then(plain_number) else { return self.long_number() };
        self.take(length)
    }

    /// One that is long, or has an exponent.
    #[inline(never)]
    fn long_number(&mut self) -> Option<&'t str> {
        let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest.iter().take_while(|byte| is_of_number(byte)).count();
        let text = self.take(length)?;
        let digits = text.find(['e', 'E']).map_or("", |exponent| text[exponent + 1..].trim_start_matches(['-', '+']));
        let is_in_range = text.len() <= IN_RANGE && digits.len() <= 2;
        (is_in_range || serde_json::from_str::<f64>(text).is_ok()).then_some(text)
    }

    /// The next so many bytes.
    #[inline(always)]
    pub fn next(&self, length: usize) -> Option<&'t str> {
        let at = self.at();
        self.text.get(at..at + length)
    }

    /// Steps over so many bytes, and gives them.
    #[inline]
    fn take(&mut self, length: usize) -> Option<&'t str> {
        let text = self.next(length).filter(|text| !text.is_empty())?;
        self.pass(length);
        Some(text)
    }

    /// Steps over a word that must stand here.
    #[inline]
    pub fn over(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    /// As [`Steps::over`], a word that is the beginning of this one: short words are compared at once.
    #[inline]
    pub fn over_beginning(&mut self, word: &[u8; AT_ONCE], length: usize) -> Option<()> {
        debug_assert!(length <= AT_ONCE, "it is no beginning of these");
        let Some(here) = self.rest.first_chunk::<AT_ONCE>() else { return self.over(word.get(..length)?) };
        (alike(here, word) >= length).then(|| self.pass(length))
    }

    /// Steps over a value that stands at this depth.
    pub fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.pass(1);
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
            match *self.rest.first()? {
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
                byte if begins_number(byte) => {
                    self.number()?;
                    continue;
                }
                _ => {}
            }
            self.pass(1);
            if open == 0 {
                return Some(most);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_stepped_over_up_to_its_end() {
        for value in [
            r#""""#,
            r#""a\"b\\""#,
            r#""\u0061""#,
            "7",
            "-1.5",
            "1e5",
            "-1.5E+05",
            "1e-300",
            "true",
            "false",
            "null",
            "[]",
            r#"{"a":["}",{"b":1}]}"#,
        ] {
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
        // What no reader of the whole text takes for a number.
        let long = |length| "1".repeat(length);
        assert!(Steps::new(&long(300)).value(0).is_some() && Steps::new(&long(400)).value(0).is_none());
        for odd in ["1e999", "[-1E0999]", r#""\ud800""#, r#"["\udc00\ud800"]"#, "\"", "[", "{\"", r#""a\"#, ""] {
            assert!(Steps::new(odd).value(0).is_none(), "{odd}");
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
                    steps.over_beginning(&word, length).map(|()| steps.at())
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
    fn a_key_is_what_it_says_however_it_is_written() {
        for (text, key) in
            [("\"a\":1", Some("a")), (r#""\u0061\n" :1"#, Some("a\n")), (r#""\ud800":1"#, None), ("1", None)]
        {
            let mut steps = Steps::new(text);
            assert_eq!(steps.key().as_deref(), key, "{text}");
            assert!(key.is_none() || steps.number() == Some("1"), "{text}");
        }
    }
}
