//! The text of a stored alert, cut into its columns: of what nobody asks for, nothing is made.

use super::field::Column;
use super::{Severity, Status};
use serde::Deserialize;

/// An alert as its JSON text, of which only the borders of the columns are known.
///
/// The text is taken to be what an [`Alert`](super::Alert) was written as; whoever reads it from a disk has checked its
/// seal. A text that is an alert and was written otherwise is not cut, or read as the alert it is.
#[derive(Debug, Clone)]
pub struct AlertText<'a> {
    /// The text of each column's value; empty where the column is not there.
    columns: [&'a str; Column::COUNT],
    severity: Severity,
    status: Status,
}

impl<'a> AlertText<'a> {
    /// Cuts a text; none if it is out of the ordinary (keys that need escapes or stand twice, nulls, a column that is
    /// missing or of another kind), and the whole alert has to be made to know what it says.
    pub fn cut(text: &'a str) -> Option<Self> {
        let mut columns = [""; Column::COUNT];
        let mut cutter = Cutter { text, bytes: text.as_bytes(), at: 0 };
        let mut expected = 0;
        cutter.step(b'{')?;
        while cutter.has_more(b'}')? {
            let key = cutter.key()?;
            let is_payload = key == Column::Raw.name();
            let is_last = is_payload && !columns[Column::ExtendedProperties as usize].is_empty();
            let value = if is_last { cutter.payload()? } else { cutter.value()? };
            // Mostly columns stand in their order, some left out; a key that is no column's means nothing to an alert.
            let ahead = Column::ALL[expected..].iter().find(|column| column.name() == key).copied();
            let Some(column) = ahead.or_else(|| Column::from_name(key)) else { continue };
            let place = column as usize;
            if !columns[place].is_empty() || !is_of_kind(column, value) {
                return None;
            }
            columns[place] = value;
            expected = place + 1;
        }
        if !cutter.is_at_end() || Column::ALWAYS_PRESENT.iter().any(|column| columns[*column as usize].is_empty()) {
            return None;
        }
        let severity = Severity::from_word(plain(columns[Column::Severity as usize])?);
        let status = plain(columns[Column::Status as usize])?;
        let status = Status::ALL.into_iter().find(|known| known.as_str() == status)?;
        Some(Self { columns, severity, status })
    }

    /// How grave it is.
    pub fn severity(&self) -> &Severity {
        &self.severity
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

    /// The JSON text of a column's value, if the column is there.
    pub fn column(&self, column: Column) -> Option<&'a str> {
        let text = self.columns[column as usize];
        (!text.is_empty()).then_some(text)
    }

    /// A column's value.
    pub fn read<T: Deserialize<'a>>(&self, column: Column) -> Option<T> {
        serde_json::from_str(self.column(column)?).ok()
    }
}

