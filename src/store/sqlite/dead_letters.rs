//! Requests that were given up, and those a person has sent again.

use super::activity;
use super::claims::RequestKey;
use super::values::{Json, Micros, Term};
use super::waiting::List;
use super::work::Batch;
use crate::clock::Timestamp;
use crate::id::MessageId;
use crate::playbook::{Effect, StepError, StepKey};
use crate::store::{
    Activity, AttemptView, DeadLetter, DeadLetterDetails, DeadLetterStatus, EMAIL_LANE, Page, StepEnd, StoreError,
    WaitingQuery, Wish,
};
use rusqlite::{Connection, OptionalExtension, Row};

/// Keeps a request that was given up.
pub(super) fn bury(
    db: &Connection,
    run: i64,
    key: &StepKey,
    error: &StepError,
    now: Timestamp,
) -> Result<(), StoreError> {
    let found = db
        .prepare_cached("SELECT connection, message FROM steps WHERE run = ?1 AND key = ?2")?
        .query_row((run, &key.0), |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?)))
        .optional()?;
    let Some((Some(connection), Some(message))) = found else { return Ok(()) };
    db.prepare_cached(
        "INSERT INTO dead_letters (message, run, key, connection, kind, reason, died, status, changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'dead', ?7) ON CONFLICT DO NOTHING",
    )?
    .execute((message, run, &key.0, connection, &error.kind, &error.message, Micros(now)))?;
    Ok(())
}

/// Has a letter sent again.
pub(super) fn redrive(
    batch: &Batch<'_>,
    id: &MessageId,
    by: &str,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> Result<Wish<DeadLetterStatus>, StoreError> {
    let from = [DeadLetterStatus::Dead, DeadLetterStatus::Discarded];
    let by = Wisher { by, action: "redriven", now };
    change(batch, id, &from, &by, |db, number| {
        db.prepare_cached(
            "UPDATE dead_letters SET status = 'redriven', changed = ?2, due = ?2, tries = 0, expires = ?3 WHERE seq = ?1",
        )?
        .execute((number, Micros(now), expires.map(Micros)))
    })
}

/// Marks a letter as never to be sent.
pub(super) fn discard(
    batch: &Batch<'_>,
    id: &MessageId,
    by: &str,
    now: Timestamp,
) -> Result<Wish<DeadLetterStatus>, StoreError> {
    let from = [DeadLetterStatus::Dead, DeadLetterStatus::Redriven];
    let by = Wisher { by, action: "discarded", now };
    change(batch, id, &from, &by, |db, number| {
        db.prepare_cached("UPDATE dead_letters SET status = 'discarded', changed = ?2, due = NULL WHERE seq = ?1")?
            .execute((number, Micros(now)))
    })
}

/// Who wishes what, when: kept with the alert.
struct Wisher<'a> {
    by: &'a str,
    action: &'a str,
    now: Timestamp,
}

fn change(
    batch: &Batch<'_>,
    id: &MessageId,
    from: &[DeadLetterStatus],
    wisher: &Wisher<'_>,
    make: impl FnOnce(&Connection, i64) -> rusqlite::Result<usize>,
) -> Result<Wish<DeadLetterStatus>, StoreError> {
    let db = batch.db;
    let found = db
        .prepare_cached(
            "SELECT letter.seq, letter.status, letter.run, letter.key, letter.connection, runs.alert
             FROM dead_letters AS letter JOIN runs ON runs.seq = letter.run WHERE letter.message = ?1",
        )?
        .query_row([id.as_str()], |row| {
            let status = row.get::<_, Term<DeadLetterStatus>>(1)?.0;
            let request = RequestKey { run: row.get(2)?, key: StepKey(row.get(3)?) };
            Ok((row.get::<_, i64>(0)?, status, request, row.get::<_, String>(4)?, row.get::<_, i64>(5)?))
        })
        .optional()?;
    let Some((number, status, request, connection, alert)) = found else { return Ok(Wish::NotFound) };
    // While an attempt is under way, what comes of it would be taken for the new wish's.
    let is_under_way = status == DeadLetterStatus::Discarded && batch.claims.has_request(&request);
    if !from.contains(&status) || is_under_way {
        return Ok(Wish::TooLate(status));
    }
    make(db, number)?;
    let Wisher { by, action, now } = *wisher;
    let (actor, action, why) = (by.to_owned(), action.to_owned(), Some(id.to_string()));
    activity::add(db, alert, &Activity { time: now, actor, action, detail: connection, why })?;
    Ok(Wish::Granted)
}

