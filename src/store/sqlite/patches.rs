//! A person's changes of an alert, in one commit with the runs they call for.

use super::values::json;
use super::{activity, details, updates};
use crate::alert::{Alert, Severity, Status};
use crate::clock::Timestamp;
use crate::id::AlertId;
use crate::playbook::AlertChange;
use crate::store::{Activity, AlertPatch, OnUpdate, Patched, StoreError};
use rusqlite::{Connection, OptionalExtension};

/// Makes the changes, if the alert is there. What is as wished already is no change, and nothing changed is no update.
pub(super) fn patch(
    db: &Connection,
    id: &AlertId,
    patch: &AlertPatch,
    by: &str,
    rules: Option<&dyn OnUpdate>,
    now: Timestamp,
) -> Result<Patched, StoreError> {
    let number: Option<i64> = db
        .prepare_cached("SELECT seq FROM alerts WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    let (Some(number), Some(before)) = (number, details::alert(db, id)?) else { return Ok(Patched::NoAlert) };
    let mut change = Patch { db, number, by, now, made: false };
    change.make(&before.alert, patch)?;
    let (Some(rules), true) = (rules, change.made) else { return Ok(Patched::Made { started: 0 }) };
    let after = details::alert(db, id)?.ok_or_else(|| StoreError::Corrupt(format!("alert {id}")))?;
    Ok(Patched::Made { started: updates::answer(db, number, &after.alert, rules, now)?.len() })
}

/// A patch being made.
struct Patch<'a> {
    db: &'a Connection,
    number: i64,
    by: &'a str,
    now: Timestamp,
    made: bool,
}

impl Patch<'_> {
    fn make(&mut self, before: &Alert, patch: &AlertPatch) -> Result<(), StoreError> {
        let AlertPatch { status, severity, assignee, tags, comment } = patch;
        // Said once: as the reason of a new status or severity, or else by itself.
        let why = comment.clone().unwrap_or_default();
        if let Some(status) = status.filter(|status: &Status| *status != before.status) {
            self.change(&AlertChange::Status { status, why: why.clone() })?;
        }
        if let Some(severity) = severity.clone().filter(|severity: &Severity| *severity != before.severity) {
            self.change(&AlertChange::Severity { severity, why: why.clone() })?;
        }
        let is_said = self.made;
        match assignee {
            Some(Some(who)) if before.assignee.as_ref() != Some(who) => {
                self.change(&AlertChange::Assign { who: who.clone() })?;
            }
            Some(None) if before.assignee.is_some() => {
                self.db.prepare_cached("UPDATE alerts SET assignee = NULL WHERE seq = ?1")?.execute([self.number])?;
                self.note("unassign", before.assignee.as_deref().unwrap_or_default())?;
            }
            _ => {}
        }
        if let Some(tags) = tags {
            self.tags(&before.tags, tags)?;
        }
        match comment {
            Some(text) if !is_said => self.change(&AlertChange::Comment { text: text.clone() }),
            _ => Ok(()),
        }
    }

    fn tags(&mut self, before: &[String], wanted: &[String]) -> Result<(), StoreError> {
        let mut after: Vec<&String> = Vec::new();
        for tag in wanted {
            if !after.contains(&tag) {
                after.push(tag);
            }
        }
        for tag in after.iter().filter(|tag| !before.contains(tag)) {
            self.note("tag", tag)?;
        }
        for tag in before.iter().filter(|tag| !after.contains(tag)) {
            self.note("untag", tag)?;
        }
        self.db.prepare_cached("UPDATE alerts SET tags = ?2 WHERE seq = ?1")?.execute((self.number, json(&after)))?;
        Ok(())
    }

    fn change(&mut self, change: &AlertChange) -> Result<(), StoreError> {
        self.made = true;
        activity::change(self.db, self.number, change, self.by, self.now)
    }

    fn note(&mut self, action: &str, detail: &str) -> Result<(), StoreError> {
        self.made = true;
        let (actor, action, detail) = (self.by.to_owned(), action.to_owned(), detail.to_owned());
        activity::add(self.db, self.number, &Activity { time: self.now, actor, action, detail, why: None })
    }
}
