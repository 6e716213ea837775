//! Strings stepped over, or read.

use super::Steps;
use super::look::{LOOK, all_of, has_quote_or_code_point, look, quotes_and_backslashes};
use std::ops::Range;

impl<'t> Steps<'t> {
    /// Steps over a string without escapes, and gives what it holds.
    #[inline]
    pub fn verbatim(&mut self) -> Option<&'t str> {
        self.step(b'"')?;
        self.verbatim_rest()
    }

    /// As [`Steps::verbatim`], behind the opening quote; with escapes it stays there.
    #[inline]
    pub fn verbatim_rest(&mut self) -> Option<&'t str> {
        let mut from = 0;
        let end = loop {
            match look(self.rest, from, quotes_and_backslashes)? {
                0 => from += LOOK,
                found => break from + found.trailing_zeros() as usize,
            }
        };
        let text = self.next(end).filter(|_| self.rest[end] == b'"')?;
        self.pass(end + 1);
        Some(text)
    }

    /// Steps over the rest of a string, behind the opening quote.
    pub fn string_rest(&mut self) -> Option<()> {
        let mut from = 0;
        while let Some(look) = self.rest.get(from..)?.first_chunk()
            && !has_quote_or_code_point(look)
        {
            from += LOOK;
        }
        let [quotes, backslashes, us] =
            look(self.rest, from, |look| [all_of(look, b'"'), all_of(look, b'\\'), all_of(look, b'u')])?;
        let is_behind_one = from.checked_sub(1).is_some_and(|before| self.rest[before] == b'\\');
        let behind_backslash = backslashes << 1 | u64::from(is_behind_one);
        let end = quotes & quotes.wrapping_neg();
        // A quote that may be no end and a character that may be half of one are rare.
        if end == 0 || behind_backslash & (end | us & (end - 1)) != 0 {
            return self.pieces(|_, _| Some(()));
        }
        self.pass(from + end.trailing_zeros() as usize + 1);
        Some(())
    }

    /// As [`Steps::string_rest`], and adds what the string holds to a text.
    pub fn unescape_rest(&mut self, onto: &mut String) -> Option<()> {
        let text = self.text;
        self.pieces(|plain, escaped| {
            onto.push_str(text.get(plain)?);
            if let Some(character) = escaped {
                onto.push(character);
            }
            Some(())
        })
    }

    /// Steps over the rest of a string piece by piece: where what needs no escape stands, and what is escaped behind it, which
    /// is nothing at the end.
    fn pieces(&mut self, mut piece: impl FnMut(Range<usize>, Option<char>) -> Option<()>) -> Option<()> {
        let mut plain = self.at();
        self.over_quotes(|at, found| {
            if found[0] == b'"' {
                piece(plain..at, None)?;
                return Some(Over::End);
            }
            let (character, length) = escape(found)?;
            piece(plain..at, Some(character))?;
            plain = at + length;
            Some(Over::Bytes(length))
        })
    }

    /// Steps over a string and all those that stand behind it with nothing but a colon or a comma between them, as keys and
    /// texts mostly do: one look serves all that end in it.
    pub(super) fn strings(&mut self) -> Option<()> {
        self.pass(1);
        self.over_quotes(|_, found| match found {
            [b'"', b':' | b',', b'"', ..] => Some(Over::Bytes(BETWEEN.len())),
            [b'"', ..] => Some(Over::End),
            [_, b'u', ..] => escape(found).map(|(_, length)| Over::Bytes(length)),
            [_] => None,
            // What is escaped says nothing.
            _ => Some(Over::Bytes(2)),
        })
    }

    /// Steps over one quote or backslash after the other, as far as is told of each, by its place and what stands from there
    /// on; none if that is none.
    #[inline]
    fn over_quotes(&mut self, mut over: impl FnMut(usize, &[u8]) -> Option<Over>) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut from = self.at();
        loop {
            let start = from;
            let mut found = look(bytes, start, quotes_and_backslashes)?;
            from += LOOK;
            while found != 0 {
                let ahead = found.trailing_zeros();
                let at = start + ahead as usize;
                match over(at, &bytes[at..])? {
                    Over::End => {
                        self.rest = &bytes[at + 1..];
                        return Some(());
                    }
                    // It may reach beyond what was looked at.
                    Over::Bytes(many) => {
                        from = from.max(at + many);
                        found &= !(((1 << many) - 1) << ahead);
                        self.has_code_points |= many > BETWEEN.len();
                    }
                }
            }
        }
    }

    /// Whether a character may have been stepped over that is written by its code point.
    #[inline]
    pub fn has_code_points(&self) -> bool {
        self.has_code_points
    }
}

