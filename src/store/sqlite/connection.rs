//! Connections to the database, set up for durability and with nothing left to defaults that matter.

use crate::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How far the write-ahead log grows before it is folded into the database; also what it keeps of its size after.
pub(super) const LOG_BYTES: u64 = 64 << 20;

/// How much of the database one who looks on maps; SQLite maps two gigabytes at most.
const MAPPED_BYTES: i64 = 2 << 30;

/// The first release without the fault by which a checkpoint beside a write could lose commits.
const OLDEST_SQLITE: i32 = 3_051_003;

/// The connection that writes. Creates the database if there is none.
pub(super) fn writer(database: &Path) -> Result<Connection, StoreError> {
    let version = rusqlite::version_number();
    if version < OLDEST_SQLITE {
        return Err(StoreError::Unavailable(format!(
            "this build links SQLite {version}, which can lose commits; at least {OLDEST_SQLITE} is needed"
        )));
    }
    let db = open(database, OpenFlags::SQLITE_OPEN_CREATE)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!(
            "the data folder's file system allows no write-ahead log ({mode})"
        )));
    }
    db.pragma_update(None, "journal_size_limit", LOG_BYTES as i64)?;
    db.pragma_update(None, "cache_size", -16 * 1024)?;
    Ok(db)
}

/// A connection that only reads.
pub(super) fn reader(database: &Path) -> Result<Connection, StoreError> {
    let db = open(database, OpenFlags::empty())?;
    db.pragma_update(None, "query_only", true)?;
    db.pragma_update(None, "cache_size", -4 * 1024)?;
    Ok(db)
}

/// A connection that writes nothing, beside a daemon or without one.
pub(super) fn onlooker(database: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(database, flags)?;
    db.busy_timeout(Duration::from_secs(10))?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.pragma_update(None, "query_only", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    // Pages are looked at where the system has them: copying each was half of what reading the past took. The file never
    // shrinks; a disk that fails ends the process that looks on, and no other.
    db.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    Ok(db)
}

/// A connection that folds the log into the database.
pub(super) fn checkpointer(database: &Path) -> Result<Connection, StoreError> {
    open(database, OpenFlags::empty())
}

fn open(database: &Path, more: OpenFlags) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(database, flags | more)?;
    db.busy_timeout(Duration::from_secs(1))?;
    db.set_prepared_statement_cache_capacity(128);
    // A close after a failed sync must not touch the database; a good close checkpoints by itself.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Else a statement over a table with a partial index is planned anew each time its parameters change, which costs
    // several times as much as running it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "foreign_keys", false)?;
    Ok(db)
}
