//! A lane's loop: claims what is due and may be sent, as much at once as there are places for, and sleeps while it may not.

use super::board::{Lanes, Turn};
use super::deliver::{deliver, end_expired};
use super::waiting::Waiting;
use crate::clock::Timestamp;
use crate::pipeline::parts::Parts;
use crate::pipeline::pause::{pause, wait};
use crate::pipeline::signals::Signals;
use crate::shutdown::Shutdown;
use std::sync::Arc;
use std::time::Duration;

/// How often a lane looks by itself, should a wake-up have been missed, or the clock have been set.
const LOOK: Duration = Duration::from_secs(30);

/// Sends this lane's requests, or mails, until asked to stop.
pub(in crate::pipeline) async fn drive(
    name: String,
    lanes: Arc<Lanes>,
    parts: Parts,
    signals: Signals,
    shutdown: Shutdown,
) {
    let name = name.as_str();
    let (Some(bell), Some(room)) = (signals.lane(name), lanes.room(name)) else { return };
    let mut waiting = Waiting::default();
    while !shutdown.is_stopping() {
        // Registered before the store is asked, so that no wake-up falls between the two.
        let woken = bell.notified();
        let first = room.take().await;
        // After the wait for a place, which may outlast the moment when playbooks were disarmed.
        wait(parts.switch.armed(), &shutdown).await;
        let now = parts.clock.now();
        let (most, probe) = match lanes.turn(name, now).await {
            Turn::Send { most } => (most, false),
            Turn::Probe => (1, true),
            Turn::Wait(time) => {
                drop(first);
                rest(woken, Duration::try_from(time).unwrap_or_default(), &shutdown).await;
                continue;
            }
            Turn::Rest(until) => {
                drop(first);
                if waiting.is_to_be_seen(now) {
                    waiting.seen(end_expired(name, &lanes, &parts, &signals, &shutdown).await, now);
                }
                let now = parts.clock.now();
                if rest(woken, left(until, now).min(waiting.quiet(now)), &shutdown).await {
                    waiting.rung();
                }
                continue;
            }
        };
        let mut places = vec![first];
        while places.len() < most
            && let Some(place) = room.try_take()
        {
            places.push(place);
        }
        let claimed = match parts.store.claim_requests(name, places.len(), now).await {
            Ok(claimed) => claimed,
            Err(fault) => {
                tracing::warn!(connection = name, %fault, "requests cannot be claimed; trying again");
                drop(places);
                pause(&shutdown).await;
                continue;
            }
        };
        if parts.switch.is_disarmed() {
            // What was claimed is given back unsent.
            continue;
        }
        lanes.begin(name, claimed.len(), probe, now);
        let idle = claimed.is_empty();
        for (work, place) in claimed.into_iter().zip(places) {
            let (lanes, parts, signals, bell) = (lanes.clone(), parts.clone(), signals.clone(), bell.clone());
            let stop = shutdown.clone();
            shutdown.spawn(async move {
                deliver(work, probe, Some(place), &lanes, &parts, &signals, &stop).await;
                // A place is free again, and more may be waiting for it.
                bell.notify_one();
            });
        }
        if idle {
            rest(woken, LOOK, &shutdown).await;
        }
    }
}

/// Sleeps so long, or until woken, which it says.
async fn rest(woken: impl Future<Output = ()>, time: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = woken => true,
        () = tokio::time::sleep(time.min(LOOK)) => false,
        () = shutdown.stopping() => false,
    }
}

/// How long until then; for ever without a time.
fn left(until: Option<Timestamp>, now: Timestamp) -> Duration {
    until.map_or(Duration::MAX, |until| Duration::try_from(until.duration_since(now)).unwrap_or_default())
}
