//! A stored alert walked in its text, as its payload is: what its columns hold comes to the tables as if the alert had
//! been made, and what nobody asks about is stepped over.
//!
//! Whatever is out of the ordinary ends the walk with none, and the alert has to be made.

use super::payload::{self, Reader};
use super::route::{NullQuestion, PlaceId};
use super::run::Walk;
use super::shape::{self, Root, Stop};
use crate::alert::AlertText;
use crate::alert::Steps;
use crate::alert::field::{Column, Origin};
use crate::matcher::value::Value;

/// The fields of a resource and how their values begin; the first is always there.
const RESOURCE: &[(&str, u8)] = &[("id", b'"'), ("type", b'"'), ("name", b'"'), ("tags", b'{')];
/// Those of a link.
const LINK: &[(&str, u8)] = &[("href", b'"'), ("label", b'"')];

/// Walks the columns that are asked about; none if the alert has to be made, and then some of it may have been walked.
pub fn walk<'v>(walk: &mut Walk<'_, 'v>, alert: &'v AlertText<'v>) -> Option<()> {
    let routes = &walk.engine.routes;
    // Keywords are put to values that the text need not hold, such as what is empty by default.
    if routes.everywhere.is_some() {
        return None;
    }
    for (column, text) in alert.head() {
        if let Some(place) = routes.column(column) {
            Reader::new(Steps::new(text)).column(walk, alert, (column, place))?;
        }
    }
    let mut reader = Reader::new(alert.behind_head());
    shape::walk(walk, Root::Columns, &mut reader, |walk, reader| {
        alert.walk_behind_head(|column, steps| {
            reader.steps = *steps;
            match routes.column(column) {
                _ if column == Column::Raw => reader.stop(walk, Stop::Payload)?,
                Some(place) => reader.column(walk, alert, (column, place))?,
                None => reader.skip(walk, 1)?,
            }
            *steps = reader.steps;
            Some(())
        })
    })?;
    let payload = reader.payload?;
    if routes.raw.is_some() {
        payload::walk(walk, payload)?;
    }
    // What such a payload lacks it may lack more than once.
    let is_raw = |question: &NullQuestion| question.field.origin == Origin::Alert(Column::Raw);
    (!payload.starts_with('[') || !routes.nulls.iter().any(is_raw)).then_some(())
}

impl<'v> Reader<'v> {
    fn column(
        &mut self,
        walk: &mut Walk<'_, 'v>,
        alert: &'v AlertText<'v>,
        (column, place): (Column, PlaceId),
    ) -> Option<()> {
        use Column::{EndTime, Entities, ExtendedProperties, GeneratedTime, Links, ReceivedTime, Resources, StartTime};
        let begins = self.steps.peek()?;
        // A list or map that is empty is one that was not sent.
        if matches!(begins, b'[' | b'{') && self.steps.is_empty_inside() {
            return self.steps.value(1);
        }
        walk.exists(place);
        match column {
            Column::Severity => walk.value(place, Value::Text(alert.severity().as_str())),
            Column::Status => walk.value(place, Value::Text(alert.status().as_str())),
            StartTime | EndTime | GeneratedTime | ReceivedTime => {
                walk.value(place, Value::Time(self.steps.verbatim()?.parse().ok()?));
            }
            Resources => self.records(walk, place, RESOURCE)?,
            Links => self.records(walk, place, LINK)?,
            Entities => self.entities(walk, place)?,
            ExtendedProperties => self.value(walk, Some(place), 1)?,
            _ if begins == b'[' => self.texts(walk, place)?,
            _ => self.value(walk, Some(place), 1)?,
        }
        Some(())
    }

    /// A list of texts.
    fn texts(&mut self, walk: &mut Walk<'_, 'v>, place: PlaceId) -> Option<()> {
        self.steps.step(b'[')?;
        while self.steps.has_more(b']')? {
            self.steps.is_at(b'"')?;
            self.value(walk, Some(place), 1)?;
        }
        Some(())
    }

    /// A list of records, which have fields of their own and no nulls.
    fn records(&mut self, walk: &mut Walk<'_, 'v>, place: PlaceId, fields: &[(&str, u8)]) -> Option<()> {
        self.steps.step(b'[')?;
        while self.steps.has_more(b']')? {
            self.steps.step(b'{')?;
            let mut seen = 0_u8;
            while self.steps.has_more(b'}')? {
                let key = self.steps.key()?;
                let Some(number) = fields.iter().position(|(name, _)| **name == *key) else {
                    self.skip(walk, 2)?;
                    continue;
                };
                let (bit, begins) = (1 << number, fields[number].1);
                self.steps.is_at(begins)?;
                // Standing twice, it is no alert.
                if seen & bit != 0 {
                    return None;
                }
                seen |= bit;
                let next = walk.engine.routes.place(place).next(&key, &mut walk.scratch.texts);
                // An empty map is one that was not sent. Where nobody asks about it, it is stepped over unseen.
                if next.is_some() && begins == b'{' && self.steps.is_empty_inside() {
                    return None;
                }
                next.into_iter().for_each(|next| walk.exists(next));
                self.value(walk, next, 2)?;
            }
            if seen & 1 == 0 {
                return None;
            }
        }
        Some(())
    }

    /// The list of entities: each is led on by its type, which comes first.
    fn entities(&mut self, walk: &mut Walk<'_, 'v>, place: PlaceId) -> Option<()> {
        let engine = walk.engine;
        self.steps.step(b'[')?;
        while self.steps.has_more(b']')? {
            self.steps.step(b'{')?;
            if !self.steps.has_more(b'}')? || self.steps.key()? != "type" {
                return None;
            }
            match engine.routes.place(place).exact.get(self.steps.verbatim()?) {
                Some(kind) => {
                    walk.exists(kind);
                    self.fields(walk, Some(kind), 2)?;
                }
                None => self.stop(walk, Stop::Rest(2))?,
            }
        }
        Some(())
    }
}
