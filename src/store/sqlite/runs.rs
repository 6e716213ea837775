//! The life of a run: created, claimed, recorded, ended.

use super::claims::Claimed;
use super::hot::{self, Hot, Learned};
use super::programs::{self, Programs};
use super::seal::unseal;
use super::values::{Json, Micros, Term, json};
use super::work::Batch;
use super::{activity, approvals, children, steps, updates};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::{AlertId, RunId};
use crate::playbook::{Effect, LogLine, NewStep, Outcome, RunError, StepKey};
use crate::store::{
    Activity, ClaimGuard, NewRun, Progress, RateLimit, RunStatus, RunWork, StepStart, StoreError, Wish,
};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What became of a run to create.
pub(super) enum Creation<'a> {
    /// It is there, and ready.
    Created,
    /// This limit forbids it.
    Limited(&'a RateLimit),
}

/// The step that starts a run of another playbook.
pub(super) struct Parent<'a> {
    pub run: i64,
    pub key: &'a StepKey,
    /// The first run of them all.
    pub root: i64,
    /// How many runs stand above the new one.
    pub depth: u32,
    pub input: &'a Value,
}

/// Creates a run, unless there were too many of its kind.
pub(super) fn create<'a>(
    db: &Connection,
    alert: i64,
    run: &'a NewRun,
    generation: &Digest,
    parent: Option<&Parent<'_>>,
    now: Timestamp,
) -> Result<Creation<'a>, StoreError> {
    if let Some(limit) = &run.rate
        && is_reached(db, run, limit, now)?
    {
        return Ok(Creation::Limited(limit));
    }
    let program = programs::number(db, run)?;
    db.prepare_cached(
        "INSERT INTO runs (id, alert, playbook, program, generation, rate_key, status, wakes, seen, steps, deadline,
             started, parent, parent_key, root, depth, input)
         VALUES (:id, :alert, :playbook, :program, :generation, :rate_key, 'queued', 1, 0, 0, :deadline, :started,
             :parent, :parent_key, :root, :depth, :input)",
    )?
    .execute(named_params! {
        ":id": run.id.as_str(),
        ":alert": alert,
        ":playbook": run.program.id.as_str(),
        ":program": program,
        ":generation": generation.to_string(),
        ":rate_key": run.rate.as_ref().map(|limit| &limit.key),
        ":deadline": Micros(run.deadline),
        ":started": Micros(now),
        ":parent": parent.map(|parent| parent.run),
        ":parent_key": parent.map(|parent| &parent.key.0),
        ":root": parent.map(|parent| parent.root),
        ":depth": parent.map_or(0, |parent| parent.depth),
        ":input": parent.map(|parent| json(parent.input)),
    })?;
    Ok(Creation::Created)
}

fn is_reached(db: &Connection, run: &NewRun, limit: &RateLimit, now: Timestamp) -> Result<bool, StoreError> {
    let window = i64::try_from(limit.window_ms.saturating_mul(1000)).unwrap_or(i64::MAX);
    let since = now.as_microsecond().saturating_sub(window);
    let recent: u32 = db
        .prepare_cached(
            "SELECT count(*) FROM (
                 SELECT 1 FROM runs INDEXED BY runs_by_rate
                 WHERE rate_key IS NOT NULL AND playbook = ?1 AND rate_key = ?2 AND started > ?3 LIMIT ?4)",
        )?
        .query_row((run.program.id.as_str(), &limit.key, since, limit.runs), |row| row.get(0))?;
    Ok(recent >= limit.runs)
}

/// A run to load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    pub run: i64,
    /// Whether what was kept of it in memory is all there was of it when it was claimed.
    pub is_known: bool,
}

