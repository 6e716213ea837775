//! A payload's text walked without making values of it: only what conditions ask about is read, the rest is stepped
//! over.
//!
//! The text is known to be JSON. Whatever is out of the ordinary in it (for [`Steps`], and keys that stand twice) ends the
//! walk with none, and the payload is read as the plain evaluator reads it.

use super::atoms::FieldId;
use super::route::PlaceId;
use super::run::Walk;
use crate::alert::{DEEPEST, Steps};
use crate::matcher::number::Number;
use crate::matcher::value::Value;

/// Walks a payload, and puts every value of it to `everywhere` besides; none if it is out of the ordinary, and then some
/// of it may have been walked.
pub fn walk<'v>(walk: &mut Walk<'_, 'v>, text: &'v str, everywhere: Option<FieldId>) -> Option<()> {
    let root = walk.engine.routes.raw;
    if let Some(root) = root {
        walk.exists(root);
    }
    let mut reader = Reader { steps: Steps::new(text), everywhere };
    reader.value(walk, root, 0)?;
    reader.steps.is_at_end().then_some(())
}

/// Reads a text that is JSON and puts what is asked about to the tables.
pub(super) struct Reader<'v> {
    /// Where it is.
    pub steps: Steps<'v>,
    /// The field every value is put to, if keywords are looked for.
    pub everywhere: Option<FieldId>,
}

impl<'v> Reader<'v> {
    /// Puts the value at hand to the field of a place and those below it.
    pub fn value(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        if place.is_none() && self.everywhere.is_none() {
            return self.steps.value(depth);
        }
        if depth > DEEPEST {
            return None;
        }
        let begins = self.steps.peek()?;
        match begins {
            b'{' => {
                self.steps.step(b'{')?;
                return self.fields(walk, place, depth);
            }
            b'[' => return self.array(walk, place, depth),
            _ => {}
        }
        let field = place.and_then(|place| walk.engine.routes.place(place).field);
        if begins == b'"' {
            return self.string(walk, field);
        }
        let value = self.plain(begins)?;
        for field in [field, self.everywhere].into_iter().flatten() {
            walk.scalar(field, value);
        }
        Some(())
    }

    /// The fields of an object up to its end.
    pub fn fields(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        let engine = walk.engine;
        let here = place.map(|place| engine.routes.place(place));
        walk.scratch.object += 1;
        let object = walk.scratch.object;
        let mut keys: Vec<&str> = Vec::new();
        while self.steps.has_more(b'}')? {
            let key = self.steps.key()?;
            if self.everywhere.is_some() {
                keys.push(key);
            }
            let next = here.and_then(|here| here.next(key, &mut walk.scratch.texts));
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

    fn array(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        self.steps.step(b'[')?;
        while self.steps.has_more(b']')? {
            self.value(walk, place, depth + 1)?;
        }
        Some(())
    }

    fn string(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>) -> Option<()> {
        let start = self.steps;
        let fields = [field, self.everywhere].into_iter().flatten();
        if let Some(text) = self.steps.verbatim() {
            fields.for_each(|field| walk.scalar(field, Value::Text(text)));
            return Some(());
        }
        for field in fields {
            let from = walk.scratch.texts.len();
            self.steps = start;
            self.steps.unescape(&mut walk.scratch.texts)?;
            walk.unescaped(field, from..walk.scratch.texts.len());
        }
        // Without a field nothing was read yet.
        if field.is_none() && self.everywhere.is_none() { self.steps.value(0) } else { Some(()) }
    }

    /// A number, true, false or null.
    fn plain(&mut self, begins: u8) -> Option<Value<'v>> {
        let (value, word) = match begins {
            b't' => (Value::Bool(true), "true"),
            b'f' => (Value::Bool(false), "false"),
            b'n' => (Value::Null, "null"),
            _ => return number(self.steps.number()?).map(Value::Number),
        };
        self.steps.over(word)?;
        Some(value)
    }
}

fn number(text: &str) -> Option<Number> {
    // Fewer digits than would overflow, and no `-0`, which is no whole number.
    let whole = if text.len() < 18 && text != "-0" { text.parse().ok().map(Number::Whole) } else { None };
    let read = || serde_json::from_str(text).ok().and_then(|number| Number::read(&number));
    whole.or_else(read)
}
