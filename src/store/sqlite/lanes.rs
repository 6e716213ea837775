//! How lanes stand: one row a connection, written over at each change.

use super::values::{Micros, Term};
use crate::store::{LaneRecord, StoreError};
use rusqlite::Connection;

/// Every lane that was ever recorded, by connection.
pub(super) fn all(db: &Connection) -> Result<Vec<LaneRecord>, StoreError> {
    let mut lanes =
        db.prepare_cached("SELECT connection, state, since, until, openings FROM lanes ORDER BY connection")?;
    let lanes = lanes.query_map([], |row| {
        Ok(LaneRecord {
            connection: row.get(0)?,
            state: row.get::<_, Term<_>>(1)?.0,
            since: row.get::<_, Micros>(2)?.0,
            until: row.get::<_, Option<Micros>>(3)?.map(|Micros(until)| until),
            openings: row.get(4)?,
        })
    })?;
    Ok(lanes.collect::<Result<_, _>>()?)
}

/// Records how a lane stands now.
pub(super) fn record(db: &Connection, lane: &LaneRecord) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO lanes (connection, state, since, until, openings) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((
        &lane.connection,
        lane.state.as_str(),
        Micros(lane.since),
        lane.until.map(Micros),
        lane.openings,
    ))?;
    Ok(())
}
