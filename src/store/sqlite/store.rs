//! The store itself: which part of it does what, and what a claim takes on its way.

use super::aside::Aside;
use super::checkpoint::Checkpointer;
use super::claims::{Claimed, Claims, RequestKey};
use super::draft::Draft;
use super::folder::Folder;
use super::generations::Manifest;
use super::health::Health;
use super::hot::Hot;
use super::programs::Programs;
use super::readers::Readers;
use super::runs::Ready;
use super::settings::SqliteSettings;
use super::work::Batch;
use super::writer::{Desk, Writer};
use super::{
    accept, alert_list, approvals, changes, connection, counts, dead_letters, details, expiry, facts, generations,
    hits, lanes, patches, requests, run_list, runs, schema, timers, versions,
};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use crate::ruleset::Revision;
use crate::store::{
    Accepted, Admission, AlertDetails, AlertPatch, AlertQuery, AlertSummary, Approval, ApprovalAnswer, ApprovalStatus,
    AttemptRecord, BlindSpot, ChangeQuery, ClaimGuard, DeadLetter, DeadLetterDetails, DeadLetterStatus, Decided,
    Disarmed, Expired, FilterVersion, Generation, LaneRecord, NewChange, NewRun, NextWork, OnUpdate, Page, Patched,
    Progress, RecentHours, Recovered, RequestWork, RolledBack, RuleHits, RulesetChange, RunDetails, RunQuery,
    RunStatus, RunSummary, RunWork, Started, Store, StoreClock, StoreCounts, StoreError, UntoldChange, WaitingQuery,
    Wish,
};
use async_trait::async_trait;
use rusqlite::Connection;
use std::sync::Arc;

/// Rows of a set of rules that are written in one commit, and bytes: a large set at once would hold up alerts.
const ROWS_AT_ONCE: usize = 250;
const BYTES_AT_ONCE: usize = 1 << 20;

/// The store of one node. Every write is synced before it is answered.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    /// For people: a list may take its time.
    lists: Readers,
    /// For runs: never behind a list.
    work: Readers,
    programs: Arc<Programs>,
    /// What need not be read.
    hot: Arc<Hot>,
    aside: Aside,
    health: Arc<Health>,
}

impl SqliteStore {
    /// Opens the store, creating it or bringing it up to date as need be. Blocks; `Unavailable` if another process
    /// uses the folder, or if it was written by a newer Quell.
    pub fn open(settings: SqliteSettings) -> Result<Self, StoreError> {
        let folder = Folder::hold(&settings.folder)?;
        let (database, log) = (folder.database(), folder.log());
        let mut db = connection::writer(&database)?;
        schema::migrate(&mut db)?;
        let readers = |count: usize| (0..count).map(|_| connection::reader(&database)).collect::<Result<Vec<_>, _>>();
        let lists = Readers::start("store-reader", readers(settings.readers.max(1))?)?;
        let work = Readers::start("store-work", readers(1)?)?;
        let health = Arc::new(Health::default());
        let checkpointer = Checkpointer::start(connection::checkpointer(&database)?, log, Arc::clone(&health))?;
        let hot = Arc::<Hot>::default();
        let desk = Desk {
            db,
            claims: Claims::default(),
            hot: Arc::clone(&hot),
            health: Arc::clone(&health),
            checkpointer,
            folder,
        };
        let writer = Writer::start(desk, settings.queue)?;
        Ok(Self { writer, lists, work, programs: Arc::default(), hot, aside: Aside::default(), health })
    }
}

