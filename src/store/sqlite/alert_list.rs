//! Lists of alerts, a page at a time.
//!
//! Every list is read from the index on status, severity and time: one branch for each status and severity asked
//! for, newest first, merged. So a page costs the same wherever it is, unless a filter on something else is rare.

use super::cursor;
use super::draft::rank;
use super::values::{Json, Micros, Term, json};
use crate::alert::{Severity, Status};
use crate::store::{AlertQuery, AlertSort, AlertSummary, Page, StoreError};
use rusqlite::{Connection, Row, named_params};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

const BRANCH: &str = "
    SELECT seq, received_time, severity_rank, id, source, alert_type, title, severity, status, start_time,
        compromised_entity, tactics, tags, assignee, dismissed_by
    FROM alerts INDEXED BY alerts_listed
    WHERE status = :status AND severity_rank = :rank
        AND received_time >= :since AND received_time < :until
        AND received_time <= :time AND (received_time < :time OR seq < :seq)
        AND (:severity IS NULL OR severity IN (SELECT value FROM json_each(:severity)))
        AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
        AND (:alert_type IS NULL OR alert_type COLLATE NOCASE IN (SELECT value FROM json_each(:alert_type)))
        AND (:assignee IS NULL OR assignee IN (SELECT value FROM json_each(:assignee)))
        AND (:tactic IS NULL OR EXISTS (SELECT 1 FROM json_each(tactics) AS had
            WHERE lower(had.value) IN (SELECT value FROM json_each(:tactic))))
        AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) AS had
            WHERE had.value IN (SELECT value FROM json_each(:tag))))
        AND (:resource IS NULL OR instr(resources, :resource) > 0)
        AND (:q IS NULL OR instr(words, :q) > 0 OR instr(id, :q) > 0)
    ORDER BY received_time DESC, seq DESC LIMIT :limit";

/// An alert's place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place {
    rank: u8,
    time: i64,
    seq: i64,
}

impl Place {
    /// Where a list begins.
    const START: Self = Self { rank: u8::MAX, time: i64::MAX, seq: i64::MAX };

    /// Where it stands in this order; smaller comes first.
    fn key(self, sort: AlertSort) -> Reverse<Self> {
        Reverse(match sort {
            AlertSort::Severity => self,
            AlertSort::Time => Self { rank: 0, ..self },
        })
    }
}

/// A page of alerts.
pub(super) fn list(db: &Connection, query: &AlertQuery) -> Result<Page<AlertSummary>, StoreError> {
    let limit = cursor::page_size(query.limit)?;
    let shape = format!("{:?}", AlertQuery { cursor: None, limit: 0, ..query.clone() });
    let after = query.cursor.as_ref().map_or(Ok(Place::START), |cursor| cursor::read(&shape, cursor))?;
    let filters = Filters::of(query);
    let mut found = Vec::new();
    for ranks in groups(query, after) {
        if found.len() > limit {
            break;
        }
        // Ranks below the cursor's begin anew, in the order of severity; in the order of time none does.
        let is_whole = query.sort == AlertSort::Severity && ranks.iter().all(|rank| *rank < after.rank);
        let after = if is_whole { Place::START } else { after };
        let mut group = Vec::new();
        for rank in ranks {
            for status in filters.status {
                group.extend(branch(db, &filters, *status, rank, after, limit + 1 - found.len())?);
            }
        }
        group.sort_by_key(|(place, _)| place.key(query.sort));
        found.extend(group);
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|(place, _)| cursor::write(&shape, place));
    Ok(Page { items: found.into_iter().map(|(_, summary)| summary).collect(), next_cursor })
}

/// The severity ranks to read together, in the order to read them.
fn groups(query: &AlertQuery, after: Place) -> Vec<Vec<u8>> {
    let asked: Vec<u8> = query.severity.iter().map(|word| rank(&Severity::from_word(word))).collect();
    let ranks = (0..=4).rev().filter(|rank| asked.is_empty() || asked.contains(rank));
    match query.sort {
        AlertSort::Severity => ranks.filter(|rank| *rank <= after.rank).map(|rank| vec![rank]).collect(),
        AlertSort::Time => vec![ranks.collect()],
    }
}

/// A query's filters as the statement takes them: lists as JSON, texts to search in lower case.
struct Filters<'a> {
    status: &'a [Status],
    since: i64,
    until: i64,
    severity: Option<String>,
    source: Option<String>,
    alert_type: Option<String>,
    assignee: Option<String>,
    tactic: Option<String>,
    tag: Option<String>,
    resource: Option<String>,
    q: Option<String>,
}

impl<'a> Filters<'a> {
    fn of(query: &'a AlertQuery) -> Self {
        let any = |words: &[String]| (!words.is_empty()).then(|| json(words));
        let lower = |words: &[String]| words.iter().map(|word| word.to_lowercase()).collect::<Vec<_>>();
        let words: Vec<_> = query.severity.iter().map(|word| Severity::from_word(word).as_str().to_owned()).collect();
        Self {
            status: if query.status.is_empty() { &Status::ALL } else { &query.status },
            since: query.since.map_or(i64::MIN, |at| at.as_microsecond()),
            until: query.until.map_or(i64::MAX, |at| at.as_microsecond()),
            severity: any(&words),
            source: any(&query.source),
            alert_type: any(&query.alert_type),
            assignee: any(&query.assignee),
            tactic: any(&lower(&query.tactic)),
            tag: any(&query.tag),
            resource: query.resource.as_ref().map(|text| text.to_lowercase()),
            q: query.q.as_ref().map(|text| text.to_lowercase()),
        }
    }
}

fn branch(
    db: &Connection,
    filters: &Filters<'_>,
    status: Status,
    rank: u8,
    after: Place,
    limit: usize,
) -> Result<Vec<(Place, AlertSummary)>, StoreError> {
    let mut branch = db.prepare_cached(BRANCH)?;
    let rows = branch.query_map(
        named_params! {
            ":status": status.as_str(),
            ":rank": rank,
            ":since": filters.since,
            ":until": filters.until,
            ":time": after.time,
            ":seq": after.seq,
            ":severity": filters.severity,
            ":source": filters.source,
            ":alert_type": filters.alert_type,
            ":assignee": filters.assignee,
            ":tactic": filters.tactic,
            ":tag": filters.tag,
            ":resource": filters.resource,
            ":q": filters.q,
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        },
        summary,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn summary(row: &Row<'_>) -> rusqlite::Result<(Place, AlertSummary)> {
    let place = Place { seq: row.get(0)?, time: row.get(1)?, rank: row.get(2)? };
    let Micros(received_time) = row.get(1)?;
    let summary = AlertSummary {
        id: row.get::<_, Term<_>>(3)?.0,
        source: row.get(4)?,
        alert_type: row.get(5)?,
        title: row.get(6)?,
        severity: row.get::<_, Term<_>>(7)?.0,
        status: row.get::<_, Term<_>>(8)?.0,
        start_time: row.get::<_, Option<Micros>>(9)?.map(|Micros(at)| at),
        received_time,
        compromised_entity: row.get(10)?,
        tactics: row.get::<_, Json<_>>(11)?.0,
        tags: row.get::<_, Json<_>>(12)?.0,
        assignee: row.get(13)?,
        dismissed_by: row.get::<_, Json<_>>(14)?.0,
    };
    Ok((place, summary))
}
