//! How often filters and playbooks are met: gathered over a group of alerts, written once for all of them.

use super::draft::listed;
use super::values::{Micros, Term};
use crate::clock::Timestamp;
use crate::id::RuleId;
use crate::store::{Admission, BlindSpot, RecentHours, RuleHit, RuleHits, StoreError};
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;

/// Hours that dismissals are kept by the hour.
const KEPT_HOURS: i64 = 31 * 24;

/// Types of alerts that are counted.
const MOST_TYPES: u32 = 10_000;

/// What a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Filter,
    Playbook,
}

/// Hits of one rule.
#[derive(Debug, Clone, Copy)]
struct Tally {
    hits: u32,
    dismissed: u32,
    last: Timestamp,
}

/// Hits that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Hits {
    rules: BTreeMap<(Kind, RuleId), Tally>,
    dismissals: BTreeMap<(i64, RuleId), u32>,
    /// Alerts by the hour.
    accepted: BTreeMap<i64, u32>,
    /// Alerts by type, and how many of them met anything.
    types: BTreeMap<String, (u32, u32, Timestamp)>,
}

impl Hits {
    /// Notes what a new alert has met.
    pub fn note(&mut self, admission: &Admission, now: Timestamp) {
        let verdict = &admission.verdict;
        *self.accepted.entry(hour(now)).or_default() += 1;
        for filter in &verdict.dismissed_by {
            self.hit(Kind::Filter, filter, 1, now);
            *self.dismissals.entry((hour(now), filter.clone())).or_default() += 1;
        }
        verdict.would_dismiss.iter().for_each(|filter| self.hit(Kind::Filter, filter, 0, now));
        verdict.triggered.iter().for_each(|playbook| self.hit(Kind::Playbook, playbook, 0, now));
        let met = [&verdict.dismissed_by, &verdict.would_dismiss, &verdict.triggered].iter().any(|ids| !ids.is_empty());
        self.seen(listed(&admission.alert.alert_type), 1, u32::from(met), now);
    }

    fn seen(&mut self, alert_type: &str, alerts: u32, met: u32, now: Timestamp) {
        match self.types.get_mut(alert_type) {
            Some(seen) => *seen = (seen.0 + alerts, seen.1 + met, seen.2.max(now)),
            None => drop(self.types.insert(alert_type.to_owned(), (alerts, met, now))),
        }
    }

    fn hit(&mut self, kind: Kind, rule: &RuleId, dismissed: u32, now: Timestamp) {
        let tally = self.rules.entry((kind, rule.clone())).or_insert(Tally { hits: 0, dismissed: 0, last: now });
        tally.hits += 1;
        tally.dismissed += dismissed;
        tally.last = tally.last.max(now);
    }

    /// Takes on what one job has gathered.
    pub fn add(&mut self, other: Self) {
        for (rule, more) in other.rules {
            let tally = self.rules.entry(rule).or_insert(Tally { hits: 0, dismissed: 0, last: more.last });
            tally.hits += more.hits;
            tally.dismissed += more.dismissed;
            tally.last = tally.last.max(more.last);
        }
        for (at, more) in other.dismissals {
            *self.dismissals.entry(at).or_default() += more;
        }
        for (hour, more) in other.accepted {
            *self.accepted.entry(hour).or_default() += more;
        }
        for (alert_type, (alerts, met, last)) in other.types {
            self.seen(&alert_type, alerts, met, last);
        }
    }

    /// Writes them, in the transaction that writes the alerts.
    pub fn write(&mut self, db: &Connection) -> Result<(), StoreError> {
        for ((kind, rule), tally) in std::mem::take(&mut self.rules) {
            let kind = match kind {
                Kind::Filter => "filter",
                Kind::Playbook => "playbook",
            };
            db.prepare_cached(
                "INSERT INTO hits (kind, rule, hits, dismissed, last) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (kind, rule) DO UPDATE SET hits = hits + excluded.hits,
                     dismissed = dismissed + excluded.dismissed, last = max(last, excluded.last)",
            )?
            .execute((kind, rule.as_str(), tally.hits, tally.dismissed, Micros(tally.last)))?;
        }
        for ((hour, filter), count) in std::mem::take(&mut self.dismissals) {
            db.prepare_cached(
                "INSERT INTO dismissals (hour, filter, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT (hour, filter) DO UPDATE SET count = count + excluded.count",
            )?
            .execute((hour, filter.as_str(), count))?;
            db.prepare_cached("DELETE FROM dismissals WHERE hour < ?1")?.execute([hour - KEPT_HOURS])?;
        }
        for (hour, count) in std::mem::take(&mut self.accepted) {
            db.prepare_cached(
                "INSERT INTO accepted (hour, count) VALUES (?1, ?2)
                 ON CONFLICT (hour) DO UPDATE SET count = count + excluded.count",
            )?
            .execute((hour, count))?;
            db.prepare_cached("DELETE FROM accepted WHERE hour < ?1")?.execute([hour - KEPT_HOURS])?;
        }
        for (alert_type, (alerts, met, last)) in std::mem::take(&mut self.types) {
            let known = db
                .prepare_cached(
                    "UPDATE alert_types SET alerts = alerts + ?2, met = met + ?3, last = max(last, ?4) WHERE alert_type = ?1",
                )?
                .execute((&alert_type, alerts, met, Micros(last)))?;
            // Types are the sources' own words: there may be no end to them.
            if known == 0 {
                db.prepare_cached(
                    "INSERT INTO alert_types (alert_type, alerts, met, last)
                     SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM alert_types) < ?5",
                )?
                .execute((&alert_type, alerts, met, Micros(last), MOST_TYPES))?;
            }
        }
        Ok(())
    }
}