/// How long the rest of a string is that begins with these bytes, if it ends within one look and holds no escapes, as most do.
#[inline(always)]
pub fn short_string(bytes: &[u8]) -> Option<usize> {
    let look = bytes.first_chunk::<LOOK>()?;
    let length = quotes_and_backslashes(look).trailing_zeros() as usize;
    (look.get(length) == Some(&b'"')).then_some(length)
}

/// As much as stands between two strings in a row. Only a character written by its code point is longer.
const BETWEEN: &str = "\",\"";

/// How far to step over what a quote or a backslash begins.
enum Over {
    /// Over it and no further.
    End,
    /// Over so many bytes, a few.
    Bytes(usize),
}

/// What is escaped where a backslash stands, and how many bytes that takes; none for half a character.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    Some(match *bytes.get(1)? {
        escaped @ (b'"' | b'\\' | b'/') => (escaped.into(), 2),
        b'b' => ('\u{8}', 2),
        b'f' => ('\u{c}', 2),
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'u' => {
            let first = unit(bytes)?;
            match char::from_u32(first.into()) {
                Some(character) => (character, 6),
                None => {
                    let second = bytes.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(unit)?;
                    (char::decode_utf16([first, second]).next()?.ok()?, 12)
                }
            }
        }
        _ => return None,
    })
}

/// The four digits behind `\u`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let mut digits = bytes.get(2..6)?.iter().map(|byte| char::from(*byte).to_digit(16));
    digits.try_fold(0, |unit, digit| Some(unit << 4 | digit? as u16))
}

