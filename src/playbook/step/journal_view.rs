//! The journal as replay reads it: each entry is reached once, mostly in the order recorded.

use crate::playbook::{Entry, Settled, StepKey, value};
use rhai::Dynamic;
use serde_json::Value;

/// Results as scripts see them, by the number of their entry, as far as a script has asked for them. What came over the
/// wire is frozen in them; of the rest every activation has its own copy.
pub type Answers = Vec<Option<Dynamic>>;

/// A run's recorded steps, and which of them the script has asked for again.
#[derive(Debug)]
pub struct JournalView {
    entries: Vec<Entry>,
    answers: Answers,
    /// Those the script has asked for again, or never comes to.
    passed: Vec<bool>,
    /// Where the script arrives next if it takes the order recorded.
    next: usize,
    ahead: usize,
    bytes: usize,
}

impl JournalView {
    /// A journal that nothing was asked of yet.
    pub fn new(entries: Vec<Entry>, mut answers: Answers) -> Self {
        let bytes = entries.iter().map(|entry| entry.asked + entry.settled.as_ref().map_or(0, size)).sum();
        let count = entries.len();
        answers.resize(count, None);
        Self { entries, answers, passed: vec![false; count], next: 0, ahead: count, bytes }
    }

    /// What it was made of, and what was read meanwhile.
    pub fn into_parts(self) -> (Vec<Entry>, Answers) {
        (self.entries, self.answers)
    }

    /// How many steps are recorded in all.
    pub fn recorded(&self) -> usize {
        self.entries.len()
    }

    /// How many of them the script has not asked for again.
    pub fn ahead(&self) -> usize {
        self.ahead
    }

    /// How many bytes the recorded arguments and results take as JSON.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Leaves out what lies ahead below a place: the script ends before it would come there.
    pub fn forget_below(&mut self, place: &str) {
        for (entry, passed) in self.entries.iter().zip(&mut self.passed) {
            if !*passed && entry.key.0.starts_with(place) {
                *passed = true;
                self.ahead -= 1;
            }
        }
    }

    /// The number of the entry at a key, where the script has now arrived.
    pub fn replay(&mut self, key: &StepKey) -> Option<usize> {
        // Branches of a `parallel` leave the order recorded.
        let mut numbers = (self.next..self.entries.len()).chain(0..self.next.min(self.entries.len()));
        let number = numbers.find(|number| !self.passed[*number] && self.entries[*number].key == *key)?;
        self.passed[number] = true;
        self.next = number + 1;
        self.ahead -= 1;
        Some(number)
    }

    /// An entry.
    pub fn entry(&self, number: usize) -> &Entry {
        &self.entries[number]
    }

    /// The value that the step is done with, as the script's own.
    ///
    /// # Errors
    /// It does not read back.
    pub fn answer(&mut self, number: usize) -> Result<Dynamic, serde_json::Error> {
        let answer = &mut self.answers[number];
        if let (None, Some(Settled::Done { value, .. })) = (&answer, &self.entries[number].settled) {
            *answer = Some(value::answer(value)?);
        }
        Ok(answer.clone().unwrap_or(Dynamic::UNIT))
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
