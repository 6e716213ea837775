//! The `Store` trait: each method one intent, atomic and durable when it returns.

use super::attempt::{AttemptRecord, Expired, RequestWork};
use super::change::{ChangeQuery, NewChange, RolledBack, RulesetChange, UntoldChange};
use super::error::StoreError;
use super::generation::{Decided, Generation};
use super::hits::{BlindSpot, RecentHours, RuleHits};
use super::lane::LaneRecord;
use super::operator::{
    Approval, ApprovalAnswer, ApprovalStatus, DeadLetter, DeadLetterDetails, DeadLetterStatus, Disarmed, Started,
    WaitingQuery, Wish,
};
use super::patch::{AlertPatch, Patched};
use super::query::{AlertQuery, Page, RunQuery};
use super::records::{
    Accepted, Admission, AlertDetails, AlertSummary, NewRun, NextWork, Progress, Recovered, RunDetails, RunStatus,
    RunSummary, RunWork, StoreCounts,
};
use super::update::OnUpdate;
use super::versions::FilterVersion;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use crate::ruleset::Revision;
use async_trait::async_trait;
use std::sync::Arc;

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
    /// content is kept as activity `source_update`: its first 4 KiB, its length and its digest; and the runs that `on_update`
    /// calls for are created, which see the alert as the update leaves it. Runs over their
    /// playbook's rate limit are not created, and the alert's activity says so.
    async fn accept(&self, admissions: Vec<Admission>, now: StoreClock) -> Result<Vec<Accepted>, StoreError>;

    /// Keeps a generation of rules and the commit it stands on, if they are not kept already: before it decides on an
    /// alert that is accepted. Each file's content is kept once, however many generations hold it.
    async fn record_generation(&self, generation: Generation, now: StoreClock) -> Result<(), StoreError>;

    /// Keeps a generation of rules, so that it can be gone back to: before it decides on anything.
    async fn keep_generation(&self, generation: Generation, now: StoreClock) -> Result<(), StoreError>;

    /// A generation that was kept.
    async fn generation(&self, digest: &Digest) -> Result<Option<Generation>, StoreError>;

    /// An alert as it was decided on, whatever was changed of it since.
    async fn decided(&self, id: &AlertId) -> Result<Option<Decided>, StoreError>;

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

    /// Claims up to `limit` requests over `connection` whose time is over, due or not, those first that expired first;
    /// and says when the next one expires, apart from those that are claimed.
    async fn claim_expired(&self, connection: &str, limit: usize, now: StoreClock) -> Result<Expired, StoreError>;

    /// Records one attempt at a claimed request, how the step goes on, and releases the claim. When the step has
    /// ended its run can go on. The attempt is kept even if the run has ended meanwhile; it revives nothing.
    async fn record_attempt(&self, attempt: AttemptRecord, now: StoreClock) -> Result<(), StoreError>;

    /// Ends every sleep whose time has come, and every question that nobody answered in time; their runs can go on. At most `limit`; returns how many.
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

    /// Creates a run for an alert that is stored, whatever its status, because `by` asked for it; the alert's activity
    /// says so. One that `repeats` another run sees the alert as that one did.
    async fn start_run(
        &self,
        alert: &AlertId,
        run: NewRun,
        generation: Digest,
        repeats: Option<&RunId>,
        by: &str,
        now: StoreClock,
    ) -> Result<Started, StoreError>;

    /// Makes a person's changes of an alert, as far as it is not so already, and creates the runs that `on_update` calls
    /// for, if anything has changed. The alert's activity says who did what.
    async fn change_alert(
        &self,
        id: &AlertId,
        patch: AlertPatch,
        by: &str,
        on_update: Option<Arc<dyn OnUpdate>>,
        now: StoreClock,
    ) -> Result<Patched, StoreError>;

    /// Ends a run as `cancelled`, and with it its steps in flight, its questions and the runs it has started.
    async fn cancel_run(&self, id: &RunId, by: &str, now: StoreClock) -> Result<Wish<RunStatus>, StoreError>;

    /// Answers a question that nobody has answered yet; its run can go on. The alert's activity says who did.
    async fn answer_approval(
        &self,
        id: &ApprovalId,
        answer: ApprovalAnswer,
        now: StoreClock,
    ) -> Result<Wish<ApprovalStatus>, StoreError>;

    /// One question.
    async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, StoreError>;

    /// A page of questions, oldest first.
    async fn approvals(&self, query: WaitingQuery<ApprovalStatus>) -> Result<Page<Approval>, StoreError>;

    /// One request that was given up.
    async fn dead_letter(&self, id: &MessageId) -> Result<Option<DeadLetterDetails>, StoreError>;

    /// A page of requests that were given up, oldest first.
    async fn dead_letters(&self, query: WaitingQuery<DeadLetterStatus>) -> Result<Page<DeadLetter>, StoreError>;

    /// Has a request that was given up sent again over its connection's lane until it `expires`, with the same id and
    /// bytes and a new schedule. Its run has gone on without it and is not told.
    async fn redrive(
        &self,
        id: &MessageId,
        by: &str,
        expires: Option<Timestamp>,
        now: StoreClock,
    ) -> Result<Wish<DeadLetterStatus>, StoreError>;

    /// Marks a request that was given up as never to be sent.
    async fn discard(&self, id: &MessageId, by: &str, now: StoreClock) -> Result<Wish<DeadLetterStatus>, StoreError>;

    /// Whether all playbooks are held, and by whom.
    async fn disarmed(&self) -> Result<Option<Disarmed>, StoreError>;

    /// Holds all playbooks, or with `None` lets them go on.
    async fn set_disarmed(&self, disarmed: Option<Disarmed>) -> Result<(), StoreError>;

    /// How many requests wait to be sent, by connection: those whose step is in flight, and letters sent again.
    async fn requests_waiting(&self) -> Result<Vec<(String, u64)>, StoreError>;

    /// How often every filter and playbook was met, counted in the commits that store the alerts.
    async fn rule_hits(&self) -> Result<RuleHits, StoreError>;

    /// How many alerts each filter has dismissed since an instant, to the hour and at most 31 days back; the most first.
    async fn dismissals(&self, since: Timestamp) -> Result<Vec<(RuleId, u64)>, StoreError>;

    /// The types of alerts that have never met a filter or a playbook, those with the most alerts first.
    async fn blind_spots(&self, limit: usize) -> Result<Vec<BlindSpot>, StoreError>;

    /// Takes note of the filters that decide now and their texts. A version that is known stays as it is, also one that
    /// comes back; another one is new from `now` on, and not held.
    async fn note_filters(&self, versions: Vec<(RuleId, Digest)>, now: StoreClock) -> Result<(), StoreError>;

    /// The versions of filters that were last seen, or only those that are held.
    async fn filter_versions(&self, only_held: bool) -> Result<Vec<FilterVersion>, StoreError>;

    /// Holds versions of filters, each for its reason, until another one is seen or somebody vouches for it; but for those
    /// that are held or vouched for already, or not the version that was last seen. Says which it did hold.
    async fn hold_filters(
        &self,
        versions: Vec<(RuleId, Digest, String)>,
        now: StoreClock,
    ) -> Result<Vec<RuleId>, StoreError>;

    /// The first hour since an instant, at most 31 days back, in which a filter dismissed anything.
    async fn first_dismissal(&self, filter: &RuleId, since: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// Vouches for the version of a filter that is held. False if none is.
    async fn vouch_filter(&self, filter: &RuleId) -> Result<bool, StoreError>;

    /// What was accepted and what each filter dismissed in the hour of the clock that it is, and in the one before.
    async fn recent_hours(&self, now: StoreClock) -> Result<RecentHours, StoreError>;

    /// For each filter, the share of all accepted alerts that it dismissed between these instants, to the hour, counted
    /// from the first hour in which it dismissed any.
    async fn usual_shares(&self, since: Timestamp, until: Timestamp) -> Result<Vec<(RuleId, f64)>, StoreError>;

    /// Records that another set began to decide, and whether that is a step back. What can be gone back to are the last
    /// `KEPT_GENERATIONS`; those before that decided on no alert may be forgotten.
    async fn record_change(&self, change: NewChange) -> Result<(), StoreError>;

    /// Notes that a generation stands on another commit now: the change it last began with names that one.
    async fn stand_generation(&self, generation: &Digest, revision: Option<Revision>) -> Result<(), StoreError>;

    /// The change that each generation that can be gone back to last began with, newest first.
    async fn generations(&self) -> Result<Vec<RulesetChange>, StoreError>;

    /// A page of all changes, newest first.
    async fn ruleset_changes(&self, query: ChangeQuery) -> Result<Page<RulesetChange>, StoreError>;

    /// Changes that an alert is to tell of and has not yet, oldest first.
    async fn untold_changes(&self) -> Result<Vec<UntoldChange>, StoreError>;

    /// Notes that an alert has told of a change.
    async fn change_told(&self, number: i64) -> Result<(), StoreError>;

    /// Whether a set decides that is not the one the files hold.
    async fn rolled_back(&self) -> Result<Option<RolledBack>, StoreError>;

    /// Notes that one does, or with `None` that the files decide.
    async fn set_rolled_back(&self, rolled_back: Option<RolledBack>) -> Result<(), StoreError>;

    /// Numbers for metrics and `status`.
    async fn counts(&self) -> Result<StoreCounts, StoreError>;

    /// Whether the store takes writes: `Err` says why not. `Full` passes by itself; `Failed` needs a restart.
    fn health(&self) -> Result<(), StoreError>;

    /// Stops taking work, finishes what was taken, closes the files.
    async fn close(&self);
}
