//! A unit of writing: what it does inside a group's transaction, and its answer once the group is on disk.

use super::claims::{Claim, Claims, Ticket};
use super::hits::Hits;
use super::hot::{Hot, Learned};
use crate::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// What a job writes with.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    /// The connection, inside the group's transaction.
    pub db: &'a Connection,
    /// The claims there are.
    pub claims: &'a Claims,
    /// What rules have been met by, written once for the whole group.
    pub hits: Hits,
    /// What is kept in memory of runs under way.
    pub hot: &'a Hot,
    released: Vec<(Claim, Ticket)>,
    learned: Vec<Learned>,
}

impl<'a> Batch<'a> {
    /// A batch that has done nothing yet.
    pub fn new(db: &'a Connection, claims: &'a Claims, hot: &'a Hot) -> Self {
        Self { db, claims, hits: Hits::default(), hot, released: Vec::new(), learned: Vec::new() }
    }

    /// Lets go of a claim once what was recorded about it is on disk.
    pub fn release(&mut self, claim: impl Into<Claim>) {
        let claim = claim.into();
        if let Some(ticket) = self.claims.ticket(&claim) {
            self.released.push((claim, ticket));
        }
    }

    /// Keeps in memory what was written, once it is on disk.
    pub fn learn(&mut self, learned: Learned) {
        self.learned.push(learned);
    }

    /// Whether what is kept of a run, together with what this group has written so far, is all there is of it.
    pub fn knows(&self, run: i64, wakes: i64) -> bool {
        let Some(mut known) = self.hot.wakes(run) else { return false };
        for learned in &self.learned {
            match learned {
                Learned::Done { run: other, .. } if *other == run => known += 1,
                Learned::Forget { run: other } if *other == run => return false,
                _ => {}
            }
        }
        known == wakes
    }

    /// Runs a job. If it fails, what it has written is left behind: `has_written` says whether there is any.
    pub fn perform(&mut self, job: &mut dyn Job) -> Result<(), Failed> {
        let (staged, learned, before) = (self.released.len(), self.learned.len(), self.db.total_changes());
        job.perform(self).map_err(|error| {
            self.released.truncate(staged);
            self.learned.truncate(learned);
            Failed { error, has_written: self.db.total_changes() != before }
        })
    }

    /// Runs a job so that it leaves nothing behind if it fails. Every page it writes to is copied first.
    pub fn perform_alone(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.db.prepare_cached("SAVEPOINT job")?.execute([])?;
        let done = self.perform(job).map_err(|failed| failed.error);
        if done.is_err() {
            if self.db.is_autocommit() {
                // The fault, such as a full disk, has undone the whole transaction already.
                return done;
            }
            self.db.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        self.db.prepare_cached("RELEASE job")?.execute([])?;
        done
    }

    /// The group is on disk.
    pub fn committed(self) {
        self.hot.learn(self.learned);
        for (claim, ticket) in &self.released {
            self.claims.release(claim, *ticket);
        }
    }
}

/// A job that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub error: StoreError,
    /// Whether it has left something behind in the transaction.
    pub has_written: bool,
}

/// A job as the writer sees it.
pub(super) trait Job: Send {
    /// Does the work, anew each time: a group one of whose jobs failed half-way is written again without its traces.
    fn perform(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError>;

    /// How many bytes it is about to write, roughly.
    fn weight(&self) -> usize;

    /// Answers the caller: with what the work came to if its group was committed, else with why not.
    fn answer(self: Box<Self>, commit: &Result<(), StoreError>);
}

/// A closure as a job.
pub(super) struct Work<T, F> {
    work: F,
    outcome: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    weight: usize,
    _room: Option<OwnedSemaphorePermit>,
}

impl<T, F> Work<T, F> {
    /// The job, and where its answer arrives.
    pub fn new(
        work: F,
        weight: usize,
        room: Option<OwnedSemaphorePermit>,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { work, outcome: not_begun(), reply, weight, _room: room }, answer)
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: Fn(&mut Batch<'_>) -> Result<T, StoreError> + Send,
{
    fn perform(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        // First of all it lets go of what it may have claimed when it was performed before.
        self.outcome = not_begun();
        self.outcome = (self.work)(batch);
        self.outcome.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn weight(&self) -> usize {
        self.weight
    }

    fn answer(self: Box<Self>, commit: &Result<(), StoreError>) {
        let answer = commit.clone().and(self.outcome);
        // A caller that has gone away asked for nothing to be undone.
        let _ = self.reply.send(answer);
    }
}

fn not_begun<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("not begun".to_owned()))
}
