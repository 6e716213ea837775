//! Second stage: every run that can go on is stepped in the sandbox, and what it asks for is recorded before it is done.

use super::birth::new_run;
use super::parts::Parts;
use super::pause::{pause, wait};
use super::signals::Signals;
use crate::alert::Alert;
use crate::delivery::message_id;
use crate::digest::Digest;
use crate::id::{ApprovalId, RunId};
use crate::playbook::{Activation, Effect, LogLine, NewStep, Outcome, RunError, StepError, StepInput, StepKey};
use crate::shutdown::Shutdown;
use crate::store::{ChildRun, EMAIL_LANE, Progress, RunWork, StepStart};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often the stage looks by itself, should a wake-up have been missed.
const LOOK: Duration = Duration::from_secs(5);
/// Runs in hand for each worker.
const RUNS_A_WORKER: usize = 8;

/// Steps runs until asked to stop.
pub async fn drive(parts: Parts, signals: Signals, shutdown: Shutdown) {
    // Several for each worker: one is stepped while the others' records are written, and the more are claimed and
    // recorded together, the less each costs.
    let room = Arc::new(Semaphore::new(parts.sandbox.workers() * RUNS_A_WORKER));
    while !shutdown.is_stopping() {
        // Registered before the store is asked, so that no wake-up falls between the two.
        let woken = signals.runs().notified();
        let Ok(first) = room.clone().acquire_owned().await else { return };
        // After the wait for a place, which may outlast the moment when playbooks were disarmed.
        wait(parts.switch.armed(), &shutdown).await;
        let free = room.available_permits() + 1;
        let claimed = match parts.store.claim_runs(free, parts.clock.now()).await {
            Ok(claimed) => claimed,
            Err(fault) => {
                tracing::warn!(%fault, "runs cannot be claimed; trying again");
                drop(first);
                pause(&shutdown).await;
                continue;
            }
        };
        if parts.switch.is_disarmed() {
            // What was claimed is given back as it is.
            continue;
        }
        if claimed.is_empty() {
            drop(first);
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(LOOK) => {}
                () = shutdown.stopping() => {}
            }
            continue;
        }
        let mut permits = vec![first];
        while permits.len() < claimed.len() {
            match room.clone().acquire_owned().await {
                Ok(permit) => permits.push(permit),
                Err(_) => return,
            }
        }
        for (work, permit) in claimed.into_iter().zip(permits) {
            let (parts, signals) = (parts.clone(), signals.clone());
            let stop = shutdown.clone();
            shutdown.spawn(async move {
                step(work, &parts, &signals, &stop).await;
                drop(permit);
            });
        }
    }
}

async fn step(mut work: RunWork, parts: &Parts, signals: &Signals, shutdown: &Shutdown) {
    let run = work.id.clone();
    let activation = match input(&mut work) {
        Ok(input) => match parts.sandbox.step(&work.program, work.digest, input).await {
            Ok(activation) => activation,
            Err(fault) => {
                tracing::error!(%run, %fault, "the sandbox cannot step a run; trying again");
                return give_back(work, signals, shutdown).await;
            }
        },
        Err(error) => {
            tracing::error!(%run, "{}", error.message);
            Activation { new_steps: Vec::new(), logs: Vec::new(), outcome: Outcome::Failed { error } }
        }
    };
    for line in &activation.logs {
        log(&work, line);
    }
    let progress = progress(&work, activation, parts);
    let after = After::of(&progress);
    match parts.store.record_progress(progress, parts.clock.now()).await {
        Ok(()) => after.tell(&work, parts, signals),
        Err(fault) => {
            // Nothing was performed yet, so the same activation can be made again.
            tracing::warn!(%run, %fault, "a step cannot be recorded; trying again");
            give_back(work, signals, shutdown).await;
        }
    }
}

/// What the worker is given, taken out of the work; or, if the stored alert does not read back, why the run ends: no later step could read it.
fn input(work: &mut RunWork) -> Result<StepInput, RunError> {
    let alert = RawValue::from_string(work.alert.to_string()).map_err(|fault| RunError {
        kind: "corrupt".to_owned(),
        limit: None,
        message: format!("the stored alert of the run does not read back: {fault}"),
        line: 0,
        column: 0,
    })?;
    Ok(StepInput {
        run: work.id.clone(),
        alert,
        started: work.started,
        input: std::mem::take(&mut work.input),
        journal: std::mem::take(&mut work.journal),
        logged: std::mem::take(&mut work.logged),
    })
}

