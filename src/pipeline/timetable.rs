//! The one stage that watches the time: ends sleeps, expires runs, and wakes the lanes whose retries are due.

use super::lanes::Lanes;
use super::parts::Parts;
use super::signals::Signals;
use crate::clock::Timestamp;
use crate::shutdown::Shutdown;
use crate::store::{NextWork, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// The longest the stage sleeps: also how late a jump of the clock can be noticed.
const LOOK: Duration = Duration::from_secs(30);
/// The pause while something is overdue: it is being worked on, or waits for a free place in its lane.
const OVERDUE: Duration = Duration::from_secs(1);
/// Sleeps or runs ended in one commit.
const BATCH: usize = 500;

/// Keeps time until asked to stop.
pub async fn drive(parts: Parts, lanes: Arc<Lanes>, signals: Signals, shutdown: Shutdown) {
    while !shutdown.is_stopping() {
        // Registered before the store is asked, so that no wake-up falls between the two.
        let changed = signals.timetable().notified();
        let wait = match turn(&parts, &lanes, &signals).await {
            Ok(wait) => wait,
            Err(fault) => {
                tracing::warn!(%fault, "the timetable cannot be read; trying again");
                OVERDUE
            }
        };
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(wait) => {}
            () = shutdown.stopping() => {}
        }
    }
}

/// Does what is due and says how long nothing will be.
async fn turn(parts: &Parts, lanes: &Lanes, signals: &Signals) -> Result<Duration, StoreError> {
    let Parts { store, clock, .. } = parts;
    let now = clock.now();
    let mut next = store.next_work().await?;
    if next.next_timer.is_some_and(|at| at <= now) {
        // While playbooks are held no sleep ends, and silence answers no question; runs still come to their end.
        if !parts.switch.is_disarmed() {
            while store.fire_timers(BATCH, now).await? == BATCH {}
        }
        while store.expire_runs(BATCH, now).await? == BATCH {}
        next = store.next_work().await?;
    }
    if next.runs_ready {
        signals.runs_ready();
    }
    leave_out_resting(&mut next, now, |connection| lanes.is_resting(connection, now));
    for (connection, at) in &next.next_request {
        if *at <= now {
            signals.request_ready(connection);
        }
    }
    Ok(quiet(&next, now))
}

/// A lane that rests wakes by itself, and what is due there is no reason to look every second. What will be due is: the
/// lane may rest no longer then, and nobody else would wake it.
fn leave_out_resting(next: &mut NextWork, now: Timestamp, is_resting: impl Fn(&str) -> bool) {
    next.next_request.retain(|(connection, at)| *at > now || !is_resting(connection));
}

fn quiet(next: &NextWork, now: Timestamp) -> Duration {
    let times = next.next_timer.into_iter().chain(next.next_request.iter().map(|(_, at)| *at));
    times.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or(OVERDUE)).min().unwrap_or(LOOK).min(LOOK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_until_the_earliest_and_never_long() {
        let now = Timestamp::from_second(1_000).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let next = |timer, requests: &[i64]| NextWork {
            runs_ready: false,
            next_timer: timer,
            next_request: requests.iter().map(|s| ("chat".to_owned(), at(*s))).collect(),
        };
        assert_eq!(quiet(&next(None, &[]), now), LOOK);
        assert_eq!(quiet(&next(Some(at(1_007)), &[1_003]), now), Duration::from_secs(3));
        assert_eq!(quiet(&next(Some(at(1_007)), &[900]), now), OVERDUE);
        assert_eq!(quiet(&next(Some(at(9_999)), &[]), now), LOOK);
        let mut resting = next(None, &[900]);
        leave_out_resting(&mut resting, now, |connection| connection == "chat");
        assert_eq!(quiet(&resting, now), LOOK, "a lane that rests keeps nobody awake");
        let mut later = next(None, &[1_003]);
        leave_out_resting(&mut later, now, |connection| connection == "chat");
        assert_eq!(quiet(&later, now), Duration::from_secs(3), "it may rest no longer when its retry is due");
    }
}
