//! First stage: each alert is decided by one snapshot of the rules, and alert, verdict and runs become durable together.

use super::birth::new_run;
use super::parts::Parts;
use super::signals::Signals;
use super::updates;
use crate::clock::Timestamp;
use crate::decode::Decoded;
use crate::ruleset::Ruleset;
use crate::store::{Accepted, Admission, OnUpdate, StoreError};
use std::sync::Arc;

/// Alerts decided before other tasks get a turn.
const STRIDE: usize = 64;

/// Takes alerts in.
#[derive(Debug)]
pub struct Acceptor {
    parts: Parts,
    signals: Signals,
}

impl Acceptor {
    pub(super) fn new(parts: Parts, signals: Signals) -> Self {
        Self { parts, signals }
    }

    /// Decides and stores a batch. When this returns `Ok`, all of it is on disk; when it returns `Err`, none is.
    pub async fn accept(&self, batch: Vec<Decoded>) -> Result<Vec<Accepted>, StoreError> {
        let Parts { store, live, clock, metrics, .. } = &self.parts;
        let (rules, now, held) = (live.snapshot(), clock.now(), self.parts.switch.is_disarmed());
        let on_update = updates::by(&rules, now, held);
        let sources: Vec<String> = batch.iter().map(|decoded| decoded.alert.source.clone()).collect();
        let mut admissions = Vec::with_capacity(batch.len());
        for (at, decoded) in batch.into_iter().enumerate() {
            if at % STRIDE == STRIDE - 1 {
                tokio::task::yield_now().await;
            }
            let mut admission = admit(&rules, decoded, on_update.clone(), now);
            if held {
                admission.held = admission.runs.drain(..).map(|run| run.program.id.clone()).collect();
            }
            admissions.push(admission);
        }
        let accepted = store.accept(admissions, now).await?;
        for (one, source) in accepted.iter().zip(&sources) {
            if one.duplicate {
                metrics.alert_repeated();
            } else {
                metrics.alert_stored(source, one.status.as_str());
            }
        }
        if accepted.iter().any(|one| one.started > 0) {
            self.signals.runs_ready();
            self.signals.timetable_changed();
        }
        Ok(accepted)
    }
}

fn admit(rules: &Ruleset, decoded: Decoded, on_update: Option<Arc<dyn OnUpdate>>, now: Timestamp) -> Admission {
    let Decoded { mut alert, content } = decoded;
    let decision = rules.decide(&alert, now);
    alert.status = match decision.verdict.status {
        crate::alert::Status::Dismissed => crate::alert::Status::Dismissed,
        // The source may know better than `active`: it may have resolved the alert already.
        _ => alert.status,
    };
    let runs = decision.runs.iter().map(|playbook| new_run(playbook, &alert, now)).collect();
    Admission { alert, content, verdict: decision.verdict, runs, held: Vec::new(), on_update }
}
