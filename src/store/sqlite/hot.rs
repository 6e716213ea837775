//! What this process has just written about runs under way, kept in memory: an activation or an attempt mostly wants its
//! records soon after they were made, and need not read them back then.
//!
//! Nothing here is more than a copy of what is on disk: it is told only what a commit has written, and forgets a run of
//! which anything else happened.

use super::claims::RequestKey;
use crate::clock::Timestamp;
use crate::playbook::{Effect, Entry, JsonText, RequestSpec, Settled, StepKey};
use crate::store::{ClaimGuard, EMAIL_LANE, Progress, RequestWork, RunWork, StepStart};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

/// Most bytes kept, half of it of what was not wanted lately; and most of one run or request.
const BYTES: usize = 32 << 20;
const ONE: usize = 256 << 10;

/// What a run, a step and a request take besides their texts.
const OVERHEAD: usize = 512;

/// What a job has written that is worth knowing, once it is on disk.
#[derive(Debug)]
pub(super) enum Learned {
    /// An activation has recorded these steps and lines, and the run waits.
    Progress { run: i64, entries: Vec<Entry>, strands: Vec<String>, requests: Vec<RequestWork> },
    /// A step is done, which has woken its run once.
    Done { run: i64, key: StepKey, value: JsonText, at: Timestamp },
    /// The run has ended, or something rare has happened to it.
    Forget { run: i64 },
}

/// Runs and requests as the next activation or attempt wants them.
#[derive(Debug, Default)]
pub(super) struct Hot(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// What was wanted or written lately.
    young: Generation,
    /// What was not, since `young` last was full. It goes when `young` is full again.
    old: Generation,
    /// The database's own count of commits by anybody but the writer.
    version: Option<i64>,
}

#[derive(Debug, Default)]
struct Generation {
    runs: HashMap<i64, Run>,
    requests: HashMap<RequestKey, RequestWork>,
    bytes: usize,
}

#[derive(Debug)]
struct Run {
    /// How often it had been woken when all this was so.
    wakes: i64,
    work: RunWork,
    bytes: usize,
}

impl Hot {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("no holder of this lock panics")
    }

    /// Forgets everything if anybody but the writer has changed the database. Ask with the writer's connection, inside a
    /// transaction.
    pub fn compare(&self, db: &Connection) -> rusqlite::Result<()> {
        let version = db.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let mut kept = self.kept();
        if kept.version != Some(version) {
            *kept = Kept { version: Some(version), ..Kept::default() };
        }
        Ok(())
    }

    /// How often a run had been woken when what is kept of it was so; none if nothing is.
    pub fn wakes(&self, run: i64) -> Option<i64> {
        let kept = self.kept();
        kept.young.runs.get(&run).or_else(|| kept.old.runs.get(&run)).map(|run| run.wakes)
    }

    /// A run, if it is kept.
    pub fn run(&self, run: i64) -> Option<RunWork> {
        let mut kept = self.kept();
        kept.rejuvenate(run);
        kept.young.runs.get(&run).map(|run| run.work.clone())
    }

    /// Keeps a run as it was read.
    pub fn keep(&self, run: i64, wakes: i64, work: &RunWork) {
        let bytes = OVERHEAD + work.alert.len() + work.journal.iter().map(size).sum::<usize>();
        self.kept().insert(run, Run { wakes, work: work.clone(), bytes });
    }

    /// A request that nobody has been handed yet, if it is kept.
    pub fn take_request(&self, request: &RequestKey) -> Option<RequestWork> {
        let mut kept = self.kept();
        kept.young.take_request(request).or_else(|| kept.old.take_request(request))
    }

    /// What a group has written is on disk.
    pub fn learn(&self, learned: Vec<Learned>) {
        if learned.is_empty() {
            return;
        }
        let mut kept = self.kept();
        for learned in learned {
            kept.learn(learned);
        }
    }
}