/// Claims up to `limit` runs that were woken since they were last looked at: one of each playbook in turn, going on
/// after the playbook that had the last turn, and oldest first within each. So a flood of one delays no other.
pub(super) fn claim(batch: &Batch<'_>, limit: usize) -> Result<Vec<Claimed<Ready>>, StoreError> {
    batch.hot.compare(batch.db)?;
    let mut playbooks = ready_playbooks(batch.db)?;
    let turn = batch.claims.turn();
    let next = playbooks.partition_point(|playbook| *playbook <= turn);
    playbooks.rotate_left(next);
    let mut turns: VecDeque<_> = playbooks.into_iter().map(|playbook| (playbook, 0)).collect();
    let mut claimed = Vec::new();
    while claimed.len() < limit
        && let Some((playbook, after)) = turns.pop_front()
    {
        if let Some((run, wakes)) = unclaimed(batch, &playbook, after)? {
            let (run, guard) = batch.claims.take_run(run, wakes);
            claimed.push((Ready { run, is_known: batch.knows(run, wakes) }, guard));
            batch.claims.had_turn(&playbook);
            turns.push_back((playbook, run));
        }
    }
    Ok(claimed)
}

/// Playbooks with runs that can go on, in order. Reads one index entry for each.
fn ready_playbooks(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut next = db.prepare_cached(
        "SELECT playbook FROM runs INDEXED BY runs_ready_by_playbook
         WHERE wakes > seen AND playbook > ?1 ORDER BY playbook LIMIT 1",
    )?;
    let mut found: Vec<String> = Vec::new();
    while let Some(playbook) = next.query_row([found.last().map_or("", String::as_str)], |row| row.get(0)).optional()? {
        found.push(playbook);
    }
    Ok(found)
}

/// The playbook's oldest run after this one that can go on and is not claimed, and how often it was woken.
fn unclaimed(batch: &Batch<'_>, playbook: &str, after: i64) -> Result<Option<(i64, i64)>, StoreError> {
    let mut ready = batch.db.prepare_cached(
        "SELECT seq, wakes FROM runs INDEXED BY runs_ready_by_playbook
         WHERE wakes > seen AND playbook = ?1 AND seq > ?2 ORDER BY seq",
    )?;
    let mut rows = ready.query((playbook, after))?;
    while let Some(row) = rows.next()? {
        let run = row.get(0)?;
        if batch.claims.run(run).is_none() {
            return Ok(Some((run, row.get(1)?)));
        }
    }
    Ok(None)
}

