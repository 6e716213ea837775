//! Requests: claimed when due, attempted elsewhere, their attempts recorded.

use super::claims::{Claimed, RequestKey};
use super::hot::Learned;
use super::seal::unseal;
use super::steps::{self, Attempted, Ending};
use super::values::{Json, Micros, Term};
use super::work::Batch;
use super::{dead_letters, runs};
use crate::clock::Timestamp;
use crate::playbook::{Effect, JsonText, RequestSpec, StepError, StepKey};
use crate::store::{AttemptRecord, ClaimGuard, EMAIL_LANE, RequestWork, StepEnd, StoreError};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

/// Claims up to `limit` requests over `connection` that are due, oldest first.
pub(super) fn claim(
    batch: &Batch<'_>,
    connection: &str,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Claimed<RequestKey>>, StoreError> {
    batch.hot.compare(batch.db)?;
    // Letters that a person has sent again come first, but not all of them: what is new must not wait for them either.
    let again = dead_letters::due(batch.db, connection, now)?;
    let free = again.into_iter().filter(|request| !batch.claims.has_request(request));
    let mut claimed: Vec<_> = free.take(limit.div_ceil(2)).map(|request| batch.claims.take_request(request)).collect();
    let mut due = batch.db.prepare_cached(
        "SELECT run, key FROM steps INDEXED BY steps_request
         WHERE status = 'pending' AND connection IS NOT NULL AND connection = ?1 AND due <= ?2 ORDER BY due",
    )?;
    let mut rows = due.query((connection, Micros(now)))?;
    while claimed.len() < limit
        && let Some(row) = rows.next()?
    {
        let request = RequestKey { run: row.get(0)?, key: StepKey(row.get(1)?) };
        if !batch.claims.has_request(&request) {
            claimed.push(batch.claims.take_request(request));
        }
    }
    Ok(claimed)
}

/// For each connection with unclaimed requests in flight, when the earliest is due.
pub(super) fn next(batch: &Batch<'_>) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut connections = batch.db.prepare_cached(
        "SELECT connection FROM steps INDEXED BY steps_request
         WHERE status = 'pending' AND connection IS NOT NULL AND connection > ?1 ORDER BY connection LIMIT 1",
    )?;
    let mut in_flight = batch.db.prepare_cached(
        "SELECT run, key, due FROM steps INDEXED BY steps_request
         WHERE status = 'pending' AND connection IS NOT NULL AND connection = ?1 ORDER BY due",
    )?;
    let mut found = Vec::new();
    let mut last = String::new();
    while let Some(connection) = connections.query_row([&last], |row| row.get::<_, String>(0)).optional()? {
        let mut rows = in_flight.query([&connection])?;
        while let Some(row) = rows.next()? {
            if !batch.claims.has_request(&RequestKey { run: row.get(0)?, key: StepKey(row.get(1)?) }) {
                found.push((connection.clone(), row.get::<_, Micros>(2)?.0));
                break;
            }
        }
        last = connection;
    }
    for (connection, due) in dead_letters::waiting(batch)? {
        match found.iter_mut().find(|(known, _)| *known == connection) {
            Some((_, earliest)) => *earliest = due.min(*earliest),
            None => found.push((connection, due)),
        }
    }
    Ok(found)
}

