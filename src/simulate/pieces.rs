//! Cuts a file of alerts into pieces that can be decoded apart: lines, or elements of a list, a few hundred kilobytes at
//! a time, however large the file is.

use crate::decode::Format;
use std::io::{self, Read};

/// A piece is handed on once it is this long.
const PIECE: usize = 256 << 10;
/// No alert, and no file that is neither lines nor a list, is longer.
pub const MOST_BYTES: usize = 64 << 20;

/// Some alerts of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The line it begins on, from 1.
    pub line: usize,
    /// A whole body for the decoder.
    pub body: Vec<u8>,
    /// How the body is written.
    pub format: Format,
}

/// What cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The line it begins on.
    pub line: usize,
    /// What is wrong, and what became of it.
    pub why: &'static str,
}

/// What is handed out in turn.
pub type Cut = Result<Piece, Broken>;

/// Cuts a whole file. `named_lines` says that its name promises one alert a line.
///
/// # Errors
/// If it cannot be read, or `each` will not have more.
pub fn cut(file: &mut dyn Read, named_lines: bool, each: &mut dyn FnMut(Cut) -> io::Result<()>) -> io::Result<()> {
    let mut text = Text { file, bytes: Vec::new(), from: 0, line: 1, ended: false };
    // A mark of the byte order is no part of the text.
    while text.unread().len() < 3 && text.more()? {}
    if text.unread().starts_with(b"\xEF\xBB\xBF") {
        text.take(3);
    }
    loop {
        let blank = text.unread().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        text.take(blank);
        if !text.unread().is_empty() || !text.more()? {
            break;
        }
    }
    if text.unread().is_empty() {
        return Ok(());
    }
    if named_lines {
        return lines(&mut text, each);
    }
    if text.unread()[0] == b'[' {
        return list(&mut text, each);
    }
    while !text.unread().contains(&b'\n') && text.unread().len() <= MOST_BYTES && text.more()? {}
    let first = text.unread().split(|byte| *byte == b'\n').next().unwrap_or_default();
    if is_whole(first) {
        return lines(&mut text, each);
    }
    // One document over several lines, unless it turns out not to be: then its lines may stand alone.
    while text.unread().len() <= MOST_BYTES && text.more()? {}
    if text.unread().len() > MOST_BYTES {
        let why = "more than 64 MiB that are neither lines nor a list; write one alert a line. The file was not read";
        return each(Err(Broken { line: text.line, why }));
    }
    let stands_alone = |line: &[u8]| line.starts_with(b"{") && is_whole(line);
    if !is_whole(text.unread()) && text.unread().split(|byte| *byte == b'\n').any(stands_alone) {
        return lines(&mut text, each);
    }
    let piece = Piece { line: text.line, body: text.unread().to_vec(), format: Format::Json };
    each(Ok(piece))
}

fn is_whole(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// A file as far as it was read, and how far it was cut.
struct Text<'f> {
    file: &'f mut dyn Read,
    bytes: Vec<u8>,
    from: usize,
    /// The line that what is uncut begins on.
    line: usize,
    ended: bool,
}

impl Text<'_> {
    fn unread(&self) -> &[u8] {
        &self.bytes[self.from..]
    }

    /// Reads on; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.from > 0 {
            self.bytes.drain(..self.from);
            self.from = 0;
        }
        let read = (&mut *self.file).take(PIECE as u64).read_to_end(&mut self.bytes)?;
        self.ended = read == 0;
        Ok(!self.ended)
    }

    /// Cuts off so many bytes.
    fn take(&mut self, length: usize) -> &[u8] {
        let taken = &self.bytes[self.from..self.from + length];
        self.line += memchr::memchr_iter(b'\n', taken).count();
        self.from += length;
        taken
    }
}

fn lines(text: &mut Text<'_>, each: &mut dyn FnMut(Cut) -> io::Result<()>) -> io::Result<()> {
    loop {
        while text.unread().len() < PIECE && text.more()? {}
        let end =
            if text.ended { text.unread().len() } else { memchr::memrchr(b'\n', text.unread()).map_or(0, |at| at + 1) };
        if end > 0 {
            let line = text.line;
            let body = text.take(end).to_vec();
            each(Ok(Piece { line, body, format: Format::Ndjson }))?;
        }
        if text.ended && text.unread().is_empty() {
            return Ok(());
        }
        // The rest of a line that is too long is passed over.
        while !text.ended && memchr::memchr(b'\n', text.unread()).is_none() {
            if text.unread().len() > MOST_BYTES {
                let line = text.line;
                let length = text.unread().len();
                text.take(length);
                while text.more()? && memchr::memchr(b'\n', text.unread()).is_none() {
                    let length = text.unread().len();
                    text.take(length);
                }
                let rest = memchr::memchr(b'\n', text.unread()).map_or(text.unread().len(), |at| at + 1);
                text.take(rest);
                each(Err(Broken { line, why: "a line of more than 64 MiB; it was passed over" }))?;
                break;
            }
            text.more()?;
        }
    }
}

