//! A stored alert walked in its text, as its payload is: what its columns hold comes to the tables as if the alert had
//! been made, and what nobody asks about is stepped over.
//!
//! Whatever is out of the ordinary ends the walk with none, and the alert has to be made.

use super::payload::{self, Reader};
use super::route::{NullQuestion, PlaceId};
use super::run::Walk;
use crate::alert::field::{Column, Origin};
use crate::alert::{AlertText, plain};
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
    if routes.raw.is_some() {
        payload::walk(walk, alert.column(Column::Raw)?, None)?;
    }
    for (column, place) in &routes.columns {
        if let Some(text) = alert.column(*column) {
            self::column(walk, alert, *column, *place, text)?;
        }
    }
    nulls(walk, alert)
}

fn column<'v>(
    walk: &mut Walk<'_, 'v>,
    alert: &'v AlertText<'v>,
    column: Column,
    place: PlaceId,
    text: &'v str,
) -> Option<()> {
    use Column::{EndTime, Entities, ExtendedProperties, GeneratedTime, Links, ReceivedTime, Resources, StartTime};
    let is_empty = || text.get(1..text.len() - 1).is_some_and(|inside| inside.trim_ascii().is_empty());
    // A list or map that is empty is one that was not sent.
    let begins_with = |byte: u8| text.as_bytes().first() == Some(&byte);
    if (begins_with(b'[') || begins_with(b'{')) && is_empty() {
        return Some(());
    }
    walk.exists(place);
    let mut reader = Reader::new(text, None);
    match column {
        Column::Severity => walk.value(place, Value::Text(alert.severity().as_str())),
        Column::Status => walk.value(place, Value::Text(alert.status().as_str())),
        StartTime | EndTime | GeneratedTime | ReceivedTime => {
            walk.value(place, Value::Time(plain(text)?.parse().ok()?));
        }
        Resources => reader.records(walk, place, RESOURCE)?,
        Links => reader.records(walk, place, LINK)?,
        Entities => reader.entities(walk, place)?,
        ExtendedProperties => reader.value(walk, Some(place), 1)?,
        _ if begins_with(b'[') => reader.texts(walk, place)?,
        _ => reader.value(walk, Some(place), 1)?,
    }
    Some(())
}

/// As of an alert that was made, but that a payload that is a list needs one.
fn nulls(walk: &mut Walk<'_, '_>, alert: &AlertText<'_>) -> Option<()> {
    let payload_is_list = alert.column(Column::Raw)?.starts_with('[');
    for NullQuestion { field, exists, null } in &walk.engine.routes.nulls {
        if payload_is_list && field.origin == Origin::Alert(Column::Raw) {
            return None;
        }
        let marks = &mut walk.scratch.marks;
        if !exists.is_some_and(|atom| marks.holds(atom)) {
            marks.mark(Some(*null));
        }
    }
    Some(())
}

impl<'v> Reader<'v> {
    /// A list of texts.
    fn texts(&mut self, walk: &mut Walk<'_, 'v>, place: PlaceId) -> Option<()> {
        self.step(b'[')?;
        while self.has_more(b']')? {
            self.is_at(b'"')?;
            self.value(walk, Some(place), 1)?;
        }
        Some(())
    }

    /// A list of records, which have fields of their own and no nulls.
    fn records(&mut self, walk: &mut Walk<'_, 'v>, place: PlaceId, fields: &[(&str, u8)]) -> Option<()> {
        self.step(b'[')?;
        while self.has_more(b']')? {
            self.step(b'{')?;
            let mut seen = 0_u8;
            while self.has_more(b'}')? {
                let key = self.key()?;
                let Some(number) = fields.iter().position(|(name, _)| *name == key) else {
                    self.value(walk, None, 2)?;
                    continue;
                };
                let (bit, begins) = (1 << number, fields[number].1);
                self.is_at(begins)?;
                // Standing twice, it is no alert; an empty map is one that was not sent.
                if seen & bit != 0 || begins == b'{' && self.is_empty_map() {
                    return None;
                }
                seen |= bit;
                let next = walk.engine.routes.place(place).next(key);
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
        self.step(b'[')?;
        while self.has_more(b']')? {
            self.step(b'{')?;
            if !self.has_more(b'}')? || self.key()? != "type" {
                return None;
            }
            match engine.routes.place(place).next(self.verbatim()?) {
                Some(kind) => {
                    walk.exists(kind);
                    self.fields(walk, Some(kind), 2)?;
                }
                None => self.skip_rest(2)?,
            }
        }
        Some(())
    }
}
