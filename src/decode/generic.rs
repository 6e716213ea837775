//! Anything else: title, severity, type, id and times guessed from the names most sources use; all of it stays in raw.

use super::draft::Draft;
use super::fault::DecodeError;
use super::names;
use super::payload;
use crate::alert::Link;
use serde_json::{Map, Value};

// Names squashed: no case, no separators. The likeliest comes first.
const TITLE: [&str; 12] = [
    "title",
    "name",
    "alertname",
    "displayname",
    "summary",
    "message",
    "msg",
    "rulename",
    "rule",
    "signature",
    "event",
    "subject",
];
const TYPE: [&str; 10] =
    ["alerttype", "type", "ruleid", "rulename", "rule", "signatureid", "eventtype", "alertname", "category", "name"];
const SEVERITY: [&str; 7] = ["severity", "severitylabel", "level", "priority", "risk", "urgency", "criticality"];
const STATUS: [&str; 2] = ["status", "state"];
const ID: [&str; 9] =
    ["id", "uuid", "alertid", "eventid", "findingid", "guid", "fingerprint", "compositeid", "systemalertid"];
const DESCRIPTION: [&str; 6] = ["description", "details", "detail", "message", "output", "reason"];
const START: [&str; 8] = ["starttime", "startsat", "firstseen", "timestamp", "time", "eventtime", "date", "createdat"];
const END: [&str; 4] = ["endtime", "endsat", "lastseen", "updatedat"];
const VENDOR: [&str; 2] = ["vendor", "vendorname"];
const PRODUCT: [&str; 4] = ["product", "productname", "service", "source"];
const LINK: [&str; 5] = ["url", "link", "alerturl", "weburl", "generatorurl"];
const AFFECTED: [&str; 6] = ["compromisedentity", "hostname", "host", "resource", "resourceid", "instance"];

/// What to take from an object where a text was looked for, such as `{"rule": {"id": 5710, "description": "…"}}`.
const WITHIN: [&str; 4] = ["name", "description", "title", "id"];

/// Maps an object of which only the raw payload is certain.
///
/// # Errors
/// None of its own; the finished draft may have an id that is refused.
pub(super) fn map<'l>(fields: Map<String, Value>, mut draft: Draft<'l>) -> Result<Draft<'l>, DecodeError> {
    let known = Squashed::new(&fields);
    let alert = &mut draft.alert;
    alert.source = "generic".to_owned();
    alert.alert_type = known.text(&TYPE).unwrap_or_default();
    alert.title = known.text(&TITLE).unwrap_or_default();
    alert.description = known.text(&DESCRIPTION).filter(|text| *text != alert.title);
    alert.vendor = known.text(&VENDOR);
    alert.product = known.text(&PRODUCT);
    alert.compromised_entity = known.text(&AFFECTED);
    alert.links = known.text(&LINK).map(|href| Link { label: None, href }).into_iter().collect();
    if let Some(guess) = known.text(&ID) {
        draft.guessed_id(&guess);
    }
    if let Some(severity) = known.text(&SEVERITY) {
        draft.severity(&severity);
    }
    // Many things have a `status` that is none of an alert's; a word Quell does not know says nothing here.
    if let Some(status) = known.text(&STATUS).and_then(|word| crate::alert::Status::from_word(&word)) {
        draft.alert.status = status;
    }
    draft.alert.start_time = draft.time("start_time", known.value(&START).cloned());
    draft.alert.end_time = draft.time("end_time", known.value(&END).cloned());
    Ok(draft)
}

/// An object's fields by their squashed names.
struct Squashed<'a>(Vec<(String, &'a Value)>);

impl<'a> Squashed<'a> {
    fn new(fields: &'a Map<String, Value>) -> Self {
        // No name that is looked for is longer; a hostile object with a million keys keeps few of them.
        let short = fields.iter().filter(|(name, value)| name.len() <= 24 && !payload::is_absent(value));
        Self(short.take(256).map(|(name, value)| (names::squash(name), value)).collect())
    }

    fn value(&self, wanted: &[&str]) -> Option<&'a Value> {
        wanted.iter().find_map(|wanted| self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value))
    }

    /// The first of the wanted fields that is a scalar, or an object with a scalar that says the same.
    fn text(&self, wanted: &[&str]) -> Option<String> {
        let all = wanted.iter().flat_map(|wanted| self.0.iter().filter(move |(name, _)| name == wanted));
        let mut texts = all.filter_map(|(_, value)| match value {
            Value::Object(inner) => WITHIN.iter().find_map(|name| inner.get(*name).cloned().and_then(payload::text)),
            scalar => payload::text((*scalar).clone()),
        });
        texts.next()
    }
}
