//! Facts about the whole daemon that survive a restart.

use super::values::{Json, json};
use crate::store::{Disarmed, RolledBack, StoreError};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

const DISARMED: &str = "disarmed";
const ROLLED_BACK: &str = "rolled_back";

/// Whether all playbooks are held, and by whom.
pub(super) fn disarmed(db: &Connection) -> Result<Option<Disarmed>, StoreError> {
    get(db, DISARMED)
}

/// Holds all playbooks, or lets them go on.
pub(super) fn set_disarmed(db: &Connection, disarmed: Option<&Disarmed>) -> Result<(), StoreError> {
    set(db, DISARMED, disarmed)
}

/// Whether a set decides that is not the one the files hold.
pub(super) fn rolled_back(db: &Connection) -> Result<Option<RolledBack>, StoreError> {
    get(db, ROLLED_BACK)
}

/// Notes that one does, or that the files decide.
pub(super) fn set_rolled_back(db: &Connection, rolled_back: Option<&RolledBack>) -> Result<(), StoreError> {
    set(db, ROLLED_BACK, rolled_back)
}

fn get<T: DeserializeOwned>(db: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    let mut found = db.prepare_cached("SELECT value FROM facts WHERE name = ?1")?;
    Ok(found.query_row([name], |row| Ok(row.get::<_, Json<T>>(0)?.0)).optional()?)
}

fn set<T: Serialize>(db: &Connection, name: &str, value: Option<&T>) -> Result<(), StoreError> {
    match value {
        None => db.prepare_cached("DELETE FROM facts WHERE name = ?1")?.execute([name])?,
        Some(value) => db
            .prepare_cached(
                "INSERT INTO facts (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?
            .execute((name, json(value)))?,
    };
    Ok(())
}
