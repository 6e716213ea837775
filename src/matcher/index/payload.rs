//! A payload's text walked without making values of it: only what conditions ask about is read, the rest is stepped
//! over.
//!
//! The text is known to be JSON. Whatever is out of the ordinary in it (for [`Steps`], and keys that stand twice) ends the
//! walk with none, and the payload is read as the plain evaluator reads it.

use super::atoms::{AtomId, FieldId};
use super::put::Leads;
use super::route::PlaceId;
use super::run::Walk;
use super::shape::{self, Effect, Root, Stop, Word};
use crate::alert::{DEEPEST, Steps, begins_number, short_string, spell_out};
use crate::matcher::number::Number;
use crate::matcher::value::Value;

/// What is shorter is stepped over as quickly as it is compared.
const SHORTEST: usize = 32;

/// Walks a payload and puts what is asked about to its fields; none if it is out of the ordinary, and then some of it may have
/// been walked.
pub fn walk<'v>(walk: &mut Walk<'_, 'v>, text: &'v str) -> Option<()> {
    let root = walk.engine.routes.raw;
    if let Some(root) = root {
        walk.exists(root);
    }
    along(walk, Root::Payload, Reader { gathers: walk.gathers(), ..Reader::new(Steps::new(text)) }, root)
}

/// Puts every value of a payload to a field; as [`walk`].
pub fn walk_values<'v>(walk: &mut Walk<'_, 'v>, text: &'v str, everywhere: FieldId) -> Option<()> {
    along(walk, Root::Values, Reader { everywhere: Some(everywhere), ..Reader::new(Steps::new(text)) }, None)
}

fn along<'v>(walk: &mut Walk<'_, 'v>, root: Root, mut reader: Reader<'v>, place: Option<PlaceId>) -> Option<()> {
    shape::walk(walk, root, &mut reader, |walk, reader| {
        reader.value(walk, place, 0)?;
        reader.steps.is_at_end().then_some(())
    })
}

/// Reads a text that is JSON and puts what is asked about to the tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'v> {
    /// Where it is.
    pub steps: Steps<'v>,
    /// The field every value is put to, if it is this one alone.
    everywhere: Option<FieldId>,
    /// Whether texts in which a keyword may stand are gathered.
    gathers: bool,
    /// The text of the payload, once it was come to.
    pub payload: Option<&'v str>,
    /// The last that were stepped over of what nobody asks about.
    last: [Option<SteppedOver<'v>>; 2],
}

/// The rest of an object or a list that was stepped over.
#[derive(Debug, Clone, Copy)]
struct SteppedOver<'v> {
    text: &'v str,
    /// How deep it nests.
    levels: usize,
}

impl<'v> Reader<'v> {
    /// At a place of a text.
    pub fn new(steps: Steps<'v>) -> Self {
        Self { steps, everywhere: None, gathers: false, payload: None, last: [None; 2] }
    }

    /// Puts the value at hand to the field of a place and those below it.
    pub fn value(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        if place.is_none() && self.everywhere.is_none() {
            return self.skip(walk, depth);
        }
        let field = place.and_then(|place| walk.engine.routes.place(place).field).or(self.everywhere);
        match self.steps.peek()? {
            b'{' | b'[' if depth >= DEEPEST => None,
            b'{' => {
                self.steps.step(b'{')?;
                self.fields(walk, place, depth)
            }
            b'[' => self.array(walk, place, depth),
            b'"' => {
                self.steps.step(b'"')?;
                self.stop(walk, Stop::Text(field))
            }
            b't' => self.word(walk, field, Word::True),
            b'f' => self.word(walk, field, Word::False),
            b'n' => self.word(walk, field, Word::Null),
            _ => self.stop(walk, Stop::Number(field)),
        }
    }

    /// Steps over a value that nobody asks about.
    pub fn skip(&mut self, walk: &mut Walk<'_, 'v>, depth: usize) -> Option<()> {
        match self.steps.peek()? {
            b'"' => {
                self.steps.step(b'"')?;
                self.stop(walk, Stop::Text(None))
            }
            byte if begins_number(byte) => self.stop(walk, Stop::Number(None)),
            bracket @ (b'{' | b'[') if depth < DEEPEST => {
                self.steps.step(bracket)?;
                self.stop(walk, Stop::Rest(depth as u32))
            }
            b't' => self.word(walk, None, Word::True),
            b'f' => self.word(walk, None, Word::False),
            b'n' => self.word(walk, None, Word::Null),
            _ => self.steps.value(depth),
        }
    }

    /// Comes to a stop, and passes it.
    #[inline(always)]
    pub fn stop(&mut self, walk: &mut Walk<'_, 'v>, stop: Stop) -> Option<()> {
        if walk.scratch.trace.is_kept() { self.traced_stop(walk, stop) } else { self.pass(walk, stop) }
    }

