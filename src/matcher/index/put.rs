//! One value put to the tables of its field, or else what it told before told again.

use super::atoms::FieldId;
use super::memo::{Recalled, Written};
use super::probe::Probe;
use super::run::Walk;
use super::scratch::{Marks, Scratch};
use crate::alert::Steps;
use crate::matcher::fold::{fold_in_place, fold_onto, fold_text, is_folded};
use crate::matcher::subject::Subject;
use crate::matcher::value::Value;
use std::ops::Range;

/// A value kept for tests that no table answers.
#[derive(Debug)]
pub struct Kept<'v> {
    /// Of which field it is.
    pub field: FieldId,
    value: KeptValue<'v>,
    /// Where its folded text stands in the scratch's, if it does.
    folded: Option<Range<usize>>,
}

#[derive(Debug)]
enum KeptValue<'v> {
    Borrowed(Value<'v>),
    /// A text that stands in the scratch's.
    Unescaped(Range<usize>),
}

impl Kept<'_> {
    /// The value, to be tested; `texts` are the scratch's.
    pub fn subject<'s>(&'s self, texts: &'s str) -> Subject<'s> {
        let value = match &self.value {
            KeptValue::Borrowed(value) => *value,
            KeptValue::Unescaped(range) => Value::Text(&texts[range.clone()]),
        };
        match &self.folded {
            Some(range) => Subject::with_folded(value, &texts[range.clone()]),
            None => Subject::new(value),
        }
    }
}

/// Whether a keyword that leads to a condition may stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// None does.
    No,
    /// That is not known.
    Maybe,
}

impl<'v> Walk<'_, 'v> {
    /// Puts a value to a field's tables.
    pub fn scalar(&mut self, field: FieldId, value: Value<'v>) -> Leads {
        let probe = &self.engine.probes[field as usize];
        let recalled = match value {
            Value::Text(text) if probe.is_remembered => self.recall(probe, (field, Written::Plain, text), |marks| {
                probe.text(text, &fold_text(text), marks);
                Some(())
            }),
            _ => None,
        };
        let Scratch { marks, texts, .. } = &mut *self.scratch;
        let mut folded = None;
        match value {
            Value::Text(text) if recalled.is_some() => {
                folded = (probe.is_tested && probe.folds()).then(|| fold_onto(texts, text));
            }
            Value::Text(text) if !probe.folds() => probe.text(text, "", marks),
            Value::Text(text) if !probe.is_tested && is_folded(text) => probe.text(text, text, marks),
            Value::Text(text) => {
                let range = fold_onto(texts, text);
                probe.text(text, &texts[range.clone()], marks);
                if !probe.is_tested {
                    texts.truncate(range.start);
                }
                folded = Some(range);
            }
            Value::Number(number) => probe.number(number, marks),
            Value::Bool(value) => probe.bool(value, marks),
            Value::Time(_) => probe.time(marks),
            Value::Null => marks.mark(probe.null),
            Value::List(_) | Value::Map(_) => {}
        }
        self.keep(field, KeptValue::Borrowed(value), folded);
        recalled.unwrap_or(Leads::Maybe)
    }

    /// Whether what the texts of a field told is remembered.
    pub fn remembers(&self, field: FieldId) -> bool {
        self.engine.probes[field as usize].is_remembered
    }

    /// Puts a text to a field's tables that is written as the rest of a string with escapes, behind its quote, unless what it
    /// told is remembered; none if the escapes are out of the ordinary.
    pub fn escaped(&mut self, field: FieldId, rest: &str) -> Option<Leads> {
        let probe = &self.engine.probes[field as usize];
        let unescape = |onto: &mut String| Steps::new(rest).unescape_rest(onto);
        let recalled = self.recall(probe, (field, Written::Escaped, rest), |marks| {
            let mut text = String::new();
            unescape(&mut text)?;
            probe.text(&text, &fold_text(&text), marks);
            Some(())
        });
        if recalled.is_some() && !probe.is_tested {
            return recalled;
        }
        let start = self.scratch.texts.len();
        unescape(&mut self.scratch.texts)?;
        self.unescaped(field, start, recalled.is_some());
        Some(recalled.unwrap_or(Leads::Maybe))
    }

    /// Puts a text to a field's tables that stands in the scratch's from a place on, unless it told what it has to.
    pub fn unescaped(&mut self, field: FieldId, start: usize, has_told: bool) {
        let probe = &self.engine.probes[field as usize];
        let Scratch { marks, texts, .. } = &mut *self.scratch;
        if !probe.is_tested && probe.wants_folded_only() {
            fold_in_place(texts, start);
            probe.text("", &texts[start..], marks);
            texts.truncate(start);
            return;
        }
        let end = texts.len();
        texts.extend_from_within(start..end);
        fold_in_place(texts, end);
        if !has_told {
            probe.text(&texts[start..end], &texts[end..], marks);
        }
        let folded = end..texts.len();
        if !probe.is_tested {
            texts.truncate(start);
        }
        self.keep(field, KeptValue::Unescaped(start..end), Some(folded));
    }

    fn keep(&mut self, field: FieldId, value: KeptValue<'v>, folded: Option<Range<usize>>) {
        if self.engine.probes[field as usize].is_tested {
            self.kept.push(Kept { field, value, folded });
        }
    }

    /// Tells what a text told before, if that is remembered, or is from now on since it was seen before.
    #[inline]
    fn recall(
        &mut self,
        probe: &Probe,
        (field, written, text): (FieldId, Written, &str),
        put: impl FnOnce(&mut Marks) -> Option<()>,
    ) -> Option<Leads> {
        if !probe.is_remembered {
            return None;
        }
        let Scratch { marks, memo, .. } = &mut *self.scratch;
        match memo.recall(field, written, text) {
            Recalled::Told(atoms, leads) => {
                marks.mark_all(atoms);
                Some(leads)
            }
            Recalled::Again => {
                let leads = if self.may_lead(text) { Leads::Maybe } else { Leads::No };
                let Scratch { marks, memo, .. } = &mut *self.scratch;
                marks.mark_all(memo.remember((field, written, text), leads, put)?);
                Some(leads)
            }
            Recalled::New => None,
        }
    }
}
