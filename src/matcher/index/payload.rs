//! A payload's text walked without making values of it: only what conditions ask about is read, the rest is stepped
//! over.
//!
//! The text is known to be JSON. Whatever is out of the ordinary in it (escapes of code points, keys that need any or
//! stand twice, exponents, deep nesting) ends the walk with none, and the payload is read as the plain evaluator reads it.

use super::atoms::FieldId;
use super::route::PlaceId;
use super::run::Walk;
use crate::alert::quote_or_backslash;
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
    let mut reader = Reader::new(text, everywhere);
    reader.value(walk, root, 0)?;
    reader.blank();
    (reader.at == text.len()).then_some(())
}

/// Reads a text that is JSON and puts what is asked about to the tables.
pub(super) struct Reader<'v> {
    text: &'v str,
    bytes: &'v [u8],
    at: usize,
    /// The field every value is put to, if keywords are looked for.
    everywhere: Option<FieldId>,
}

impl<'v> Reader<'v> {
    /// At the beginning of a text.
    pub fn new(text: &'v str, everywhere: Option<FieldId>) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, everywhere }
    }

    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Whether this comes next; none if it does not.
    pub fn is_at(&mut self, byte: u8) -> Option<()> {
        self.blank();
        (*self.bytes.get(self.at)? == byte).then_some(())
    }

    /// Steps over what must come next.
    pub fn step(&mut self, byte: u8) -> Option<()> {
        self.is_at(byte)?;
        self.at += 1;
        Some(())
    }

    /// Whether something stands before the bracket that closes; steps over commas, and over that bracket.
    pub fn has_more(&mut self, close: u8) -> Option<bool> {
        loop {
            self.blank();
            match *self.bytes.get(self.at)? {
                b',' => self.at += 1,
                byte if byte == close => {
                    self.at += 1;
                    return Some(false);
                }
                _ => return Some(true),
            }
        }
    }

    /// Whether the map that begins here holds nothing.
    pub fn is_empty_map(&self) -> bool {
        self.bytes.get(self.at + 1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"}"))
    }

    /// Puts the value at hand to the field of a place and those below it.
    pub fn value(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
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
        self.at += 1;
        self.fields(walk, place, depth)
    }

    /// The fields of an object up to its end.
    pub fn fields(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        let engine = walk.engine;
        let here = place.map(|place| engine.routes.place(place));
        walk.scratch.object += 1;
        let object = walk.scratch.object;
        let mut keys: Vec<&str> = Vec::new();
        while self.has_more(b'}')? {
            let key = self.key()?;
            if self.everywhere.is_some() {
                keys.push(key);
            }
            let next = here.and_then(|here| here.next(key));
            if let Some(next) = next {
                if std::mem::replace(&mut walk.scratch.found_in[next as usize], object) == object {
                    return None;
                }
                walk.exists(next);
            }
            self.value(walk, next, depth + 1)?;
        }
        keys.sort_unstable();
        let stands_twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
        (!stands_twice).then_some(())
    }

    /// A key and its colon.
    pub fn key(&mut self) -> Option<&'v str> {
        let start = self.at + 1;
        let length = quote_or_backslash(self.bytes, start)? - start;
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
        while self.has_more(b']')? {
            self.value(walk, place, depth + 1)?;
        }
        Some(())
    }

    /// Steps over a string without escapes, and gives what it holds.
    pub fn verbatim(&mut self) -> Option<&'v str> {
        self.is_at(b'"')?;
        let start = self.at + 1;
        let length = quote_or_backslash(self.bytes, start)? - start;
        self.at = start + length + 1;
        (self.bytes[start + length] == b'"').then(|| &self.text[start..start + length])
    }

    fn string(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>) -> Option<()> {
        let start = self.at + 1;
        let length = quote_or_backslash(self.bytes, start)? - start;
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
            let length = quote_or_backslash(self.bytes, self.at)? - self.at;
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
            b'{' | b'[' => self.skip_inside(depth, 0),
            _ => self.plain().map(drop),
        }
    }

    /// Steps over the rest of an object at this depth.
    pub fn skip_rest(&mut self, depth: usize) -> Option<()> {
        self.skip_inside(depth, 1)
    }

    /// Steps over everything up to behind the bracket that closes as many as are open, and one that opens first.
    fn skip_inside(&mut self, depth: usize, mut inside: usize) -> Option<()> {
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
            self.at = quote_or_backslash(self.bytes, self.at)?;
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