    #[inline(never)]
    fn traced_stop(&mut self, walk: &mut Walk<'_, 'v>, stop: Stop) -> Option<()> {
        let start = self.steps;
        self.pass(walk, stop)?;
        let value = self.steps.since(start)?;
        match self.tells_steadily(walk, stop, value) {
            Some(told) => walk.scratch.trace.stop_telling(stop, start.at(), &told),
            None => walk.scratch.trace.stop(stop, start.at(), true),
        }
        walk.scratch.trace.resume(self.steps.at());
        Some(())
    }

    /// What the value at a stop marks, if it need not be read each time though it be always the same.
    fn tells_steadily(&self, walk: &mut Walk<'_, 'v>, stop: Stop, value: &str) -> Option<Vec<AtomId>> {
        if value.len() > shape::LONGEST_STEADY {
            return Some(Vec::new());
        }
        // What may hold a keyword is gathered each time.
        let is_gathered = self.gathers && !matches!(stop, Stop::Number(_)) && walk.may_lead(value.as_bytes());
        if is_gathered { None } else { walk.tells(stop, value) }
    }

    /// Steps over the value at a stop, and puts it to where it belongs.
    #[inline(always)]
    pub fn pass(&mut self, walk: &mut Walk<'_, 'v>, stop: Stop) -> Option<()> {
        match stop {
            Stop::Text(field) => {
                self.text(walk, field)?;
            }
            Stop::Number(field) => self.number(walk, field)?,
            Stop::Rest(depth) => {
                let start = self.steps;
                self.rest(depth)?;
                self.gather(walk, start);
            }
            Stop::Payload => self.payload = Some(self.steps.last_value()?),
            Stop::End => {}
        }
        Some(())
    }

    /// Steps over the rest of an object or a list: at once if it is one of the last, as what several entities refer to is.
    fn rest(&mut self, depth: u32) -> Option<()> {
        for SteppedOver { text, levels } in self.last.iter().flatten() {
            if depth as usize + levels <= DEEPEST && self.steps.over(text.as_bytes()).is_some() {
                return Some(());
            }
        }
        let start = self.steps;
        let levels = self.steps.rest(depth as usize)?;
        let text = self.steps.since(start)?;
        if text.len() >= SHORTEST {
            self.last = [Some(SteppedOver { text, levels }), self.last[0]];
        }
        Some(())
    }

    /// A number.
    #[inline(always)]
    pub fn number(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>) -> Option<()> {
        match field {
            Some(field) => {
                let number = self.steps.number()?;
                walk.number(field, self.steps.text(), number)
            }
            None => self.steps.over_number(),
        }
    }

    /// The rest of a text, behind its quote. Tells whether a keyword that leads to a condition may stand in it, which is not known
    /// of one that is not remembered.
    #[inline(always)]
    pub fn text(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>) -> Option<Leads> {
        let here = self.steps.rest_of_text();
        let Some(length) = short_string(here) else { return self.long_text(walk, field) };
        let leads = match field {
            Some(field) if walk.scratch.many.has_come() => {
                walk.one_of_many(field, here.first_chunk()?, self.steps.next(length)?)
            }
            Some(field) => walk.scalar(field, Value::Text(self.steps.next(length)?)),
            None => Leads::Maybe,
        };
        self.steps.pass(length + 1);
        if self.gathers && leads == Leads::Maybe {
            walk.scratch.gathered.add(here, length + 1);
        }
        Some(leads)
    }

    /// One that does not end within one look, or that holds escapes.
    #[inline(never)]
    fn long_text(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>) -> Option<Leads> {
        let start = self.steps;
        let Some(field) = field else {
            self.steps.string_rest()?;
            self.gather(walk, start);
            return Some(Leads::Maybe);
        };
        let leads = match self.steps.verbatim_rest() {
            Some(text) => walk.scalar(field, Value::Text(text)),
            // Its end need not be known before it is unescaped.
            None if !walk.may_recall(field) => {
                let from = walk.scratch.texts.len();
                self.steps.unescape_rest(&mut walk.scratch.texts)?;
                walk.unescaped(field, from);
                Leads::Maybe
            }
            None => {
                self.steps.string_rest()?;
                walk.escaped(field, self.steps.since(start)?)?
            }
        };
        if leads == Leads::Maybe {
            self.gather(walk, start);
        }
        Some(leads)
    }

    /// Keeps what was stepped over since a place to look for keywords in it, if they are looked for.
    fn gather(&self, walk: &mut Walk<'_, 'v>, start: Steps<'v>) {
        if self.gathers {
            let (text, length) = (start.rest_of_text(), self.steps.at() - start.at());
            match self.steps.has_code_points() {
                false => walk.scratch.gathered.add(text, length),
                true => spell_out(&text[..length], &mut walk.scratch.gathered.0),
            }
        }
    }

