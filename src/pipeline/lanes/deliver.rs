//! One attempt at a claimed request: made, judged, recorded, and told to whom it concerns.

use super::board::Lanes;
use super::places::Place;
use crate::clock::Timestamp;
use crate::delivery::Attempted;
use crate::id::RunId;
use crate::pipeline::parts::Parts;
use crate::pipeline::pause::pause;
use crate::pipeline::signals::Signals;
use crate::shutdown::Shutdown;
use crate::store::{AttemptRecord, Expired, RequestWork, StepEnd, StoreError};
use crate::telemetry::Outcome;
use futures_util::future::join_all;

/// Expired requests ended at once.
const BATCH: usize = 500;

/// Attempts a request or a mail; `probe` if the lane is to be judged by it. The place is given back once the attempt is over.
pub(super) async fn deliver(
    work: RequestWork,
    probe: bool,
    place: Option<Place>,
    lanes: &Lanes,
    parts: &Parts,
    signals: &Signals,
    shutdown: &Shutdown,
) {
    let connection = work.spec.connection.as_str();
    let flight = lanes.take_off(connection);
    let began = parts.clock.now();
    let attempted = match (&work.mail, &parts.mailer) {
        (Some(mail), Some(mailer)) => mailer.attempt(&work.message, mail, began).await,
        _ => parts.sender.attempt(&work, began).await,
    };
    let ended = parts.clock.now();
    // Before the place is free: the next request is not to be sent by what was known before.
    let change = lanes.observe(connection, &attempted, probe, ended);
    drop((place, flight));
    let end = parts.sender.schedule(&work, ended, &attempted);
    settle(&work, began, attempted, end, parts, signals, shutdown).await;
    if let Some(change) = change {
        lanes.tell_of(&change).await;
    }
}

/// Records what came of an attempt, and tells whom it concerns.
async fn settle(
    work: &RequestWork,
    began: Timestamp,
    attempted: Attempted,
    end: StepEnd,
    parts: &Parts,
    signals: &Signals,
    shutdown: &Shutdown,
) {
    let connection = work.spec.connection.as_str();
    let outcome = if matches!(end, StepEnd::Done(_)) { Outcome::ok } else { Outcome::failed };
    parts.metrics.attempt(connection, outcome, attempted.latency);
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
        answer: attempted.answer,
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

/// Ends what has expired while its lane rests, so that its playbook can do something else in time. Returns when the
/// next of what waits expires.
pub(super) async fn end_expired(
    connection: &str,
    lanes: &Lanes,
    parts: &Parts,
    signals: &Signals,
    shutdown: &Shutdown,
) -> Option<Timestamp> {
    loop {
        let Expired { requests, next } = parts.store.claim_expired(connection, BATCH, parts.clock.now()).await.ok()?;
        if requests.is_empty() || shutdown.is_stopping() {
            return next;
        }
        let ends = requests.into_iter().map(|work| deliver(work, false, None, lanes, parts, signals, shutdown));
        join_all(ends).await;
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
        pause(shutdown).await;
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