/// Tries, their beginning, their end.
type Redriven = (u32, Timestamp, Option<Timestamp>);

/// How often a letter that is being sent again was tried since, since when, and until when it may be; none if it is not
/// being sent again.
pub(super) fn redriven(db: &Connection, run: i64, key: &StepKey) -> Result<Option<Redriven>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT tries, changed, expires FROM dead_letters WHERE run = ?1 AND key = ?2 AND status = 'redriven'",
        )?
        .query_row((run, &key.0), |row| {
            let expires = row.get::<_, Option<Micros>>(2)?.map(|Micros(at)| at);
            Ok((row.get(0)?, row.get::<_, Micros>(1)?.0, expires))
        })
        .optional()?;
    Ok(found)
}

/// How a letter that was sent again goes on after an attempt.
pub(super) fn attempted(
    db: &Connection,
    run: i64,
    key: &StepKey,
    end: &StepEnd,
    now: Timestamp,
) -> Result<(), StoreError> {
    match end {
        StepEnd::Retry(at) => db
            .prepare_cached(
                "UPDATE dead_letters SET tries = tries + 1, due = ?3 WHERE run = ?1 AND key = ?2 AND status = 'redriven'",
            )?
            .execute((run, &key.0, Micros(*at)))?,
        StepEnd::Done(_) => db
            .prepare_cached(
                "UPDATE dead_letters SET status = 'delivered', due = NULL, changed = ?3
                 WHERE run = ?1 AND key = ?2 AND status IN ('redriven', 'discarded')",
            )?
            .execute((run, &key.0, Micros(now)))?,
        StepEnd::Failed(error) => db
            .prepare_cached(
                "UPDATE dead_letters SET status = 'dead', due = NULL, changed = ?3, kind = ?4, reason = ?5
                 WHERE run = ?1 AND key = ?2 AND status = 'redriven'",
            )?
            .execute((run, &key.0, Micros(now), &error.kind, &error.message))?,
    };
    Ok(())
}

/// Letters to be sent again over a connection that are due, oldest first.
pub(super) fn due(db: &Connection, connection: &str, now: Timestamp) -> Result<Vec<RequestKey>, StoreError> {
    let mut due = db.prepare_cached(
        "SELECT run, key FROM dead_letters INDEXED BY dead_letters_due
         WHERE status = 'redriven' AND connection = ?1 AND due <= ?2 ORDER BY due LIMIT 1000",
    )?;
    let due =
        due.query_map((connection, Micros(now)), |row| Ok(RequestKey { run: row.get(0)?, key: StepKey(row.get(1)?) }))?;
    Ok(due.collect::<Result<_, _>>()?)
}

/// For each connection with unclaimed letters to be sent again, when the earliest is due. Reads a few index entries for
/// each, and one more for each claim.
pub(super) fn waiting(batch: &Batch<'_>) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut connections = batch.db.prepare_cached(
        "SELECT connection FROM dead_letters INDEXED BY dead_letters_due
         WHERE status = 'redriven' AND connection > ?1 ORDER BY connection LIMIT 1",
    )?;
    let mut of_connection = batch.db.prepare_cached(
        "SELECT run, key, due FROM dead_letters INDEXED BY dead_letters_due
         WHERE status = 'redriven' AND connection = ?1 ORDER BY due",
    )?;
    let (mut found, mut last) = (Vec::new(), String::new());
    while let Some(connection) = connections.query_row([&last], |row| row.get::<_, String>(0)).optional()? {
        let mut rows = of_connection.query([&connection])?;
        while let Some(row) = rows.next()? {
            if !batch.claims.has_request(&RequestKey { run: row.get(0)?, key: StepKey(row.get(1)?) }) {
                found.push((connection.clone(), row.get::<_, Micros>(2)?.0));
                break;
            }
        }
        last = connection;
    }
    Ok(found)
}

