//! The lane of mails: one server, a few mails at once.

use super::deliver::mail;
use crate::delivery::Mailer;
use crate::pipeline::parts::Parts;
use crate::pipeline::pause::{pause, wait};
use crate::pipeline::signals::Signals;
use crate::shutdown::Shutdown;
use crate::store::{EMAIL_LANE, RequestWork};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Most mails under way at once.
const AT_ONCE: usize = 4;
/// How often the lane looks by itself, should a wake-up have been missed.
const LOOK: Duration = Duration::from_secs(30);

/// Sends mails until asked to stop.
pub(in crate::pipeline) async fn drive_mails(mailer: Arc<Mailer>, parts: Parts, signals: Signals, shutdown: Shutdown) {
    let Some(bell) = signals.lane(EMAIL_LANE) else { return };
    while !shutdown.is_stopping() {
        wait(parts.switch.armed(), &shutdown).await;
        // Registered before the store is asked, so that no wake-up falls between the two.
        let woken = bell.notified();
        let claimed = match parts.store.claim_requests(EMAIL_LANE, AT_ONCE, parts.clock.now()).await {
            Ok(claimed) => claimed,
            Err(fault) => {
                tracing::warn!(%fault, "mails cannot be claimed; trying again");
                pause(&shutdown).await;
                continue;
            }
        };
        if parts.switch.is_disarmed() {
            continue;
        }
        if claimed.is_empty() {
            let either = async {
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            };
            wait(either, &shutdown).await;
            continue;
        }
        send(claimed, &mailer, &parts, &signals, &shutdown).await;
    }
}

async fn send(claimed: Vec<RequestWork>, mailer: &Arc<Mailer>, parts: &Parts, signals: &Signals, shutdown: &Shutdown) {
    let mut under_way = JoinSet::new();
    for mut work in claimed {
        let Some(spec) = work.mail.take() else { continue };
        let (mailer, parts, signals, stop) = (mailer.clone(), parts.clone(), signals.clone(), shutdown.clone());
        under_way.spawn(async move { mail(work, &spec, &mailer, &parts, &signals, &stop).await });
    }
    while under_way.join_next().await.is_some() {}
}
