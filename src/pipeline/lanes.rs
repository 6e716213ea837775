//! Third stage: one lane a connection sends what is due there, at most its concurrency at once, and delays no other.

use super::parts::Parts;
use super::signals::Signals;
use crate::delivery::Connection;
use crate::id::RunId;
use crate::shutdown::Shutdown;
use crate::store::{AttemptRecord, RequestWork, StepEnd, StoreError};
use crate::telemetry::Outcome;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often a lane looks by itself, should a wake-up have been missed.
const LOOK: Duration = Duration::from_secs(30);
/// The pause after the store refused.
const PAUSE: Duration = Duration::from_millis(500);

/// Sends this connection's requests until asked to stop.
pub async fn drive(connection: Arc<Connection>, parts: Parts, signals: Signals, shutdown: Shutdown) {
    let name = connection.name.as_str();
    let Some(lane) = signals.lane(name) else { return };
    let room = Arc::new(Semaphore::new(connection.concurrency));
    while !shutdown.is_stopping() {
        // Registered before the store is asked, so that no wake-up falls between the two.
        let woken = lane.notified();
        let Ok(first) = room.clone().acquire_owned().await else { return };
        let mut permits = vec![first];
        while let Ok(permit) = room.clone().try_acquire_owned() {
            permits.push(permit);
        }
        let claimed = match parts.store.claim_requests(name, permits.len(), parts.clock.now()).await {
            Ok(claimed) => claimed,
            Err(fault) => {
                tracing::warn!(connection = name, %fault, "requests cannot be claimed; trying again");
                drop(permits);
                wait(tokio::time::sleep(PAUSE), &shutdown).await;
                continue;
            }
        };
        let idle = claimed.is_empty();
        for (work, permit) in claimed.into_iter().zip(permits) {
            let (parts, signals, lane) = (parts.clone(), signals.clone(), lane.clone());
            let stop = shutdown.clone();
            shutdown.spawn(async move {
                deliver(work, permit, &parts, &signals, &stop).await;
                // A place is free again, and more may be waiting for it.
                lane.notify_one();
            });
        }
        if idle {
            let either = async {
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            };
            wait(either, &shutdown).await;
        }
    }
}

async fn deliver(
    work: RequestWork,
    permit: OwnedSemaphorePermit,
    parts: &Parts,
    signals: &Signals,
    shutdown: &Shutdown,
) {
    let began = parts.clock.now();
    let attempted = parts.sender.attempt(&work, began).await;
    drop(permit);
    let ended = parts.clock.now();
    let end = parts.sender.schedule(&work, ended, &attempted);
    let outcome = if matches!(end, StepEnd::Done(_)) { Outcome::ok } else { Outcome::failed };
    parts.metrics.attempt(&work.spec.connection, outcome, attempted.latency);
    let fault = attempted.error.as_deref().unwrap_or("");
    match &end {
        StepEnd::Done(_) => tracing::debug!(run = %work.run, step = %work.key, message = %work.message, "delivered"),
        StepEnd::Retry(at) => {
            tracing::warn!(run = %work.run, step = %work.key, message = %work.message, fault, next = %at, "attempt failed");
        }
        StepEnd::Failed(_) => {
            tracing::error!(run = %work.run, step = %work.key, message = %work.message, fault, "delivery given up");
        }
    }
    let settled = !matches!(end, StepEnd::Retry(_));
    let record = AttemptRecord {
        run: work.run.clone(),
        key: work.key.clone(),
        time: began,
        status: attempted.status,
        error: attempted.error,
        latency_ms: u64::try_from(attempted.latency.as_millis()).unwrap_or(u64::MAX),
        end,
    };
    let recorded =
        until_recorded(&work.run, shutdown, || parts.store.record_attempt(record.clone(), parts.clock.now()));
    if recorded.await {
        if settled {
            signals.runs_ready();
        }
        signals.timetable_changed();
    }
}

/// Records until it is recorded: the answer is here now, and forgetting it would send the request again. A stop or
/// a failed disk ends the trying; the request is then sent again after the restart, with the same id and bytes.
async fn until_recorded<F>(run: &RunId, shutdown: &Shutdown, record: impl Fn() -> F) -> bool
where
    F: Future<Output = Result<(), StoreError>>,
{
    loop {
        let Err(fault) = record().await else { return true };
        if matches!(fault, StoreError::Failed(_)) || shutdown.is_stopping() {
            tracing::error!(%run, %fault, "an attempt cannot be recorded; it will be made again after a restart");
            return false;
        }
        tracing::warn!(%run, %fault, "an attempt cannot be recorded; trying again");
        wait(tokio::time::sleep(PAUSE), shutdown).await;
    }
}

async fn wait(until: impl Future<Output = ()>, shutdown: &Shutdown) {
    tokio::select! {
        () = until => {}
        () = shutdown.stopping() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Whether it was recorded, and in how many tries, by a store that answers so.
    async fn recorded(shutdown: &Shutdown, answers: &[Result<(), StoreError>]) -> (bool, usize) {
        let tries = AtomicUsize::new(0);
        let record = || std::future::ready(answers[tries.fetch_add(1, Ordering::Relaxed)].clone());
        let run = "run_00000000000000000000000001".parse().unwrap();
        let recorded = until_recorded(&run, shutdown, record).await;
        (recorded, tries.into_inner())
    }

    #[tokio::test]
    async fn an_answer_is_recorded_however_long_the_store_refuses() {
        let why = || "why".to_owned();
        let answers = [Err(StoreError::Unavailable(why())), Err(StoreError::Corrupt(why())), Ok(())];
        assert_eq!(recorded(&Shutdown::new(), &answers).await, (true, 3));
    }

    #[tokio::test]
    async fn a_failed_disk_or_a_stop_ends_the_trying() {
        let going = Shutdown::new();
        assert_eq!(recorded(&going, &[Err(StoreError::Failed("why".to_owned()))]).await, (false, 1));
        let stopping = Shutdown::new();
        stopping.stop();
        assert_eq!(recorded(&stopping, &[Err(StoreError::Busy)]).await, (false, 1));
        assert_eq!(recorded(&stopping, &[Ok(())]).await, (true, 1));
    }
}