/// Where the next quote or backslash stands. The strings of alerts are short: to look at a few words of eight bytes here is
/// faster than to call a search that is made for long ones.
#[inline]
pub fn quote_or_backslash(bytes: &[u8], from: usize) -> Option<usize> {
    const LOW: u64 = u64::MAX / 255;
    const HIGH: u64 = LOW << 7;
    let mut at = from;
    for word in bytes.get(from..)?.chunks_exact(8).take(4) {
        let word = u64::from_le_bytes(word.try_into().expect("chunks of eight"));
        // The lowest byte whose high bit is set here is the first that is this one.
        let places = |byte: u8| {
            let differs = word ^ (LOW * u64::from(byte));
            differs.wrapping_sub(LOW) & !differs & HIGH
        };
        let found = places(b'"') | places(b'\\');
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', &bytes[at..]).map(|further| at + further)
}

/// What stands between a text's quotes if it stands there as it is.
pub fn plain(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    memchr::memchr(b'\\', inside.as_bytes()).is_none().then_some(inside)
}

/// Whether a value begins as the column's values do.
fn is_of_kind(column: Column, value: &str) -> bool {
    use Column::{
        Entities, ExtendedProperties, Flags, IsIncident, Links, Raw, Recommendations, RemediationSteps, Resources,
        Simulated, Tactics, Tags, Techniques,
    };
    let begins_with = |byte: u8| value.as_bytes().first() == Some(&byte);
    match column {
        Raw => true,
        IsIncident | Simulated => matches!(value, "true" | "false"),
        ExtendedProperties => begins_with(b'{'),
        Resources | Entities | Tactics | Techniques | RemediationSteps | Recommendations | Links | Tags | Flags => {
            begins_with(b'[')
        }
        _ => begins_with(b'"'),
    }
}

/// Steps through a text that is JSON.
struct Cutter<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Cutter<'t> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn step(&mut self, byte: u8) -> Option<()> {
        self.blank();
        (*self.bytes.get(self.at)? == byte).then(|| self.at += 1)
    }

    /// Whether something stands before the bracket that closes; steps over commas, and over that bracket.
    fn has_more(&mut self, close: u8) -> Option<bool> {
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

    fn is_at_end(&mut self) -> bool {
        self.blank();
        self.at == self.text.len()
    }

    /// A key without escapes, and its colon.
    fn key(&mut self) -> Option<&'t str> {
        self.step(b'"')?;
        let start = self.at;
        self.at = quote_or_backslash(self.bytes, start)?;
        let key = self.text.get(start..self.at)?;
        self.step(b'"')?;
        self.step(b':')?;
        Some(key)
    }

    /// The text of the value at hand.
    fn value(&mut self) -> Option<&'t str> {
        self.blank();
        let start = self.at;
        match *self.bytes.get(start)? {
            b'"' => self.string()?,
            b'{' | b'[' => self.inside()?,
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                self.at += self.bytes[start..].iter().position(ends)?;
            }
        }
        self.text.get(start..self.at)
    }

    /// The text of the payload. It is written last, and no other column that could stand behind it ends in a brace: a
    /// payload that is an object need not be stepped through.
    fn payload(&mut self) -> Option<&'t str> {
        self.blank();
        if *self.bytes.get(self.at)? != b'{' || !self.bytes.ends_with(b"}}") {
            return self.value();
        }
        let start = self.at;
        self.at = self.text.len() - 1;
        self.text.get(start..self.at)
    }

    /// Steps over what a bracket opens, up to behind the one that closes it.
    fn inside(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Steps over a string.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at = quote_or_backslash(self.bytes, self.at)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alert, Raw};
    use crate::id::AlertId;
    use jiff::Timestamp;
    use serde_json::json;

    fn written(payload: serde_json::Value) -> String {
        let raw = Raw::from_value(&payload);
        let mut alert = Alert::blank(AlertId::from_bytes([7; 16]), Timestamp::UNIX_EPOCH, raw);
        alert.title = "a \"title\"".to_owned();
        alert.description = Some("}]".repeat(40));
        alert.tags = vec!["{".to_owned(), "\\".to_owned()];
        serde_json::to_string(&alert).expect("plain data")
    }

    #[test]
    fn a_text_is_cut_where_its_values_begin_and_end() {
        for payload in [json!({"a": {"tags": "}"}}), json!({}), json!([1, "]"]), json!("}}"), json!(7), json!(null)] {
            let text = written(payload.clone());
            let cut = AlertText::cut(&text).expect("as it was written");
            let whole: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            for column in Column::ALL {
                let value = cut.column(*column).map(|text| serde_json::from_str(text).expect("a value"));
                assert_eq!(value.as_ref(), whole.get(column.name()), "{}: {text}", column.name());
            }
            assert_eq!(cut.read::<String>(Column::Title).as_deref(), Some("a \"title\""));
            assert_eq!((cut.severity(), cut.status()), (&Severity::Medium, Status::Active));
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_not_cut() {
        let text = written(json!({"a": 1}));
        assert!(AlertText::cut(&text).is_some());
        for (from, to) in [
            ("\"title\":", "\"titl\\u0065\":"),
            ("\"title\":", "\"tags\":[],\"title\":"),
            ("\"title\":", "\"not a title\":"),
            ("\"is_incident\":false", "\"is_incident\":null"),
            ("\"simulated\":false", "\"simulated\":0"),
            ("\"severity\":\"medium\"", "\"severity\":\"m\\u0065dium\""),
            ("\"status\":\"active\"", "\"status\":\"asleep\""),
            ("\"tags\":[", "\"tags\":{\"a\":["),
            ("{\"a\":1}}", "{\"a\":1}"),
            ("{\"a\":1}}", "{\"a\":1"),
        ] {
            assert!(text.contains(from), "{from}");
            let odd = text.replace(from, to);
            assert!(AlertText::cut(&odd).is_none(), "{odd}");
        }
        for end in 0..text.len() {
            AlertText::cut(text.get(..end).unwrap_or_default());
        }
    }

    #[test]
    fn the_next_quote_or_backslash_is_found_wherever_it_stands() {
        for length in 0..80 {
            for other in ["a", "!", "#", "[", "]", "\u{a2}", "\u{dc}"] {
                let before = other.repeat(length);
                for found in ["\"", "\\"] {
                    let text = format!("{before}{found}\"\\{before}");
                    assert_eq!(quote_or_backslash(text.as_bytes(), 0), Some(before.len()), "{text}");
                }
                assert_eq!(quote_or_backslash(before.as_bytes(), 0), None);
            }
        }
    }
}
