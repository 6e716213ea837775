//! What time brings: the end of a sleep, the end of a run, and what comes next.

use super::runs::{self, End};
use super::seal::unseal;
use super::steps::{self, Ending};
use super::values::Micros;
use super::work::Batch;
use super::{approvals, requests};
use crate::clock::Timestamp;
use crate::playbook::{Effect, StepError, StepKey};
use crate::store::{NextWork, Recovered, StoreError};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

/// Ends every sleep that is over, and every question nobody answered in time.
pub(super) fn fire(db: &Connection, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
    let over: Vec<(i64, String, String, i64)> = db
        .prepare_cached(
            "SELECT run, key, effect, effect_seal FROM steps INDEXED BY steps_timer
             WHERE status = 'pending' AND connection IS NULL AND due <= ?1 ORDER BY due LIMIT ?2",
        )?
        .query_map((Micros(now), most(limit)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let fired = over.len();
    for (run, key, effect, sealed) in over {
        let key = StepKey(key);
        let corrupt = || format!("step {key} of run number {run}");
        let read = unseal(&[&effect], sealed, corrupt)
            .and_then(|()| serde_json::from_str(&effect).map_err(|_| StoreError::Corrupt(corrupt())));
        match read {
            Ok(Effect::Approval(spec)) => approvals::expire(db, run, &key, &spec, now)?,
            Ok(_) => _ = steps::settle(db, run, &key, &Ending::Done(&Value::Null), now)?,
            // One record that does not read back must not stop the time of all others.
            Err(fault) => {
                let message = fault.to_string();
                let (kind, step) = ("corrupt".to_owned(), key.to_string());
                let error = StepError { kind, status: None, body: Value::Null, attempts: 0, message, step };
                steps::settle(db, run, &key, &Ending::Failed(&error), now)?;
            }
        }
    }
    Ok(fired)
}

/// Ends every run whose deadline has passed.
pub(super) fn expire(db: &Connection, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
    let late: Vec<i64> = db
        .prepare_cached(
            "SELECT seq FROM runs INDEXED BY runs_by_deadline
             WHERE ended IS NULL AND deadline <= ?1 ORDER BY deadline LIMIT ?2",
        )?
        .query_map((Micros(now), most(limit)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for run in &late {
        runs::end(db, *run, &End::Expired, now)?;
    }
    Ok(late.len())
}

/// What is due next. Reads a handful of index entries, and one more for each claim.
pub(super) fn next(batch: &Batch<'_>) -> Result<NextWork, StoreError> {
    let sleep = earliest(
        batch.db,
        "SELECT due FROM steps INDEXED BY steps_timer
         WHERE status = 'pending' AND connection IS NULL AND due IS NOT NULL ORDER BY due LIMIT 1",
    )?;
    let deadline = earliest(
        batch.db,
        "SELECT deadline FROM runs INDEXED BY runs_by_deadline WHERE ended IS NULL ORDER BY deadline LIMIT 1",
    )?;
    Ok(NextWork {
        runs_ready: runs::any_ready(batch)?,
        next_timer: sleep.into_iter().chain(deadline).min(),
        next_request: requests::next(batch)?,
    })
}

/// What was in flight when the last process ended. Its claims ended with it.
pub(super) fn recover(db: &Connection, now: Timestamp) -> Result<Recovered, StoreError> {
    let runs = db
        .prepare_cached("SELECT count(*) FROM runs INDEXED BY runs_by_deadline WHERE ended IS NULL")?
        .query_row([], |row| row.get::<_, u32>(0))?;
    Ok(Recovered { runs: runs as usize, requests: requests::count_due(db, now)? })
}

fn earliest(db: &Connection, sql: &str) -> Result<Option<Timestamp>, StoreError> {
    let at = db.prepare_cached(sql)?.query_row([], |row| row.get::<_, Micros>(0)).optional()?;
    Ok(at.map(|Micros(at)| at))
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
