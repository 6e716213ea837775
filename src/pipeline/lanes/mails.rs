//! The lane of mails: one server, a few mails at once, and one that hangs holds up no other.

use super::deliver::mail;
use crate::delivery::Mailer;
use crate::pipeline::parts::Parts;
use crate::pipeline::pause::{pause, wait};
use crate::pipeline::signals::Signals;
use crate::shutdown::Shutdown;
use crate::store::EMAIL_LANE;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Most mails under way at once.
const AT_ONCE: usize = 4;
/// How often the lane looks by itself, should a wake-up have been missed.
const LOOK: Duration = Duration::from_secs(30);

/// Sends mails until asked to stop.
pub(in crate::pipeline) async fn drive_mails(mailer: Arc<Mailer>, parts: Parts, signals: Signals, shutdown: Shutdown) {
    let Some(bell) = signals.lane(EMAIL_LANE) else { return };
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while !shutdown.is_stopping() {
        // Registered before the store is asked, so that no wake-up falls between the two.
        let woken = bell.notified();
        let Ok(first) = room.clone().acquire_owned().await else { return };
        wait(parts.switch.armed(), &shutdown).await;
        let mut permits = vec![first];
        while let Ok(permit) = room.clone().try_acquire_owned() {
            permits.push(permit);
        }
        let claimed = match parts.store.claim_requests(EMAIL_LANE, permits.len(), parts.clock.now()).await {
            Ok(claimed) => claimed,
            Err(fault) => {
                tracing::warn!(%fault, "mails cannot be claimed; trying again");
                drop(permits);
                pause(&shutdown).await;
                continue;
            }
        };
        if parts.switch.is_disarmed() {
            // What was claimed is given back unsent.
            continue;
        }
        let idle = claimed.is_empty();
        for (mut work, permit) in claimed.into_iter().zip(permits) {
            let Some(spec) = work.mail.take() else { continue };
            let (mailer, parts, signals, bell) = (mailer.clone(), parts.clone(), signals.clone(), bell.clone());
            let stop = shutdown.clone();
            shutdown.spawn(async move {
                mail(work, &spec, &mailer, &parts, &signals, &stop).await;
                drop(permit);
                // A place is free again, and more may be waiting for it.
                bell.notify_one();
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
