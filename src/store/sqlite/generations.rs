//! The generations that decided: each file's content once, however many generations hold it.

use super::values::Micros;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::{Revision, SourceFile, SourceKind, Sources};
use crate::store::{Generation, StoreError};
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;

/// Keeps a generation, and the commit it stands on now.
pub(super) fn record(db: &Connection, generation: &Generation, now: Timestamp) -> Result<(), StoreError> {
    let number = match known(db, &generation.digest)? {
        Some(number) => number,
        None => insert(db, generation, now)?,
    };
    let revision = generation.revision.as_ref();
    db.prepare_cached(
        "INSERT INTO revisions (generation, commit_id, dirty, author, commit_time, decided)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
    )?
    .execute((
        number,
        revision.map_or("", |revision| &revision.commit),
        revision.is_some_and(|revision| revision.dirty),
        revision.and_then(|revision| revision.author.as_deref()),
        revision.and_then(|revision| revision.commit_time).map(Micros),
        Micros(now),
    ))?;
    Ok(())
}

fn known(db: &Connection, digest: &Digest) -> Result<Option<i64>, StoreError> {
    let mut known = db.prepare_cached("SELECT seq FROM generations WHERE digest = ?1")?;
    Ok(known.query_row([digest.to_string()], |row| row.get(0)).optional()?)
}

fn insert(db: &Connection, generation: &Generation, now: Timestamp) -> Result<i64, StoreError> {
    db.prepare_cached("INSERT INTO generations (digest, decided) VALUES (?1, ?2)")?
        .execute((generation.digest.to_string(), Micros(now)))?;
    let number = db.last_insert_rowid();
    for file in generation.files.iter() {
        let digest = Digest::of(&file.bytes).to_string();
        db.prepare_cached("INSERT INTO sources (digest, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute((&digest, &file.bytes))?;
        db.prepare_cached(
            "INSERT INTO generation_files (generation, name, source)
             VALUES (?1, ?2, (SELECT seq FROM sources WHERE digest = ?3))",
        )?
        .execute((number, &file.name, &digest))?;
    }
    Ok(number)
}

/// A generation as it was kept, with the commit it was first known to stand on.
pub(super) fn find(db: &Connection, digest: &Digest) -> Result<Option<Generation>, StoreError> {
    let Some(number) = known(db, digest)? else { return Ok(None) };
    let mut files = db.prepare_cached(
        "SELECT name, content FROM generation_files JOIN sources ON sources.seq = source
         WHERE generation = ?1 ORDER BY name",
    )?;
    let files = files.query_map([number], file)?.collect::<Result<Vec<_>, _>>()?;
    let corrupt = || StoreError::Corrupt(format!("generation {digest}"));
    let files = files.into_iter().collect::<Option<Vec<_>>>().ok_or_else(corrupt)?;
    let sources = Sources { files, revision: None };
    if sources.generation() != *digest {
        return Err(corrupt());
    }
    let revision = db
        .prepare_cached(
            "SELECT commit_id, dirty, author, commit_time FROM revisions WHERE generation = ?1 ORDER BY decided LIMIT 1",
        )?
        .query_row([number], |row| {
            Ok(Revision {
                commit: row.get(0)?,
                dirty: row.get(1)?,
                author: row.get(2)?,
                commit_time: row.get::<_, Option<Micros>>(3)?.map(|Micros(at)| at),
            })
        })
        .optional()?;
    let revision = revision.filter(|revision| !revision.commit.is_empty());
    Ok(Some(Generation { digest: *digest, revision, files: sources.files.into() }))
}

/// None for a name that no set gives a file.
fn file(row: &Row<'_>) -> rusqlite::Result<Option<SourceFile>> {
    let (name, bytes): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let kind = match name.split_once('/') {
        Some(("rules", below)) => SourceKind::in_rules(below),
        Some(("playbooks", below)) => SourceKind::in_playbooks(below),
        _ => None,
    };
    Ok(kind.map(|kind| SourceFile { path: Path::new(&name).into(), name, kind, bytes }))
}
