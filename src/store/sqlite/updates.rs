//! News of an alert that is stored: the alert as they leave it, and the runs they call for.

use super::seal::{seal, unseal};
use super::values::{Json, Term, json};
use super::{accept, runs};
use crate::alert::{Alert, Severity, Status};
use crate::clock::Timestamp;
use crate::id::{AlertId, RunId};
use crate::store::{Admission, CalledFor, OnUpdate, StoreError};
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// Creates the runs that an alert's update calls for, and gives back their ids. They see the alert as it is given here.
pub(super) fn answer(
    db: &Connection,
    alert: i64,
    updated: &Alert,
    rules: &dyn OnUpdate,
    now: Timestamp,
) -> Result<Vec<RunId>, StoreError> {
    let CalledFor { runs, held, generation } = rules.called_for(updated);
    accept::note_held(db, alert, &held, now)?;
    let mut created = Vec::with_capacity(runs.len());
    let mut number = None;
    for run in &runs {
        if !accept::create(db, alert, run, &generation, now)? {
            continue;
        }
        let number = match number {
            Some(number) => number,
            None => *number.insert(keep(db, updated)?),
        };
        db.prepare_cached("UPDATE runs SET updated = ?2 WHERE id = ?1")?.execute((run.id.as_str(), number))?;
        created.push(run.id.clone());
    }
    Ok(created)
}

fn keep(db: &Connection, updated: &Alert) -> Result<i64, StoreError> {
    let body = json(updated);
    db.prepare_cached("INSERT INTO updates (body, seal) VALUES (?1, ?2)")?.execute((&body, seal(&[&body])))?;
    Ok(db.last_insert_rowid())
}

/// What an update's runs see: what the source says now; but where it stands, how grave it is, who has taken it up and its
/// tags as people and playbooks have left them, where they have changed them, or a filter has dismissed it. Filters have
/// no say in updates: a status that one would give it now is not looked at.
pub(super) fn merged(db: &Connection, alert: i64, sent: &Admission) -> Result<Alert, StoreError> {
    let (id, status, severity, assignee, tags): (AlertId, Status, Severity, Option<String>, Vec<String>) = db
        .prepare_cached("SELECT id, status, severity, assignee, tags FROM alerts WHERE seq = ?1")?
        .query_row([alert], |row| {
            let (Term(id), Term(status), Term(severity), Json(tags)) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?);
            Ok((id, status, severity, row.get(3)?, tags))
        })?;
    let (body, _) = runs::body(db, alert)?;
    let first: Alert =
        serde_json::from_str(&body).map_err(|fault| StoreError::Corrupt(format!("alert {id}: {fault}")))?;
    let mut merged = Alert { id, received_time: first.received_time, ..sent.alert.clone() };
    let is_filtered = [status, sent.verdict.status].contains(&Status::Dismissed);
    if status != first.status || is_filtered {
        merged.status = status;
    }
    if severity != first.severity {
        merged.severity = severity;
    }
    if assignee != first.assignee {
        merged.assignee = assignee;
    }
    if tags != first.tags {
        merged.tags = tags;
    }
    Ok(merged)
}

/// A run that a step of another run, or a person, starts is for the same update as the other one, if that is for one.
pub(super) fn same_as(db: &Connection, run: &RunId, other: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE runs SET updated = other.updated FROM (SELECT updated FROM runs WHERE seq = ?2) AS other
         WHERE runs.id = ?1 AND other.updated IS NOT NULL",
    )?
    .execute((run.as_str(), other))?;
    Ok(())
}

/// The alert as an update left it.
pub(super) fn body(db: &Connection, number: i64) -> Result<Arc<str>, StoreError> {
    let corrupt = || format!("update number {number}");
    let found: Option<(Arc<str>, i64)> = db
        .prepare_cached("SELECT body, seal FROM updates WHERE seq = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (body, sealed) = found.ok_or_else(|| StoreError::Corrupt(corrupt()))?;
    unseal(&[&body], sealed, corrupt)?;
    Ok(body)
}
