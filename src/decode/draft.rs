//! An alert being made from a payload: every source puts its values here, and here they become canonical.

use super::codes;
use super::fault::DecodeError;
use super::request::{Decoded, Limits};
use super::tactic::{self, Tactic};
use crate::alert::time::{self, Reading};
use crate::alert::{Alert, Raw, Severity, Status};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::AlertId;
use serde_json::Value;
use serde_json::value::RawValue;

/// The longest id of a source, in bytes.
const ID_BYTES: usize = 512;

/// The longest short text, in bytes. What a list shows of ten thousand alerts must not be as long as their payloads;
/// those keep the whole.
const TEXT_BYTES: usize = 1024;

/// How many flags one alert carries; what would be more is said by the last.
const FLAGS: usize = 32;

/// The longest word of an open vocabulary that is kept, in characters.
const WORD: usize = 64;

/// An alert in the making.
pub(super) struct Draft<'l> {
    /// The alert so far.
    pub(super) alert: Alert,
    /// What may be in it.
    pub(super) limits: &'l Limits,
    /// Digest of the payload's text.
    pub(super) content: Digest,
}

impl<'l> Draft<'l> {
    /// An alert of which nothing is known but its payload.
    pub(super) fn new(raw: &RawValue, limits: &'l Limits, received: Timestamp) -> Self {
        let alert = Alert::blank(AlertId::generate(received), received, Raw::new(raw.to_owned()));
        Self { alert, limits, content: Digest::of(raw.get().as_bytes()) }
    }

    /// Notes something that was odd but is no reason to refuse.
    pub(super) fn flag(&mut self, kind: &str, detail: &str) {
        let flags = &mut self.alert.flags;
        let flag = match word(detail) {
            detail if detail.is_empty() => kind.to_owned(),
            detail => format!("{kind}: {detail}"),
        };
        match flags.len() {
            FLAGS.. => {}
            _ if flags.contains(&flag) => {}
            len if len == FLAGS - 1 => flags.push("more_flags".to_owned()),
            _ => flags.push(flag),
        }
    }

    /// Sets the severity from a source's word; an unknown one is kept.
    pub(super) fn severity(&mut self, given: &str) {
        self.alert.severity = Severity::from_word(&word(given));
        if let Severity::Other(other) = self.alert.severity.clone() {
            self.flag("unknown_severity", &other);
        }
    }

    /// Sets the status from a source's word; an unknown one leaves it active.
    pub(super) fn status(&mut self, word: &str) {
        match Status::from_word(word) {
            Some(status) => self.alert.status = status,
            None => self.flag("unknown_status", word),
        }
    }

    /// Adds tactics from a source's words, as many as entities are allowed; an unknown one is kept.
    pub(super) fn tactics(&mut self, words: impl IntoIterator<Item = String>) {
        for given in words.into_iter().take(self.limits.entities) {
            let tactic = match tactic::tactic(&given) {
                Tactic::Known(known) => known.to_owned(),
                Tactic::Other(other) => {
                    let other = word(&other);
                    self.flag("unknown_tactic", &other);
                    other
                }
                Tactic::None => continue,
            };
            if !self.alert.tactics.contains(&tactic) {
                self.alert.tactics.push(tactic);
            }
        }
    }

    /// Adds techniques and sub-techniques, as many as entities are allowed.
    pub(super) fn techniques(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids.into_iter().take(self.limits.entities) {
            let id = tactic::technique(&id);
            if !self.alert.techniques.contains(&id) {
                self.alert.techniques.push(id);
            }
        }
    }

    /// Reads a time of any shape; an unreadable one and one of tomorrow or later is flagged with its field's name.
    pub(super) fn time(&mut self, field: &str, value: Option<Value>) -> Option<Timestamp> {
        match time::read(&value?) {
            Reading::At(at) => {
                if at.as_second() - self.alert.received_time.as_second() > 24 * 60 * 60 {
                    self.flag("future_time", field);
                }
                Some(at)
            }
            Reading::Absent => None,
            Reading::Unreadable => {
                self.flag("unreadable_time", field);
                None
            }
        }
    }

    /// Sees that an alert has no more entities than it may.
    pub(super) fn allow_entities(&self, count: usize) -> Result<(), DecodeError> {
        if count <= self.limits.entities {
            return Ok(());
        }
        let message = format!("the alert has {count} entities; the limit is {}", self.limits.entities);
        Err(DecodeError::new(codes::TOO_MANY_ENTITIES, message))
    }

    /// Takes what is only perhaps the source's id. Other things are called `id` too, and alerts that share one must
    /// stay apart: the content counts as well. A guess that could not be kept as an id is no reason to refuse.
    pub(super) fn guessed_id(&mut self, guess: &str) {
        let id = format!("{guess}#{}", &self.content.to_string()[..16]);
        if check_id("the guessed id", &id, ID_BYTES).is_ok() {
            self.alert.source_id = id;
        }
    }

    /// Cuts the short texts that are too long. The source is an id, and [`check_id`] refuses a long one.
    fn cut_texts(&mut self) {
        let alert = &mut self.alert;
        let texts = [
            ("title", Some(&mut alert.title)),
            ("alert_type", Some(&mut alert.alert_type)),
            ("compromised_entity", alert.compromised_entity.as_mut()),
            ("vendor", alert.vendor.as_mut()),
            ("product", alert.product.as_mut()),
        ];
        let cut = texts.map(|(field, text)| text.is_some_and(cut).then_some(field));
        for field in cut.into_iter().flatten() {
            self.flag("truncated", field);
        }
    }

    /// The finished alert. One whose source gave no id gets one from its content.
    ///
    /// # Errors
    /// `id_invalid`.
    pub(super) fn finish(mut self) -> Result<Decoded, DecodeError> {
        self.cut_texts();
        let alert = &mut self.alert;
        if alert.source_id.is_empty() {
            alert.source_id = derived_id(&self.content);
        }
        if alert.title.is_empty() {
            alert.title.clone_from(&alert.alert_type);
        }
        if alert.title.is_empty() {
            alert.title.push_str("Alert without a title");
        }
        let starts = |text: &str, with: &str| {
            text.as_bytes().get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
        };
        alert.simulated |= starts(&alert.alert_type, "SIMULATED_") || starts(&alert.title, "[SAMPLE ALERT]");
        check_id("the source", &alert.source, WORD)?;
        check_id("the source's id", &alert.source_id, ID_BYTES)?;
        Ok(Decoded { alert: self.alert, content: self.content })
    }
}

/// An id for an alert whose source has none: the same content is the same alert.
pub(super) fn derived_id(content: &Digest) -> String {
    format!("sha256:{}", &content.to_string()[..32])
}

fn check_id(what: &str, id: &str, limit: usize) -> Result<(), DecodeError> {
    if id.len() > limit {
        let message = format!("{what} has {} bytes; the limit is {limit}", id.len());
        return Err(DecodeError::new(codes::ID_INVALID, message));
    }
    match id.chars().find(|letter| letter.is_control()) {
        Some(control) => {
            let message = format!("{what} has the control character U+{:04X} in it", u32::from(control));
            Err(DecodeError::new(codes::ID_INVALID, message))
        }
        None => Ok(()),
    }
}

/// Cuts a short text that is too long; whether it was.
fn cut(text: &mut String) -> bool {
    if text.len() <= TEXT_BYTES {
        return false;
    }
    text.truncate(text.floor_char_boundary(TEXT_BYTES));
    text.shrink_to_fit();
    true
}

/// A word of an open vocabulary, short and on one line.
fn word(text: &str) -> String {
    text.trim().chars().take(WORD).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
