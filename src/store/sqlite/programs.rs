//! The content of playbooks, kept once however many runs need it.

use super::seal::{seal, unseal};
use super::values::json;
use crate::digest::Digest;
use crate::playbook::Program;
use crate::store::{NewRun, StoreError};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Most programs kept in memory.
const KEPT: usize = 128;

/// The number of a run's program, stored now if it was not before.
pub(super) fn number(db: &Connection, run: &NewRun) -> Result<i64, StoreError> {
    let digest = run.digest.to_string();
    let known = db
        .prepare_cached("SELECT seq FROM programs WHERE digest = ?1")?
        .query_row([&digest], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    let content = json(run.program.as_ref());
    db.prepare_cached("INSERT INTO programs (digest, content, seal) VALUES (?1, ?2, ?3)")?.execute((
        &digest,
        &content,
        seal(&[&content]),
    ))?;
    Ok(db.last_insert_rowid())
}

/// Programs read before.
#[derive(Debug, Default)]
pub(super) struct Programs(Mutex<HashMap<Digest, Arc<Program>>>);

impl Programs {
    /// The program with this digest.
    pub fn get(&self, db: &Connection, digest: Digest) -> Result<Arc<Program>, StoreError> {
        if let Some(program) = self.0.lock().expect("no holder of this lock panics").get(&digest) {
            return Ok(Arc::clone(program));
        }
        let program = Arc::new(read(db, digest)?);
        let mut kept = self.0.lock().expect("no holder of this lock panics");
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(digest, Arc::clone(&program));
        Ok(program)
    }
}

fn read(db: &Connection, digest: Digest) -> Result<Program, StoreError> {
    let (content, sealed): (String, i64) = db
        .prepare_cached("SELECT content, seal FROM programs WHERE digest = ?1")?
        .query_row([digest.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let corrupt = || format!("program {digest}");
    unseal(&[&content], sealed, corrupt)?;
    serde_json::from_str(&content).map_err(|error| StoreError::Corrupt(format!("{}: {error}", corrupt())))
}