    /// True, false or null, which stands for itself wherever it stands.
    fn word(&mut self, walk: &mut Walk<'_, 'v>, field: Option<FieldId>, word: Word) -> Option<()> {
        self.steps.over(word.as_str().as_bytes())?;
        if let Some(field) = field {
            walk.scratch.trace.effect(Effect::Put(field, word));
            walk.scalar(field, word.value());
        }
        if self.gathers && walk.may_word_lead(word) {
            walk.scratch.trace.effect(Effect::Gather(word));
            walk.scratch.gathered.0.extend_from_slice(word.as_str().as_bytes());
        }
        Some(())
    }

    /// The fields of an object up to its end.
    pub fn fields(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        let engine = walk.engine;
        let here = place.map(|place| engine.routes.place(place));
        walk.scratch.object += 1;
        let object = walk.scratch.object;
        let keys = walk.scratch.keys.begin();
        while self.steps.has_more(b'}')? {
            let key = self.steps.key()?;
            let next = here.and_then(|here| here.next(&key, &mut walk.scratch.texts));
            if self.everywhere.is_some() {
                walk.scratch.keys.add(&key);
            }
            if let Some(next) = next {
                if std::mem::replace(&mut walk.scratch.found_in[next as usize], object) == object {
                    return None;
                }
                walk.exists(next);
            }
            self.value(walk, next, depth + 1)?;
        }
        walk.scratch.keys.differ_from(keys).then_some(())
    }

    fn array(&mut self, walk: &mut Walk<'_, 'v>, place: Option<PlaceId>, depth: usize) -> Option<()> {
        self.steps.step(b'[')?;
        while self.steps.has_more(b']')? {
            self.value(walk, place, depth + 1)?;
        }
        Some(())
    }
}

/// The number that a text of JSON is.
pub fn number(text: &str) -> Option<Number> {
    let whole = whole(text).map(|whole| Number::Whole(whole.into()));
    whole.or_else(|| serde_json::from_str(text).ok().and_then(|number| Number::read(&number)))
}

/// Whether a text is a whole number, if it has few enough digits. `-0` is none.
pub fn is_whole(text: &str) -> bool {
    few_digits(text).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The whole number that a text is; as [`is_whole`].
fn whole(text: &str) -> Option<i64> {
    let digits = few_digits(text)?;
    let size = digits.bytes().try_fold(0, |size: i64, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| size * 10 + i64::from(digit))
    })?;
    Some(if digits.len() == text.len() { size } else { -size })
}

/// What stands behind the sign of a number, if it is so little that a whole number could not be too large.
fn few_digits(text: &str) -> Option<&str> {
    const MOST: usize = 18;
    let digits = text.strip_prefix('-').unwrap_or(text);
    ((1..=MOST).contains(&digits.len()) && text != "-0").then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_a_reader_of_json_takes_it_for() {
        let nines = |digits| "9".repeat(digits);
        let long = [17, 18, 19, 20, 38, 40].map(|digits| [nines(digits), format!("-{}", nines(digits))]).concat();
        let short = ["0", "-0", "7", "-7", "1.5", "-1.5e3", "0.0", "4625", "", "-", "1x", "/", ":"].map(str::to_owned);
        for text in long.into_iter().chain(short) {
            let read = serde_json::from_str(&text).ok().and_then(|number| Number::read(&number));
            assert_eq!(format!("{:?}", number(&text)), format!("{read:?}"), "{text}");
            // What is taken for whole spells as it is written.
            assert!(!is_whole(&text) || read.is_some_and(|number| number.to_string() == text), "{text}");
            assert_eq!(is_whole(&text), whole(&text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_was_stepped_over_before_ends_where_it_did_and_as_deep_as_it_may() {
        let nested = |levels: usize| format!("{}\"]\",{{}}{}", "[".repeat(levels), "]".repeat(levels));
        let records = [
            nested(20),
            nested(50),
            r#"{"name":"web-1","id":"/subscriptions/1/machines/web-1"}"#.to_owned(),
            r#"{"name":"web-1","id":"/subscriptions/1/machines/web-10"}"#.to_owned(),
            r#"{"name":"web-1","id":["/subscriptions/1/machines/web-1"]}"#.to_owned(),
            "[]".to_owned(),
        ];
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2_000 {
            let row: Vec<&str> = (0..12).map(|_| records[random.usize(..records.len())].as_str()).collect();
            let text = row.join(",");
            let mut reader = Reader::new(Steps::new(&text));
            for (number, record) in row.iter().enumerate() {
                let start = reader.steps.at();
                reader.steps.over(&record.as_bytes()[..1]).unwrap();
                let depth = random.u32(..DEEPEST as u32);
                let behind_bracket = reader.steps;
                let ends = reader.steps.rest(depth as usize).is_some();
                reader.steps = behind_bracket;
                assert_eq!(reader.rest(depth).is_some(), ends, "{record} at {depth} in {text}");
                if !ends {
                    reader.steps = behind_bracket;
                    reader.steps.rest(0).unwrap();
                }
                assert_eq!(reader.steps.at(), start + record.len(), "{text}");
                assert_eq!(reader.steps.over(b",").is_some(), number < row.len() - 1);
            }
        }
    }
}
