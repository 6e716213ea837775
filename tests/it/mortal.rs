//! A store whose process dies after so many records.

use async_trait::async_trait;
use quell::digest::Digest;
use quell::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use quell::ruleset::Revision;
use quell::store::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Passes everything on. When the last record it may see has been written, the process aborts before anybody is told.
#[derive(Debug)]
pub struct Mortal {
    store: Arc<dyn Store>,
    most: u64,
    recorded: AtomicU64,
}

impl Mortal {
    /// Lives for so many records.
    pub fn new(store: Arc<dyn Store>, most: u64) -> Self {
        Self { store, most, recorded: AtomicU64::new(0) }
    }

    /// How many were written.
    pub fn recorded(&self) -> u64 {
        self.recorded.load(Ordering::Relaxed)
    }

    fn record(&self) {
        if self.recorded.fetch_add(1, Ordering::Relaxed) + 1 == self.most {
            std::process::abort();
        }
    }
}

#[async_trait]
impl Store for Mortal {
    async fn accept(&self, admissions: Vec<Admission>, now: StoreClock) -> Result<Vec<Accepted>, StoreError> {
        let accepted = self.store.accept(admissions, now).await?;
        if accepted.iter().any(|one| !one.duplicate) {
            self.record();
        }
        Ok(accepted)
    }

    async fn record_generation(&self, generation: Generation, now: StoreClock) -> Result<(), StoreError> {
        self.store.record_generation(generation, now).await
    }

    async fn generation(&self, digest: &Digest) -> Result<Option<Generation>, StoreError> {
        self.store.generation(digest).await
    }

    async fn decided(&self, id: &AlertId) -> Result<Option<Decided>, StoreError> {
        self.store.decided(id).await
    }

    async fn claim_runs(&self, limit: usize, now: StoreClock) -> Result<Vec<RunWork>, StoreError> {
        self.store.claim_runs(limit, now).await
    }

    async fn record_progress(&self, progress: Progress, now: StoreClock) -> Result<(), StoreError> {
        // An activation that only finds that it must wait on records nothing new.
        let news = !progress.steps.is_empty() || progress.outcome != quell::playbook::Outcome::Suspended;
        self.store.record_progress(progress, now).await?;
        if news {
            self.record();
        }
        Ok(())
    }

    async fn claim_requests(
        &self,
        connection: &str,
        limit: usize,
        now: StoreClock,
    ) -> Result<Vec<RequestWork>, StoreError> {
        self.store.claim_requests(connection, limit, now).await
    }

    async fn record_attempt(&self, attempt: AttemptRecord, now: StoreClock) -> Result<(), StoreError> {
        self.store.record_attempt(attempt, now).await?;
        self.record();
        Ok(())
    }

    async fn fire_timers(&self, limit: usize, now: StoreClock) -> Result<usize, StoreError> {
        let fired = self.store.fire_timers(limit, now).await?;
        if fired > 0 {
            self.record();
        }
        Ok(fired)
    }

    async fn expire_runs(&self, limit: usize, now: StoreClock) -> Result<usize, StoreError> {
        self.store.expire_runs(limit, now).await
    }

    async fn lane_states(&self) -> Result<Vec<LaneRecord>, StoreError> {
        self.store.lane_states().await
    }

    async fn record_lane_state(&self, lane: LaneRecord) -> Result<(), StoreError> {
        self.store.record_lane_state(lane).await
    }

    async fn next_work(&self) -> Result<NextWork, StoreError> {
        self.store.next_work().await
    }

    async fn recover(&self, now: StoreClock) -> Result<Recovered, StoreError> {
        self.store.recover(now).await
    }

    async fn alert(&self, id: &AlertId) -> Result<Option<AlertDetails>, StoreError> {
        self.store.alert(id).await
    }

