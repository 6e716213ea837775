//! The journal as replay reads it: entries by key, each taken out as the script arrives at it.

use crate::playbook::{Entry, Settled, StepKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// A run's recorded steps that the script has not asked for again yet.
#[derive(Debug)]
pub struct JournalView {
    ahead: BTreeMap<StepKey, Entry>,
    recorded: usize,
    bytes: usize,
}

impl JournalView {
    /// Indexes the entries.
    pub fn new(entries: Vec<Entry>) -> Self {
        let bytes = entries.iter().map(|entry| entry.asked + entry.settled.as_ref().map_or(0, size)).sum();
        let ahead: BTreeMap<_, _> = entries.into_iter().map(|entry| (entry.key.clone(), entry)).collect();
        Self { recorded: ahead.len(), ahead, bytes }
    }

    /// How many steps are recorded in all.
    pub fn recorded(&self) -> usize {
        self.recorded
    }

    /// How many of them the script has not asked for again.
    pub fn ahead(&self) -> usize {
        self.ahead.len()
    }

    /// How many bytes the recorded arguments and results take as JSON.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Leaves out what lies ahead below a place: the script ends before it would come there.
    pub fn forget_below(&mut self, place: &str) {
        self.ahead.retain(|key, _| !key.0.starts_with(place));
    }

    /// The entry at a key, where the script has now arrived.
    pub fn replay(&mut self, key: &StepKey) -> Option<Entry> {
        self.ahead.remove(key)
    }
}

/// A result's size.
fn size(settled: &Settled) -> usize {
    match settled {
        Settled::Done { value, .. } => value.as_str().len(),
        Settled::Failed { error, .. } => json_bytes(&error.body) + error.message.len(),
    }
}

/// How long a value is as JSON, without making the text; quotes and commas are counted roughly.
pub fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(list) => list.iter().map(|value| json_bytes(value) + 1).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + json_bytes(value) + 4).sum::<usize>() + 2,
    }
}
