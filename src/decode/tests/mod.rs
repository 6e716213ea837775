//! Promises of decoding, by what they are about; and the words the tests share.

mod bodies;
mod references;
mod samples;
mod schema;
mod sources;

use super::{DecodeError, Decoded, Format, Limits, decode};
use crate::alert::Alert;
use crate::clock::Timestamp;
use serde_json::{Value, json};

fn received() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn limits() -> Limits {
    Limits::default()
}

/// Decodes a JSON body whose source is told by its shape.
fn body(bytes: &[u8]) -> Result<Vec<Result<Decoded, DecodeError>>, DecodeError> {
    decode(bytes, Format::Json, None, &limits(), received())
}

fn only(mut all: Vec<Result<Decoded, DecodeError>>) -> Result<Decoded, DecodeError> {
    assert_eq!(all.len(), 1);
    all.pop().unwrap()
}

/// The one alert of a body.
fn alert(value: &Value) -> Alert {
    only(body(value.to_string().as_bytes()).unwrap()).unwrap().alert
}

/// The code that refuses the one alert of a body, or the whole body.
fn refusal(text: &str) -> DecodeError {
    body(text.as_bytes()).and_then(only).unwrap_err()
}

/// The canonical JSON of an alert, as everything above decoding sees it.
fn canonical(alert: &Alert) -> Value {
    json!(alert)
}
