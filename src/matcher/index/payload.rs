//! A payload's text walked without making values of it: only what conditions ask about is read, the rest is stepped
//! over.
//!
//! The text is known to be JSON. Whatever is out of the ordinary in it (escapes of code points, keys that need any or
//! stand twice, exponents, deep nesting) ends the walk with none, and the payload is read as the plain evaluator reads it.

use super::atoms::FieldId;
use super::route::PlaceId;
use super::run::Walk;
use crate::matcher::number::Number;
use crate::matcher::value::Value;

/// Nested deeper, a payload is out of the ordinary; reading it has a limit of its own.
const DEEPEST: usize = 100;
/// Longer numbers are out of the ordinary.
const LONGEST_NUMBER: usize = 200;

/// Walks a payload, and puts every value of it to `everywhere` besides; none if it is out of the ordinary, and then some
/// of it may have been walked.
pub fn walk<'v>(walk: &mut Walk<'_, 'v>, text: &'v str, everywhere: Option<FieldId>) -> Option<()> {
    let root = walk.engine.routes.raw;
    if let Some(root) = root {
        walk.exists(root);
    }
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, everywhere };
    reader.value(walk, root, 0)?;
    reader.blank();
    (reader.at == text.len()).then_some(())
}

struct Reader<'v> {
    text: &'v str,
    bytes: &'v [u8],
    at: usize,
    /// The field every value is put to, if keywords are looked for.
    everywhere: Option<FieldId>,
}

impl<'v> Reader<'v> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn value(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        self.blank();
        if place.is_none() && self.everywhere.is_none() {
            return self.skip(depth);
        }
        if depth > DEEPEST {
            return None;
        }
        match *self.bytes.get(self.at)? {
            b'{' => return self.object(walk, place, depth),
            b'[' => return self.array(walk, place, depth),
            _ => {}
        }
        let field = place.and_then(|place| walk.engine.routes.place(place).field);
        if *self.bytes.get(self.at)? == b'"' {
            return self.string(walk, field);
        }
        let value = self.plain()?;
        for field in [field, self.everywhere].into_iter().flatten() {
            walk.scalar(field, value);
        }
        Some(())
    }

    fn object(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        let engine = walk.engine;
        let ways = place.map(|place| &engine.routes.place(place).exact);
        walk.scratch.object += 1;
        let object = walk.scratch.object;
        let mut keys: Vec<&str> = Vec::new();
        self.at += 1;
        loop {
            self.blank();
            match *self.bytes.get(self.at)? {
                b'}' => break,
                b',' => self.at += 1,
                _ => {
                    let key = self.key()?;
                    if self.everywhere.is_some() {
                        keys.push(key);
                    }
                    let next = ways.and_then(|ways| ways.get(key)).copied();
                    if let Some(next) = next {
                        if std::mem::replace(&mut walk.scratch.found_in[next as usize], object) == object {
                            return None;
                        }
                        walk.exists(next);
                    }
                    self.value(walk, next, depth + 1)?;
                }
            }
        }
        self.at += 1;
        keys.sort_unstable();
        let stands_twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
        (!stands_twice).then_some(())
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<&'v str> {
        let start = self.at + 1;
        let length = memchr::memchr2(b'"', b'\\', self.bytes.get(start..)?)?;
        self.at = start + length;
        if self.bytes[self.at] == b'\\' {
            return None;
        }
        self.at += 1;
        self.blank();
        self.at += 1;
        self.text.get(start..start + length)
    }

    fn array(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        self.at += 1;
        loop {
            self.blank();
            match *self.bytes.get(self.at)? {
                b']' => break,
                b',' => self.at += 1,
                _ => self.value(walk, place, depth + 1)?,
            }
        }
        self.at += 1;
        Some(())
    }

    fn string(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>) -> Option<()> {
        let start = self.at + 1;
        let length = memchr::memchr2(b'"', b'\\', self.bytes.get(start..)?)?;
        let fields = [field, self.everywhere].into_iter().flatten();
        if self.bytes[start + length] == b'"' {
            let text = self.text.get(start..start + length)?;
            fields.for_each(|field| walk.scalar(field, Value::Text(text)));
            self.at = start + length + 1;
            return Some(());
        }
        for field in fields {
            let from = walk.scratch.texts.len();
            self.at = start;
            self.unescape(&mut walk.scratch.texts)?;
            walk.unescaped(field, from..walk.scratch.texts.len());
        }
        if self.at < start {
            self.skip_string()?;
        }
        Some(())
    }

    /// Copies a string's text up to its closing quote, and steps behind that.
    fn unescape(&mut self, onto: &mut String) -> Option<()> {
        loop {
            let length = memchr::memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            onto.push_str(self.text.get(self.at..self.at + length)?);
            self.at += length;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            onto.push(match *self.bytes.get(self.at + 1)? {
                escaped @ (b'"' | b'\\' | b'/') => escaped.into(),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                _ => return None,
            });
            self.at += 2;
        }
    }

    /// A number, true, false or null.
    fn plain(&mut self) -> Option<Value<'v>> {
        let (value, length) = match *self.bytes.get(self.at)? {
            b't' => (Value::Bool(true), 4),
            b'f' => (Value::Bool(false), 5),
            b'n' => (Value::Null, 4),
            _ => return self.number(),
        };
        self.at += length;
        Some(value)
    }

    fn number(&mut self) -> Option<Value<'v>> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'.')).unwrap_or(rest.len());
        let ends = rest.get(length).is_none_or(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace());
        if length == 0 || length > LONGEST_NUMBER || !ends {
            return None;
        }
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        // Fewer digits than would overflow, and no `-0`, which is no whole number.
        let whole = if length < 18 && text != "-0" { text.parse().ok().map(Number::Whole) } else { None };
        let read = || serde_json::from_str(text).ok().and_then(|number| Number::read(&number));
        whole.or_else(read).map(Value::Number)
    }

    /// Steps over a value nobody asks about.
    fn skip(&mut self, depth: usize) -> Option<()> {
        match *self.bytes.get(self.at)? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_inside(depth),
            _ => self.plain().map(drop),
        }
    }

    fn skip_inside(&mut self, depth: usize) -> Option<()> {
        let mut inside = 0_usize;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => {
                    inside += 1;
                    if depth + inside > DEEPEST {
                        return None;
                    }
                }
                b'}' | b']' => inside -= 1,
                b'-' | b'0'..=b'9' => {
                    self.number()?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if inside == 0 {
                return Some(());
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            if *self.bytes.get(self.at + 1)? == b'u' {
                return None;
            }
            self.at += 2;
        }
    }
}
