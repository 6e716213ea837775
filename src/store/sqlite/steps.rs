//! Steps: recorded before they are performed, settled once, never settled again.

use super::runs::{self, Known};
use super::seal::{seal, unseal};
use super::values::{Json, Micros, Term, json};
use super::{activity, approvals, children, dead_letters, state};
use crate::clock::Timestamp;
use crate::id::MessageId;
use crate::playbook::{Effect, Entry, JsonText, NewStep, Settled, StepError, StepKey};
use crate::store::records::immediate_change;
use crate::store::{EMAIL_LANE, StepStart, StepStatus, StoreError};
use jiff::SignedDuration;
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use std::borrow::Cow;

/// How a step ended, whatever its kind.
pub(super) enum Ending<'a> {
    Done(&'a Value),
    Failed(&'a StepError),
}

impl Ending<'_> {
    fn status(&self) -> StepStatus {
        match self {
            Self::Done(_) => StepStatus::Done,
            Self::Failed(_) => StepStatus::Failed,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Done(value) => json(value),
            Self::Failed(error) => json(error),
        }
    }
}

/// How a step begins: in flight until a time or until something happens, or over with the commit that records it.
enum Beginning<'a> {
    Due(Timestamp),
    Waiting,
    Over(Ending<'a>),
}

/// Records a step and performs it if it is immediate. False if it was recorded before: then it stays as it is.
pub(super) fn record(
    db: &Connection,
    run: &Known,
    ordinal: u32,
    step: &NewStep,
    start: &StepStart,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let looked_up = match &step.effect {
        // What was performed with its record is not performed again.
        Effect::StateGet { .. } | Effect::StatePut { .. } if is_recorded(db, run.number, &step.key)? => {
            return Ok(false);
        }
        Effect::StateGet { key } => state::get(db, &run.playbook, key, now)?,
        Effect::StatePut { key, value, ttl_ms } => {
            state::put(db, run, &step.key, key, value, later(now, *ttl_ms), now)?
        }
        _ => Ok(Value::Null),
    };
    let beginning = match (&step.effect, start) {
        (_, StepStart::Refused { error, .. }) => Beginning::Over(Ending::Failed(error)),
        (Effect::Change(_) | Effect::Audited | Effect::StateGet { .. } | Effect::StatePut { .. }, _) => {
            Beginning::Over(match &looked_up {
                Ok(value) => Ending::Done(value),
                Err(error) => Ending::Failed(error),
            })
        }
        (Effect::Sleep { until }, _) => Beginning::Due(*until),
        (Effect::Request(_) | Effect::Email(_), StepStart::Message { .. }) => Beginning::Due(now),
        (Effect::Approval(spec), StepStart::Approval(_)) => Beginning::Due(later(now, spec.within_ms)),
        (Effect::Child { .. }, StepStart::Child(_)) => Beginning::Waiting,
        (Effect::Request(_) | Effect::Email(_) | Effect::Approval(_) | Effect::Child { .. }, _) => {
            return Err(StoreError::BadQuery(format!(
                "step {} of {} is begun in a way that does not fit it",
                step.key, run.number
            )));
        }
    };
    if !insert(db, run.number, ordinal, step, start, &beginning, now)? {
        return Ok(false);
    }
    match (&step.effect, start) {
        (Effect::Approval(spec), StepStart::Approval(id)) => approvals::ask(db, run.number, &step.key, id, spec, now)?,
        (Effect::Child { input, .. }, StepStart::Child(child)) => {
            children::start(db, run, &step.key, child, input, now)?;
        }
        (_, StepStart::Refused { error, message: Some(_) }) => {
            dead_letters::bury(db, run.number, &step.key, error, now)?;
        }
        _ => {}
    }
    if matches!(beginning, Beginning::Over(_)) {
        if let Some(change) = immediate_change(&step.effect) {
            activity::change(db, run.alert, change, &format!("playbook:{}", run.playbook), now)?;
        }
        if !step.effect.is_immediate() {
            runs::wake(db, run.number)?;
        }
    }
    Ok(true)
}

/// So many milliseconds after a time.
pub(super) fn later(from: Timestamp, milliseconds: u64) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    from.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

fn is_recorded(db: &Connection, run: i64, key: &StepKey) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM steps WHERE run = ?1 AND key = ?2")?.exists((run, &key.0))?)
}

fn insert(
    db: &Connection,
    run: i64,
    ordinal: u32,
    step: &NewStep,
    start: &StepStart,
    beginning: &Beginning<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let effect = json(&step.effect);
    let connection = match &step.effect {
        Effect::Request(request) => Some(request.connection.as_str()),
        Effect::Email(_) => Some(EMAIL_LANE),
        _ => None,
    };
    let (message, expires) = match start {
        StepStart::Message { id, expires } => (Some(id.as_str()), expires.map(Micros)),
        StepStart::Refused { message, .. } => (message.as_ref().map(MessageId::as_str), None),
        _ => (None, None),
    };
    let (status, due, outcome) = match beginning {
        Beginning::Due(at) => (StepStatus::Pending, Some(Micros(*at)), None),
        Beginning::Waiting => (StepStatus::Pending, None, None),
        Beginning::Over(ending) => (ending.status(), None, Some(ending.text())),
    };
    let inserted = db
        .prepare_cached(
            "INSERT INTO steps (run, key, ordinal, call, input, hash, line, effect, effect_seal, connection, message,
                 recorded, status, due, attempts, settled, outcome, outcome_seal, expires)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            run,
            step.key.0,
            ordinal,
            step.call,
            step.input.as_str(),
            step.hash.to_string(),
            step.line,
            effect,
            seal(&[&effect]),
            connection,
            message,
            Micros(now),
            word(status),
            due,
            outcome.as_ref().map(|_| Micros(now)),
            outcome,
            outcome.as_ref().map(|text| seal(&[word(status), text])),
            expires,
        ])?;
    Ok(inserted == 1)
}

