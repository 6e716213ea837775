//! First stage: each alert is decided by one snapshot of the rules, and alert, verdict and runs become durable together.

use super::birth::new_run;
use super::parts::Parts;
use super::signals::Signals;
use super::updates;
use crate::clock::Timestamp;
use crate::decode::Decoded;
use crate::digest::Digest;
use crate::filter::{Filter, Limit};
use crate::id::RuleId;
use crate::playbook::Playbook;
use crate::ruleset::{Limited, Revision, Ruleset};
use crate::store::{Accepted, Admission, Generation, LimitClaim, NewRun, OnUpdate, StoreError};
use std::collections::HashMap;
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
        let held_filters = self.parts.held.snapshot();
        let on_update = updates::by(&rules, now, held);
        let sources: Vec<String> = batch.iter().map(|decoded| decoded.alert.source.clone()).collect();
        let mut admissions = Vec::with_capacity(batch.len());
        for (at, decoded) in batch.into_iter().enumerate() {
            if at % STRIDE == STRIDE - 1 {
                tokio::task::yield_now().await;
            }
            let mut admission = admit(&rules, decoded, &held_filters, on_update.clone(), now);
            if held {
                let names = |runs: &mut Vec<NewRun>| runs.drain(..).map(|run| run.program.id.clone()).collect();
                (admission.held, admission.held_if_over) =
                    (names(&mut admission.runs), names(&mut admission.runs_if_over));
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

fn admit(
    rules: &Ruleset,
    decoded: Decoded,
    held: &HashMap<RuleId, Digest>,
    on_update: Option<Arc<dyn OnUpdate>>,
    now: Timestamp,
) -> Admission {
    let Decoded { mut alert, content } = decoded;
    let decision = rules.decide_holding(&alert, now, held);
    alert.status = match decision.verdict.status {
        crate::alert::Status::Dismissed => crate::alert::Status::Dismissed,
        // The source may know better than `active`: it may have resolved the alert already.
        _ => alert.status,
    };
    let new_runs = |playbooks: &[Arc<Playbook>]| playbooks.iter().map(|it| new_run(it, &alert, now)).collect();
    Admission {
        runs: new_runs(&decision.runs),
        held: Vec::new(),
        limits: decision.limits.iter().filter_map(claim).collect(),
        runs_if_over: new_runs(&decision.runs_if_over),
        held_if_over: Vec::new(),
        content,
        verdict: decision.verdict,
        on_update,
        alert,
    }
}

fn claim(limited: &Limited) -> Option<LimitClaim> {
    let Filter { id, reason, limit, .. } = &*limited.filter;
    let Limit { max, per, .. } = limit.as_ref()?;
    Some(LimitClaim { filter: id.clone(), reason: reason.clone(), max: *max, per: *per, key: limited.key })
}
