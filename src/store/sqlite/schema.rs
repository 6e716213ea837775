//! The tables, and how an older database becomes a current one.

use crate::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as ours: "Quel" in ASCII.
const APPLICATION: i32 = 0x5175_656c;

/// Each brings a database one version further. What was released is never edited.
const MIGRATIONS: [&str; 9] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
];

/// Brings the database to the current version, one transaction a step.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let version = db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? as usize;
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let empty: bool = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION && !(empty && version == 0) {
        return Err(StoreError::Unavailable("`quell.db` in the data folder is not a database of Quell".to_owned()));
    }
    if version > MIGRATIONS.len() {
        return Err(newer(version));
    }
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(version) {
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute_batch(sql)?;
        change.pragma_update(None, "user_version", step as i64 + 1)?;
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.commit()?;
    }
    Ok(())
}

/// Whether the database is ours and of a version this Quell can read, without bringing it up to date.
pub(super) fn readable(db: &Connection) -> Result<(), StoreError> {
    let version = db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? as usize;
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION || version == 0 {
        return Err(StoreError::Unavailable("`quell.db` in the data folder is not a database of Quell".to_owned()));
    }
    if version > MIGRATIONS.len() { Err(newer(version)) } else { Ok(()) }
}

fn newer(version: usize) -> StoreError {
    StoreError::Unavailable(format!(
        "the database has version {version}, written by a newer Quell; this one reads up to {}",
        MIGRATIONS.len()
    ))
}

/// Writes one page, to see whether it can be written.
pub(super) fn probe(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE probes SET count = count + 1")?.execute([])?;
    Ok(())
}