/// Everything an attempt needs.
pub(super) fn load(db: &Connection, request: &RequestKey, claim: ClaimGuard) -> Result<RequestWork, StoreError> {
    let RequestKey { run, key } = request;
    let mut wanted = db.prepare_cached(
        "SELECT runs.id, steps.message, steps.effect, steps.effect_seal, steps.recorded, steps.attempts, steps.expires
         FROM steps JOIN runs ON runs.seq = steps.run WHERE steps.run = ?1 AND steps.key = ?2",
    )?;
    let mut rows = wanted.query((run, &key.0))?;
    let corrupt = || format!("step {key} of run number {run}");
    let row = rows.next()?.ok_or_else(|| StoreError::Corrupt(corrupt()))?;
    unseal(&[row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?], row.get(3)?, corrupt)?;
    let Json(effect) = row.get(2)?;
    let (spec, mail) = match effect {
        Effect::Request(spec) => (spec, None),
        Effect::Email(mail) => (RequestSpec::new(EMAIL_LANE, EMAIL_LANE), Some(mail)),
        _ => return Err(StoreError::Corrupt(corrupt())),
    };
    let (Term(id), Term(message), Micros(recorded)) = (row.get(0)?, row.get(1)?, row.get(4)?);
    // Sent again by somebody's wish, it has a new schedule.
    let (attempts, recorded, expires) = match dead_letters::redriven(db, *run, key)? {
        Some(again) => again,
        None => (row.get(5)?, recorded, row.get::<_, Option<Micros>>(6)?.map(|Micros(at)| at)),
    };
    Ok(RequestWork { run: id, key: key.clone(), message, spec, mail, recorded, expires, attempts, claim })
}

/// Records an attempt and how its step goes on. An attempt that comes back after its run has ended is kept too.
pub(super) fn record(batch: &mut Batch<'_>, attempt: &AttemptRecord, now: Timestamp) -> Result<(), StoreError> {
    let db = batch.db;
    let (run, key) = (runs::number(db, &attempt.run)?, &attempt.key);
    batch.release(RequestKey { run, key: key.clone() });
    let end = match &attempt.end {
        StepEnd::Done(value) => Attempted::Done(JsonText::of(value)),
        StepEnd::Failed(error) => Attempted::Failed(error),
        StepEnd::Retry(at) => Attempted::Retry(*at),
    };
    let was_in_flight = steps::attempted(db, run, key, &end, now)?
        .ok_or_else(|| StoreError::BadQuery(format!("run {} has no step {key}", attempt.run)))?;
    let latency = u32::try_from(attempt.latency_ms).unwrap_or(u32::MAX);
    db.prepare_cached(
        "INSERT INTO attempts (run, key, number, time, status, error, latency_ms, answer)
         SELECT run, key, attempts, ?3, ?4, ?5, ?6, ?7 FROM steps WHERE run = ?1 AND key = ?2",
    )?
    .execute((run, &key.0, Micros(attempt.time), attempt.status, &attempt.error, latency, &attempt.answer))?;
    batch.learn(match end {
        Attempted::Done(value) if was_in_flight => Learned::Done { run, key: key.clone(), value, at: now },
        _ => Learned::Forget { run },
    });
    match &attempt.end {
        // Its step has settled long since, and a person has sent it again.
        end if !was_in_flight => dead_letters::attempted(db, run, key, end, now),
        StepEnd::Failed(error) => dead_letters::bury(db, run, key, error, now),
        StepEnd::Done(_) | StepEnd::Retry(_) => Ok(()),
    }
}

/// Fails a request whose record cannot be read, since it can never be sent as it was meant.
pub(super) fn bury(
    batch: &mut Batch<'_>,
    request: &RequestKey,
    fault: &StoreError,
    now: Timestamp,
) -> Result<(), StoreError> {
    let error = StepError {
        kind: "corrupt".to_owned(),
        status: None,
        body: Value::Null,
        attempts: 0,
        message: fault.to_string(),
        step: request.key.to_string(),
    };
    batch.release(request.clone());
    steps::settle(batch.db, request.run, &request.key, &Ending::Failed(&error), now)?;
    // One that a person has sent again is of a step that has settled long since.
    dead_letters::attempted(batch.db, request.run, &request.key, &StepEnd::Failed(error), now)
}

/// How many requests may have been sent before this process began.
pub(super) fn count_due(db: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM steps INDEXED BY steps_request
             WHERE status = 'pending' AND connection IS NOT NULL AND due <= ?1",
        )?
        .query_row([Micros(now)], |row| row.get::<_, u32>(0))? as usize)
}
