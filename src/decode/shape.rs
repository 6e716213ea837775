//! Which source an object came from: told by its shape, the most specific first, or as the sender says.

use super::codes;
use super::fault::DecodeError;
use super::native;
use crate::diag;
use serde_json::{Map, Value};

/// A source as `?source=` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Native,
    Defender,
    Falco,
    Generic,
}

/// The shape of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Quell's own canonical form.
    Native,
    /// Defender for Cloud's REST interface: camel case under `properties`.
    DefenderRest,
    /// A row of the Log Analytics table `SecurityAlert`: Pascal case, JSON within strings.
    DefenderTable,
    /// Continuous export, Event Hub, Logic App trigger: Pascal case.
    DefenderExport,
    /// Falco's JSON output.
    Falco,
    /// Anything else.
    Generic,
}

const SOURCES: [(&str, Source); 4] = [
    ("native", Source::Native),
    ("defender", Source::Defender),
    ("falco", Source::Falco),
    ("generic", Source::Generic),
];

/// The names `?source=` accepts.
pub fn sources() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(name, _)| *name)
}

impl Source {
    /// The source of that name.
    pub(super) fn named(name: &str) -> Result<Self, DecodeError> {
        if let Some((_, source)) = SOURCES.iter().find(|(known, _)| *known == name) {
            return Ok(*source);
        }
        let known = sources().collect::<Vec<_>>().join(", ");
        let given: String = name.chars().take(64).collect();
        let hint = diag::closest(&given, sources());
        let hint = hint.map_or_else(|| ".".to_owned(), |near| format!(", did you mean `{near}`?"));
        Err(DecodeError::new(codes::UNKNOWN_SOURCE, format!("no source is called `{given}`{hint} Known: {known}")))
    }
}

/// The shape of an object, within what the sender says it is.
///
/// # Errors
/// `shape_mismatch` if it cannot be what the sender says.
pub(super) fn of(fields: &Map<String, Value>, source: Option<Source>) -> Result<Shape, DecodeError> {
    let mismatch = |expected: &str| Err(DecodeError::new(codes::SHAPE_MISMATCH, expected));
    match source {
        Some(Source::Native) => Ok(Shape::Native),
        Some(Source::Generic) => Ok(Shape::Generic),
        Some(Source::Defender) => match defender(fields) {
            Some(shape) => Ok(shape),
            None => mismatch(
                "not a Defender for Cloud alert: expected `properties.alertDisplayName`, or `SystemAlertId` with \
                 `AlertDisplayName`",
            ),
        },
        Some(Source::Falco) if is_falco(fields) => Ok(Shape::Falco),
        Some(Source::Falco) => mismatch("not a Falco event: expected the texts `rule`, `priority` and `output`"),
        None => Ok(defender(fields)
            .or_else(|| is_falco(fields).then_some(Shape::Falco))
            .or_else(|| native::looks_like(fields).then_some(Shape::Native))
            .unwrap_or(Shape::Generic)),
    }
}

fn defender(fields: &Map<String, Value>) -> Option<Shape> {
    let has = |key: &str| fields.get(key).is_some_and(Value::is_string);
    if let Some(Value::Object(properties)) = fields.get("properties") {
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let named = ["alertDisplayName", "alertName"].iter().any(|key| properties.contains_key(*key));
        let typed = kind.starts_with("microsoft.security/") && kind.ends_with("/alerts");
        let identified = properties.contains_key("systemAlertId") || properties.contains_key("vendorName");
        return (named && (typed || identified)).then_some(Shape::DefenderRest);
    }
    if has("systemAlertId") && has("alertDisplayName") {
        return Some(Shape::DefenderRest);
    }
    let named = ["AlertDisplayName", "DisplayName", "AlertName"].into_iter().any(has);
    let identified = has("SystemAlertId") || (has("VendorName") && has("AlertType"));
    if !(named && identified) {
        return None;
    }
    let in_strings = ["Entities", "ExtendedProperties", "ExtendedLinks"].into_iter().any(has);
    Some(if in_strings { Shape::DefenderTable } else { Shape::DefenderExport })
}

fn is_falco(fields: &Map<String, Value>) -> bool {
    ["rule", "priority", "output"].iter().all(|key| fields.get(*key).is_some_and(Value::is_string))
}
