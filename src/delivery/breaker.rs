//! Whether a lane may send: a breaker for a receiver that fails, a hold for one that asks for it, a pause for one that
//! is gone. Pure: it is handed the time and what came of each attempt.

use super::attempt::Attempted;
use super::outcome::{Class, Fault};
use super::schedule::MAX_RETRY_AFTER;
use crate::clock::Timestamp;
use crate::store::{LaneRecord, LaneState};
use jiff::SignedDuration;
use std::collections::VecDeque;

/// Outcomes are judged over this many seconds.
const WINDOW: i64 = 60;
/// Fewer outcomes than this say nothing.
const FEWEST: u32 = 10;
/// So many attempts in a row that reached nobody say enough.
const REFUSED: u32 = 5;
/// How long it opens the first time; each failed probe doubles it.
const FIRST: SignedDuration = SignedDuration::from_secs(30);
/// The longest it opens.
const LONGEST: SignedDuration = SignedDuration::from_secs(600);
/// A probe takes a minute at most; one that was never heard of again must not close the lane for ever.
const PROBE: SignedDuration = SignedDuration::from_secs(120);

/// What a lane may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Send as much as its concurrency and rate let it.
    Open,
    /// Send one request, to see how the receiver is.
    Probe,
    /// Send nothing before then.
    Until(Timestamp),
    /// Send nothing until a person resumes it.
    Paused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed,
    Held { until: Timestamp },
    Open { until: Timestamp },
    HalfOpen { probing_since: Option<Timestamp> },
    Paused,
}

/// The outcomes of one second.
#[derive(Debug, Clone, Copy)]
struct Second {
    at: i64,
    all: u32,
    transient: u32,
}

/// One lane's breaker.
#[derive(Debug, Clone)]
pub struct Breaker {
    phase: Phase,
    since: Timestamp,
    /// How often in a row it has opened.
    openings: u32,
    /// At most one entry a second of the window.
    recent: VecDeque<Second>,
    /// Attempts in a row that reached nobody.
    refused: u32,
}

impl Breaker {
    /// A lane of which nothing bad is known.
    pub fn new(now: Timestamp) -> Self {
        Self { phase: Phase::Closed, since: now, openings: 0, recent: VecDeque::new(), refused: 0 }
    }

    /// A lane as it was recorded. What was counted in the meantime is gone: a restart judges afresh.
    pub fn restored(record: &LaneRecord) -> Self {
        let phase = match (record.state, record.until) {
            (LaneState::Held, Some(until)) => Phase::Held { until },
            (LaneState::Open, Some(until)) => Phase::Open { until },
            // A probe of the last process may have been sent; it will be sent again, with the same id.
            (LaneState::HalfOpen | LaneState::Open, _) => Phase::HalfOpen { probing_since: None },
            (LaneState::Paused, _) => Phase::Paused,
            (LaneState::Closed | LaneState::Held, _) => Phase::Closed,
        };
        Self { phase, openings: record.openings, ..Self::new(record.since) }
    }

    /// How it stands, as it is recorded and shown.
    pub fn record(&self, connection: &str) -> LaneRecord {
        let (state, until) = match self.phase {
            Phase::Closed => (LaneState::Closed, None),
            Phase::Held { until } => (LaneState::Held, Some(until)),
            Phase::Open { until } => (LaneState::Open, Some(until)),
            Phase::HalfOpen { .. } => (LaneState::HalfOpen, None),
            Phase::Paused => (LaneState::Paused, None),
        };
        LaneRecord { connection: connection.to_owned(), state, since: self.since, until, openings: self.openings }
    }

    /// What may be sent now. Time alone may have changed how it stands.
    pub fn gate(&mut self, now: Timestamp) -> Gate {
        match self.phase {
            Phase::Held { until } if is_over(until, MAX_RETRY_AFTER, now) => self.enter(Phase::Closed, now),
            Phase::Open { until } if is_over(until, MAX_RETRY_AFTER, now) => {
                self.enter(Phase::HalfOpen { probing_since: None }, now);
            }
            _ => {}
        }
        match self.phase {
            Phase::Closed => Gate::Open,
            Phase::Held { until } | Phase::Open { until } => Gate::Until(until),
            Phase::HalfOpen { probing_since: None } => Gate::Probe,
            Phase::HalfOpen { probing_since: Some(since) } => {
                let lost = after(since, PROBE);
                if is_over(lost, PROBE, now) { Gate::Probe } else { Gate::Until(lost) }
            }
            Phase::Paused => Gate::Paused,
        }
    }

