//! Taking alerts in: the alert, its verdict and its runs, or what was stored of it before.

use super::draft::{Draft, listed, rank};
use super::hits::Hits;
use super::limits;
use super::values::{Json, Micros, Term, beginning};
use super::work::Batch;
use super::{activity, runs::Creation, steps};
use super::{runs, updates};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::{AlertId, RuleId, RunId};
use crate::store::{Accepted, Activity, NewRun, RateLimit, Started, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

/// How much of a payload that updates an alert is kept, in bytes: an alert's details hold all of its updates.
const UPDATE_BYTES: usize = 4096;

/// Stores each draft, in order: a repetition may be of one earlier in the same call.
pub(super) fn accept(batch: &mut Batch<'_>, drafts: &[Draft], now: Timestamp) -> Result<Vec<Accepted>, StoreError> {
    let mut hits = Hits::default();
    let accepted = drafts.iter().map(|draft| accept_one(batch.db, draft, &mut hits, now)).collect::<Result<_, _>>()?;
    batch.hits.add(hits);
    Ok(accepted)
}

fn accept_one(db: &Connection, draft: &Draft, hits: &mut Hits, now: Timestamp) -> Result<Accepted, StoreError> {
    let limited = limits::apply(db, draft, now)?;
    let draft = limited.draft();
    let Some(alert) = insert(db, draft)? else { return repeated(db, draft, now) };
    limits::count(db, &limited, now)?;
    hits.note(&draft.admission, now);
    let verdict = &draft.admission.verdict;
    let mut created = Vec::with_capacity(draft.admission.runs.len());
    for run in &draft.admission.runs {
        if create(db, alert, run, &verdict.generation, now)? {
            created.push(run.id.clone());
        }
    }
    note_held(db, alert, &draft.admission.held, now)?;
    Ok(Accepted {
        id: draft.admission.alert.id.clone(),
        status: draft.status(),
        dismissed_by: verdict.dismissed_by.clone(),
        started: created.len(),
        runs: created,
        duplicate: false,
    })
}

/// Creates a run that an alert or its update calls for. False if there were too many of its kind, which the alert's
/// activity then says.
pub(super) fn create(
    db: &Connection,
    alert: i64,
    run: &NewRun,
    generation: &Digest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    match runs::create(db, alert, run, generation, None, now)? {
        Creation::Created => Ok(true),
        Creation::Limited(limit) => {
            activity::add(db, alert, &limited(run, limit, now))?;
            Ok(false)
        }
    }
}

/// Notes which playbooks would have run, were they not held.
pub(super) fn note_held(db: &Connection, alert: i64, held: &[RuleId], now: Timestamp) -> Result<(), StoreError> {
    for playbook in held {
        let (actor, action) = (activity::INTAKE.to_owned(), "disarmed".to_owned());
        let why = Some("all playbooks are disarmed".to_owned());
        activity::add(db, alert, &Activity { time: now, actor, action, detail: playbook.to_string(), why })?;
    }
    Ok(())
}

/// The new alert's number; none if it is stored already. Values stand in the order of their columns: to look each up
/// by its name costs the writer more than to insert the row.
fn insert(db: &Connection, draft: &Draft) -> Result<Option<i64>, StoreError> {
    let alert = &draft.admission.alert;
    let inserted = db
        .prepare_cached(
            "INSERT INTO alerts (id, origin, content, source, alert_type, title, compromised_entity, severity,
                 severity_rank, status, assignee, start_time, received_time, tactics, tags, dismissed_by, words,
                 resources)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            alert.id.as_str(),
            draft.origin,
            draft.admission.content.half(),
            alert.source,
            listed(&alert.alert_type),
            listed(&alert.title),
            alert.compromised_entity.as_deref().map(listed),
            alert.severity.as_str(),
            rank(&alert.severity),
            draft.status().as_str(),
            alert.assignee,
            alert.start_time.map(Micros),
            Micros(alert.received_time),
            draft.tactics,
            draft.tags,
            draft.dismissed_by,
            draft.words,
            draft.resources,
        ])?;
    if inserted == 0 {
        return Ok(None);
    }
    let number = db.last_insert_rowid();
    db.prepare_cached("INSERT INTO bodies (alert, body, verdict, seal) VALUES (?1, ?2, ?3, ?4)")?.execute((
        number,
        &draft.body,
        &draft.verdict,
        draft.seal,
    ))?;
    Ok(Some(number))
}

