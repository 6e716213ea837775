//! Limits of filters: counted where alerts become durable, so that the count is exact however alerts come in.

use super::draft::Draft;
use super::values::Micros;
use crate::clock::Timestamp;
use crate::filter::{MOST_LIMIT_KEYS, Tally};
use crate::store::{LimitClaim, StoreError};
use rusqlite::{Connection, OptionalExtension};

/// Windows that are over and removed whenever a new key comes in: more than one, so that they get fewer.
const SWEPT: u32 = 4;

/// What the limits of an alert make of it.
pub(super) enum Limited<'d> {
    /// It stays as it is, and each of these has one more.
    Stays(&'d Draft, Vec<(&'d LimitClaim, Tally)>),
    /// It exceeds all of them.
    Over(&'d Draft),
    /// It exceeds some of them.
    PartlyOver(Box<Draft>),
}

impl Limited<'_> {
    /// What is stored.
    pub fn draft(&self) -> &Draft {
        match self {
            Self::Stays(draft, _) | Self::Over(draft) => draft,
            Self::PartlyOver(draft) => draft,
        }
    }
}

/// Asks the limits of an alert. Nothing is counted yet: it may turn out to be a repetition.
pub(super) fn apply<'d>(db: &Connection, draft: &'d Draft, now: Timestamp) -> Result<Limited<'d>, StoreError> {
    let Some(over) = &draft.over else { return Ok(Limited::Stays(draft, Vec::new())) };
    let (mut open, mut exceeded) = (Vec::new(), Vec::new());
    for claim in &draft.admission.limits {
        let before = db
            .prepare_cached("SELECT began, count FROM tallies WHERE filter = ?1 AND key = ?2")?
            .query_row((claim.filter.as_str(), claim.key), |row| {
                Ok(Tally { began: row.get::<_, Micros>(0)?.0, count: row.get(1)? })
            })
            .optional()?;
        let tally = Tally::open(before, claim.per, now);
        if tally.is_full(claim.max) {
            exceeded.push(claim);
        }
        open.push((claim, tally));
    }
    Ok(match exceeded.len() {
        0 => Limited::Stays(draft, open),
        all if all == open.len() => Limited::Over(over),
        _ => Limited::PartlyOver(Box::new(Draft::new(draft.admission.over(&exceeded)))),
    })
}

/// Counts an alert that is new and stays as it is.
pub(super) fn count(db: &Connection, limited: &Limited<'_>, now: Timestamp) -> Result<(), StoreError> {
    let Limited::Stays(_, open) = limited else { return Ok(()) };
    for (claim, tally) in open {
        let tally = tally.and_one();
        let until = Micros(tally.began.checked_add(claim.per).unwrap_or(Timestamp::MAX));
        let known = db
            .prepare_cached("UPDATE tallies SET began = ?3, until = ?4, count = ?5 WHERE filter = ?1 AND key = ?2")?
            .execute((claim.filter.as_str(), claim.key, Micros(tally.began), until, tally.count))?;
        if known > 0 {
            continue;
        }
        db.prepare_cached(
            "DELETE FROM tallies WHERE (filter, key) IN
                 (SELECT filter, key FROM tallies WHERE until <= ?1 ORDER BY until LIMIT ?2)",
        )?
        .execute((Micros(now), SWEPT))?;
        let keys: Option<u32> = db
            .prepare_cached("SELECT keys FROM tally_sizes WHERE filter = ?1")?
            .query_row([claim.filter.as_str()], |row| row.get(0))
            .optional()?;
        // What cannot be counted stays active: rather too many alerts are shown than too few.
        if keys.is_none_or(|keys| (keys as usize) < MOST_LIMIT_KEYS) {
            db.prepare_cached("INSERT INTO tallies (filter, key, began, until, count) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute((claim.filter.as_str(), claim.key, Micros(tally.began), until, tally.count))?;
        }
    }
    Ok(())
}
