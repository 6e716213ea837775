//! Runs that a step of another run has started: begun with the step, ending it with their own end.

use super::runs::{self, Creation, End, Known, Parent};
use super::steps::{self, Ending};
use super::updates;
use crate::clock::Timestamp;
use crate::playbook::{StepError, StepKey};
use crate::store::{ChildRun, StoreError};
use rusqlite::Connection;
use serde_json::Value;

/// How deep runs start one another, and how many one run and those it started may start in all.
const DEPTH: u32 = 4;
const FAMILY: u32 = 100;

/// Starts a run for a step that is recorded already. If it may not be, the step fails.
pub(super) fn start(
    db: &Connection,
    run: &Known,
    key: &StepKey,
    child: &ChildRun,
    input: &Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (root, depth): (i64, u32) = db
        .prepare_cached("SELECT coalesce(root, seq), depth FROM runs WHERE seq = ?1")?
        .query_row([run.number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let family: u32 = db
        .prepare_cached("SELECT count(*) FROM runs INDEXED BY runs_of_root WHERE root IS NOT NULL AND root = ?1")?
        .query_row([root], |row| row.get(0))?;
    let refused = if depth + 1 > DEPTH {
        Some(("limit", format!("playbooks start one another at most {DEPTH} deep")))
    } else if family >= FAMILY {
        Some(("limit", format!("one run starts at most {FAMILY} others in all")))
    } else {
        let parent = Parent { run: run.number, key, root, depth: depth + 1, input };
        match runs::create(db, run.alert, &child.run, &child.generation, Some(&parent), now)? {
            Creation::Created => {
                updates::same_as(db, &child.run.id, run.number)?;
                None
            }
            Creation::Limited(limit) => {
                let playbook = &child.run.program.id;
                Some(("rate_limited", format!("`{playbook}` has run {} times within its window already", limit.runs)))
            }
        }
    };
    match refused {
        None => Ok(()),
        Some((kind, message)) => fail(db, run.number, key, kind, message, now),
    }
}

/// The child has ended: so has the step that waits for it.
pub(super) fn tell(
    db: &Connection,
    parent: i64,
    key: &StepKey,
    end: &End<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    match end {
        End::Done(value) => steps::settle(db, parent, key, &Ending::Done(value), now).map(|_| ()),
        End::Failed(error) => fail(db, parent, key, "playbook", format!("the playbook failed: {}", error.message), now),
        End::Cancelled(error) => fail(db, parent, key, "cancelled", error.message.clone(), now),
        End::Expired => fail(db, parent, key, "expired", "the playbook did not end in time".to_owned(), now),
    }
}

/// The parent has ended: so do the runs it waits for.
pub(super) fn cancel(db: &Connection, parent: i64, now: Timestamp) -> Result<(), StoreError> {
    let children: Vec<i64> = db
        .prepare_cached(
            "SELECT seq FROM runs INDEXED BY runs_of_parent WHERE parent IS NOT NULL AND parent = ?1 AND ended IS NULL",
        )?
        .query_map([parent], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let error = runs::cancelled("the run that started it has ended");
    for child in children {
        runs::end(db, child, &End::Cancelled(&error), now)?;
    }
    Ok(())
}

fn fail(
    db: &Connection,
    run: i64,
    key: &StepKey,
    kind: &str,
    message: String,
    now: Timestamp,
) -> Result<(), StoreError> {
    let error = StepError {
        kind: kind.to_owned(),
        status: None,
        body: Value::Null,
        attempts: 0,
        message,
        step: key.to_string(),
    };
    steps::settle(db, run, key, &Ending::Failed(&error), now)?;
    Ok(())
}
