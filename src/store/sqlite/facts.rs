//! Facts about the whole daemon that survive a restart.

use super::values::{Json, json};
use crate::store::{Disarmed, StoreError};
use rusqlite::{Connection, OptionalExtension};

const DISARMED: &str = "disarmed";

/// Whether all playbooks are held, and by whom.
pub(super) fn disarmed(db: &Connection) -> Result<Option<Disarmed>, StoreError> {
    let found = db
        .prepare_cached("SELECT value FROM facts WHERE name = ?1")?
        .query_row([DISARMED], |row| Ok(row.get::<_, Json<Disarmed>>(0)?.0))
        .optional()?;
    Ok(found)
}

/// Holds all playbooks, or lets them go on.
pub(super) fn set_disarmed(db: &Connection, disarmed: Option<&Disarmed>) -> Result<(), StoreError> {
    match disarmed {
        None => db.prepare_cached("DELETE FROM facts WHERE name = ?1")?.execute([DISARMED])?,
        Some(disarmed) => db
            .prepare_cached(
                "INSERT INTO facts (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?
            .execute((DISARMED, json(disarmed)))?,
    };
    Ok(())
}
