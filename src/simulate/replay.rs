//! The replay itself: alerts handed to as many threads as there are cores, a piece at a time.

use super::events::{Part, Unread, parts};
use super::limits::{self, Windows};
use super::recorded::Recorded;
use super::report::Report;
use super::tally::{Outcome, Seen, Tally};
use crate::alert::field::Column;
use crate::alert::{Alert, AlertText};
use crate::clock::Timestamp;
use crate::ruleset::{Ruleset, Verdict};
use crate::store::{Decided, SqliteHistory, SqliteHistoryReader, StoreError, StoredAlert};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Stored alerts a thread takes at a time.
const STRIDE: i64 = 512;
/// How often somebody who watches is told.
const TICK: Duration = Duration::from_millis(100);

/// Where the alerts come from.
#[derive(Debug)]
pub enum Input {
    /// What a daemon has stored.
    History(SqliteHistory),
    /// Files of alerts of any known source; `-` is the standard input.
    Files(Vec<String>),
}

/// What the candidate is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Before<'r> {
    /// What was decided when each alert came in. Alerts of files have nothing of the kind: nothing dismissed them.
    Recorded,
    /// What another set decides.
    Set(&'r Ruleset),
}

/// How to replay.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Decide everything as of this instant, rather than when each alert was decided on.
    pub at: Option<Timestamp>,
    /// Now: when alerts of files are received.
    pub now: Timestamp,
    /// Threads.
    pub threads: usize,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum SimulateFault {
    /// The history cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// A thread ended by itself.
    #[error("a thread that decides ended by itself; this is a fault of Quell")]
    Crashed,
}

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Alerts done.
    pub alerts: u64,
    /// The share done, of a thousand; none where the end is not known.
    pub permille: Option<u64>,
}

/// One replay, as its threads share it.
struct Run<'r> {
    candidate: &'r Ruleset,
    before: Before<'r>,
    settings: Settings,
    alerts: AtomicU64,
    stop: AtomicBool,
}

/// What one thread carries from alert to alert.
#[derive(Default)]
struct Thread {
    recorded: Recorded,
    windows: Windows,
    tally: Tally,
}

/// Puts every alert to both and reports what differs. `watch` is called now and then on the thread that called.
///
/// # Errors
/// If alerts cannot be read at all. Single ones that cannot are counted.
pub fn replay(
    input: &Input,
    before: Before<'_>,
    candidate: &Ruleset,
    settings: Settings,
    watch: &mut dyn FnMut(Progress),
) -> Result<Report, SimulateFault> {
    let settings = match before {
        // Windows are counted in the order of alerts, so by one thread.
        Before::Set(set) if limits::counts(set) => Settings { threads: 1, ..settings },
        Before::Set(_) | Before::Recorded if limits::counts(candidate) => Settings { threads: 1, ..settings },
        Before::Set(_) | Before::Recorded => settings,
    };
    let run = Run { candidate, before, settings, alerts: AtomicU64::new(0), stop: AtomicBool::new(false) };
    let tally = match input {
        Input::History(history) => run.history(history, watch)?,
        Input::Files(files) => run.files(files, watch)?,
    };
    Ok(Report::new(tally, candidate))
}