/// Adds a text to another with every character in its strings as itself that is written by its code point.
pub fn spell_out(json: &[u8], onto: &mut Vec<u8>) {
    let mut rest = json;
    while let Some(plain) = memchr::memchr(b'\\', rest) {
        onto.extend_from_slice(&rest[..plain]);
        let written = &rest[plain..];
        let (character, length) = match written {
            [_, b'u', ..] => escape(written).unzip(),
            _ => (None, None),
        };
        // Any other escape stays as it is.
        let length = length.unwrap_or(2).min(written.len());
        match character {
            Some(character) => onto.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => onto.extend_from_slice(&written[..length]),
        }
        rest = &written[length..];
    }
    onto.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_without_escapes_ends_at_its_quote() {
        for length in 0..150 {
            for other in ["a", "!", "#", "[", "]", "\u{a2}", "\u{dc}"] {
                let before = other.repeat(length);
                for behind in ["", "\"\\", &before] {
                    let (text, odd) = (format!("{before}\"{behind}"), format!("{before}\\\"{behind}"));
                    let mut steps = Steps::new(&text);
                    assert_eq!((steps.verbatim_rest(), steps.at()), (Some(&*before), before.len() + 1), "{text}");
                    let is_short = before.len() < LOOK && text.len() >= LOOK;
                    assert_eq!(short_string(text.as_bytes()), is_short.then_some(before.len()), "{text}");
                    let mut steps = Steps::new(&odd);
                    assert_eq!(
                        (steps.verbatim_rest(), short_string(odd.as_bytes()), steps.at()),
                        (None, None, 0),
                        "{odd}"
                    );
                }
                assert_eq!(Steps::new(&before).verbatim_rest(), None);
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
                    assert_eq!(steps.at(), row.len(), "{text}");
                    for end in (0..row.len()).filter(|end| text.is_char_boundary(*end)) {
                        assert!(Steps::new(&text[..end]).value(0).is_none(), "{}", &text[..end]);
                    }
                }
            }
            for (escaped, over) in [("\\u0061", Some(())), ("\\ud83d\\ude00]", Some(())), ("\\ud83d]", None)] {
                let text = format!(r#"["{before}","{escaped}"]"#);
                let mut steps = Steps::new(&text);
                assert_eq!(steps.value(0), over, "{text}");
                assert!(over.is_none() || (steps.is_at_end() && steps.has_code_points()), "{text}");
            }
        }
    }

    #[test]
    fn escapes_are_read_wherever_they_stand() {
        for length in 0..140 {
            let before = "x".repeat(length);
            for (written, read) in [
                ("\\\\", "\\"),
                ("\\\"", "\""),
                ("\\n\\\\\\\\", "\n\\\\"),
                ("é\\/\\té", "é/\té"),
                ("\\u0061\\ud83d\\ude00", "a\u{1f600}"),
            ] {
                let text = format!("{before}{written}{before}{written}\"rest");
                let (mut steps, mut over, mut onto) = (Steps::new(&text), Steps::new(&text), String::new());
                steps.unescape_rest(&mut onto).unwrap_or_else(|| panic!("{text}"));
                over.string_rest().unwrap_or_else(|| panic!("{text}"));
                assert_eq!(onto, format!("{before}{read}{before}{read}"), "{text}");
                assert_eq!((&text[steps.at()..], over.at()), ("rest", steps.at()), "{text}");
            }
            for odd in ["\\ud83d\"", "\\u006", "\\", "\\\"", ""] {
                let text = format!("{before}\\\\{odd}");
                assert!(Steps::new(&text).string_rest().is_none(), "{text}");
                assert!(Steps::new(&text).unescape_rest(&mut String::new()).is_none(), "{text}");
            }
        }
    }

    #[test]
    fn any_string_is_read_as_every_reader_reads_it() {
        const PIECES: [&str; 13] = [
            "a",
            "u",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "é",
            "\\\\",
            "\\\"",
            "\\n",
            "\\/",
            "\\u0041",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\ud83d",
            "\\ude00",
        ];
        let mut random = fastrand::Rng::with_seed(11);
        let mut halves = 0;
        for _ in 0..20_000 {
            let whole = random.usize(..4) > 0;
            let row: String =
                (0..random.usize(..40)).map(|_| PIECES[random.usize(..if whole { 11 } else { 13 })]).collect();
            let text = format!("{row}\",\"b\\\\\"");
            let read: Option<String> = serde_json::from_str(&format!("\"{row}\"")).ok();
            let (mut over, mut steps, mut onto) = (Steps::new(&text), Steps::new(&text), String::new());
            let is_read = steps.unescape_rest(&mut onto).is_some();
            assert_eq!(is_read.then_some(onto), read, "{row}");
            assert_eq!(over.string_rest().is_some(), read.is_some(), "{row}");
            halves += usize::from(read.is_none());
            let Some(read) = read else { continue };
            assert_eq!((over.at(), steps.at()), (row.len() + 1, row.len() + 1), "{row}");
            assert_eq!(
                (over.has_code_points(), steps.has_code_points()),
                (row.contains("\\u0") || row.contains("\\ud"), row.contains("\\u0") || row.contains("\\ud"))
            );
            let mut spelled_out = Vec::new();
            spell_out(format!("\"{row}\"").as_bytes(), &mut spelled_out);
            assert_eq!(serde_json::from_slice::<String>(&spelled_out).unwrap(), read, "{row}");
        }
        assert!((500..10_000).contains(&halves), "{halves}");
    }
}