    async fn alerts(&self, query: AlertQuery) -> Result<Page<AlertSummary>, StoreError> {
        self.store.alerts(query).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunDetails>, StoreError> {
        self.store.run(id).await
    }

    async fn runs(&self, query: RunQuery) -> Result<Page<RunSummary>, StoreError> {
        self.store.runs(query).await
    }

    async fn start_run(
        &self,
        alert: &AlertId,
        run: NewRun,
        generation: Digest,
        repeats: Option<&RunId>,
        by: &str,
        now: StoreClock,
    ) -> Result<Started, StoreError> {
        self.store.start_run(alert, run, generation, repeats, by, now).await
    }

    async fn change_alert(
        &self,
        id: &AlertId,
        patch: AlertPatch,
        by: &str,
        on_update: Option<Arc<dyn OnUpdate>>,
        now: StoreClock,
    ) -> Result<Patched, StoreError> {
        self.store.change_alert(id, patch, by, on_update, now).await
    }

    async fn cancel_run(&self, id: &RunId, by: &str, now: StoreClock) -> Result<Wish<RunStatus>, StoreError> {
        self.store.cancel_run(id, by, now).await
    }

    async fn answer_approval(
        &self,
        id: &ApprovalId,
        answer: ApprovalAnswer,
        now: StoreClock,
    ) -> Result<Wish<ApprovalStatus>, StoreError> {
        let wish = self.store.answer_approval(id, answer, now).await?;
        self.record();
        Ok(wish)
    }

    async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, StoreError> {
        self.store.approval(id).await
    }

    async fn approvals(&self, query: WaitingQuery<ApprovalStatus>) -> Result<Page<Approval>, StoreError> {
        self.store.approvals(query).await
    }

    async fn dead_letter(&self, id: &MessageId) -> Result<Option<DeadLetterDetails>, StoreError> {
        self.store.dead_letter(id).await
    }

    async fn dead_letters(&self, query: WaitingQuery<DeadLetterStatus>) -> Result<Page<DeadLetter>, StoreError> {
        self.store.dead_letters(query).await
    }

    async fn claim_expired(&self, connection: &str, limit: usize, now: StoreClock) -> Result<Expired, StoreError> {
        self.store.claim_expired(connection, limit, now).await
    }

    async fn redrive(
        &self,
        id: &MessageId,
        by: &str,
        expires: Option<StoreClock>,
        now: StoreClock,
    ) -> Result<Wish<DeadLetterStatus>, StoreError> {
        self.store.redrive(id, by, expires, now).await
    }

    async fn discard(&self, id: &MessageId, by: &str, now: StoreClock) -> Result<Wish<DeadLetterStatus>, StoreError> {
        self.store.discard(id, by, now).await
    }

    async fn disarmed(&self) -> Result<Option<Disarmed>, StoreError> {
        self.store.disarmed().await
    }

    async fn set_disarmed(&self, disarmed: Option<Disarmed>) -> Result<(), StoreError> {
        self.store.set_disarmed(disarmed).await
    }

    async fn requests_waiting(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.store.requests_waiting().await
    }

    async fn rule_hits(&self) -> Result<RuleHits, StoreError> {
        self.store.rule_hits().await
    }

    async fn dismissals(&self, since: StoreClock) -> Result<Vec<(RuleId, u64)>, StoreError> {
        self.store.dismissals(since).await
    }

    async fn blind_spots(&self, limit: usize) -> Result<Vec<BlindSpot>, StoreError> {
        self.store.blind_spots(limit).await
    }

    async fn note_filters(&self, versions: Vec<(RuleId, Digest)>, now: StoreClock) -> Result<(), StoreError> {
        self.store.note_filters(versions, now).await
    }

    async fn filter_versions(&self, only_held: bool) -> Result<Vec<FilterVersion>, StoreError> {
        self.store.filter_versions(only_held).await
    }

    async fn hold_filters(
        &self,
        versions: Vec<(RuleId, Digest, String)>,
        now: StoreClock,
    ) -> Result<Vec<RuleId>, StoreError> {
        self.store.hold_filters(versions, now).await
    }

    async fn first_dismissal(&self, filter: &RuleId, since: StoreClock) -> Result<Option<StoreClock>, StoreError> {
        self.store.first_dismissal(filter, since).await
    }

    async fn stand_generation(&self, generation: &Digest, revision: Option<Revision>) -> Result<(), StoreError> {
        self.store.stand_generation(generation, revision).await
    }

    async fn vouch_filter(&self, filter: &RuleId) -> Result<bool, StoreError> {
        self.store.vouch_filter(filter).await
    }

    async fn recent_hours(&self, now: StoreClock) -> Result<RecentHours, StoreError> {
        self.store.recent_hours(now).await
    }

    async fn usual_shares(&self, since: StoreClock, until: StoreClock) -> Result<Vec<(RuleId, f64)>, StoreError> {
        self.store.usual_shares(since, until).await
    }

    async fn keep_generation(&self, generation: Generation, now: StoreClock) -> Result<(), StoreError> {
        self.store.keep_generation(generation, now).await
    }

    async fn record_change(&self, change: NewChange) -> Result<(), StoreError> {
        self.store.record_change(change).await
    }

    async fn generations(&self) -> Result<Vec<RulesetChange>, StoreError> {
        self.store.generations().await
    }

    async fn ruleset_changes(&self, query: ChangeQuery) -> Result<Page<RulesetChange>, StoreError> {
        self.store.ruleset_changes(query).await
    }

    async fn untold_changes(&self) -> Result<Vec<UntoldChange>, StoreError> {
        self.store.untold_changes().await
    }

    async fn change_told(&self, number: i64) -> Result<(), StoreError> {
        self.store.change_told(number).await
    }

    async fn rolled_back(&self) -> Result<Option<RolledBack>, StoreError> {
        self.store.rolled_back().await
    }

    async fn set_rolled_back(&self, rolled_back: Option<RolledBack>) -> Result<(), StoreError> {
        self.store.set_rolled_back(rolled_back).await
    }

    async fn counts(&self) -> Result<StoreCounts, StoreError> {
        self.store.counts().await
    }

    fn health(&self) -> Result<(), StoreError> {
        self.store.health()
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
