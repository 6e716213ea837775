//! What a playbook's runs keep for each other.

use super::runs::Known;
use super::values::{Json, Micros, json};
use crate::clock::Timestamp;
use crate::playbook::{StepError, StepKey};
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

/// Most values of one playbook.
const VALUES: u32 = 1000;

/// What is kept under a key, if its time is not over; null if nothing is.
pub(super) fn get(
    db: &Connection,
    playbook: &str,
    key: &str,
    now: Timestamp,
) -> Result<Result<Value, StepError>, StoreError> {
    let kept = db
        .prepare_cached("SELECT value FROM state WHERE playbook = ?1 AND key = ?2 AND until > ?3")?
        .query_row((playbook, key, Micros(now)), |row| Ok(row.get::<_, Json<Value>>(0)?.0))
        .optional()?;
    Ok(Ok(kept.unwrap_or(Value::Null)))
}

/// Keeps a value; null forgets what was kept. A playbook that keeps too many is told so.
pub(super) fn put(
    db: &Connection,
    run: &Known,
    step: &StepKey,
    key: &str,
    value: &Value,
    until: Timestamp,
    now: Timestamp,
) -> Result<Result<Value, StepError>, StoreError> {
    db.prepare_cached("DELETE FROM state WHERE until <= ?1")?.execute([Micros(now)])?;
    if value.is_null() {
        db.prepare_cached("DELETE FROM state WHERE playbook = ?1 AND key = ?2")?.execute((&run.playbook, key))?;
        return Ok(Ok(Value::Null));
    }
    let others: u32 = db
        .prepare_cached("SELECT count(*) FROM state WHERE playbook = ?1 AND key <> ?2")?
        .query_row((&run.playbook, key), |row| row.get(0))?;
    if others >= VALUES {
        return Ok(Err(StepError {
            kind: "limit".to_owned(),
            status: None,
            body: Value::Null,
            attempts: 0,
            message: format!("a playbook keeps at most {VALUES} values; forget some by putting `()`"),
            step: step.to_string(),
        }));
    }
    db.prepare_cached(
        "INSERT INTO state (playbook, key, value, until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (playbook, key) DO UPDATE SET value = excluded.value, until = excluded.until",
    )?
    .execute((&run.playbook, key, json(value), Micros(until)))?;
    Ok(Ok(Value::Null))
}
