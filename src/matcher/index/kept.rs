//! Values kept for tests that no table answers. An alert may hold a hundred thousand of them, and each takes little room: to get
//! that from the system costs more than all else that is done with most values.

use super::atoms::FieldId;
use super::payload;
use crate::alert::Steps;
use crate::matcher::fold::{fold_in_place, fold_onto};
use crate::matcher::subject::Subject;
use crate::matcher::value::Value;
use std::ops::Range;

/// A value kept for tests that no table answers.
#[derive(Debug)]
pub struct Kept<'v> {
    /// Of which field it is.
    pub field: FieldId,
    /// Where its folded text stands in the scratch's, if it does.
    folded: Option<Stretch>,
    value: KeptValue<'v>,
}

/// What is kept of it.
#[derive(Debug)]
pub enum KeptValue<'v> {
    /// A null.
    Null,
    /// A flag.
    Bool(bool),
    /// A text.
    Text(&'v str),
    /// The rest of a string with escapes, behind its quote.
    Escaped(&'v str),
    /// A text that stands in the scratch's.
    Unescaped(Stretch),
    /// Numbers of a payload as it writes them, with nothing but commas and blanks between them.
    Numbers(&'v str),
    /// What is rare.
    Other(Box<Value<'v>>),
}

/// A part of the scratch's texts, which are those of one alert.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    start: u32,
    end: u32,
}

impl From<Range<usize>> for Stretch {
    fn from(Range { start, end }: Range<usize>) -> Self {
        Self { start: start as u32, end: end as u32 }
    }
}

impl Stretch {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl<'v> From<Value<'v>> for KeptValue<'v> {
    fn from(value: Value<'v>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Text(text) => Self::Text(text),
            other => Self::Other(Box::new(other)),
        }
    }
}

impl<'v> Kept<'v> {
    /// Of a field, with where its folded text stands in the scratch's, if it does.
    pub fn new(field: FieldId, value: KeptValue<'v>, folded: Option<Range<usize>>) -> Self {
        Self { field, value, folded: folded.map(Stretch::from) }
    }

    /// Takes one more number of the same field and the same payload, if what is kept are numbers that stand right before it.
    pub fn takes_number(&mut self, field: FieldId, payload: &'v str, number: &str) -> bool {
        let KeptValue::Numbers(numbers) = &mut self.value else { return false };
        let place = |part: &str| part.as_ptr().addr().wrapping_sub(payload.as_ptr().addr());
        let (start, next) = (place(numbers), place(number));
        let between = start.checked_add(numbers.len()).and_then(|end| payload.as_bytes().get(end..next));
        let is_next = between.is_some_and(|bytes| bytes.iter().all(|byte| *byte == b',' || byte.is_ascii_whitespace()));
        match payload.get(start..next.wrapping_add(number.len())) {
            Some(all) if is_next && self.field == field => *numbers = all,
            _ => return false,
        }
        true
    }

    /// Unescapes its text, if that is not done. Few values are ever tested, and then often many times.
    pub fn unescape(&mut self, texts: &mut String) {
        if let KeptValue::Escaped(rest) = self.value {
            let start = texts.len();
            // It was stepped over before.
            if Steps::new(rest).unescape_rest(texts).is_some() {
                self.value = KeptValue::Unescaped((start..texts.len()).into());
            }
        }
    }

    /// Folds its unescaped text, if that is not done.
    pub fn fold(&mut self, texts: &mut String) {
        if self.folded.is_none() {
            self.folded = match &self.value {
                KeptValue::Text(text) => Some(fold_onto(texts, text).into()),
                KeptValue::Unescaped(stretch) => {
                    let start = texts.len();
                    texts.extend_from_within(stretch.range());
                    fold_in_place(texts, start);
                    Some((start..texts.len()).into())
                }
                _ => None,
            };
        }
    }

    /// The value, unescaped before, if it is one; `texts` are the scratch's.
    #[inline]
    pub fn value<'s>(&'s self, texts: &'s str) -> Option<Value<'s>> {
        debug_assert!(!matches!(self.value, KeptValue::Escaped(_)), "it is unescaped before it is tested");
        Some(match &self.value {
            KeptValue::Null | KeptValue::Escaped(_) => Value::Null,
            KeptValue::Bool(value) => Value::Bool(*value),
            KeptValue::Text(text) => Value::Text(text),
            KeptValue::Unescaped(stretch) => Value::Text(&texts[stretch.range()]),
            KeptValue::Numbers(_) => return None,
            KeptValue::Other(value) => **value,
        })
    }

    /// As [`Kept::value`], to be put to tests.
    pub fn subject<'s>(&'s self, texts: &'s str) -> Option<Subject<'s>> {
        let value = self.value(texts)?;
        Some(match self.folded {
            Some(stretch) => Subject::with_folded(value, &texts[stretch.range()]),
            None => Subject::new(value),
        })
    }

    /// The numbers, as they are written.
    pub fn written_numbers(&self) -> Option<&'v str> {
        if let KeptValue::Numbers(numbers) = self.value { Some(numbers) } else { None }
    }

    /// The numbers, if they are some.
    pub fn numbers(&self) -> impl Iterator<Item = Value<'v>> + Clone + use<'v> {
        let number = |text: &str| payload::number(text.trim_ascii()).map_or(Value::Null, Value::Number);
        self.written_numbers().into_iter().flat_map(move |numbers| numbers.split(',').map(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_one_behind_the_other_are_kept_as_one_and_are_each_what_it_was() {
        let payload = "[1,-2 ,\n3.5e1],[40,\"5\",6]";
        let part = |from: &str, length| &payload[payload.find(from).unwrap()..][..length];
        let mut kept = Kept::new(7, KeptValue::Numbers(part("1", 1)), None);
        assert!(kept.takes_number(7, payload, part("-2", 2)) && kept.takes_number(7, payload, part("3.5", 5)));
        let values = |kept: &Kept<'_>| kept.numbers().map(|value| format!("{value:?}")).collect::<Vec<_>>();
        let read = |text| format!("{:?}", Value::Number(payload::number(text).unwrap()));
        assert_eq!(values(&kept), ["1", "-2", "3.5e1"].map(read));
        assert!(kept.value("").is_none());
        // Something else stands between, they are of another field, of another text, or do not stand behind it.
        assert!(!kept.takes_number(7, payload, part("40", 2)));
        let mut kept = Kept::new(7, KeptValue::Numbers(part("40", 2)), None);
        assert!(!kept.takes_number(7, payload, part("6", 1)) && !kept.takes_number(7, payload, part("1", 1)));
        let mut kept = Kept::new(7, KeptValue::Numbers(part("1", 1)), None);
        assert!(!kept.takes_number(8, payload, part("-2", 2)));
        assert!(!kept.takes_number(7, &payload[2..], part("-2", 2)) && !kept.takes_number(7, "", "3"));
        assert_eq!(values(&kept), [read("1")]);
        assert!(!Kept::new(7, KeptValue::Text("1"), None).takes_number(7, payload, part("-2", 2)));
    }
}