    /// The probe that the gate let through begins.
    pub fn begin_probe(&mut self, now: Timestamp) {
        if let Phase::HalfOpen { probing_since } = &mut self.phase {
            *probing_since = Some(now);
        }
    }

    /// Takes in what came of an attempt; `probe` if it was one.
    pub fn observe(&mut self, attempted: &Attempted, probe: bool, now: Timestamp) {
        if self.phase == Phase::Paused {
            return;
        }
        if attempted.class == Class::Gone {
            return self.enter(Phase::Paused, now);
        }
        let sent = attempted.class != Class::Permanent;
        let failed = attempted.class == Class::Transient;
        match self.phase {
            Phase::HalfOpen { .. } if probe && !sent => self.phase = Phase::HalfOpen { probing_since: None },
            Phase::HalfOpen { .. } if probe && failed => self.open(now),
            Phase::HalfOpen { .. } if probe => self.close(now),
            Phase::Closed | Phase::Held { .. } if sent => {
                self.count(attempted, failed, now);
                if self.is_failing(now) {
                    self.open(now);
                }
            }
            // What was sent before it opened says nothing new.
            _ => {}
        }
        self.hold(attempted, now);
    }

    /// A person says that the receiver is well again.
    pub fn resume(&mut self, now: Timestamp) {
        if self.phase != Phase::Closed {
            self.close(now);
        }
    }

    fn count(&mut self, attempted: &Attempted, failed: bool, now: Timestamp) {
        let reached = !matches!(attempted.fault, Some(Fault::Connect | Fault::ConnectTimeout));
        self.refused = if reached { 0 } else { self.refused.saturating_add(1) };
        let at = now.as_second();
        // Also what lies ahead, as it does when the clock was set back.
        self.recent.retain(|second| (0..WINDOW).contains(&(at - second.at)));
        match self.recent.back_mut().filter(|second| second.at == at) {
            Some(second) => {
                second.all = second.all.saturating_add(1);
                second.transient = second.transient.saturating_add(u32::from(failed));
            }
            None => self.recent.push_back(Second { at, all: 1, transient: u32::from(failed) }),
        }
    }

    fn is_failing(&self, now: Timestamp) -> bool {
        let window = self.recent.iter().filter(|second| now.as_second() - second.at < WINDOW);
        let (all, transient) = window.fold((0_u32, 0_u32), |(all, transient), second| {
            (all.saturating_add(second.all), transient.saturating_add(second.transient))
        });
        self.refused >= REFUSED || (all >= FEWEST && transient >= all.div_ceil(2))
    }

    fn open(&mut self, now: Timestamp) {
        let length = (0..self.openings.min(16)).fold(FIRST, |length, _| (length * 2).min(LONGEST));
        let held = match self.phase {
            Phase::Held { until } => until,
            _ => now,
        };
        self.openings = self.openings.saturating_add(1);
        self.enter(Phase::Open { until: after(now, length).max(held) }, now);
    }

    fn close(&mut self, now: Timestamp) {
        self.openings = 0;
        self.enter(Phase::Closed, now);
    }

    /// A receiver that is overloaded may ask the whole lane for patience, up to an hour.
    fn hold(&mut self, attempted: &Attempted, now: Timestamp) {
        let Some(asked) = attempted.retry_after.filter(|_| matches!(attempted.status, Some(429 | 503))) else { return };
        let wanted = after(now, asked.from(now).min(MAX_RETRY_AFTER));
        match &mut self.phase {
            Phase::Held { until } | Phase::Open { until } => *until = wanted.max(*until),
            Phase::Closed if wanted > now => self.enter(Phase::Held { until: wanted }, now),
            _ => {}
        }
    }

    fn enter(&mut self, phase: Phase, now: Timestamp) {
        let was_held = matches!(self.phase, Phase::Held { .. });
        (self.phase, self.since) = (phase, now);
        // A hold is the receiver's own wish: what was counted before it still counts.
        if !(was_held && phase == Phase::Closed || matches!(phase, Phase::Held { .. })) {
            self.recent.clear();
            self.refused = 0;
        }
    }
}

/// Whether an instant has come; or lies further ahead than it was ever set, so that the clock was set back.
fn is_over(until: Timestamp, longest: SignedDuration, now: Timestamp) -> bool {
    now >= until || until > after(now, longest)
}

fn after(from: Timestamp, length: SignedDuration) -> Timestamp {
    from.checked_add(length).unwrap_or(Timestamp::MAX)
}
