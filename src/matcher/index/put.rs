//! One value put to the tables of its field, or else what it told before told again.

use super::atoms::{AtomId, FieldId};
use super::kept::{Kept, KeptValue};
use super::memo::{Recalled, Written};
use super::payload;
use super::probe::Probe;
use super::run::Walk;
use super::scratch::{Marks, Scratch};
use super::shape::Stop;
use crate::alert::{LOOK, Steps};
use crate::matcher::fold::{fold_in_place, fold_look, fold_onto, is_folded};
use crate::matcher::value::Value;
use std::ops::Range;

/// Whether a keyword that leads to a condition may stand in a text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// None does.
    No,
    /// That is not known.
    #[default]
    Maybe,
}

impl<'v> Walk<'_, 'v> {
    /// Puts a value to a field's tables; tells whether a keyword that leads to a condition may stand in it.
    pub fn scalar(&mut self, field: FieldId, value: Value<'v>) -> Leads {
        let probe = &self.engine.probes[field as usize];
        let recalled = match value {
            Value::Text(text) => {
                self.recall((field, Written::Plain, text), |marks, room| put_text(probe, text, marks, room))
            }
            _ => None,
        };
        let Scratch { marks, texts, many, .. } = &mut *self.scratch;
        let mut folded = None;
        match value {
            Value::Text(_) if recalled.is_some() => {}
            Value::Text(text) if !probe.folds() => many.put((field, probe), text, "", marks),
            Value::Text(text) if is_folded(text) => many.put((field, probe), text, text, marks),
            Value::Text(text) => {
                let range = fold_onto(texts, text);
                many.put((field, probe), text, &texts[range.clone()], marks);
                if !probe.is_tested {
                    texts.truncate(range.start);
                }
                folded = Some(range);
            }
            Value::Number(number) => many.put_number((field, probe), number, None, marks),
            Value::Bool(value) => many.put_flag((field, probe), value, marks),
            Value::Time(_) => probe.is_there(marks),
            Value::Null => marks.mark(probe.null),
            Value::List(_) | Value::Map(_) => {}
        }
        if probe.is_tested {
            self.keep(field, value.into(), folded);
        }
        recalled.unwrap_or(Leads::Maybe)
    }

    /// Puts a text to a field's tables that is one of many and ends within a look.
    pub fn one_of_many(&mut self, field: FieldId, look: &[u8; LOOK], text: &'v str) -> Leads {
        let probe = &self.engine.probes[field as usize];
        let (folded, plain) = fold_look(look);
        if plain < text.len() || !probe.wants_folded_only() || !probe.has_texts {
            return self.scalar(field, Value::Text(text));
        }
        self.scratch.many.put_off_look(field, folded, text.len());
        if probe.is_tested {
            self.keep(field, KeptValue::Text(text), None);
        }
        Leads::Maybe
    }

    /// Puts a number of a payload to a field's tables, unless what it told is remembered; none if it is none.
    pub fn number(&mut self, field: FieldId, payload: &'v str, text: &'v str) -> Option<()> {
        let probe = &self.engine.probes[field as usize];
        let recalled = self.recall((field, Written::Number, text), |marks, _| put_number(probe, text, marks));
        if recalled.is_none() {
            let Scratch { many, marks, .. } = &mut *self.scratch;
            if many.has_come() && !probe.asks_for_numbers() && payload::is_whole(text) {
                many.put_spelled((field, probe), text, marks);
            } else {
                many.put_number((field, probe), payload::number(text)?, Some(text), marks);
            }
        }
        if probe.is_tested && !self.kept.last_mut().is_some_and(|last| last.takes_number(field, payload, text)) {
            self.keep(field, KeptValue::Numbers(text), None);
        }
        Some(())
    }

    /// Whether what a value at hand of a field told may be remembered: of an alert that holds many, none is looked up.
    pub fn may_recall(&self, field: FieldId) -> bool {
        self.engine.probes[field as usize].is_remembered && !self.scratch.many.has_come()
    }

    /// Puts a text to a field's tables that is written as the rest of a string with escapes, behind its quote, unless what it
    /// told is remembered; none if half a character stands in it.
    pub fn escaped(&mut self, field: FieldId, rest: &'v str) -> Option<Leads> {
        let probe = &self.engine.probes[field as usize];
        let recalled =
            self.recall((field, Written::Escaped, rest), |marks, room| put_escaped(probe, rest, marks, room));
        if recalled.is_some() {
            if probe.is_tested {
                self.keep(field, KeptValue::Escaped(rest), None);
            }
            return recalled;
        }
        let start = self.scratch.texts.len();
        Steps::new(rest).unescape_rest(&mut self.scratch.texts)?;
        self.unescaped(field, start);
        Some(Leads::Maybe)
    }

    /// Puts a text to a field's tables that stands in the scratch's from a place on.
    pub fn unescaped(&mut self, field: FieldId, start: usize) {
        let probe = &self.engine.probes[field as usize];
        let Scratch { marks, texts, many, .. } = &mut *self.scratch;
        if !probe.is_tested && probe.wants_folded_only() {
            fold_in_place(texts, start);
            many.put((field, probe), "", &texts[start..], marks);
            texts.truncate(start);
            return;
        }
        let end = texts.len();
        texts.extend_from_within(start..end);
        fold_in_place(texts, end);
        many.put((field, probe), &texts[start..end], &texts[end..], marks);
        let folded = end..texts.len();
        if !probe.is_tested {
            texts.truncate(start);
        }
        if probe.is_tested {
            self.keep(field, KeptValue::Unescaped((start..end).into()), Some(folded));
        }
    }

    /// The atoms the value at a stop marks, if nothing else is done with it.
    pub fn tells(&mut self, stop: Stop, value: &str) -> Option<Vec<AtomId>> {
        let (Stop::Text(Some(field)) | Stop::Number(Some(field))) = stop else {
            return (!stop.is_asked()).then(Vec::new);
        };
        let probe = &self.engine.probes[field as usize];
        if probe.is_tested {
            return None;
        }
        let Scratch { memo, texts, .. } = &mut *self.scratch;
        memo.told(|marks| match stop {
            Stop::Number(_) => put_number(probe, value, marks),
            _ => put_escaped(probe, value, marks, texts),
        })
    }

    /// Keeps a value of a field that is tested. Few are, and what is run for every value stays the shorter.
    #[inline(never)]
    fn keep(&mut self, field: FieldId, value: KeptValue<'v>, folded: Option<Range<usize>>) {
        self.kept.push(Kept::new(field, value, folded));
    }

    /// Tells what a text told before, if that is remembered, or is from now on since it was seen before.
    #[inline]
    fn recall(
        &mut self,
        (field, written, text): (FieldId, Written, &str),
        put: impl FnOnce(&mut Marks, &mut String) -> Option<()>,
    ) -> Option<Leads> {
        if !self.may_recall(field) {
            return None;
        }
        let Scratch { marks, memo, .. } = &mut *self.scratch;
        match memo.recall(field, written, text) {
            Recalled::Told(atoms, leads) => {
                marks.mark_again(atoms);
                Some(leads)
            }
            Recalled::Again => {
                // Numbers are not looked through.
                let may_lead = written == Written::Number || self.may_lead(text.as_bytes());
                let leads = if may_lead { Leads::Maybe } else { Leads::No };
                let Scratch { marks, memo, texts, .. } = &mut *self.scratch;
                marks.mark_again(memo.remember((field, written, text), leads, |marks| put(marks, texts))?);
                Some(leads)
            }
            Recalled::New => None,
        }
    }
}

/// Puts a text to tables. There is room to fold it.
fn put_text(probe: &Probe, text: &str, marks: &mut Marks, room: &mut String) -> Option<()> {
    if is_folded(text) {
        probe.text(text, text, marks);
    } else {
        let folded = fold_onto(room, text);
        probe.text(text, &room[folded.clone()], marks);
        room.truncate(folded.start);
    }
    Some(())
}

/// Puts a text that is written as the rest of a string, behind its quote, to tables. There is room to read it.
fn put_escaped(probe: &Probe, rest: &str, marks: &mut Marks, room: &mut String) -> Option<()> {
    let start = room.len();
    let read = Steps::new(rest).unescape_rest(room);
    if read.is_some() {
        let end = room.len();
        room.extend_from_within(start..end);
        fold_in_place(room, end);
        probe.text(&room[start..end], &room[end..], marks);
    }
    room.truncate(start);
    read
}

fn put_number(probe: &Probe, text: &str, marks: &mut Marks) -> Option<()> {
    probe.number(payload::number(text)?, marks);
    Some(())
}
