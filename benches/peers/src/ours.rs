//! Quell's matcher: Sigma rules as conditions over an alert's raw payload.

use crate::engine::Engine;
use crate::rules::Rule;
use quell::alert::{Alert, Raw};
use quell::diag::{Diagnostics, Level};
use quell::matcher::{AlertView, Condition, Index, compile};
use quell::yaml::{self, Kind, Limits, Node};
use serde_json::json;
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

/// Reads a rule's detection as a condition over `raw`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn condition(text: &str) -> Result<Arc<Condition>, String> {
    let file: Arc<Path> = Path::new("rule.yml").into();
    let mut found = Diagnostics::new();
    let mut documents = yaml::parse(text, &file, Limits::RULE_FILE, &mut found);
    let condition = documents.first_mut().and_then(|document| {
        let Kind::Map(keys) = &mut document.kind else { return None };
        let detection = &mut keys.iter_mut().find(|entry| entry.key == "detection")?.value;
        let Kind::Map(selections) = &mut detection.kind else { return None };
        selections.iter_mut().filter(|entry| entry.key != "condition").for_each(|entry| under_raw(&mut entry.value));
        compile(detection, &file, &mut found)
    });
    condition.map(Arc::new).ok_or_else(|| {
        let first = found.iter().find(|found| found.level == Level::Error);
        first.map_or("no detection".to_owned(), |found| format!("{} ({})", found.code, found.code.meaning))
    })
}

/// Puts every field of a selection under `raw`: the log's fields are the payload's.
fn under_raw(node: &mut Node) {
    match &mut node.kind {
        Kind::Map(map) => {
            for entry in map {
                let (field, modifiers) = entry.key.split_at(entry.key.find('|').unwrap_or(entry.key.len()));
                let quoted = |field: &str| format!("raw.\"{field}\"");
                if modifiers.contains("|fieldref")
                    && let Kind::Text(other) = &mut entry.value.kind
                {
                    *other = quoted(other);
                }
                // Keywords have no field.
                let path = if field.is_empty() { String::new() } else { quoted(field) };
                entry.key = format!("{path}{modifiers}");
            }
        }
        Kind::List(list) => list.iter_mut().for_each(under_raw),
        _ => {}
    }
}

/// All rules in one index.
#[derive(Debug)]
pub struct Quell {
    index: Index<usize>,
    rules: usize,
    /// The alert every event's text is put into.
    alert: RefCell<Alert>,
}

impl Quell {
    /// Indexes rules; a rule is known by its place.
    pub fn new(rules: &[Arc<Rule>]) -> Self {
        let conditions = rules.iter().enumerate().map(|(place, rule)| (place, rule.condition.clone()));
        Self { index: Index::build(conditions.collect()), rules: rules.len(), alert: RefCell::new(alert()) }
    }

    /// The alert whose payload an event is.
    pub fn alert(&self, event: &Raw) -> Alert {
        Alert { raw: event.clone(), ..self.alert.borrow().clone() }
    }

    fn matching<R>(&self, event: &Raw, met: impl FnOnce(Vec<&usize>) -> R) -> R {
        let mut alert = self.alert.borrow_mut();
        alert.raw = event.clone();
        met(self.index.matching(&AlertView::new(&alert)))
    }
}

/// The places of the rules an event meets, each rule put to it without an index.
pub fn plain_places(rules: &[Arc<Rule>], event: &Alert) -> Vec<usize> {
    let view = AlertView::new(event);
    (0..).zip(rules).filter(|(_, rule)| rule.condition.matches(&view)).map(|(place, _)| place).collect()
}

impl Engine for Quell {
    type Ready = Raw;
    const NAME: &'static str = "Quell";

    fn rules(&self) -> usize {
        self.rules
    }

    /// Validates an event's text and keeps it, as intake does with a payload.
    fn read(&self, text: &str) -> Raw {
        Raw::new(serde_json::from_str::<Box<RawValue>>(text).expect("the events were read as JSON before"))
    }

    fn held(&self) -> Vec<usize> {
        (0..self.rules).collect()
    }

    fn places(&self, event: &Raw) -> Vec<usize> {
        self.matching(event, |met| met.into_iter().copied().collect())
    }

    fn count(&self, event: &Raw) -> usize {
        self.matching(event, |met| met.len())
    }
}

/// An alert with the fields that every alert has.
fn alert() -> Alert {
    let fields = json!({
        "id": "al_00000000000000000000000000", "source": "native", "source_id": "1", "alert_type": "Log_Event",
        "title": "An event", "severity": "medium", "status": "active", "received_time": "2026-06-01T12:00:00Z",
        "raw": null,
    });
    // Through text: a raw payload can be read from nothing else.
    serde_json::from_str(&fields.to_string()).expect("these are the fields of an alert")
}
