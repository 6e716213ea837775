//! Numbers for metrics and `status`.

use super::values::Term;
use crate::alert::Status;
use crate::store::{RunStatus, StoreCounts, StoreError};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

/// Counts by status, those without any included, and requests by connection. Reads indexes only.
pub(super) fn counts(db: &Connection) -> Result<StoreCounts, StoreError> {
    let alerts = grouped::<Status>(db, "SELECT status, count(*) FROM alerts GROUP BY status")?;
    let runs = grouped::<RunStatus>(db, "SELECT status, count(*) FROM runs GROUP BY status")?;
    Ok(StoreCounts {
        alerts: every(&Status::ALL, &alerts),
        runs: every(&RunStatus::ALL, &runs),
        requests: requests(db)?,
        approvals: one(db, "SELECT count(*) FROM approvals WHERE status = 'pending'")?,
        dead_letters: one(db, "SELECT count(*) FROM dead_letters WHERE status = 'dead'")?,
    })
}

/// Requests that wait to be sent, by connection. Reads two indexes that hold nothing else.
pub(super) fn requests(db: &Connection) -> Result<Vec<(String, u64)>, StoreError> {
    let mut requests = db.prepare_cached(
        "SELECT connection, sum(waiting) FROM (
             SELECT connection, count(*) AS waiting FROM steps INDEXED BY steps_request
                 WHERE status = 'pending' AND connection IS NOT NULL GROUP BY connection
             UNION ALL
             SELECT connection, count(*) FROM dead_letters INDEXED BY dead_letters_due
                 WHERE status = 'redriven' GROUP BY connection
         ) GROUP BY connection ORDER BY connection",
    )?;
    let requests = requests.query_map([], |row| Ok((row.get(0)?, u64::from(row.get::<_, u32>(1)?))))?;
    Ok(requests.collect::<Result<_, _>>()?)
}

fn one(db: &Connection, sql: &str) -> Result<u64, StoreError> {
    Ok(u64::from(db.prepare_cached(sql)?.query_row([], |row| row.get::<_, u32>(0))?))
}

fn grouped<T: DeserializeOwned>(db: &Connection, sql: &str) -> Result<Vec<(T, u64)>, StoreError> {
    let mut groups = db.prepare_cached(sql)?;
    let groups = groups.query_map([], |row| Ok((row.get::<_, Term<T>>(0)?.0, u64::from(row.get::<_, u32>(1)?))))?;
    Ok(groups.collect::<Result<_, _>>()?)
}

fn every<T: Copy + PartialEq>(all: &[T], counted: &[(T, u64)]) -> Vec<(T, u64)> {
    let count = |status: &T| counted.iter().find(|(counted, _)| counted == status).map_or(0, |(_, count)| *count);
    all.iter().map(|status| (*status, count(status))).collect()
}
