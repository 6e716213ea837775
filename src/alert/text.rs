//! The text of a stored alert, read where it stands: of what nobody asks for, nothing is made.

use super::field::Column;
use super::{AT_ONCE, Severity, Status, Steps};
use crate::clock::Timestamp;
use serde::Deserialize;

/// How many columns stand in front of the first list, texts all of them.
const HEAD: usize = Column::Resources as usize;
/// The columns every alert has, a bit for each.
const ALWAYS_PRESENT: u32 = {
    let (mut bits, mut at) = (0, 0);
    while at < Column::ALWAYS_PRESENT.len() {
        bits |= 1 << Column::ALWAYS_PRESENT[at] as u32;
        at += 1;
    }
    bits
};
/// Those of them that stand in front of the first list.
const ALWAYS_IN_HEAD: u32 = ALWAYS_PRESENT & ((1 << HEAD) - 1);

/// How each of the first columns stands behind another, as far as its value: in so many of these bytes.
const BEHIND: [([u8; AT_ONCE], usize); HEAD] = {
    let (mut behind, mut at) = ([([0; AT_ONCE], 0); HEAD], 0);
    while at < HEAD {
        let key = Column::ALL[at].key().as_bytes();
        let (bytes, length) = &mut behind[at];
        *length = 1 + key.len();
        bytes[0] = b',';
        bytes.split_at_mut(1).1.split_at_mut(key.len()).0.copy_from_slice(key);
        at += 1;
    }
    behind
};

/// An alert as its JSON text, of which only the columns in front of the first list are known.
///
/// The text is taken to be what an [`Alert`](super::Alert) was written as; whoever reads it from a disk has checked its
/// seal. A text that is an alert and was written otherwise is told by there being none, or read as the alert it is, but for
/// columns behind a payload that is an object, which `Alert` writes last.
#[derive(Debug, Clone)]
pub struct AlertText<'a> {
    /// The JSON text of each of the first columns' values; empty where the column is not there.
    head: [&'a str; HEAD],
    /// In front of the first column behind them.
    behind: Columns<'a>,
    severity: Severity,
    status: Status,
}

impl<'a> AlertText<'a> {
    /// Reads the beginning of a text; none if it is out of the ordinary (keys that need escapes or stand out of their
    /// order, nulls, a column that is missing or of another kind), and the whole alert has to be made to know what it says.
    pub fn new(text: &'a str) -> Option<Self> {
        let mut head = [""; HEAD];
        let mut columns = Columns { steps: Steps::new(text), next: 0, seen: 0 };
        columns.steps.step(b'{')?;
        let behind = loop {
            if let Some((column, value)) = columns.next_text() {
                head[column as usize] = value;
                continue;
            }
            let behind = columns;
            // There is always more: the payload.
            let column = columns.next()??;
            if column as usize >= HEAD {
                break behind;
            }
            let start = columns.steps;
            columns.steps.value(1)?;
            head[column as usize] = columns.steps.since(start)?;
        };
        (behind.seen & ALWAYS_IN_HEAD == ALWAYS_IN_HEAD).then_some(())?;
        let severity = Severity::from_word(plain(head[Column::Severity as usize])?);
        let status = plain(head[Column::Status as usize])?;
        let status = Status::ALL.into_iter().find(|known| known.as_str() == status)?;
        Some(Self { head, behind, severity, status })
    }

    /// How grave it is.
    pub fn severity(&self) -> &Severity {
        &self.severity
    }

    /// When it was received; none if that is written out of the ordinary.
    pub fn received_time(&self) -> Option<Timestamp> {
        plain(self.column(Column::ReceivedTime)?)?.parse().ok()
    }

    /// Where it stands in triage.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The same alert in another status.
    #[must_use]
    pub fn with_status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    /// The columns in front of the first list that are there, with the JSON texts of their values.
    pub fn head(&self) -> impl Iterator<Item = (Column, &'a str)> {
        Column::ALL.iter().copied().zip(self.head).filter(|(_, text)| !text.is_empty())
    }

    /// One of them.
    pub fn column(&self, column: Column) -> Option<&'a str> {
        self.head.get(column as usize).copied().filter(|text| !text.is_empty())
    }

    /// The value of one of them.
    pub fn read<T: Deserialize<'a>>(&self, column: Column) -> Option<T> {
        serde_json::from_str(self.column(column)?).ok()
    }

    /// In front of the first column behind those.
    pub fn behind_head(&self) -> Steps<'a> {
        self.behind.steps
    }

    /// Steps through the columns behind those, by `value` over the value of each; the payload comes last. None if anything
    /// is out of the ordinary, and then some of it may have been stepped over.
    pub fn walk_behind_head(&self, mut value: impl FnMut(Column, &mut Steps<'a>) -> Option<()>) -> Option<()> {
        let mut columns = self.behind;
        while let Some(column) = columns.next()? {
            value(column, &mut columns.steps)?;
        }
        let is_whole = columns.seen & ALWAYS_PRESENT == ALWAYS_PRESENT;
        (is_whole && columns.steps.is_at_end()).then_some(())
    }
}

/// The columns of a text as they come: each at most once and in their order.
#[derive(Debug, Clone, Copy)]
struct Columns<'a> {
    steps: Steps<'a>,
    /// The place of the next one, if none is left out.
    next: usize,
    /// Those that came, a bit for each.
    seen: u32,
}

