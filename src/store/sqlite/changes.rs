//! Which set was in force when, and whether somebody went back to an earlier one.

use super::cursor;
use super::facts;
use super::values::{Json, Micros, Term, json};
use crate::digest::Digest;
use crate::ruleset::Revision;
use crate::store::{ChangeQuery, KEPT_GENERATIONS, NewChange, Page, RulesetChange, StoreError, UntoldChange};
use rusqlite::{Connection, Row};

/// What a cursor of this list is marked with: there is one list.
const LIST: &str = "ruleset changes";

const COLUMNS: &str =
    "at, cause, actor, generation, commit_id, dirty, author, commit_time, filters, playbooks, counts, diff, seq";

/// Records a change and whether it is a step back. Generations that nobody can go back to any more and that decided on no
/// alert are forgotten.
pub(super) fn record(db: &Connection, new: &NewChange) -> Result<(), StoreError> {
    let change = &new.change;
    let revision = change.revision.as_ref();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT INTO ruleset_changes (at, cause, actor, generation, commit_id, dirty, author, commit_time, filters,
             playbooks, counts, diff, untold)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(rusqlite::params![
        Micros(change.at),
        change.cause.as_str(),
        change.by,
        change.generation.to_string(),
        revision.map(|revision| &revision.commit),
        revision.is_some_and(|revision| revision.dirty),
        revision.and_then(|revision| revision.author.as_deref()),
        revision.and_then(|revision| revision.commit_time).map(Micros),
        number(change.filters),
        number(change.playbooks),
        json(&change.counts),
        change.diff,
        new.tell,
    ])?;
    facts::set_rolled_back(db, new.rolled_back.as_ref())?;
    db.prepare_cached(
        "DELETE FROM generations WHERE seq NOT IN (SELECT generation FROM revisions) AND digest NOT IN (
             SELECT generation FROM ruleset_changes GROUP BY generation ORDER BY max(seq) DESC LIMIT ?1)",
    )?
    .execute([number(KEPT_GENERATIONS)])?;
    Ok(())
}

/// A generation stands on another commit now.
pub(super) fn stand(db: &Connection, generation: &Digest, revision: Option<&Revision>) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE ruleset_changes SET commit_id = ?2, dirty = ?3, author = ?4, commit_time = ?5
         WHERE seq = (SELECT max(seq) FROM ruleset_changes WHERE generation = ?1)",
    )?
    .execute((
        generation.to_string(),
        revision.map(|revision| &revision.commit),
        revision.is_some_and(|revision| revision.dirty),
        revision.and_then(|revision| revision.author.as_deref()),
        revision.and_then(|revision| revision.commit_time).map(Micros),
    ))?;
    Ok(())
}

/// The change that each of the generations that decided last began with, newest first: what can be gone back to.
pub(super) fn generations(db: &Connection) -> Result<Vec<RulesetChange>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ruleset_changes WHERE seq IN (
             SELECT max(seq) FROM ruleset_changes WHERE generation IN (SELECT digest FROM generations)
             GROUP BY generation ORDER BY 1 DESC LIMIT ?1)
         ORDER BY seq DESC"
    );
    let mut rows = db.prepare_cached(&sql)?;
    let rows = rows.query_map([i64::try_from(KEPT_GENERATIONS).unwrap_or(i64::MAX)], read)?;
    Ok(rows.map(|row| Ok(row?.change)).collect::<Result<_, rusqlite::Error>>()?)
}

/// A page of all of them, newest first.
pub(super) fn list(db: &Connection, query: &ChangeQuery) -> Result<Page<RulesetChange>, StoreError> {
    let limit = cursor::page_size(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => cursor::read::<i64>(LIST, cursor)?,
        None => i64::MAX,
    };
    let sql = format!("SELECT {COLUMNS} FROM ruleset_changes WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2");
    let mut rows = db.prepare_cached(&sql)?;
    let rows = rows.query_map((before, i64::try_from(limit + 1).unwrap_or(i64::MAX)), read)?;
    let mut found = rows.collect::<Result<Vec<_>, _>>()?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|last| cursor::write(LIST, &last.number));
    Ok(Page { items: found.into_iter().map(|one| one.change).collect(), next_cursor })
}

/// Those that no alert has told of yet, oldest first.
pub(super) fn untold(db: &Connection) -> Result<Vec<UntoldChange>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM ruleset_changes WHERE untold ORDER BY seq LIMIT 100");
    let mut rows = db.prepare_cached(&sql)?;
    Ok(rows.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// An alert has told of it.
pub(super) fn told(db: &Connection, number: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE ruleset_changes SET untold = 0 WHERE seq = ?1")?.execute([number])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<UntoldChange> {
    let micros = |Micros(at): Micros| at;
    let count = |column| row.get::<_, i64>(column).map(|count| usize::try_from(count).unwrap_or_default());
    let commit: Option<String> = row.get(4)?;
    let (dirty, author, commit_time) = (row.get(5)?, row.get(6)?, row.get::<_, Option<Micros>>(7)?.map(micros));
    let change = RulesetChange {
        at: micros(row.get(0)?),
        cause: row.get::<_, Term<_>>(1)?.0,
        by: row.get(2)?,
        generation: row.get::<_, Term<_>>(3)?.0,
        revision: commit.map(|commit| Revision { commit, author, commit_time, dirty }),
        filters: count(8)?,
        playbooks: count(9)?,
        counts: row.get::<_, Json<_>>(10)?.0,
        diff: row.get(11)?,
    };
    Ok(UntoldChange { number: row.get(12)?, change })
}