/// Ends a step in flight; its run can go on. A step that is not in flight stays as it is. Whether it was.
pub(super) fn settle(
    db: &Connection,
    run: i64,
    key: &StepKey,
    ending: &Ending<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (status, outcome) = (word(ending.status()), ending.text());
    let settled = db
        .prepare_cached(
            "UPDATE steps SET status = ?3, outcome = ?4, outcome_seal = ?5, settled = ?6, due = NULL
             WHERE run = ?1 AND key = ?2 AND status = 'pending'",
        )?
        .execute((run, &key.0, status, &outcome, seal(&[status, &outcome]), Micros(now)))?;
    if settled == 1 {
        runs::wake(db, run)?;
    }
    Ok(settled == 1)
}

/// How a step goes on after an attempt, as it is written down.
pub(super) enum Attempted<'a> {
    Done(JsonText),
    Failed(&'a StepError),
    Retry(Timestamp),
}

/// Counts an attempt at a step, which ends it or puts it off if it is in flight. Whether it was; none without such a step.
pub(super) fn attempted(
    db: &Connection,
    run: i64,
    key: &StepKey,
    end: &Attempted<'_>,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let (status, outcome, due): (_, Option<Cow<'_, str>>, _) = match end {
        Attempted::Done(value) => (StepStatus::Done, Some(value.as_str().into()), None),
        Attempted::Failed(error) => (StepStatus::Failed, Some(json(error).into()), None),
        Attempted::Retry(at) => (StepStatus::Pending, None, Some(Micros(*at))),
    };
    let status = word(status);
    let outcome_seal = outcome.as_ref().map(|text| seal(&[status, text]));
    let settled = outcome.as_ref().map(|_| Micros(now));
    let was_in_flight = db
        .prepare_cached(
            "UPDATE steps SET attempts = attempts + 1, status = ?3, outcome = ?4, outcome_seal = ?5, settled = ?6, due = ?7
             WHERE run = ?1 AND key = ?2 AND status = 'pending'",
        )?
        .execute((run, &key.0, status, outcome, outcome_seal, settled, due))?;
    if was_in_flight == 1 {
        if settled.is_some() {
            runs::wake(db, run)?;
        }
        return Ok(Some(true));
    }
    let counted = db
        .prepare_cached("UPDATE steps SET attempts = attempts + 1 WHERE run = ?1 AND key = ?2")?
        .execute((run, &key.0))?;
    Ok((counted == 1).then_some(false))
}

/// Cancels the steps still in flight.
pub(super) fn cancel(db: &Connection, run: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE steps SET status = 'cancelled', due = NULL WHERE run = ?1 AND status = 'pending'")?
        .execute([run])?;
    Ok(())
}

/// What a run did so far, in the order recorded.
pub(super) fn journal(db: &Connection, run: i64) -> Result<Vec<Entry>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT key, call, hash, line, status, outcome, outcome_seal, settled, length(input), ordinal
         FROM steps WHERE run = ?1",
    )?;
    let mut rows = rows.query([run])?;
    // Put in order here: the database would copy every row once more for it.
    let mut journal: Vec<(u32, Entry)> = Vec::new();
    while let Some(row) = rows.next()? {
        let key = StepKey(row.get(0)?);
        let Term(status) = row.get(4)?;
        let settled = match (outcome(row, 5, status, run, &key)?, row.get::<_, Option<Micros>>(7)?) {
            (Some(Outcome::Value(value)), Some(Micros(at))) => Some(Settled::Done { value, at }),
            (Some(Outcome::Error(error)), Some(Micros(at))) => Some(Settled::Failed { error, at }),
            _ => None,
        };
        let Term(hash) = row.get(2)?;
        let asked = row.get::<_, u32>(8)? as usize;
        journal.push((row.get(9)?, Entry { key, call: row.get(1)?, hash, line: row.get(3)?, asked, settled }));
    }
    journal.sort_by_key(|(ordinal, _)| *ordinal);
    Ok(journal.into_iter().map(|(_, entry)| entry).collect())
}

/// What a step came to.
pub(super) enum Outcome {
    Value(JsonText),
    Error(StepError),
}

/// Reads the outcome in columns `at` and `at + 1`; none for a step that did not end by itself.
pub(super) fn outcome(
    row: &Row<'_>,
    at: usize,
    status: StepStatus,
    run: i64,
    key: &StepKey,
) -> Result<Option<Outcome>, StoreError> {
    if matches!(status, StepStatus::Pending | StepStatus::Cancelled) {
        return Ok(None);
    }
    let text: String = row.get(at)?;
    unseal(&[word(status), &text], row.get(at + 1)?, || format!("outcome of step {key} of run number {run}"))?;
    Ok(Some(match status {
        StepStatus::Failed => Outcome::Error(row.get::<_, Json<_>>(at)?.0),
        _ => Outcome::Value(row.get::<_, Json<_>>(at)?.0),
    }))
}

fn word(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Pending => "pending",
        StepStatus::Done => "done",
        StepStatus::Failed => "failed",
        StepStatus::Cancelled => "cancelled",
    }
}
