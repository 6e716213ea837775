//! A whole body to alerts: cut, tell the source, map, and give every item its own answer.

use super::draft::Draft;
use super::envelope;
use super::fault::{Cursor, DecodeError};
use super::shape::{self, Shape, Source};
use super::typed::Misfit;
use super::{codes, defender, falco, generic, native, strict};
use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::digest::Digest;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON value: an alert, a list of alerts, or an envelope of one.
    Json,
    /// One alert a line; each line stands alone.
    Ndjson,
}

/// How much is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one alert.
    pub alert_bytes: usize,
    /// Bytes of one body.
    pub request_bytes: usize,
    /// Alerts in one body.
    pub alerts: usize,
    /// Nested lists and objects in one alert; at most 120.
    pub depth: usize,
    /// Entities of one alert, and values in any other list of a native one.
    pub entities: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { alert_bytes: 1 << 20, request_bytes: 16 << 20, alerts: 10_000, depth: 64, entities: 500 }
    }
}

/// An alert read from a body.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The canonical alert, with an id made for `received`.
    pub alert: Alert,
    /// Digest of the item's text: tells a repetition from an update.
    pub content: Digest,
}

/// How many refused items of one body are told why in full; a sender that has more wrong has one thing wrong.
const MESSAGES: usize = 1_000;

/// Reads a body: one answer per alert in it, in order. Sources are told by shape unless `source` names one.
///
/// # Errors
/// When the body as a whole cannot be read: its size, its JSON, its number of alerts, an unknown `source`.
pub fn decode(
    body: &[u8],
    format: Format,
    source: Option<&str>,
    limits: &Limits,
    received: Timestamp,
) -> Result<Vec<Result<Decoded, DecodeError>>, DecodeError> {
    decode_each(body, format, source, limits, received).map(Iterator::collect)
}

/// As [`decode`], an item at a time: ten thousand answers, most of them refusals, need not stand in memory at once.
///
/// # Errors
/// As [`decode`].
pub fn decode_each(
    body: &[u8],
    format: Format,
    source: Option<&str>,
    limits: &Limits,
    received: Timestamp,
) -> Result<impl Iterator<Item = Result<Decoded, DecodeError>>, DecodeError> {
    let source = source.map(Source::named).transpose()?;
    if body.len() > limits.request_bytes {
        let message = format!("the body has {} bytes; the limit is {}", body.len(), limits.request_bytes);
        return Err(DecodeError::new(codes::BODY_TOO_LARGE, message));
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let mut place = Cursor::new(body);
    let items = envelope::split(body, format, limits)?;
    let mut refused = 0;
    Ok(items.into_iter().map(move |item| {
        item.text.and_then(|text| one(text, source, limits, received)).map_err(|error| {
            place.advance(item.start);
            refused += 1;
            let error = error.moved(&place);
            if refused > MESSAGES { error.in_short() } else { error }
        })
    }))
}

fn one(raw: &RawValue, source: Option<Source>, limits: &Limits, received: Timestamp) -> Result<Decoded, DecodeError> {
    let text = raw.get();
    if text.len() > limits.alert_bytes {
        let message = format!("the alert has {} bytes; the limit is {}", text.len(), limits.alert_bytes);
        return Err(DecodeError::new(codes::ALERT_TOO_LARGE, message));
    }
    let fields = object(text, limits)?;
    let draft = Draft::new(raw, limits, received);
    match shape::of(&fields, source)? {
        Shape::Native => match native::map(fields, draft) {
            // The shape was only guessed, and the guess was wrong: nothing is lost for a foreign alert's field that
            // happens to have a native name. Who meant a native alert is told by the flag.
            Err(Misfit::WrongType { field, .. }) if source.is_none() => {
                let mut draft = Draft::new(raw, limits, received);
                draft.flag("not_native", &field);
                generic::map(object(text, limits)?, draft)
            }
            mapped => mapped.map_err(DecodeError::from),
        },
        Shape::DefenderRest => defender::rest(fields, draft),
        Shape::DefenderTable => defender::table(fields, draft),
        Shape::DefenderExport => defender::export(fields, draft),
        Shape::Falco => falco::map(fields, draft),
        Shape::Generic => generic::map(fields, draft),
    }?
    .finish()
}

fn object(text: &str, limits: &Limits) -> Result<Map<String, Value>, DecodeError> {
    // serde_json's own limit is 128.
    match strict::parse(text, limits.depth.min(120))? {
        Value::Object(fields) => Ok(fields),
        _ => Err(DecodeError::new(codes::NOT_AN_OBJECT, "an alert is a JSON object; this is not one")),
    }
}