/// Whether a run can be claimed.
pub(super) fn any_ready(batch: &Batch<'_>) -> Result<bool, StoreError> {
    for playbook in ready_playbooks(batch.db)? {
        if unclaimed(batch, &playbook, 0)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everything a worker needs to step a run.
pub(super) fn load(
    db: &Connection,
    run: i64,
    programs: &Programs,
    hot: &Hot,
    claim: ClaimGuard,
) -> Result<RunWork, StoreError> {
    let mut wanted = db.prepare_cached(
        "SELECT runs.id, runs.started, programs.digest, runs.input, runs.updated, runs.alert, body, verdict, bodies.seal,
             alerts.id, runs.wakes
         FROM runs JOIN programs ON programs.seq = runs.program JOIN bodies ON bodies.alert = runs.alert
             LEFT JOIN alerts ON alerts.seq = runs.alert
         WHERE runs.seq = ?1",
    )?;
    let mut rows = wanted.query([run])?;
    let row = rows.next()?.ok_or_else(|| StoreError::Corrupt(format!("run number {run}")))?;
    let (Term(id), Micros(started), Term(digest)) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let input: Option<Json<Value>> = row.get(3)?;
    let alert = match row.get(4)? {
        Some(update) => updates::body(db, update)?,
        None => sound_body(row, 5)?.0,
    };
    let program = programs.get(db, digest)?;
    let (journal, logged) = (steps::journal(db, run)?, logged(db, run)?);
    let input = input.map_or(Value::Null, |Json(input)| input);
    let claimed = ClaimGuard::default();
    let work = RunWork { id, program, digest, alert, started, input, journal, logged, claim: claimed };
    hot.keep(run, row.get(10)?, &work);
    Ok(RunWork { claim, ..work })
}

/// The alert's canonical JSON as accepted, and its verdict's.
pub(super) fn body(db: &Connection, alert: i64) -> Result<(Arc<str>, String), StoreError> {
    let mut wanted = db.prepare_cached(
        "SELECT bodies.alert, body, verdict, bodies.seal, alerts.id
         FROM bodies LEFT JOIN alerts ON alerts.seq = bodies.alert WHERE bodies.alert = ?1",
    )?;
    let mut rows = wanted.query([alert])?;
    sound_body(rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?, 0)
}

/// Body and verdict of an alert from columns that hold, from `at` on, its number, both, their seal, and its id.
fn sound_body(row: &Row<'_>, at: usize) -> Result<(Arc<str>, String), StoreError> {
    let (alert, body, verdict): (i64, Arc<str>, String) = (row.get(at)?, row.get(at + 1)?, row.get(at + 2)?);
    let id = row.get::<_, Term<AlertId>>(at + 4).map(|Term(id)| id);
    let named = || id.as_ref().map_or_else(|_| format!("alert number {alert}"), |id| format!("alert {id}"));
    unseal(&[&body, &verdict], row.get(at + 3)?, named)?;
    // A damaged number could lead to the whole and sound body of another alert.
    match &id {
        Ok(id) if !body.contains(&format!("\"id\":\"{id}\"")) => Err(StoreError::Corrupt(named())),
        _ => Ok((body, verdict)),
    }
}

/// A run as recording needs to know it.
pub(super) struct Known {
    pub number: i64,
    pub alert: i64,
    pub playbook: String,
    pub steps: u32,
    pub has_ended: bool,
}

/// A run's number.
pub(super) fn number(db: &Connection, id: &RunId) -> Result<i64, StoreError> {
    db.prepare_cached("SELECT seq FROM runs WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| unknown(id))
}

fn unknown(id: &RunId) -> StoreError {
    StoreError::BadQuery(format!("there is no run {id}"))
}

/// Looks a run up.
pub(super) fn find(db: &Connection, id: &RunId) -> Result<Known, StoreError> {
    db.prepare_cached("SELECT seq, alert, playbook, steps, ended IS NOT NULL FROM runs WHERE id = ?1")?
        .query_row([id.as_str()], |row| {
            Ok(Known {
                number: row.get(0)?,
                alert: row.get(1)?,
                playbook: row.get(2)?,
                steps: row.get(3)?,
                has_ended: row.get(4)?,
            })
        })
        .optional()?
        .ok_or_else(|| unknown(id))
}

/// Records what an activation came to.
pub(super) fn record(batch: &mut Batch<'_>, progress: &Progress, now: Timestamp) -> Result<(), StoreError> {
    let db = batch.db;
    let run = find(db, &progress.run)?;
    batch.release(run.number);
    if run.has_ended {
        return Ok(());
    }
    let mut recorded = run.steps;
    for (step, start) in &progress.steps {
        if steps::record(db, &run, recorded, step, start, now)? {
            recorded += 1;
        }
    }
    log(db, run.number, &progress.logs)?;
    let is_new = recorded as usize == run.steps as usize + progress.steps.len();
    batch.learn(match &progress.outcome {
        Outcome::Suspended if is_new => hot::progress(run.number, progress, now),
        _ => Learned::Forget { run: run.number },
    });
    match &progress.outcome {
        Outcome::Suspended => suspend(batch, run.number, recorded, progress.steps.iter().any(is_sent)),
        Outcome::Done { value } => end(db, run.number, &End::Done(value), now),
        Outcome::Failed { error } => end(db, run.number, &End::Failed(error), now),
    }
}

fn log(db: &Connection, run: i64, lines: &[LogLine]) -> Result<(), StoreError> {
    for LogLine { level, message, fields, strand } in lines {
        db.prepare_cached("INSERT INTO logs (run, level, message, fields, strand) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((run, level, message, json(fields), strand))?;
    }
    Ok(())
}

/// How many lines a run has logged, by strand.
fn logged(db: &Connection, run: i64) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut lines = db.prepare_cached("SELECT strand FROM logs WHERE run = ?1")?;
    let mut lines = lines.query([run])?;
    let mut logged = BTreeMap::new();
    while let Some(line) = lines.next()? {
        *logged.entry(line.get(0)?).or_default() += 1;
    }
    Ok(logged)
}

/// Whether a step begins with something being sent.
fn is_sent((step, start): &(NewStep, StepStart)) -> bool {
    matches!((&step.effect, start), (Effect::Request(_) | Effect::Email(_), StepStart::Message { .. }))
}

/// The run waits; `sends` if surely for something being sent. What woke it since it was claimed is still news.
fn suspend(batch: &Batch<'_>, run: i64, steps: u32, sends: bool) -> Result<(), StoreError> {
    batch
        .db
        .prepare_cached(
            "UPDATE runs SET
                 steps = ?2,
                 seen = coalesce(?3, seen),
                 status = iif(?4 OR EXISTS (SELECT 1 FROM steps WHERE run = ?1 AND status = 'pending'
                     AND connection IS NOT NULL), 'running', 'waiting')
             WHERE seq = ?1",
        )?
        .execute((run, steps, batch.claims.run(run), sends))?;
    Ok(())
}

/// How a run ends.
pub(super) enum End<'a> {
    Done(&'a Value),
    Failed(&'a RunError),
    Expired,
    Cancelled(&'a RunError),
}

/// Ends a run, and with it the steps in flight.
pub(super) fn end(db: &Connection, run: i64, end: &End<'_>, now: Timestamp) -> Result<(), StoreError> {
    let (status, result, error) = match end {
        End::Done(value) => (RunStatus::Done, Some(json(value)), None),
        End::Failed(error) => (RunStatus::Failed, None, Some(json(error))),
        End::Expired => (RunStatus::Expired, None, None),
        End::Cancelled(error) => (RunStatus::Cancelled, None, Some(json(error))),
    };
    let parent: Option<(Option<i64>, Option<String>)> = db
        .prepare_cached(
            "UPDATE runs SET status = ?2, result = ?3, error = ?4, ended = ?5, seen = wakes,
                 steps = (SELECT count(*) FROM steps WHERE run = ?1)
             WHERE seq = ?1 AND ended IS NULL RETURNING parent, parent_key",
        )?
        .query_row((run, status.as_str(), result, error, Micros(now)), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // It has ended before, and stays as it ended.
    let Some(parent) = parent else { return Ok(()) };
    steps::cancel(db, run)?;
    approvals::cancel(db, run)?;
    children::cancel(db, run, now)?;
    match parent {
        (Some(parent), Some(key)) => children::tell(db, parent, &StepKey(key), end, now),
        _ => Ok(()),
    }
}

/// Ends a run by somebody's wish, if it has not ended.
pub(super) fn cancel(db: &Connection, id: &RunId, by: &str, now: Timestamp) -> Result<Wish<RunStatus>, StoreError> {
    let found = db
        .prepare_cached("SELECT seq, status, alert, playbook FROM runs WHERE id = ?1")?
        .query_row([id.as_str()], |row| {
            let status = row.get::<_, Term<RunStatus>>(1)?.0;
            Ok((row.get::<_, i64>(0)?, status, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
        })
        .optional()?;
    let Some((run, status, alert, playbook)) = found else { return Ok(Wish::NotFound) };
    if status.is_end() {
        return Ok(Wish::TooLate(status));
    }
    end(db, run, &End::Cancelled(&cancelled(&format!("cancelled by {by}"))), now)?;
    let (actor, action, why) = (by.to_owned(), "cancelled".to_owned(), Some(id.to_string()));
    activity::add(db, alert, &Activity { time: now, actor, action, detail: playbook, why })?;
    Ok(Wish::Granted)
}

/// Why a cancelled run ended.
pub(super) fn cancelled(message: &str) -> RunError {
    RunError { kind: "cancelled".to_owned(), limit: None, message: message.to_owned(), line: 0, column: 0 }
}

/// Something a run may be waiting for has happened.
pub(super) fn wake(db: &Connection, run: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE runs SET wakes = wakes + 1 WHERE seq = ?1 AND ended IS NULL")?.execute([run])?;
    Ok(())
}

/// Ends a run whose records cannot be read, since nothing else ever could.
pub(super) fn bury(batch: &mut Batch<'_>, run: i64, fault: &StoreError, now: Timestamp) -> Result<(), StoreError> {
    let error = RunError { kind: "corrupt".to_owned(), limit: None, message: fault.to_string(), line: 0, column: 0 };
    batch.release(run);
    end(batch.db, run, &End::Failed(&error), now)
}
