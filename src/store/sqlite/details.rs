//! One alert, one run, with everything known of them.

use super::run_list::{COLUMNS, summary};
use super::steps::{self, Outcome};
use super::values::{Json, Micros, Term};
use super::{activity, runs};
use crate::alert::{Alert, Severity, Status};
use crate::id::{AlertId, RunId};
use crate::playbook::{LogLine, StepKey};
use crate::ruleset::Verdict;
use crate::store::{AlertDetails, AttemptView, Decided, RunDetails, RunSummary, StepView, StoreError};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;

/// What of an alert changes after it was accepted.
struct State {
    number: i64,
    status: Status,
    severity: Severity,
    assignee: Option<String>,
    tags: Vec<String>,
}

impl State {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            status: row.get::<_, Term<_>>(1)?.0,
            severity: row.get::<_, Term<_>>(2)?.0,
            assignee: row.get(3)?,
            tags: row.get::<_, Json<_>>(4)?.0,
        })
    }
}

/// An alert as it was decided on.
pub(super) fn decided(db: &Connection, id: &AlertId) -> Result<Option<Decided>, StoreError> {
    let number = db
        .prepare_cached("SELECT seq FROM alerts WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    number.map(|number| accepted(db, number, id)).transpose()
}

fn accepted(db: &Connection, number: i64, id: &AlertId) -> Result<Decided, StoreError> {
    let (body, verdict) = runs::body(db, number)?;
    let corrupt = |error| StoreError::Corrupt(format!("alert {id}: {error}"));
    let alert: Alert = serde_json::from_str(&body).map_err(corrupt)?;
    let verdict: Verdict = serde_json::from_str(&verdict).map_err(corrupt)?;
    // A damaged index could lead to another alert, whole and sound.
    if alert.id != *id {
        return Err(StoreError::Corrupt(format!("alert {id}")));
    }
    Ok(Decided::new(alert, verdict))
}

/// An alert as accepted, with the state it has now.
pub(super) fn alert(db: &Connection, id: &AlertId) -> Result<Option<AlertDetails>, StoreError> {
    let state = db
        .prepare_cached("SELECT seq, status, severity, assignee, tags FROM alerts WHERE id = ?1")?
        .query_row([id.as_str()], State::read)
        .optional()?;
    let Some(State { number, status, severity, assignee, tags }) = state else { return Ok(None) };
    let Decided { alert: accepted, verdict } = accepted(db, number, id)?;
    let mut activity = activity::opening(&accepted.source, accepted.received_time, &verdict);
    activity.extend(activity::of_alert(db, number)?);
    let alert = Alert { status, severity, assignee, tags, ..accepted };
    Ok(Some(AlertDetails { alert, verdict, runs: runs_of(db, number)?, activity }))
}

fn runs_of(db: &Connection, alert: i64) -> Result<Vec<RunSummary>, StoreError> {
    let mut runs = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE runs.alert = ?1 ORDER BY runs.seq DESC"))?;
    let runs = runs.query_map([alert], |row| Ok(summary(row)?.1))?;
    Ok(runs.collect::<Result<_, _>>()?)
}

/// A run with its steps and their attempts.
pub(super) fn run(db: &Connection, id: &RunId) -> Result<Option<RunDetails>, StoreError> {
    let found = db
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE runs.id = ?1"))?
        .query_row([id.as_str()], summary)
        .optional()?;
    let Some((number, summary)) = found else { return Ok(None) };
    Ok(Some(RunDetails { summary, steps: steps_of(db, number)?, logs: logs_of(db, number)? }))
}

fn steps_of(db: &Connection, run: i64) -> Result<Vec<StepView>, StoreError> {
    let mut attempts = attempts_of(db, run)?;
    let mut rows = db.prepare_cached(
        "SELECT key, call, input, status, outcome, outcome_seal, due, message, recorded, settled,
             (SELECT id FROM approvals WHERE approvals.run = steps.run AND approvals.key = steps.key),
             (SELECT id FROM runs AS child WHERE child.parent = steps.run AND child.parent_key = steps.key)
         FROM steps WHERE run = ?1 ORDER BY ordinal",
    )?;
    let mut rows = rows.query([run])?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        let key = StepKey(row.get(0)?);
        let (Json(input), Term(status)) = (row.get(2)?, row.get(3)?);
        let (output, error) = match steps::outcome(row, 4, status, run, &key)? {
            Some(Outcome::Value(value)) => {
                let corrupt =
                    |fault| StoreError::Corrupt(format!("outcome of step {key} of run number {run}: {fault}"));
                (Some(value.read().map_err(corrupt)?), None)
            }
            Some(Outcome::Error(error)) => (None, Some(error)),
            None => (None, None),
        };
        let Micros(recorded_time) = row.get(8)?;
        views.push(StepView {
            recorded_time,
            settled_time: row.get::<_, Option<Micros>>(9)?.map(|Micros(at)| at),
            approval_id: row.get::<_, Option<Term<_>>>(10)?.map(|Term(id)| id),
            run_id: row.get::<_, Option<Term<_>>>(11)?.map(|Term(id)| id),
            call: row.get(1)?,
            input,
            status,
            output,
            error,
            next_attempt_time: row.get::<_, Option<Micros>>(6)?.map(|Micros(at)| at),
            message_id: row.get::<_, Option<Term<_>>>(7)?.map(|Term(id)| id),
            attempts: attempts.remove(&key).unwrap_or_default(),
            key,
        });
    }
    Ok(views)
}

fn attempts_of(db: &Connection, run: i64) -> Result<HashMap<StepKey, Vec<AttemptView>>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT key, time, status, error, latency_ms, answer FROM attempts WHERE run = ?1 ORDER BY key, number",
    )?;
    let mut rows = rows.query([run])?;
    let mut attempts: HashMap<StepKey, Vec<AttemptView>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let Micros(time) = row.get(1)?;
        let latency_ms = u64::from(row.get::<_, u32>(4)?);
        let attempt = AttemptView { time, status: row.get(2)?, error: row.get(3)?, latency_ms, answer: row.get(5)? };
        attempts.entry(StepKey(row.get(0)?)).or_default().push(attempt);
    }
    Ok(attempts)
}

fn logs_of(db: &Connection, run: i64) -> Result<Vec<LogLine>, StoreError> {
    let mut rows = db.prepare_cached("SELECT level, message, fields, strand FROM logs WHERE run = ?1 ORDER BY seq")?;
    let lines = rows.query_map([run], |row| {
        let fields = row.get::<_, Json<_>>(2)?.0;
        Ok(LogLine { level: row.get(0)?, message: row.get(1)?, fields, strand: row.get(3)? })
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}