const COLUMNS: &str = "letter.seq, letter.message, letter.connection, letter.status, letter.kind, letter.reason,
    letter.died, letter.changed, letter.due, runs.id, letter.key, runs.playbook, alerts.id, letter.run
    FROM dead_letters AS letter JOIN runs ON runs.seq = letter.run JOIN alerts ON alerts.seq = runs.alert";

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, DeadLetter)> {
    let (Micros(died_time), Micros(changed_time)) = (row.get(6)?, row.get(7)?);
    let letter = DeadLetter {
        id: row.get::<_, Term<_>>(1)?.0,
        connection: row.get(2)?,
        status: row.get::<_, Term<_>>(3)?.0,
        kind: row.get(4)?,
        reason: row.get(5)?,
        died_time,
        changed_time,
        next_attempt_time: row.get::<_, Option<Micros>>(8)?.map(|Micros(at)| at),
        run_id: row.get::<_, Term<_>>(9)?.0,
        step: row.get(10)?,
        playbook: row.get::<_, Term<_>>(11)?.0,
        alert_id: row.get::<_, Term<_>>(12)?.0,
    };
    Ok((row.get(0)?, letter))
}

/// One letter, with what would be sent and every attempt.
pub(super) fn find(db: &Connection, id: &MessageId) -> Result<Option<DeadLetterDetails>, StoreError> {
    let found = db
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE letter.message = ?1"))?
        .query_row([id.as_str()], |row| Ok((read(row)?.1, row.get::<_, i64>(13)?)))
        .optional()?;
    let Some((letter, run)) = found else { return Ok(None) };
    let effect = db
        .prepare_cached("SELECT effect FROM steps WHERE run = ?1 AND key = ?2")?
        .query_row((run, &letter.step), |row| Ok(row.get::<_, Json<Effect>>(0)?.0))?;
    let (method, path, body, expires_after_ms) = match effect {
        Effect::Request(spec) => (spec.method, spec.path, spec.body, spec.expires_after_ms),
        Effect::Email(mail) => (EMAIL_LANE.to_owned(), Some(mail.to.join(", ")), Some(mail.body), None),
        _ => return Err(StoreError::Corrupt(format!("step {} of {} is no message", letter.step, letter.run_id))),
    };
    let mut attempts = db.prepare_cached(
        "SELECT time, status, error, latency_ms, answer FROM attempts WHERE run = ?1 AND key = ?2 ORDER BY number",
    )?;
    let attempts = attempts.query_map((run, &letter.step), |row| {
        let Micros(time) = row.get(0)?;
        let latency_ms = u64::from(row.get::<_, u32>(3)?);
        Ok(AttemptView { time, status: row.get(1)?, error: row.get(2)?, latency_ms, answer: row.get(4)? })
    })?;
    let attempts = attempts.collect::<Result<_, _>>()?;
    Ok(Some(DeadLetterDetails { letter, method, path, body, expires_after_ms, attempts }))
}

/// A page of letters, oldest first.
pub(super) fn list(db: &Connection, query: &WaitingQuery<DeadLetterStatus>) -> Result<Page<DeadLetter>, StoreError> {
    let list =
        List { columns: COLUMNS, number: "letter.seq", status: "letter.status", connection: "letter.connection" };
    list.page(db, query, DeadLetterStatus::as_str, read)
}