/// Answers with what was stored, and keeps the payload if the source has something new to say.
fn repeated(db: &Connection, draft: &Draft, now: Timestamp) -> Result<Accepted, StoreError> {
    let found = db
        .prepare_cached("SELECT seq, id, status, dismissed_by, content FROM alerts WHERE origin = ?1")?
        .query_row([draft.origin], |row| {
            let accepted = Accepted {
                id: row.get::<_, Term<_>>(1)?.0,
                status: row.get::<_, Term<_>>(2)?.0,
                dismissed_by: row.get::<_, Json<_>>(3)?.0,
                runs: Vec::new(),
                started: 0,
                duplicate: true,
            };
            Ok((row.get::<_, i64>(0)?, accepted, row.get::<_, [u8; 16]>(4)?))
        })
        .optional()?;
    let Some((alert, mut accepted, content)) = found else {
        return Err(StoreError::BadQuery(format!("another alert has the id {}", draft.admission.alert.id)));
    };
    if content != draft.admission.content.half() {
        activity::add(db, alert, &updated(draft, now))?;
        db.prepare_cached("UPDATE alerts SET content = ?2 WHERE seq = ?1")?
            .execute((alert, draft.admission.content.half()))?;
        if let Some(rules) = &draft.admission.on_update {
            let merged = updates::merged(db, alert, &draft.admission)?;
            accepted.started = updates::answer(db, alert, &merged, rules.as_ref(), now)?.len();
        }
    }
    accepted.runs = runs_of(db, alert)?;
    Ok(accepted)
}

fn runs_of(db: &Connection, alert: i64) -> Result<Vec<RunId>, StoreError> {
    let mut runs = db.prepare_cached("SELECT id FROM runs WHERE alert = ?1 ORDER BY seq")?;
    let ids = runs.query_map([alert], |row| Ok(row.get::<_, Term<RunId>>(0)?.0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The update is kept as far as people will read it there; its digest tells whether a payload at hand is the same.
fn updated(draft: &Draft, now: Timestamp) -> Activity {
    let payload = draft.admission.alert.raw.text();
    let kept = beginning(payload, UPDATE_BYTES);
    let (all, digest) = (payload.len(), draft.admission.content);
    let why = if kept.len() < all {
        format!("the first {} of {all} bytes, SHA-256 {digest}", kept.len())
    } else {
        format!("{all} bytes, SHA-256 {digest}")
    };
    Activity {
        time: now,
        actor: activity::INTAKE.to_owned(),
        action: "source_update".to_owned(),
        detail: kept.to_owned(),
        why: Some(why),
    }
}

fn limited(run: &NewRun, limit: &RateLimit, now: Timestamp) -> Activity {
    let window = std::time::Duration::from_millis(limit.window_ms);
    let per = if limit.key.is_empty() { String::new() } else { format!(" for `{}`", limit.key) };
    Activity {
        time: now,
        actor: activity::INTAKE.to_owned(),
        action: "rate_limited".to_owned(),
        detail: run.program.id.to_string(),
        why: Some(format!("{} runs within {window:?}{per} already", limit.runs)),
    }
}

/// When a limit that is reached allows one more run: once the oldest of those that fill it is out of its window.
fn allowed_again(db: &Connection, run: &NewRun, limit: &RateLimit, now: Timestamp) -> Result<Timestamp, StoreError> {
    let oldest = db
        .prepare_cached(
            "SELECT started FROM runs INDEXED BY runs_by_rate
             WHERE rate_key IS NOT NULL AND playbook = ?1 AND rate_key = ?2
             ORDER BY started DESC LIMIT 1 OFFSET ?3",
        )?
        .query_row((run.program.id.as_str(), &limit.key, limit.runs.saturating_sub(1)), |row| row.get::<_, Micros>(0))
        .optional()?;
    Ok(steps::later(oldest.map_or(now, |Micros(started)| started), limit.window_ms))
}

/// Creates a run because somebody asked for it.
pub(super) fn start_run(
    db: &Connection,
    alert: &AlertId,
    run: &NewRun,
    generation: &Digest,
    repeats: Option<&RunId>,
    by: &str,
    now: Timestamp,
) -> Result<Started, StoreError> {
    let number: Option<i64> = db
        .prepare_cached("SELECT seq FROM alerts WHERE id = ?1")?
        .query_row([alert.as_str()], |row| row.get(0))
        .optional()?;
    let Some(number) = number else { return Ok(Started::NoAlert) };
    if let Creation::Limited(limit) = runs::create(db, number, run, generation, None, now)? {
        return Ok(Started::Limited { until: allowed_again(db, run, limit, now)? });
    }
    if let Some(other) = repeats {
        updates::same_as(db, &run.id, runs::find(db, other)?.number)?;
    }
    let (actor, action) = (by.to_owned(), "run".to_owned());
    let (detail, why) = (run.program.id.to_string(), Some(run.id.to_string()));
    activity::add(db, number, &Activity { time: now, actor, action, detail, why })?;
    Ok(Started::Created)
}
