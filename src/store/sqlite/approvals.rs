//! Questions to people: asked with the step that waits for them, answered once.

use super::activity;
use super::steps::{self, Ending};
use super::values::{Micros, Term};
use super::waiting::List;
use crate::clock::Timestamp;
use crate::id::ApprovalId;
use crate::playbook::{ApprovalSpec, StepError, StepKey};
use crate::store::{Activity, Approval, ApprovalAnswer, ApprovalStatus, Page, StoreError, WaitingQuery, Wish};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

/// Asks.
pub(super) fn ask(
    db: &Connection,
    run: i64,
    key: &StepKey,
    id: &ApprovalId,
    spec: &ApprovalSpec,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO approvals (id, run, key, ask, recipient, otherwise, asked, until, status)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        id.as_str(),
        run,
        key.0,
        spec.ask,
        spec.to,
        spec.otherwise,
        Micros(now),
        Micros(steps::later(now, spec.within_ms))
    ])?;
    Ok(())
}

/// Answers a question, unless that is no longer possible.
pub(super) fn answer(
    db: &Connection,
    id: &ApprovalId,
    answer: &ApprovalAnswer,
    now: Timestamp,
) -> Result<Wish<ApprovalStatus>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT approvals.run, approvals.key, approvals.status, approvals.until, approvals.ask, runs.alert
             FROM approvals JOIN runs ON runs.seq = approvals.run WHERE approvals.id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            let (Term(status), Micros(until)) = (row.get(2)?, row.get(3)?);
            Ok((row.get(0)?, StepKey(row.get(1)?), status, until, row.get::<_, String>(4)?, row.get(5)?))
        })
        .optional()?;
    let Some((run, key, status, until, ask, alert)) = found else { return Ok(Wish::NotFound) };
    // Its time may be over though nobody has noticed yet: then silence has answered.
    let status = if status == ApprovalStatus::Pending && until <= now { ApprovalStatus::Expired } else { status };
    if status != ApprovalStatus::Pending {
        return Ok(Wish::TooLate(status));
    }
    let ApprovalAnswer { approved, by, comment } = answer;
    let status = if *approved { ApprovalStatus::Approved } else { ApprovalStatus::Denied };
    db.prepare_cached("UPDATE approvals SET status = ?2, answered = ?3, answered_by = ?4, comment = ?5 WHERE id = ?1")?
        .execute((id.as_str(), status.as_str(), Micros(now), by, comment))?;
    let value = json!({"approved": approved, "by": by, "at": now, "comment": comment});
    steps::settle(db, run, &key, &Ending::Done(&value), now)?;
    let activity = Activity {
        time: now,
        actor: by.clone(),
        action: status.as_str().to_owned(),
        detail: ask,
        why: comment.clone(),
    };
    activity::add(db, alert, &activity)?;
    Ok(Wish::Granted)
}

/// Nobody answered in time: the step ends as its script has said.
pub(super) fn expire(
    db: &Connection,
    run: i64,
    key: &StepKey,
    spec: &ApprovalSpec,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE approvals SET status = 'expired', answered = ?3 WHERE run = ?1 AND key = ?2 AND status = 'pending'",
    )?
    .execute((run, &key.0, Micros(now)))?;
    const SILENCE: &str = "nobody answered in time";
    match spec.otherwise {
        Some(approved) => {
            let value = json!({"approved": approved, "by": null, "at": now, "comment": SILENCE});
            steps::settle(db, run, key, &Ending::Done(&value), now)?;
        }
        None => {
            let error = StepError {
                kind: "timeout".to_owned(),
                status: None,
                body: Value::Null,
                attempts: 0,
                message: SILENCE.to_owned(),
                step: key.to_string(),
            };
            steps::settle(db, run, key, &Ending::Failed(&error), now)?;
        }
    }
    Ok(())
}

/// The run has ended, and its questions with it.
pub(super) fn cancel(db: &Connection, run: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE approvals INDEXED BY approvals_of_run SET status = 'cancelled' WHERE run = ?1 AND status = 'pending'",
    )?
    .execute([run])?;
    Ok(())
}

const COLUMNS: &str = "approvals.seq, approvals.id, approvals.ask, approvals.recipient, approvals.status,
    approvals.otherwise, approvals.asked, approvals.until, approvals.answered_by, approvals.comment, approvals.answered,
    runs.id, runs.playbook, alerts.id
    FROM approvals JOIN runs ON runs.seq = approvals.run JOIN alerts ON alerts.seq = runs.alert";

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Approval)> {
    let (Micros(asked_time), Micros(until_time)) = (row.get(6)?, row.get(7)?);
    let otherwise = row.get::<_, Option<bool>>(5)?;
    let approval = Approval {
        id: row.get::<_, Term<_>>(1)?.0,
        ask: row.get(2)?,
        to: row.get(3)?,
        status: row.get::<_, Term<_>>(4)?.0,
        otherwise: otherwise.map(|approved| if approved { "approve" } else { "deny" }.to_owned()),
        asked_time,
        until_time,
        by: row.get(8)?,
        comment: row.get(9)?,
        answered_time: row.get::<_, Option<Micros>>(10)?.map(|Micros(at)| at),
        run_id: row.get::<_, Term<_>>(11)?.0,
        playbook: row.get::<_, Term<_>>(12)?.0,
        alert_id: row.get::<_, Term<_>>(13)?.0,
    };
    Ok((row.get(0)?, approval))
}

/// One question.
pub(super) fn find(db: &Connection, id: &ApprovalId) -> Result<Option<Approval>, StoreError> {
    let found = db
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE approvals.id = ?1"))?
        .query_row([id.as_str()], read)
        .optional()?;
    Ok(found.map(|(_, approval)| approval))
}

/// A page of questions, oldest first.
pub(super) fn list(db: &Connection, query: &WaitingQuery<ApprovalStatus>) -> Result<Page<Approval>, StoreError> {
    let list = List { columns: COLUMNS, number: "approvals.seq", status: "approvals.status", connection: "NULL" };
    list.page(db, query, ApprovalStatus::as_str, read)
}
