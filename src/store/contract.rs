//! The `Store` trait: each method one intent, atomic and durable when it returns.

use super::error::StoreError;
use super::lane::LaneRecord;
use super::query::{AlertQuery, Page, RunQuery};
use super::records::{
    Accepted, Admission, AlertDetails, AlertSummary, AttemptRecord, NextWork, Progress, Recovered, RequestWork,
    RunDetails, RunSummary, RunWork, StoreCounts,
};
use crate::clock::Timestamp;
use crate::id::{AlertId, RunId};
use async_trait::async_trait;

/// The instant an operation happens at. Passed in, so that a store never reads a clock.
pub type StoreClock = Timestamp;

/// Durable state. A method that returned `Ok` has been synced to disk; one that returned `Err` changed nothing.
///
/// *Claims*: `claim_runs` and `claim_requests` hand out work that is not handed out again until it is recorded, its
/// `ClaimGuard` is dropped or the process that claimed it is gone. An engine of one process keeps claims in memory; an
/// engine of several keeps leases. Work dropped before it was recorded, on its way to the caller or later, can be
/// claimed again at once. Work whose record cannot be read is not handed out: the run, or the step, ends as failed
/// with kind `corrupt`.
///
/// *Overload*: `accept` is refused as `Busy` at once; everything else waits its turn, so that work in progress is
/// finished before new work is taken on. A call whose future is dropped may still have happened.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug + 'static {
    /// Takes alerts with their verdicts and the runs they call for, all of one admission or none of it. An alert
    /// already stored (same source and source id) is answered with what was stored; if its content differs, the new
    /// content is kept as activity `source_update`: its first 4 KiB, its length and its digest. Runs over their
    /// playbook's rate limit are not created, and the alert's activity says so.
    async fn accept(&self, admissions: Vec<Admission>, now: StoreClock) -> Result<Vec<Accepted>, StoreError>;

    /// Claims up to `limit` runs that can go on, with all a worker needs: one of each playbook in turn, oldest first
    /// within each, so that a flood of one playbook's runs delays no other playbook.
    async fn claim_runs(&self, limit: usize, now: StoreClock) -> Result<Vec<RunWork>, StoreError>;

    /// Records what an activation came to and releases the claim: new steps, immediate effects on the alert and its
    /// activity, and the end, if it is one, in one commit. A run that ended meanwhile (expired, cancelled) is left
    /// as it is. An end cancels the steps still in flight.
    async fn record_progress(&self, progress: Progress, now: StoreClock) -> Result<(), StoreError>;

    /// Claims up to `limit` requests over `connection` that are due, oldest first.
    async fn claim_requests(
        &self,
        connection: &str,
        limit: usize,
        now: StoreClock,
    ) -> Result<Vec<RequestWork>, StoreError>;

    /// Records one attempt at a claimed request, how the step goes on, and releases the claim. When the step has
    /// ended its run can go on. The attempt is kept even if the run has ended meanwhile; it revives nothing.
    async fn record_attempt(&self, attempt: AttemptRecord, now: StoreClock) -> Result<(), StoreError>;

    /// Ends every sleep whose time has come; its run can go on. At most `limit`; returns how many.
    async fn fire_timers(&self, limit: usize, now: StoreClock) -> Result<usize, StoreError>;

    /// Ends every run whose deadline has passed as `expired`, cancelling its steps. At most `limit`; returns how many.
    async fn expire_runs(&self, limit: usize, now: StoreClock) -> Result<usize, StoreError>;

    /// What is due next, so that nobody needs to poll.
    async fn next_work(&self) -> Result<NextWork, StoreError>;

    /// How lanes stand: one record for each connection that was ever recorded.
    async fn lane_states(&self) -> Result<Vec<LaneRecord>, StoreError>;

    /// Records how a lane stands now, in place of what was recorded of it before.
    async fn record_lane_state(&self, lane: LaneRecord) -> Result<(), StoreError>;

    /// What a start finds: work that was in flight when the last process ended is claimable again.
    async fn recover(&self, now: StoreClock) -> Result<Recovered, StoreError>;

    /// One alert with everything known of it.
    async fn alert(&self, id: &AlertId) -> Result<Option<AlertDetails>, StoreError>;

    /// A page of alerts.
    async fn alerts(&self, query: AlertQuery) -> Result<Page<AlertSummary>, StoreError>;

    /// One run with its steps and their attempts.
    async fn run(&self, id: &RunId) -> Result<Option<RunDetails>, StoreError>;

    /// A page of runs, newest first.
    async fn runs(&self, query: RunQuery) -> Result<Page<RunSummary>, StoreError>;

    /// Numbers for metrics and `status`.
    async fn counts(&self) -> Result<StoreCounts, StoreError>;

    /// Whether the store takes writes: `Err` says why not. `Full` passes by itself; `Failed` needs a restart.
    fn health(&self) -> Result<(), StoreError>;

    /// Stops taking work, finishes what was taken, closes the files.
    async fn close(&self);
}