/// Decides how each new step begins: what is sent gets the id it keeps for ever, and what can never be done is refused.
fn progress(work: &RunWork, activation: Activation, parts: &Parts) -> Progress {
    let now = parts.clock.now();
    let begin = |step: NewStep| {
        let refused = |why: String, message| {
            let error = StepError {
                kind: "configuration".to_owned(),
                status: None,
                body: serde_json::Value::Null,
                attempts: 0,
                message: why,
                step: step.key.to_string(),
            };
            StepStart::Refused { error, message }
        };
        let message = |lane: &str| message_id(&work.id, &step.key, lane);
        let start = match &step.effect {
            Effect::Request(spec) if parts.connections.get(&spec.connection).is_none() => {
                let why = format!("connection `{}` is not configured on this daemon", spec.connection);
                refused(why, Some(message(&spec.connection)))
            }
            Effect::Request(spec) => {
                StepStart::Message { id: message(&spec.connection), expires: parts.sender.expiry(spec, now) }
            }
            Effect::Email(_) if parts.mailer.is_none() => {
                let why = "no mail server is configured on this daemon: see `email` in its configuration";
                refused(why.to_owned(), Some(message(EMAIL_LANE)))
            }
            Effect::Email(_) => StepStart::Message { id: message(EMAIL_LANE), expires: None },
            Effect::Approval(_) => StepStart::Approval(approval_id(&work.id, &step.key)),
            Effect::Child { playbook, .. } => match child(playbook, work, parts) {
                Ok(child) => StepStart::Child(Box::new(child)),
                Err(why) => refused(why, None),
            },
            Effect::Sleep { .. }
            | Effect::StateGet { .. }
            | Effect::StatePut { .. }
            | Effect::Change(_)
            | Effect::Audited => StepStart::Normal,
        };
        (step, start)
    };
    let mut steps: Vec<_> = activation.new_steps.into_iter().map(begin).collect();
    let requests = steps.iter_mut().filter_map(|(step, _)| match &mut step.effect {
        Effect::Request(spec) => Some(spec),
        _ => None,
    });
    let mut hops = None;
    for spec in requests {
        spec.hops = *hops.get_or_insert_with(|| hops_of(&work.alert));
    }
    Progress { run: work.id.clone(), steps, logs: activation.logs, outcome: activation.outcome }
}

/// A question's id: the same however often its step is asked for.
fn approval_id(run: &RunId, key: &StepKey) -> ApprovalId {
    ApprovalId::from_bytes(Digest::of_parts([run.as_str(), &key.0, "approval"].map(str::as_bytes)).half())
}

/// The run of another playbook that a step asks for, as the running rules have it.
fn child(playbook: &str, work: &RunWork, parts: &Parts) -> Result<ChildRun, String> {
    let rules = parts.live.snapshot();
    let found = rules.playbooks().iter().find(|known| known.id.as_str() == playbook);
    let found = found.ok_or_else(|| format!("the running rules have no playbook `{playbook}`"))?;
    let alert: Alert =
        serde_json::from_str(&work.alert).map_err(|fault| format!("the stored alert does not read back: {fault}"))?;
    Ok(ChildRun { run: new_run(found, &alert, parts.clock.now()), generation: rules.generation() })
}

/// How many requests of playbooks brought the run's alert here.
fn hops_of(alert: &str) -> u8 {
    #[derive(serde::Deserialize)]
    struct Flags<'a> {
        #[serde(default, borrow)]
        flags: Vec<std::borrow::Cow<'a, str>>,
    }
    serde_json::from_str(alert).map_or(0, |Flags { flags }| Alert::hops(flags.iter().map(|flag| &**flag)))
}

/// Whom to wake once the progress is on disk.
struct After {
    connections: Vec<String>,
    timers: bool,
    status: &'static str,
}

impl After {
    fn of(progress: &Progress) -> Self {
        let mut after = Self { connections: Vec::new(), timers: false, status: "suspended" };
        for (step, start) in &progress.steps {
            match (&step.effect, start) {
                (_, StepStart::Refused { .. }) => {}
                (Effect::Request(spec), _) => after.connections.push(spec.connection.clone()),
                (Effect::Email(_), _) => after.connections.push(EMAIL_LANE.to_owned()),
                (Effect::Sleep { .. } | Effect::Approval(_) | Effect::Child { .. }, _) => after.timers = true,
                _ => {}
            }
        }
        after.status = match progress.outcome {
            Outcome::Suspended => "suspended",
            Outcome::Done { .. } => "done",
            Outcome::Failed { .. } => "failed",
        };
        after
    }

    fn tell(self, work: &RunWork, parts: &Parts, signals: &Signals) {
        parts.metrics.activation(self.status);
        if self.status != "suspended" {
            tracing::info!(run = %work.id, playbook = %work.program.id, status = self.status, "run ended");
        }
        for connection in &self.connections {
            signals.request_ready(connection);
        }
        if self.timers {
            signals.timetable_changed();
        }
        // A refused step has settled already; a step may have settled while this activation was under way; and a run
        // that waited for this one's end can go on.
        signals.runs_ready();
    }
}

/// Lets the run be claimed again, though not at once: what stood in the way may still.
async fn give_back(work: RunWork, signals: &Signals, shutdown: &Shutdown) {
    pause(shutdown).await;
    drop(work);
    signals.runs_ready();
}

fn log(work: &RunWork, line: &LogLine) {
    let (run, playbook, message) = (&work.id, &work.program.id, &line.message);
    match line.level.as_str() {
        "error" => tracing::error!(%run, %playbook, fields = %line.fields, "{message}"),
        "warn" => tracing::warn!(%run, %playbook, fields = %line.fields, "{message}"),
        _ => tracing::info!(%run, %playbook, fields = %line.fields, "{message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::store::contract_suite::samples::{alert, new_run};

    fn work(alert: &str) -> RunWork {
        let run = new_run("contain");
        RunWork {
            id: run.id,
            program: run.program,
            digest: run.digest,
            alert: alert.into(),
            started: Timestamp::UNIX_EPOCH,
            input: serde_json::Value::Null,
            journal: Vec::new(),
            logged: std::collections::BTreeMap::new(),
            claim: crate::store::ClaimGuard::default(),
        }
    }

    #[test]
    fn a_run_whose_alert_does_not_read_back_ends_as_corrupt() {
        for unreadable in ["{\"title\": ", "[".repeat(1000).as_str()] {
            assert_eq!(input(&mut work(unreadable)).unwrap_err().kind, "corrupt");
        }
        let sound = alert("a");
        let sound = serde_json::to_string(&sound).unwrap();
        assert_eq!(input(&mut work(&sound)).unwrap().alert.get(), sound);
    }
}
