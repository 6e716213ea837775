//! Versions of filters, and those that are held.

use super::hits::hour;
use super::values::{Micros, Term};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::RuleId;
use crate::store::{FilterVersion, StoreError};
use rusqlite::{Connection, Row};

/// Those of these versions that are not the ones last seen.
pub(super) fn unknown(db: &Connection, versions: Vec<(RuleId, Digest)>) -> Result<Vec<(RuleId, Digest)>, StoreError> {
    let mut known = db.prepare_cached("SELECT 1 FROM filter_versions WHERE filter = ?1 AND text = ?2")?;
    let mut unknown = Vec::new();
    for (filter, text) in versions {
        if !known.exists((filter.as_str(), text.to_string()))? {
            unknown.push((filter, text));
        }
    }
    Ok(unknown)
}

/// Takes note of versions. One that is known stays as it is; another one is new, and neither held nor vouched for.
pub(super) fn note(db: &Connection, versions: &[(RuleId, Digest)], now: Timestamp) -> Result<(), StoreError> {
    for (filter, text) in versions {
        db.prepare_cached(
            "INSERT INTO filter_versions (filter, text, since, earlier)
             VALUES (?1, ?2, ?3, coalesce((SELECT count FROM dismissals WHERE hour = ?4 AND filter = ?1), 0))
             ON CONFLICT (filter) DO UPDATE SET text = excluded.text, since = excluded.since, earlier = excluded.earlier,
                 vouched = 0, held = NULL, held_why = NULL WHERE text <> excluded.text",
        )?
        .execute((filter.as_str(), text.to_string(), Micros(now), hour(now)))?;
    }
    Ok(())
}

/// Every version, or those that are held.
pub(super) fn list(db: &Connection, only_held: bool) -> Result<Vec<FilterVersion>, StoreError> {
    let sql = if only_held {
        "SELECT filter, text, since, vouched, held, held_why, earlier FROM filter_versions WHERE held IS NOT NULL"
    } else {
        "SELECT filter, text, since, vouched, held, held_why, earlier FROM filter_versions"
    };
    let mut rows = db.prepare_cached(sql)?;
    let rows = rows.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<FilterVersion> {
    let held = row.get::<_, Option<Micros>>(4)?.map(|Micros(since)| since);
    let why = row.get::<_, Option<String>>(5)?.unwrap_or_default();
    Ok(FilterVersion {
        filter: row.get::<_, Term<RuleId>>(0)?.0,
        text: row.get::<_, Term<Digest>>(1)?.0,
        since: row.get::<_, Micros>(2)?.0,
        earlier: u64::from(row.get::<_, u32>(6)?),
        vouched: row.get(3)?,
        held: held.map(|since| (since, why)),
    })
}

/// Holds a version, unless it is held or vouched for already, or not the one that was last seen. Whether it did.
pub(super) fn hold(
    db: &Connection,
    filter: &RuleId,
    text: &Digest,
    why: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let held = db
        .prepare_cached(
            "UPDATE filter_versions SET held = ?3, held_why = ?4
             WHERE filter = ?1 AND text = ?2 AND held IS NULL AND vouched = 0",
        )?
        .execute((filter.as_str(), text.to_string(), Micros(now), why))?;
    Ok(held > 0)
}

/// Vouches for a version: it is held no longer and will not be. Whether it was held.
pub(super) fn vouch(db: &Connection, filter: &RuleId) -> Result<bool, StoreError> {
    let released = db
        .prepare_cached(
            "UPDATE filter_versions SET held = NULL, held_why = NULL, vouched = 1 WHERE filter = ?1 AND held IS NOT NULL",
        )?
        .execute([filter.as_str()])?;
    Ok(released > 0)
}
