//! Generations of rules: each file's content once, however many generations hold it.

use super::values::{Json, Micros, json};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::{Revision, SourceFile, SourceKind, Sources};
use crate::store::{Generation, StoreError};
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;

/// A set of more files has several lists, so that a change of one file writes a part of them anew.
const FILES_A_LIST: usize = 128;
/// Lists of a large set.
const LISTS: usize = 64;

/// A generation as it is written down.
#[derive(Debug)]
pub(super) struct Manifest {
    digest: String,
    revision: Option<Revision>,
    /// The digests of its lists; none of one that is written down already.
    lists: Option<Vec<String>>,
}

/// Files by name, each with the digest of what it holds.
type List = Vec<(String, String)>;

/// What a file or a list holds.
#[derive(Debug)]
pub(super) struct Content {
    digest: String,
    bytes: Vec<u8>,
}

/// What is not written down yet of what a generation's files and lists hold.
pub(super) fn missing(db: &Connection, generation: &Generation) -> Result<(Vec<Content>, Manifest), StoreError> {
    let (digest, revision) = (generation.digest.to_string(), generation.revision.clone());
    if is_known(db, &digest)? {
        return Ok((Vec::new(), Manifest { digest, revision, lists: None }));
    }
    let count = if generation.files.len() > FILES_A_LIST { LISTS } else { 1 };
    let (mut contents, mut lists) = (Vec::new(), vec![Vec::new(); count]);
    let mut known = db.prepare_cached("SELECT 1 FROM sources WHERE digest = ?1")?;
    let mut digest_of = |bytes: &[u8]| {
        let digest = Digest::of(bytes).to_string();
        if !known.exists([&digest])? {
            contents.push(Content { digest: digest.clone(), bytes: bytes.to_vec() });
        }
        Ok::<_, StoreError>(digest)
    };
    for file in generation.files.iter() {
        // Names spread over the lists by themselves, wherever they lie: a file stays in its list when others come and go.
        let list = usize::from(Digest::of(file.name.as_bytes()).half()[0]) % count;
        lists[list].push((&file.name, digest_of(&file.bytes)?));
    }
    let lists = lists.iter().map(|list| digest_of(json(list).as_bytes())).collect::<Result<_, _>>()?;
    Ok((contents, Manifest { digest, revision, lists: Some(lists) }))
}

impl Content {
    /// How many bytes it is.
    pub fn weight(&self) -> usize {
        self.bytes.len()
    }
}

/// Writes down what files hold.
pub(super) fn insert(db: &Connection, contents: &[Content]) -> Result<(), StoreError> {
    for Content { digest, bytes } in contents {
        db.prepare_cached("INSERT INTO sources (digest, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute((digest, bytes))?;
    }
    Ok(())
}

/// Writes down a generation, once what its files hold is. False, if it was thought to be and is not.
pub(super) fn keep(db: &Connection, manifest: &Manifest, now: Timestamp) -> Result<bool, StoreError> {
    if is_known(db, &manifest.digest)? {
        return Ok(true);
    }
    let Some(lists) = &manifest.lists else { return Ok(false) };
    db.prepare_cached("INSERT INTO generations (digest, decided, lists) VALUES (?1, ?2, ?3)")?.execute((
        &manifest.digest,
        Micros(now),
        json(lists),
    ))?;
    Ok(true)
}

/// Notes that a generation decides from now on, on the commit it stands on.
pub(super) fn decides(db: &Connection, manifest: &Manifest, now: Timestamp) -> Result<(), StoreError> {
    let revision = manifest.revision.as_ref();
    db.prepare_cached(
        "INSERT INTO revisions (generation, commit_id, dirty, author, commit_time, decided)
         SELECT seq, ?2, ?3, ?4, ?5, ?6 FROM generations WHERE digest = ?1 ON CONFLICT DO NOTHING",
    )?
    .execute((
        &manifest.digest,
        revision.map_or("", |revision| &revision.commit),
        revision.is_some_and(|revision| revision.dirty),
        revision.and_then(|revision| revision.author.as_deref()),
        revision.and_then(|revision| revision.commit_time).map(Micros),
        Micros(now),
    ))?;
    Ok(())
}

fn is_known(db: &Connection, digest: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM generations WHERE digest = ?1")?.exists([digest])?)
}

/// A generation as it was kept, with the commit it was first known to stand on.
pub(super) fn find(db: &Connection, digest: &Digest) -> Result<Option<Generation>, StoreError> {
    let mut kept = db.prepare_cached("SELECT seq, lists, files FROM generations WHERE digest = ?1")?;
    let row = |row: &Row<'_>| -> rusqlite::Result<(i64, Vec<String>, List)> {
        let lists = row.get::<_, Option<Json<Vec<String>>>>(1)?.map(|Json(lists)| lists);
        let own = row.get::<_, Option<Json<List>>>(2)?.map(|Json(own)| own);
        Ok((row.get(0)?, lists.unwrap_or_default(), own.unwrap_or_default()))
    };
    let Some((number, lists, mut list)) = kept.query_row([digest.to_string()], row).optional()? else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("generation {digest}"));
    let mut content = db.prepare_cached("SELECT content FROM sources WHERE digest = ?1")?;
    let mut held = |digest: &str| -> Result<Vec<u8>, StoreError> {
        content.query_row([digest], |row| row.get(0)).optional()?.ok_or_else(corrupt)
    };
    for digest in lists {
        let part: List = serde_json::from_slice(&held(&digest)?).map_err(|_| corrupt())?;
        list.extend(part);
    }
    list.sort();
    let mut files = Vec::with_capacity(list.len());
    for (name, digest) in list {
        files.push(file(name, held(&digest)?).ok_or_else(corrupt)?);
    }
    let sources = Sources { files, revision: None };
    if sources.generation() != *digest {
        return Err(corrupt());
    }
    let revision = db
        .prepare_cached(
            "SELECT commit_id, dirty, author, commit_time FROM revisions WHERE generation = ?1 ORDER BY decided LIMIT 1",
        )?
        .query_row([number], revision)
        .optional()?;
    let revision = revision.filter(|revision| !revision.commit.is_empty());
    Ok(Some(Generation { digest: *digest, revision, files: sources.files.into() }))
}

fn revision(row: &Row<'_>) -> rusqlite::Result<Revision> {
    Ok(Revision {
        commit: row.get(0)?,
        dirty: row.get(1)?,
        author: row.get(2)?,
        commit_time: row.get::<_, Option<Micros>>(3)?.map(|Micros(at)| at),
    })
}

/// None for a name that no set gives a file.
fn file(name: String, bytes: Vec<u8>) -> Option<SourceFile> {
    let kind = match name.split_once('/') {
        Some(("rules", below)) => SourceKind::in_rules(below),
        Some(("playbooks", below)) => SourceKind::in_playbooks(below),
        _ => None,
    };
    kind.map(|kind| SourceFile { path: Path::new(&name).into(), name, kind, bytes })
}
