//! How every lane stands: what it may send now, what came of what it sent, and who is told when that changes.

use super::places::{Places, Room};
use crate::clock::{SharedClock, Timestamp};
use crate::delivery::{Attempted, Breaker, Bucket, Connection, Connections, Gate, Mailer, Purpose, Rate};
use crate::pipeline::signals::Signals;
use crate::store::{EMAIL_LANE, LaneRecord, LaneState, Store, StoreError};
use crate::telemetry::Metrics;
use jiff::SignedDuration;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most mails under way at once.
const MAILS_AT_ONCE: usize = 4;

/// What a lane may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Send up to so many requests.
    Send { most: usize },
    /// Send one request, to see how the receiver is.
    Probe,
    /// Send nothing for so long: its rate is used up.
    Wait(SignedDuration),
    /// Send nothing before then; or, without a time, before a person says so.
    Rest(Option<Timestamp>),
}

/// A connection as people see it. Its address shows no more than where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LaneView {
    /// The connection.
    pub name: String,
    /// Scheme, host and port of its address.
    pub origin: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it sends.
    pub state: LaneState,
    /// Since when it stands so.
    pub since: Timestamp,
    /// When it sends again by itself; none where it sends, or where only a person can say.
    pub until: Option<Timestamp>,
    /// Requests that are not done, apart from those in flight.
    pub waiting: u64,
    /// Attempts under way.
    pub in_flight: u64,
}

/// All lanes there are. Made once at the start, from what was recorded of them.
#[derive(Debug)]
pub struct Lanes {
    lanes: BTreeMap<String, Lane>,
    store: Arc<dyn Store>,
    clock: SharedClock,
    metrics: Arc<Metrics>,
    signals: Signals,
}

#[derive(Debug)]
struct Lane {
    name: String,
    origin: String,
    purpose: Purpose,
    room: Room,
    traffic: Mutex<Traffic>,
    in_flight: AtomicUsize,
    /// Held while it is counted and recorded, so that what is recorded last is what holds last.
    recording: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Traffic {
    breaker: Breaker,
    bucket: Option<Bucket>,
}

impl Lane {
    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self) -> LaneRecord {
        self.traffic().breaker.record(&self.name)
    }

    /// Changes how it stands, perhaps.
    fn change<T>(&self, change: impl FnOnce(&mut Traffic) -> T) -> (Change, T) {
        let mut traffic = self.traffic();
        let before = traffic.breaker.record(&self.name);
        let came_of_it = change(&mut traffic);
        let after = traffic.breaker.record(&self.name);
        (Change { before, after }, came_of_it)
    }
}

/// How a lane stood, and how it stands since; often the same.
#[derive(Debug)]
pub(super) struct Change {
    before: LaneRecord,
    after: LaneRecord,
}

/// An attempt under way, for as long as this lives.
#[derive(Debug)]
pub(super) struct Flight<'a>(&'a AtomicUsize);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lanes {
    /// Every connection's lane, and that of mails, as it stood when the last process ended.
    pub(in crate::pipeline) async fn restore(
        connections: &Connections,
        mailer: Option<&Mailer>,
        store: Arc<dyn Store>,
        clock: SharedClock,
        metrics: Arc<Metrics>,
        signals: Signals,
    ) -> Result<Self, StoreError> {
        let recorded = store.lane_states().await?;
        let now = clock.now();
        let places = Places::of(connections.iter().count() + usize::from(mailer.is_some()));
        let lane = |name: &str, origin: String, purpose: Purpose, rate: Option<Rate>, concurrency: usize| {
            let record = recorded.iter().find(|record| record.connection == name);
            let breaker = record.map_or_else(|| Breaker::new(now), Breaker::restored);
            let lane = Lane {
                name: name.to_owned(),
                origin,
                purpose,
                room: places.room(concurrency),
                traffic: Mutex::new(Traffic { breaker, bucket: rate.map(Bucket::new) }),
                in_flight: AtomicUsize::new(0),
                recording: tokio::sync::Mutex::new(()),
            };
            (name.to_owned(), lane)
        };
        let of_connection = |connection: &Arc<Connection>| {
            let Connection { name, rate, concurrency, retry, .. } = connection.as_ref();
            lane(name, connection.origin(), retry.purpose, *rate, *concurrency)
        };
        let of_mails = mailer.map(|mailer| lane(EMAIL_LANE, mailer.origin(), Purpose::Notify, None, MAILS_AT_ONCE));
        let lanes = connections.iter().map(of_connection).chain(of_mails).collect();
        let lanes = Self { lanes, store, clock, metrics, signals };
        for record in lanes.lanes.values().map(Lane::record) {
            lanes.count(&record);
            if record.state != LaneState::Closed {
                let LaneRecord { connection, since, .. } = &record;
                tracing::warn!(connection, %since, state = record.state.as_str(), "the connection stands as it did");
            }
        }
        Ok(lanes)
    }

    /// The places this lane may take.
    pub(super) fn room(&self, name: &str) -> Option<&Room> {
        self.lanes.get(name).map(|lane| &lane.room)
    }

    /// What this lane may do now.
    pub(super) async fn turn(&self, name: &str, now: Timestamp) -> Turn {
        let Some(lane) = self.lanes.get(name) else { return Turn::Rest(None) };
        let (change, turn) = lane.change(|traffic| turn(traffic, now));
        self.tell(lane, &change).await;
        turn
    }

