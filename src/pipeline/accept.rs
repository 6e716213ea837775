//! First stage: each alert is decided by one snapshot of the rules, and alert, verdict and runs become durable together.

use super::birth::new_run;
use super::parts::Parts;
use super::signals::Signals;
use super::updates;
use crate::clock::Timestamp;
use crate::decode::Decoded;
use crate::digest::Digest;
use crate::ruleset::{Revision, Ruleset};
use crate::store::{Accepted, Admission, Generation, OnUpdate, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// Alerts decided before other tasks get a turn.
const STRIDE: usize = 64;

/// Takes alerts in.
#[derive(Debug)]
pub struct Acceptor {
    parts: Parts,
    signals: Signals,
    /// The rules that the store is known to keep.
    kept: Mutex<Option<(Digest, Option<Revision>)>>,
}

impl Acceptor {
    pub(super) fn new(parts: Parts, signals: Signals) -> Self {
        Self { parts, signals, kept: Mutex::default() }
    }

    /// Decides and stores a batch. When this returns `Ok`, all of it is on disk; when it returns `Err`, none is.
    pub async fn accept(&self, batch: Vec<Decoded>) -> Result<Vec<Accepted>, StoreError> {
        let Parts { store, live, clock, metrics, .. } = &self.parts;
        let (rules, now, held) = (live.snapshot(), clock.now(), self.parts.switch.is_disarmed());
        self.keep(&rules, now).await?;
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

impl Acceptor {
    /// Has the store keep the rules before they decide: what they decide can be explained for as long as it is stored.
    async fn keep(&self, rules: &Ruleset, now: Timestamp) -> Result<(), StoreError> {
        let is_kept = |kept: &Option<(Digest, Option<Revision>)>| {
            kept.as_ref().is_some_and(|(digest, at)| *digest == rules.generation() && at.as_ref() == rules.revision())
        };
        if is_kept(&self.kept.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        self.parts.store.record_generation(Generation::of(rules), now).await?;
        let kept = (rules.generation(), rules.revision().cloned());
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(())
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