impl SqliteStore {
    /// Hands out what was claimed: what is `known` as it is, the rest read. What cannot be read ends here, or it would be claimed for ever; if not
    /// even that can be, it is put aside and the others go on.
    async fn hand_out<K, T>(
        &self,
        claimed: Vec<Claimed<K>>,
        now: StoreClock,
        known: impl Fn(&K, &ClaimGuard) -> Option<T>,
        load: impl Fn(&Connection, &K, ClaimGuard) -> Result<T, StoreError> + Send + 'static,
        bury: impl Fn(&mut Batch<'_>, &K, &StoreError) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError>
    where
        K: Send + 'static,
        T: Send + 'static,
    {
        let (mut work, mut unknown) = (Vec::with_capacity(claimed.len()), Vec::new());
        for (place, (key, guard)) in claimed.into_iter().enumerate() {
            match known(&key, &guard) {
                Some(known) => work.push((place, known)),
                None => unknown.push((place, (key, guard))),
            }
        }
        let loaded: Vec<_> = if unknown.is_empty() {
            Vec::new()
        } else {
            let load = move |db: &Connection| {
                let load =
                    |(place, (key, guard)): (usize, Claimed<K>)| (place, load(db, &key, guard.clone()), key, guard);
                Ok(unknown.into_iter().map(load).collect())
            };
            self.work.read(load).await?
        };
        let mut passed_over = None;
        let bury = Arc::new(bury);
        for (place, loaded, key, guard) in loaded {
            let fault = match loaded {
                Ok(loaded) => {
                    work.push((place, loaded));
                    continue;
                }
                Err(fault) => fault,
            };
            let left = if matches!(fault, StoreError::Corrupt(_)) {
                let bury = Arc::clone(&bury);
                self.writer.write(move |batch| bury(batch, &key, &fault)).await
            } else {
                Err(fault)
            };
            if let Err(fault) = left {
                tracing::error!(%fault, "claimed work can be neither read nor ended; passing it over for a while");
                self.aside.put(guard, now);
                passed_over = Some(fault);
            }
        }
        match passed_over {
            Some(fault) if work.is_empty() => Err(fault),
            _ => {
                work.sort_by_key(|(place, _)| *place);
                Ok(work.into_iter().map(|(_, work)| work).collect())
            }
        }
    }

    /// Writes down a generation, its files a few at a time.
    async fn write_down(&self, generation: Generation, now: StoreClock) -> Result<Arc<Manifest>, StoreError> {
        loop {
            let asked = generation.clone();
            let (mut contents, manifest) = self.lists.read(move |db| generations::missing(db, &asked)).await?;
            let manifest = Arc::new(manifest);
            while !contents.is_empty() {
                let mut bytes = 0;
                let mut fits = |content: &generations::Content| {
                    bytes += content.weight();
                    bytes <= BYTES_AT_ONCE
                };
                let most = contents.iter().take(ROWS_AT_ONCE).take_while(|content| fits(content)).count().max(1);
                let some: Vec<_> = contents.drain(..most).collect();
                self.writer.write(move |batch| generations::insert(batch.db, &some)).await?;
            }
            let own = manifest.clone();
            if self.writer.write(move |batch| generations::keep(batch.db, &own, now)).await? {
                return Ok(manifest);
            }
        }
    }
}

impl SqliteStore {
    async fn hand_out_requests(
        &self,
        claimed: Vec<Claimed<RequestKey>>,
        now: StoreClock,
    ) -> Result<Vec<RequestWork>, StoreError> {
        let known = |request: &RequestKey, claim: &ClaimGuard| {
            let work = self.hot.take_request(request)?;
            Some(RequestWork { claim: claim.clone(), ..work })
        };
        let bury = move |batch: &mut Batch<'_>, request: &RequestKey, fault: &StoreError| {
            requests::bury(batch, request, fault, now)
        };
        self.hand_out(claimed, now, known, requests::load, bury).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, admissions: Vec<Admission>, now: StoreClock) -> Result<Vec<Accepted>, StoreError> {
        let drafts: Vec<Draft> = admissions.into_iter().map(Draft::new).collect();
        let weight = drafts.iter().map(Draft::weight).sum();
        self.writer.offer(weight, move |batch| accept::accept(batch, &drafts, now)).await
    }

    async fn record_generation(&self, generation: Generation, now: StoreClock) -> Result<(), StoreError> {
        let manifest = self.write_down(generation, now).await?;
        self.writer.write(move |batch| generations::decides(batch.db, &manifest, now)).await
    }

    async fn keep_generation(&self, generation: Generation, now: StoreClock) -> Result<(), StoreError> {
        self.write_down(generation, now).await.map(drop)
    }

    async fn generation(&self, digest: &Digest) -> Result<Option<Generation>, StoreError> {
        let digest = *digest;
        self.lists.read(move |db| generations::find(db, &digest)).await
    }

    async fn decided(&self, id: &AlertId) -> Result<Option<Decided>, StoreError> {
        let id = id.clone();
        self.lists.read(move |db| details::decided(db, &id)).await
    }

    async fn claim_runs(&self, limit: usize, now: StoreClock) -> Result<Vec<RunWork>, StoreError> {
        self.aside.give_back(now);
        let claimed = self.writer.write(move |batch| runs::claim(batch, limit)).await?;
        let known = |ready: &Ready, claim: &ClaimGuard| {
            let work = ready.is_known.then(|| self.hot.run(ready.run)).flatten()?;
            Some(RunWork { claim: claim.clone(), ..work })
        };
        let (programs, hot) = (Arc::clone(&self.programs), Arc::clone(&self.hot));
        let load = move |db: &Connection, ready: &Ready, claim| runs::load(db, ready.run, &programs, &hot, claim);
        let bury =
            move |batch: &mut Batch<'_>, ready: &Ready, fault: &StoreError| runs::bury(batch, ready.run, fault, now);
        self.hand_out(claimed, now, known, load, bury).await
    }

    async fn record_progress(&self, progress: Progress, now: StoreClock) -> Result<(), StoreError> {
        self.writer.write(move |batch| runs::record(batch, &progress, now)).await
    }

    async fn claim_requests(
        &self,
        connection: &str,
        limit: usize,
        now: StoreClock,
    ) -> Result<Vec<RequestWork>, StoreError> {
        let connection = connection.to_owned();
        self.aside.give_back(now);
        let claimed = self.writer.write(move |batch| requests::claim(batch, &connection, limit, now)).await?;
        self.hand_out_requests(claimed, now).await
    }

    async fn claim_expired(&self, connection: &str, limit: usize, now: StoreClock) -> Result<Expired, StoreError> {
        let connection = connection.to_owned();
        let (claimed, next) = self.writer.write(move |batch| expiry::claim(batch, &connection, limit, now)).await?;
        Ok(Expired { requests: self.hand_out_requests(claimed, now).await?, next })
    }

    async fn record_attempt(&self, attempt: AttemptRecord, now: StoreClock) -> Result<(), StoreError> {
        self.writer.write(move |batch| requests::record(batch, &attempt, now)).await
    }

    async fn fire_timers(&self, limit: usize, now: StoreClock) -> Result<usize, StoreError> {
        self.writer.write(move |batch| timers::fire(batch.db, limit, now)).await
    }

    async fn expire_runs(&self, limit: usize, now: StoreClock) -> Result<usize, StoreError> {
        self.writer.write(move |batch| timers::expire(batch.db, limit, now)).await
    }

    async fn next_work(&self) -> Result<NextWork, StoreError> {
        self.writer.write(|batch| timers::next(batch)).await
    }

    async fn lane_states(&self) -> Result<Vec<LaneRecord>, StoreError> {
        self.lists.read(lanes::all).await
    }

    async fn record_lane_state(&self, lane: LaneRecord) -> Result<(), StoreError> {
        self.writer.write(move |batch| lanes::record(batch.db, &lane)).await
    }

    async fn recover(&self, now: StoreClock) -> Result<Recovered, StoreError> {
        self.work.read(move |db| timers::recover(db, now)).await
    }

    async fn alert(&self, id: &AlertId) -> Result<Option<AlertDetails>, StoreError> {
        let id = id.clone();
        self.lists.read(move |db| details::alert(db, &id)).await
    }

    async fn alerts(&self, query: AlertQuery) -> Result<Page<AlertSummary>, StoreError> {
        self.lists.read(move |db| alert_list::list(db, &query)).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunDetails>, StoreError> {
        let id = id.clone();
        self.lists.read(move |db| details::run(db, &id)).await
    }

    async fn runs(&self, query: RunQuery) -> Result<Page<RunSummary>, StoreError> {
        self.lists.read(move |db| run_list::list(db, &query)).await
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
        let (alert, repeats, by) = (alert.clone(), repeats.cloned(), by.to_owned());
        let start = move |batch: &mut Batch<'_>| {
            accept::start_run(batch.db, &alert, &run, &generation, repeats.as_ref(), &by, now)
        };
        self.writer.write(start).await
    }

    async fn change_alert(
        &self,
        id: &AlertId,
        patch: AlertPatch,
        by: &str,
        on_update: Option<Arc<dyn OnUpdate>>,
        now: StoreClock,
    ) -> Result<Patched, StoreError> {
        let (id, by) = (id.clone(), by.to_owned());
        let change = move |batch: &mut Batch<'_>| patches::patch(batch.db, &id, &patch, &by, on_update.as_deref(), now);
        self.writer.write(change).await
    }

    async fn cancel_run(&self, id: &RunId, by: &str, now: StoreClock) -> Result<Wish<RunStatus>, StoreError> {
        let (id, by) = (id.clone(), by.to_owned());
        self.writer.write(move |batch| runs::cancel(batch.db, &id, &by, now)).await
    }

    async fn answer_approval(
        &self,
        id: &ApprovalId,
        answer: ApprovalAnswer,
        now: StoreClock,
    ) -> Result<Wish<ApprovalStatus>, StoreError> {
        let id = id.clone();
        self.writer.write(move |batch| approvals::answer(batch.db, &id, &answer, now)).await
    }

    async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, StoreError> {
        let id = id.clone();
        self.lists.read(move |db| approvals::find(db, &id)).await
    }

    async fn approvals(&self, query: WaitingQuery<ApprovalStatus>) -> Result<Page<Approval>, StoreError> {
        self.lists.read(move |db| approvals::list(db, &query)).await
    }

    async fn dead_letter(&self, id: &MessageId) -> Result<Option<DeadLetterDetails>, StoreError> {
        let id = id.clone();
        self.lists.read(move |db| dead_letters::find(db, &id)).await
    }

    async fn dead_letters(&self, query: WaitingQuery<DeadLetterStatus>) -> Result<Page<DeadLetter>, StoreError> {
        self.lists.read(move |db| dead_letters::list(db, &query)).await
    }

    async fn redrive(
        &self,
        id: &MessageId,
        by: &str,
        expires: Option<Timestamp>,
        now: StoreClock,
    ) -> Result<Wish<DeadLetterStatus>, StoreError> {
        let (id, by) = (id.clone(), by.to_owned());
        self.writer.write(move |batch| dead_letters::redrive(batch, &id, &by, expires, now)).await
    }

    async fn discard(&self, id: &MessageId, by: &str, now: StoreClock) -> Result<Wish<DeadLetterStatus>, StoreError> {
        let (id, by) = (id.clone(), by.to_owned());
        self.writer.write(move |batch| dead_letters::discard(batch, &id, &by, now)).await
    }

    async fn disarmed(&self) -> Result<Option<Disarmed>, StoreError> {
        self.lists.read(facts::disarmed).await
    }

    async fn set_disarmed(&self, disarmed: Option<Disarmed>) -> Result<(), StoreError> {
        self.writer.write(move |batch| facts::set_disarmed(batch.db, disarmed.as_ref())).await
    }

    async fn requests_waiting(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.lists.read(counts::requests).await
    }

    async fn rule_hits(&self) -> Result<RuleHits, StoreError> {
        self.lists.read(hits::all).await
    }

    async fn dismissals(&self, since: Timestamp) -> Result<Vec<(RuleId, u64)>, StoreError> {
        self.lists.read(move |db| hits::dismissals(db, since)).await
    }

    async fn blind_spots(&self, limit: usize) -> Result<Vec<BlindSpot>, StoreError> {
        self.lists.read(move |db| hits::blind_spots(db, limit)).await
    }

    async fn note_filters(&self, versions: Vec<(RuleId, Digest)>, now: StoreClock) -> Result<(), StoreError> {
        let unknown = self.lists.read(move |db| versions::unknown(db, versions)).await?;
        for some in unknown.chunks(ROWS_AT_ONCE) {
            let some = some.to_vec();
            self.writer.write(move |batch| versions::note(batch.db, &some, now)).await?;
        }
        Ok(())
    }

    async fn filter_versions(&self, only_held: bool) -> Result<Vec<FilterVersion>, StoreError> {
        self.lists.read(move |db| versions::list(db, only_held)).await
    }

    async fn hold_filters(
        &self,
        versions: Vec<(RuleId, Digest, String)>,
        now: StoreClock,
    ) -> Result<Vec<RuleId>, StoreError> {
        let mut held = Vec::new();
        for some in versions.chunks(ROWS_AT_ONCE) {
            let some = some.to_vec();
            held.extend(self.writer.write(move |batch| versions::hold(batch.db, &some, now)).await?);
        }
        Ok(held)
    }

    async fn first_dismissal(&self, filter: &RuleId, since: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let filter = filter.clone();
        self.lists.read(move |db| hits::first(db, &filter, since)).await
    }

    async fn stand_generation(&self, generation: &Digest, revision: Option<Revision>) -> Result<(), StoreError> {
        let generation = *generation;
        self.writer.write(move |batch| changes::stand(batch.db, &generation, revision.as_ref())).await
    }

    async fn vouch_filter(&self, filter: &RuleId) -> Result<bool, StoreError> {
        let filter = filter.clone();
        self.writer.write(move |batch| versions::vouch(batch.db, &filter)).await
    }

    async fn recent_hours(&self, now: StoreClock) -> Result<RecentHours, StoreError> {
        self.lists.read(move |db| hits::recent(db, now)).await
    }

    async fn usual_shares(&self, since: Timestamp, until: Timestamp) -> Result<Vec<(RuleId, f64)>, StoreError> {
        self.lists.read(move |db| hits::shares(db, since, until)).await
    }

    async fn record_change(&self, change: NewChange) -> Result<(), StoreError> {
        self.writer.write(move |batch| changes::record(batch.db, &change)).await
    }

    async fn generations(&self) -> Result<Vec<RulesetChange>, StoreError> {
        self.lists.read(changes::generations).await
    }

    async fn ruleset_changes(&self, query: ChangeQuery) -> Result<Page<RulesetChange>, StoreError> {
        self.lists.read(move |db| changes::list(db, &query)).await
    }

    async fn untold_changes(&self) -> Result<Vec<UntoldChange>, StoreError> {
        self.lists.read(changes::untold).await
    }

    async fn change_told(&self, number: i64) -> Result<(), StoreError> {
        self.writer.write(move |batch| changes::told(batch.db, number)).await
    }

    async fn rolled_back(&self) -> Result<Option<RolledBack>, StoreError> {
        self.lists.read(facts::rolled_back).await
    }

    async fn set_rolled_back(&self, rolled_back: Option<RolledBack>) -> Result<(), StoreError> {
        self.writer.write(move |batch| facts::set_rolled_back(batch.db, rolled_back.as_ref())).await
    }

    async fn counts(&self) -> Result<StoreCounts, StoreError> {
        self.lists.read(counts::counts).await
    }

    fn health(&self) -> Result<(), StoreError> {
        self.health.failure()?;
        self.writer.is_open()?;
        self.health.room().inspect_err(|_| self.writer.probe())
    }

    async fn close(&self) {
        self.lists.close().await;
        self.work.close().await;
        self.writer.close().await;
    }
}