    /// So many attempts begin.
    pub(super) fn begin(&self, name: &str, attempts: usize, probe: bool, now: Timestamp) {
        let Some(lane) = self.lanes.get(name).filter(|_| attempts > 0) else { return };
        let mut traffic = lane.traffic();
        if let Some(bucket) = &mut traffic.bucket {
            bucket.take(attempts, now);
        }
        if probe {
            traffic.breaker.begin_probe(now);
        }
    }

    /// An attempt takes off.
    pub(super) fn take_off(&self, name: &str) -> Option<Flight<'_>> {
        let in_flight = &self.lanes.get(name)?.in_flight;
        in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Flight(in_flight))
    }

    /// Takes in what came of an attempt. What that changed is for `tell_of`.
    pub(super) fn observe(&self, name: &str, attempted: &Attempted, probe: bool, now: Timestamp) -> Option<Change> {
        let lane = self.lanes.get(name)?;
        Some(lane.change(|traffic| traffic.breaker.observe(attempted, probe, now)).0)
    }

    /// Logs, counts and records a change, if it is one.
    pub(super) async fn tell_of(&self, change: &Change) {
        if let Some(lane) = self.lanes.get(&change.after.connection) {
            self.tell(lane, change).await;
        }
    }

    /// Whether this lane knows by itself when to go on, so that nobody needs to wake it for what is due.
    pub(in crate::pipeline) fn is_resting(&self, name: &str, now: Timestamp) -> bool {
        self.lanes.get(name).is_some_and(|lane| {
            let traffic = lane.traffic();
            let empty = traffic.bucket.as_ref().is_some_and(|bucket| bucket.available(now) == 0);
            empty || matches!(traffic.breaker.clone().gate(now), Gate::Until(_) | Gate::Paused)
        })
    }

    /// Lets a connection send again at once, whatever kept it. None if there is no such connection.
    pub async fn resume(&self, name: &str) -> Result<Option<LaneView>, StoreError> {
        let Some(lane) = self.lanes.get(name) else { return Ok(None) };
        let now = self.clock.now();
        let (change, ()) = lane.change(|traffic| traffic.breaker.resume(now));
        self.tell(lane, &change).await;
        self.signals.request_ready(name);
        Ok(self.views().await?.into_iter().find(|view| view.name == name))
    }

    /// The name of every connection, and that of mails if there is a mail server.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lanes.keys().map(String::as_str)
    }

    /// Every connection as people see it, by name.
    pub async fn views(&self) -> Result<Vec<LaneView>, StoreError> {
        let unfinished: BTreeMap<String, u64> = self.store.requests_waiting().await?.into_iter().collect();
        let view = |(name, lane): (&String, &Lane)| {
            let LaneRecord { state, since, until, .. } = lane.record();
            let in_flight = lane.in_flight.load(Ordering::Relaxed) as u64;
            LaneView {
                name: name.clone(),
                origin: lane.origin.clone(),
                purpose: lane.purpose,
                state,
                since,
                until,
                waiting: unfinished.get(name).copied().unwrap_or_default().saturating_sub(in_flight),
                in_flight,
            }
        };
        Ok(self.lanes.iter().map(view).collect())
    }

    async fn tell(&self, lane: &Lane, Change { before, after }: &Change) {
        if after == before {
            return;
        }
        if after.state != before.state {
            log(before, after);
        }
        let _recording = lane.recording.lock().await;
        // As it stands by now: it may have changed again.
        let record = lane.record();
        self.count(&record);
        if let Err(fault) = self.store.record_lane_state(record).await {
            let connection = &after.connection;
            tracing::warn!(connection, %fault, "how the connection stands cannot be recorded; a restart forgets it");
        }
    }

    fn count(&self, record: &LaneRecord) {
        self.metrics
            .connection_state(&record.connection, LaneState::ALL.map(|state| (state.as_str(), state == record.state)));
    }
}

fn turn(traffic: &mut Traffic, now: Timestamp) -> Turn {
    let gate = traffic.breaker.gate(now);
    let most = traffic.bucket.as_ref().map_or(usize::MAX, |bucket| bucket.available(now));
    match (gate, &traffic.bucket) {
        (Gate::Until(until), _) => Turn::Rest(Some(until)),
        (Gate::Paused, _) => Turn::Rest(None),
        (_, Some(bucket)) if most == 0 => Turn::Wait(bucket.wait(now)),
        (Gate::Probe, _) => Turn::Probe,
        (Gate::Open, _) => Turn::Send { most },
    }
}

fn log(before: &LaneRecord, after: &LaneRecord) {
    let (connection, was) = (&after.connection, before.state.as_str());
    let until = after.until.map(tracing::field::display);
    match after.state {
        LaneState::Closed => tracing::info!(connection, was, "the connection sends again"),
        LaneState::HalfOpen => {
            tracing::info!(connection, was, "the connection sends one request to see how its receiver is")
        }
        LaneState::Held => tracing::warn!(connection, was, until, "the receiver asks for patience; its requests wait"),
        LaneState::Open => tracing::warn!(connection, was, until, "the receiver keeps failing; its requests wait"),
        LaneState::Paused => {
            tracing::error!(
                connection,
                was,
                "the receiver is gone; its requests wait until a person resumes the connection"
            );
        }
    }
}