/// Cuts a list between its elements: at commas that stand in nothing.
fn list(text: &mut Text<'_>, each: &mut dyn FnMut(Cut) -> io::Result<()>) -> io::Result<()> {
    text.take(1);
    let (mut at, mut depth, mut in_text, mut escaped) = (0_usize, 0_usize, false, false);
    let mut last_comma = None;
    loop {
        if at == text.unread().len() {
            let before = text.unread().len();
            if before > MOST_BYTES {
                let why = "an element of more than 64 MiB; the rest of the file was not read";
                return each(Err(Broken { line: text.line, why }));
            }
            if !text.more()? {
                element(text, last_comma, each)?;
                let why = "the file ends inside of its list; what is not whole was not read";
                return each(Err(Broken { line: text.line, why }));
            }
        }
        let byte = text.unread()[at];
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b']' if depth == 0 => {
                element(text, Some(at), each)?;
                text.take(1);
                return rest(text, each);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                if at >= PIECE {
                    element(text, Some(at), each)?;
                    text.take(1);
                    (at, last_comma) = (0, None);
                    continue;
                }
                last_comma = Some(at);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Hands out the elements up to a place.
fn element(text: &mut Text<'_>, end: Option<usize>, each: &mut dyn FnMut(Cut) -> io::Result<()>) -> io::Result<()> {
    let Some(end) = end else { return Ok(()) };
    let line = text.line;
    let elements = text.take(end);
    if elements.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let body = [b"[", elements, b"]"].concat();
    each(Ok(Piece { line, body, format: Format::Json }))
}

fn rest(text: &mut Text<'_>, each: &mut dyn FnMut(Cut) -> io::Result<()>) -> io::Result<()> {
    loop {
        let blank = text.unread().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        text.take(blank);
        if !text.unread().is_empty() {
            let why = "text goes on after the list; it was not read";
            return each(Err(Broken { line: text.line, why }));
        }
        if !text.more()? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::decode::{Limits, decode};

    /// A file that gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    /// Titles of the alerts, in order, and what was broken with its line.
    fn read(text: &[u8], named_lines: bool) -> (Vec<String>, Vec<usize>) {
        let (mut titles, mut broken) = (Vec::new(), Vec::new());
        let limits = Limits { request_bytes: usize::MAX, alerts: usize::MAX, ..Limits::default() };
        let each = &mut |cut: Cut| {
            match cut {
                Ok(piece) => match decode(&piece.body, piece.format, None, &limits, Timestamp::UNIX_EPOCH) {
                    Ok(items) => items.into_iter().for_each(|item| match item {
                        Ok(decoded) => titles.push(decoded.alert.title),
                        Err(fault) => broken.push(piece.line + fault.line.unwrap() - 1),
                    }),
                    Err(_) => broken.push(piece.line),
                },
                Err(fault) => broken.push(fault.line),
            }
            Ok(())
        };
        cut(&mut Slow(text, 7), named_lines, each).unwrap();
        (titles, broken)
    }

    fn titles(titles: &[&str]) -> Vec<String> {
        titles.iter().map(|title| (*title).to_owned()).collect()
    }

    #[test]
    fn every_way_of_writing_alerts_is_read() {
        let ab = titles(&["a", "b"]);
        for text in [
            "{\"title\":\"a\"}\n{\"title\":\"b\"}\n",
            "\u{feff}  \n\n{\"title\":\"a\"}\r\n\r\n{\"title\":\"b\"}",
            "[{\"title\":\"a\"},{\"title\":\"b\"}]",
            " [ {\"title\":\n \"a\"} ,\n {\"title\":\"b\", \"x\": [1,{\"y\":\"]},\\\"\"}]} ] \n",
            "{\"value\": [\n{\"title\":\"a\"},\n{\"title\":\"b\"}]}",
        ] {
            assert_eq!(read(text.as_bytes(), false), (ab.clone(), vec![]), "{text}");
        }
        assert_eq!(read(b"{\n\"title\": \"a\"\n}\n", false), (titles(&["a"]), vec![]));
        assert_eq!(read(b"", false), (vec![], vec![]));
        assert_eq!(read(b"[]", false), (vec![], vec![]));
    }

    #[test]
    fn what_is_broken_costs_no_neighbour_and_is_named_by_its_line() {
        let good = "{\"title\":\"a\"}\n";
        assert_eq!(read(format!("{good}nonsense\n{good}").as_bytes(), false), (titles(&["a", "a"]), vec![2]));
        assert_eq!(read(format!("nonsense\n{good}").as_bytes(), false), (titles(&["a"]), vec![1]));
        assert_eq!(read(format!("{{\n{good}").as_bytes(), true), (titles(&["a"]), vec![1]));
        assert_eq!(read(b"[{\"title\":\"a\"},\n{\"title\":", false), (titles(&["a"]), vec![1]));
        assert_eq!(read(b"[{\"title\":\"a\"}]\n{}", false), (titles(&["a"]), vec![2]));
        assert_eq!(read(b"[1,\n{\"title\":\"a\"}]", false), (titles(&["a"]), vec![1]));
        assert_eq!(read(b"nonsense", false), (vec![], vec![1]));
    }

    #[test]
    fn a_large_file_comes_in_pieces_and_in_order() {
        let alert = |n: usize| format!("{{\"title\":\"{n}\",\"x\":\"{}\"}}", "y".repeat(5_000));
        let expected: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        let all: Vec<String> = (0..300).map(alert).collect();
        for text in [all.join("\n"), format!("[{}]", all.join(",\n"))] {
            let mut pieces = 0;
            cut(&mut text.as_bytes(), false, &mut |cut| {
                assert!(cut.unwrap().body.len() < 2 * PIECE);
                pieces += 1;
                Ok(())
            })
            .unwrap();
            assert!(pieces >= 5, "{pieces}");
            assert_eq!(read(text.as_bytes(), false), (expected.clone(), vec![]));
        }
    }
}