impl Kept {
    fn learn(&mut self, learned: Learned) {
        match learned {
            Learned::Forget { run } => drop(self.remove(run)),
            Learned::Progress { run, entries, strands, requests } => {
                if let Some(mut known) = self.remove(run) {
                    known.bytes += entries.iter().map(size).sum::<usize>();
                    known.work.journal.extend(entries);
                    for strand in strands {
                        *known.work.logged.entry(strand).or_default() += 1;
                    }
                    self.insert(run, known);
                }
                for request in requests {
                    self.insert_request(RequestKey { run, key: request.key.clone() }, request);
                }
            }
            Learned::Done { run, key, value, at } => {
                let Some(mut known) = self.remove(run) else { return };
                match known.work.journal.iter_mut().find(|entry| entry.key == key) {
                    // It was read after this was written.
                    Some(Entry { settled: Some(_), .. }) => {}
                    Some(entry) => {
                        known.wakes += 1;
                        known.bytes += value.as_str().len();
                        entry.settled = Some(Settled::Done { value, at });
                    }
                    None => return,
                }
                self.insert(run, known);
            }
        }
    }

    fn rejuvenate(&mut self, run: i64) {
        if let Some(known) = self.old.remove(run) {
            self.insert(run, known);
        }
    }

    fn remove(&mut self, run: i64) -> Option<Run> {
        self.young.remove(run).or_else(|| self.old.remove(run))
    }

    fn insert(&mut self, run: i64, known: Run) {
        self.remove(run);
        if known.bytes <= ONE {
            self.make_room();
            self.young.bytes += known.bytes;
            self.young.runs.insert(run, known);
        }
    }

    fn insert_request(&mut self, key: RequestKey, request: RequestWork) {
        let bytes = request_size(&request);
        if bytes <= ONE {
            self.make_room();
            self.young.bytes += bytes;
            self.young.requests.insert(key, request);
        }
    }

    fn make_room(&mut self) {
        if self.young.bytes > BYTES / 2 {
            self.old = std::mem::take(&mut self.young);
        }
    }
}

impl Generation {
    fn remove(&mut self, run: i64) -> Option<Run> {
        let known = self.runs.remove(&run)?;
        self.bytes -= known.bytes;
        Some(known)
    }

    fn take_request(&mut self, request: &RequestKey) -> Option<RequestWork> {
        let known = self.requests.remove(request)?;
        self.bytes -= request_size(&known);
        Some(known)
    }
}

fn size(entry: &Entry) -> usize {
    let value = match &entry.settled {
        Some(Settled::Done { value, .. }) => value.as_str().len(),
        Some(Settled::Failed { error, .. }) => error.message.len() + error.body.to_string().len(),
        None => 0,
    };
    OVERHEAD + value
}

fn request_size(request: &RequestWork) -> usize {
    let headers: usize = request.spec.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let (path, body) = (request.spec.path.as_ref(), request.spec.body.as_ref());
    let mail = request.mail.as_ref().map_or(0, |mail| mail.subject.len() + mail.body.len());
    OVERHEAD + headers + path.map_or(0, String::len) + body.map_or(0, String::len) + mail
}

/// What an activation's steps and lines make known of a run that waits after it; none of a step that is over with its
/// record in a way that only the record tells.
pub(super) fn progress(run: i64, progress: &Progress, now: Timestamp) -> Learned {
    let (mut entries, mut requests) = (Vec::with_capacity(progress.steps.len()), Vec::new());
    for (step, start) in &progress.steps {
        let (mut settled, mut sent) = (None, None);
        match (&step.effect, start) {
            (Effect::Change(_) | Effect::Audited, StepStart::Normal) => {
                settled = Some(Settled::Done { value: JsonText::of(&Value::Null), at: now });
            }
            (Effect::Request(spec), StepStart::Message { id, expires }) => {
                sent = Some((spec.clone(), None, id.clone(), *expires));
            }
            (Effect::Email(mail), StepStart::Message { id, expires }) => {
                let spec = RequestSpec::new(EMAIL_LANE, EMAIL_LANE);
                sent = Some((spec, Some(mail.clone()), id.clone(), *expires));
            }
            (Effect::Sleep { .. }, StepStart::Normal)
            | (Effect::Approval(_), StepStart::Approval(_))
            | (Effect::Child { .. }, StepStart::Child(_)) => {}
            _ => return Learned::Forget { run },
        }
        if let Some((spec, mail, message, expires)) = sent {
            let (run, key, claim) = (progress.run.clone(), step.key.clone(), ClaimGuard::default());
            requests.push(RequestWork { run, key, message, spec, mail, recorded: now, expires, attempts: 0, claim });
        }
        entries.push(Entry::of(step, settled));
    }
    let strands = progress.logs.iter().map(|line| line.strand.clone()).collect();
    Learned::Progress { run, entries, strands, requests }
}