impl<'a> Columns<'a> {
    /// Steps over the next column and gives it, if it is one of the first and stands as Quell writes them.
    #[inline]
    fn next_text(&mut self) -> Option<(Column, &'a str)> {
        let mut steps = self.steps;
        let written = |(key, length): &([u8; AT_ONCE], usize)| steps.over_beginning(key, *length).is_some();
        let at = self.next + BEHIND.get(self.next..)?.iter().position(written)?;
        let start = steps;
        steps.over(b"\"")?;
        steps.string_rest()?;
        *self = Self { steps, next: at + 1, seen: self.seen | 1 << at };
        Some((Column::ALL[at], steps.since(start)?))
    }

    /// Steps up to the value of the next column, which is none at the end, and over what is no column: that means nothing
    /// to an alert. No answer if the column is out of its order, its key written otherwise or its value of another kind.
    fn next(&mut self) -> Option<Option<Column>> {
        while self.steps.has_more(b'}')? {
            // Mostly it is the very next one.
            let written = |column: &Column| self.steps.over(column.key().as_bytes()).is_some();
            let Some(ahead) = Column::ALL[self.next..].iter().position(written) else {
                if Column::from_name(&self.steps.key()?).is_some() {
                    return None;
                }
                self.steps.value(1)?;
                continue;
            };
            let column = Column::ALL[self.next + ahead];
            self.next += ahead + 1;
            self.seen |= 1 << column as u32;
            return is_of_kind(column, self.steps.peek()?).then_some(Some(column));
        }
        Some(None)
    }
}

/// What stands between a text's quotes if it stands there as it is.
pub fn plain(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    memchr::memchr(b'\\', inside.as_bytes()).is_none().then_some(inside)
}

/// Whether a value begins as the column's values do.
fn is_of_kind(column: Column, begins: u8) -> bool {
    use Column::{
        Entities, ExtendedProperties, Flags, IsIncident, Links, Raw, Recommendations, RemediationSteps, Resources,
        Simulated, Tactics, Tags, Techniques,
    };
    match column {
        Raw => true,
        IsIncident | Simulated => matches!(begins, b't' | b'f'),
        ExtendedProperties => begins == b'{',
        Resources | Entities | Tactics | Techniques | RemediationSteps | Recommendations | Links | Tags | Flags => {
            begins == b'['
        }
        _ => begins == b'"',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alert, Raw};
    use crate::id::AlertId;
    use serde_json::json;

    fn written(payload: serde_json::Value) -> String {
        let raw = Raw::from_value(&payload);
        let mut alert = Alert::blank(AlertId::from_bytes([7; 16]), Timestamp::UNIX_EPOCH, raw);
        alert.title = "a \"title\"".to_owned();
        alert.description = Some("}]".repeat(40));
        alert.tags = vec!["{".to_owned(), "\\".to_owned()];
        serde_json::to_string(&alert).expect("plain data")
    }

    /// The JSON texts of all columns, read one after the other.
    fn columns(text: &str) -> Option<Vec<(Column, &str)>> {
        let read = AlertText::new(text)?;
        let mut columns: Vec<_> = read.head().collect();
        read.walk_behind_head(|column, steps| {
            let start = *steps;
            steps.value(1)?;
            columns.push((column, steps.since(start)?));
            Some(())
        })?;
        Some(columns)
    }

    #[test]
    fn a_text_is_read_where_its_values_begin_and_end() {
        for payload in [json!({"a": {"tags": "}"}}), json!({}), json!([1, "]"]), json!("}}"), json!(7), json!(null)] {
            let text = written(payload.clone());
            let columns = columns(&text).expect("as it was written");
            let whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
            assert_eq!(columns.len(), whole.len());
            for (column, value) in columns {
                let value: serde_json::Value = serde_json::from_str(value).expect("a value");
                assert_eq!(Some(&value), whole.get(column.name()), "{}: {text}", column.name());
            }
            let read = AlertText::new(&text).expect("as it was written");
            assert_eq!(read.read::<String>(Column::Title).as_deref(), Some("a \"title\""));
            assert_eq!((read.severity(), read.status()), (&Severity::Medium, Status::Active));
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_not_read() {
        let text = written(json!({"a": 1}));
        assert!(columns(&text).is_some());
        for (from, to) in [
            ("\"title\":", "\"titl\\u0065\":"),
            ("\"title\":", "\"tags\":[],\"title\":"),
            ("\"title\":", "\"not a title\":"),
            ("\"title\":", "\"title\":\"\",\"title\":"),
            ("\"is_incident\":false", "\"is_incident\":null"),
            ("\"is_incident\":", "\"not an incident\":"),
            ("\"is_incident\":", "\"is_incident\":true,\"is_incident\":"),
            ("\"simulated\":false", "\"simulated\":0"),
            ("\"severity\":\"medium\"", "\"severity\":\"m\\u0065dium\""),
            ("\"status\":\"active\"", "\"status\":\"asleep\""),
            ("\"tags\":[", "\"tags\":{\"a\":["),
            ("\"raw\":", "\"not raw\":"),
            ("{\"a\":1}}", "{\"a\":1}"),
            ("{\"a\":1}}", "{\"a\":1"),
        ] {
            assert!(text.contains(from), "{from}");
            let odd = text.replace(from, to);
            assert!(columns(&odd).is_none(), "{odd}");
        }
        for end in 0..text.len() {
            columns(text.get(..end).unwrap_or_default());
        }
    }
}
