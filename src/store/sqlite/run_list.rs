//! Lists of runs, newest first, a page at a time.

use super::cursor;
use super::values::{Json, Micros, Term};
use crate::store::{Page, RunQuery, RunStatus, RunSummary, StoreError};
use rusqlite::{Connection, Row, named_params};
use std::cmp::Reverse;

/// The columns `summary` reads; the first is the run's number.
pub(super) const COLUMNS: &str = "runs.seq, runs.id, runs.playbook, alerts.id, runs.status, runs.result, runs.error,
    runs.generation, runs.started, runs.ended, (SELECT id FROM runs AS parent WHERE parent.seq = runs.parent) FROM runs JOIN alerts ON alerts.seq = runs.alert";

/// A page of runs.
pub(super) fn list(db: &Connection, query: &RunQuery) -> Result<Page<RunSummary>, StoreError> {
    let limit = cursor::page_size(query.limit)?;
    let shape = format!("{:?}", RunQuery { cursor: None, limit: 0, ..query.clone() });
    let after = query.cursor.as_ref().map_or(Ok(i64::MAX), |cursor| cursor::read(&shape, cursor))?;
    let mut found = Vec::new();
    if query.status.is_empty() {
        found = branch(db, query, None, after, limit + 1)?;
    }
    for status in &query.status {
        found.extend(branch(db, query, Some(*status), after, limit + 1)?);
    }
    found.sort_by_key(|(number, _)| Reverse(*number));
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|(number, _)| cursor::write(&shape, number));
    Ok(Page { items: found.into_iter().map(|(_, summary)| summary).collect(), next_cursor })
}

/// The runs with one status, or all. The narrowest filter given names the index; the others only test what it finds.
fn branch(
    db: &Connection,
    query: &RunQuery,
    status: Option<RunStatus>,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, RunSummary)>, StoreError> {
    let narrow = match (&query.alert_id, &query.playbook, status) {
        (Some(_), ..) => "runs.alert = (SELECT seq FROM alerts WHERE id = :alert)",
        (None, _, Some(_)) => "runs.status = :status",
        (None, Some(_), None) => "runs.playbook = :playbook",
        (None, None, None) => "TRUE",
    };
    let sql = format!(
        "SELECT {COLUMNS}
         WHERE {narrow} AND runs.seq < :after
             AND (:alert IS NULL OR alerts.id = :alert)
             AND (:playbook IS NULL OR runs.playbook = :playbook)
             AND (:status IS NULL OR runs.status = :status)
         ORDER BY runs.seq DESC LIMIT :limit"
    );
    let mut branch = db.prepare_cached(&sql)?;
    let rows = branch.query_map(
        named_params! {
            ":alert": query.alert_id,
            ":playbook": query.playbook,
            ":status": status.map(RunStatus::as_str),
            ":after": after,
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        },
        summary,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads a run's number and summary.
pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<(i64, RunSummary)> {
    let Micros(started_time) = row.get(8)?;
    let summary = RunSummary {
        id: row.get::<_, Term<_>>(1)?.0,
        playbook: row.get::<_, Term<_>>(2)?.0,
        alert_id: row.get::<_, Term<_>>(3)?.0,
        status: row.get::<_, Term<_>>(4)?.0,
        result: row.get::<_, Option<Json<_>>>(5)?.map(|Json(value)| value),
        error: row.get::<_, Option<Json<_>>>(6)?.map(|Json(error)| error),
        parent_id: row.get::<_, Option<Term<_>>>(10)?.map(|Term(id)| id),
        generation: row.get::<_, Term<_>>(7)?.0,
        started_time,
        ended_time: row.get::<_, Option<Micros>>(9)?.map(|Micros(at)| at),
    };
    Ok((row.get(0)?, summary))
}