impl Run<'_> {
    fn history(&self, history: &SqliteHistory, watch: &mut dyn FnMut(Progress)) -> Result<Tally, SimulateFault> {
        let (first, last) = (*history.numbers().start(), *history.numbers().end());
        let next = AtomicI64::new(first);
        let work = || -> Result<Tally, SimulateFault> {
            let reader = history.reader()?;
            let mut thread = Thread::default();
            while !self.stop.load(Ordering::Relaxed) {
                let from = next.fetch_add(STRIDE, Ordering::Relaxed);
                if from > last {
                    break;
                }
                let mut seen = 0;
                reader.read(from..=last.min(from + STRIDE - 1), |stored| {
                    seen += 1;
                    self.stored(stored, &reader, &mut thread);
                })?;
                self.alerts.fetch_add(seen, Ordering::Relaxed);
            }
            Ok(thread.tally)
        };
        let share = || {
            let done = (next.load(Ordering::Relaxed).min(last + 1) - first).max(0) as u64;
            Some(done * 1000 / u64::try_from(last + 1 - first).unwrap_or(0).max(1))
        };
        std::thread::scope(|scope| {
            let (told, done) = sync_channel(self.settings.threads);
            for _ in 0..self.settings.threads {
                let told = told.clone();
                scope.spawn(move || tell(&told, work));
            }
            drop(told);
            self.gather(&done, share, watch)
        })
    }

    fn files(&self, files: &[String], watch: &mut dyn FnMut(Progress)) -> Result<Tally, SimulateFault> {
        let threads = self.settings.threads;
        // Bounded: what waits here is all of a file that is held in memory.
        let (hand, queue) = sync_channel::<(u64, Part)>(threads * 2);
        // Gone with the last thread that takes from it, so that nobody hands on for ever.
        let queue = Arc::new(Mutex::new(queue));
        let work = |queue: Arc<Mutex<Receiver<(u64, Part)>>>| -> Result<Tally, SimulateFault> {
            let mut thread = Thread::default();
            loop {
                let part = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((place, part)) = part else { return Ok(thread.tally) };
                self.part(place, part, &mut thread);
            }
        };
        std::thread::scope(|scope| {
            let (told, done) = sync_channel(threads + 1);
            for _ in 0..threads {
                let (told, queue, work) = (told.clone(), queue.clone(), &work);
                scope.spawn(move || tell(&told, || work(queue)));
            }
            drop(queue);
            scope.spawn(move || {
                let mut place = 0_u64;
                let read = || {
                    let read = parts(files, |part| {
                        place += 1;
                        // Parts of one file are counted apart, so that places order all alerts.
                        hand.send((place << 32, part)).map_err(|_| io::ErrorKind::BrokenPipe.into())
                    });
                    drop(hand);
                    read.map(|()| Tally::default()).map_err(|(file, fault)| SimulateFault::File(file, fault))
                };
                tell(&told, read);
            });
            self.gather(&done, || None, watch)
        })
    }

    /// Waits for every thread and puts together what they saw.
    fn gather(
        &self,
        done: &Receiver<Result<Tally, SimulateFault>>,
        share: impl Fn() -> Option<u64>,
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Tally, SimulateFault> {
        let mut all = Ok(Tally::default());
        loop {
            match done.recv_timeout(TICK) {
                Ok(Ok(tally)) => {
                    all = all.map(|mut all: Tally| {
                        all.merge(tally);
                        all
                    })
                }
                Ok(Err(fault)) => {
                    self.stop.store(true, Ordering::Relaxed);
                    all = all.and(Err(fault));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return all,
            }
            watch(Progress { alerts: self.alerts.load(Ordering::Relaxed), permille: share() });
        }
    }

    fn stored(
        &self,
        stored: Result<StoredAlert<'_>, (i64, StoreError)>,
        reader: &SqliteHistoryReader,
        thread: &mut Thread,
    ) {
        let Thread { recorded, windows, tally } = thread;
        let place = |number: i64| u64::try_from(number).unwrap_or_default();
        let stored = match stored {
            Ok(stored) => stored,
            Err((number, fault)) => {
                let unread = Unread { place: format!("alert number {number}"), why: fault.to_string() };
                return tally.unread(place(number), unread);
            }
        };
        let number = place(stored.number);
        if let Some(text) = stored.text
            && self.in_its_text(number, text, stored.verdict, recorded, tally).is_some()
        {
            return;
        }
        let read = || -> serde_json::Result<(Alert, Verdict)> {
            Ok((serde_json::from_str(stored.body)?, serde_json::from_str(stored.verdict)?))
        };
        match read() {
            Ok((alert, recorded)) => {
                let decided = Decided::new(alert, recorded);
                let at = self.settings.at.unwrap_or(decided.at());
                let id = decided.alert.id.as_str();
                self.whole(number, id, &decided.alert, Outcome::from(&decided.verdict), at, (windows, tally));
            }
            Err(fault) => {
                tally.unread(number, Unread { place: reader.name(stored.number), why: fault.to_string() });
            }
        }
    }

    /// Decides on a stored alert without making it; none, and nothing done, where that cannot be.
    fn in_its_text(
        &self,
        place: u64,
        alert: AlertText<'_>,
        verdict: &str,
        recorded: &mut Recorded,
        tally: &mut Tally,
    ) -> Option<()> {
        let recorded = recorded.read(verdict).ok()?;
        let status = recorded.status_before(alert.status());
        let alert = alert.with_status(status);
        let at = self.settings.at.unwrap_or(recorded.decided_time);
        let after = self.judged(self.candidate, &alert, at)?;
        let before = match self.before {
            Before::Recorded => Outcome::from(recorded),
            Before::Set(set) => self.judged(set, &alert, at)?,
        };
        // Only what moves is shown.
        let moves = before.is_dismissed != after.is_dismissed;
        let text = |column| if moves { alert.read::<String>(column) } else { Some(String::new()) };
        let (id, alert_type, title) = (text(Column::Id)?, text(Column::AlertType)?, text(Column::Title)?);
        let seen = Seen { place, id: &id, severity: alert.severity(), alert_type: &alert_type, title: &title };
        tally.add(seen, &before, &after);
        Some(())
    }

    /// What a set makes of an alert in its text. Limits count by values of the alert itself, so that has to be made for them.
    fn judged<'s>(&self, set: &'s Ruleset, alert: &AlertText<'_>, at: Timestamp) -> Option<Outcome<'s>> {
        let judgement = set.judge_text(alert, at)?;
        (!limits::are_asked(&judgement)).then(|| Outcome::from(judgement))
    }

    fn part(&self, place: u64, part: Part, thread: &mut Thread) {
        let Thread { windows, tally, .. } = thread;
        let at = self.settings.at.unwrap_or(self.settings.now);
        let mut number = place;
        part.decode(at, |alert| {
            number += 1;
            match alert {
                Ok(alert) => {
                    self.whole(number, &alert.source_id, &alert, Outcome::default(), at, (windows, tally));
                }
                Err(unread) => tally.unread(number, unread),
            }
        });
        self.alerts.fetch_add(number - place, Ordering::Relaxed);
    }

    fn whole(
        &self,
        place: u64,
        id: &str,
        alert: &Alert,
        recorded: Outcome<'_>,
        at: Timestamp,
        (windows, tally): (&mut Windows, &mut Tally),
    ) {
        let before = match self.before {
            Before::Recorded => recorded,
            Before::Set(set) => limits::decided(set.judge(alert, at), alert, &mut windows.before, at),
        };
        let after = limits::decided(self.candidate.judge(alert, at), alert, &mut windows.after, at);
        let (severity, alert_type, title) = (&alert.severity, &*alert.alert_type, &*alert.title);
        let seen = Seen { place, id, severity, alert_type, title };
        tally.add(seen, &before, &after);
    }
}

/// Does work and tells how it ended; a thread that crashed tells that.
fn tell(told: &SyncSender<Result<Tally, SimulateFault>>, work: impl FnOnce() -> Result<Tally, SimulateFault>) {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(Err(SimulateFault::Crashed));
    // Whoever asked waits for all of them.
    let _ = told.send(ended);
}
