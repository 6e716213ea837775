//! Texts of filters: those that decide now, and those that are held.

use super::hits::hour;
use super::values::{Micros, Term};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::RuleId;
use crate::store::{FilterVersion, StoreError};
use rusqlite::{Connection, Row};
use std::time::Duration;

/// A text that has not decided for so long is forgotten once its filter has another one.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// Those of these versions that are not the ones last seen.
pub(super) fn unknown(db: &Connection, versions: Vec<(RuleId, Digest)>) -> Result<Vec<(RuleId, Digest)>, StoreError> {
    let mut known = db.prepare_cached("SELECT 1 FROM filter_texts WHERE filter = ?1 AND text = ?2 AND current")?;
    let mut unknown = Vec::new();
    for (filter, text) in versions {
        if !known.exists((filter.as_str(), text.to_string()))? {
            unknown.push((filter, text));
        }
    }
    Ok(unknown)
}

/// Takes note of versions that decide from now on. One that has decided before is held, or vouched for, as it was.
pub(super) fn note(db: &Connection, versions: &[(RuleId, Digest)], now: Timestamp) -> Result<(), StoreError> {
    let forgotten = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    for (filter, text) in versions {
        let text = text.to_string();
        db.prepare_cached("DELETE FROM filter_texts WHERE filter = ?1 AND text <> ?2 AND began < ?3 AND NOT current")?
            .execute((filter.as_str(), &text, Micros(forgotten)))?;
        db.prepare_cached("UPDATE filter_texts SET current = 0 WHERE filter = ?1 AND text <> ?2")?
            .execute((filter.as_str(), &text))?;
        db.prepare_cached(
            "INSERT INTO filter_texts (filter, text, since, began, earlier, current)
             VALUES (?1, ?2, ?3, ?3, coalesce((SELECT count FROM dismissals WHERE hour = ?4 AND filter = ?1), 0), 1)
             ON CONFLICT (filter, text) DO UPDATE SET began = excluded.began, earlier = excluded.earlier, current = 1",
        )?
        .execute((filter.as_str(), &text, Micros(now), hour(now)))?;
    }
    Ok(())
}

/// Every version that decides, or those that are held.
pub(super) fn list(db: &Connection, only_held: bool) -> Result<Vec<FilterVersion>, StoreError> {
    let sql = if only_held {
        "SELECT filter, text, since, began, earlier, vouched, held, held_why FROM filter_texts
         WHERE held IS NOT NULL AND current"
    } else {
        "SELECT filter, text, since, began, earlier, vouched, held, held_why FROM filter_texts WHERE current"
    };
    let mut rows = db.prepare_cached(sql)?;
    let rows = rows.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<FilterVersion> {
    let held = row.get::<_, Option<Micros>>(6)?.map(|Micros(since)| since);
    let why = row.get::<_, Option<String>>(7)?.unwrap_or_default();
    Ok(FilterVersion {
        filter: row.get::<_, Term<RuleId>>(0)?.0,
        text: row.get::<_, Term<Digest>>(1)?.0,
        since: row.get::<_, Micros>(2)?.0,
        began: row.get::<_, Micros>(3)?.0,
        earlier: u64::from(row.get::<_, u32>(4)?),
        vouched: row.get(5)?,
        held: held.map(|since| (since, why)),
    })
}

/// Holds versions, but for those that are held or vouched for already, or do not decide. Which it did hold.
pub(super) fn hold(
    db: &Connection,
    versions: &[(RuleId, Digest, String)],
    now: Timestamp,
) -> Result<Vec<RuleId>, StoreError> {
    let mut held = Vec::new();
    for (filter, text, why) in versions {
        let did = db
            .prepare_cached(
                "UPDATE filter_texts SET held = ?3, held_why = ?4
                 WHERE filter = ?1 AND text = ?2 AND current AND held IS NULL AND vouched = 0",
            )?
            .execute((filter.as_str(), text.to_string(), Micros(now), why))?;
        if did > 0 {
            held.push(filter.clone());
        }
    }
    Ok(held)
}

/// Vouches for the version that decides: it is held no longer and will not be. Whether it was held.
pub(super) fn vouch(db: &Connection, filter: &RuleId) -> Result<bool, StoreError> {
    let released = db
        .prepare_cached(
            "UPDATE filter_texts SET held = NULL, held_why = NULL, vouched = 1
             WHERE filter = ?1 AND current AND held IS NOT NULL",
        )?
        .execute([filter.as_str()])?;
    Ok(released > 0)
}