/// How often every rule was met that ever was.
pub(super) fn all(db: &Connection) -> Result<RuleHits, StoreError> {
    let mut hits = RuleHits::default();
    let mut rows = db.prepare_cached("SELECT kind, rule, hits, dismissed, last FROM hits")?;
    let rows = rows.query_map([], |row| {
        let tally = RuleHit {
            hits: u64::from(row.get::<_, u32>(2)?),
            dismissed: u64::from(row.get::<_, u32>(3)?),
            last: row.get::<_, Micros>(4)?.0,
        };
        Ok((row.get::<_, String>(0)?, row.get::<_, Term<RuleId>>(1)?.0, tally))
    })?;
    for row in rows {
        let (kind, rule, hit) = row?;
        let of = if kind == "filter" { &mut hits.filters } else { &mut hits.playbooks };
        of.insert(rule, hit);
    }
    Ok(hits)
}

/// Dismissals by filter since an instant, to the hour.
pub(super) fn dismissals(db: &Connection, since: Timestamp) -> Result<Vec<(RuleId, u64)>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT filter, sum(count) FROM dismissals WHERE hour >= ?1 GROUP BY filter ORDER BY 2 DESC, 1",
    )?;
    let rows =
        rows.query_map([hour(since)], |row| Ok((row.get::<_, Term<RuleId>>(0)?.0, u64::from(row.get::<_, u32>(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What was accepted and dismissed in the hour of an instant and in the one before.
pub(super) fn recent(db: &Connection, now: Timestamp) -> Result<RecentHours, StoreError> {
    let this = hour(now);
    let count = |row: &Row<'_>, column| row.get::<_, u32>(column).map(u64::from);
    let accepted = db
        .prepare_cached(
            "SELECT coalesce(sum(count) FILTER (WHERE hour = ?1 - 1), 0), coalesce(sum(count) FILTER (WHERE hour = ?1), 0)
             FROM accepted WHERE hour BETWEEN ?1 - 1 AND ?1",
        )?
        .query_row([this], |row| Ok([count(row, 0)?, count(row, 1)?]))?;
    let mut rows = db.prepare_cached(
        "SELECT filter, coalesce(sum(count) FILTER (WHERE hour = ?1 - 1), 0),
             coalesce(sum(count) FILTER (WHERE hour = ?1), 0)
         FROM dismissals WHERE hour BETWEEN ?1 - 1 AND ?1 GROUP BY filter",
    )?;
    let rows =
        rows.query_map([this], |row| Ok((row.get::<_, Term<RuleId>>(0)?.0, [count(row, 1)?, count(row, 2)?])))?;
    Ok(RecentHours { accepted, dismissed: rows.collect::<Result<_, _>>()? })
}

/// The share of all accepted alerts that each filter dismissed between two instants.
pub(super) fn shares(db: &Connection, since: Timestamp, until: Timestamp) -> Result<Vec<(RuleId, f64)>, StoreError> {
    let mut rows = db.prepare_cached(
        "WITH dismissed AS (
             SELECT filter, sum(count) AS count, min(hour) AS first FROM dismissals
             WHERE hour >= ?1 AND hour < ?2 AND hour IN (SELECT hour FROM accepted) GROUP BY filter)
         SELECT filter, CAST(count AS REAL) / (SELECT sum(count) FROM accepted WHERE hour >= first AND hour < ?2)
         FROM dismissed",
    )?;
    let rows = rows.query_map((hour(since), hour(until)), |row| Ok((row.get::<_, Term<RuleId>>(0)?.0, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first hour since an instant in which a filter dismissed anything.
pub(super) fn first(db: &Connection, filter: &RuleId, since: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut first = db.prepare_cached("SELECT min(hour) FROM dismissals WHERE filter = ?1 AND hour >= ?2")?;
    let first: Option<i64> = first.query_row((filter.as_str(), hour(since)), |row| row.get(0))?;
    Ok(first.and_then(|hour| Timestamp::from_second(hour * 3600).ok()))
}

/// The types of alerts that have never met a filter or a playbook, those with the most alerts first.
pub(super) fn blind_spots(db: &Connection, limit: usize) -> Result<Vec<BlindSpot>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT alert_type, alerts, last FROM alert_types WHERE met = 0 ORDER BY alerts DESC, alert_type LIMIT ?1",
    )?;
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let rows = rows.query_map([limit], |row| {
        Ok(BlindSpot {
            alert_type: row.get(0)?,
            alerts: u64::from(row.get::<_, u32>(1)?),
            last_time: row.get::<_, Micros>(2)?.0,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The hour an instant is in, since 1970.
pub(super) fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}
