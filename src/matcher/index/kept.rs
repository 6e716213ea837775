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
    /// A number as a payload writes it.
    Number(&'v str),
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

    /// The value, unescaped before; `texts` are the scratch's.
    #[inline]
    pub fn value<'s>(&'s self, texts: &'s str) -> Value<'s> {
        debug_assert!(!matches!(self.value, KeptValue::Escaped(_)), "it is unescaped before it is tested");
        match &self.value {
            KeptValue::Null | KeptValue::Escaped(_) => Value::Null,
            KeptValue::Bool(value) => Value::Bool(*value),
            KeptValue::Text(text) => Value::Text(text),
            KeptValue::Unescaped(stretch) => Value::Text(&texts[stretch.range()]),
            KeptValue::Number(text) => payload::number(text).map_or(Value::Null, Value::Number),
            KeptValue::Other(value) => **value,
        }
    }

    /// As [`Kept::value`], to be put to tests.
    pub fn subject<'s>(&'s self, texts: &'s str) -> Subject<'s> {
        let value = self.value(texts);
        match self.folded {
            Some(stretch) => Subject::with_folded(value, &texts[stretch.range()]),
            None => Subject::new(value),
        }
    }
}
