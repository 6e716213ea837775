//! One activation: run `on_alert` from the start against the journal, and say where the run stands.

use super::fault;
use super::journal_view::Answers;
use super::load::{ALERT, Compiled};
use super::run::{Active, Run, Stopped, limit};
use crate::clock::Timestamp;
use crate::id::RunId;
use crate::playbook::engine::meter::{self, Stop, Trip};
use crate::playbook::value::{self, NotJson, VALUE_BYTES};
use crate::playbook::{Activation, Entry, Outcome, RunError};
use rhai::{Dynamic, EvalAltResult, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a run is stepped with. The same input always gives the same activation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepInput {
    /// The run.
    pub run: RunId,
    /// The alert's canonical JSON as it was when the run was created.
    pub alert: Box<RawValue>,
    /// When the run was created: what `now()` says before the first result.
    pub started: Timestamp,
    /// What the run was started with, where another playbook started it; else null.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub input: Value,
    /// The steps recorded so far.
    pub journal: Vec<Entry>,
    /// How many lines were logged so far, by the strand that wrote them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub logged: BTreeMap<String, u32>,
}

/// What one activation may spend.
#[derive(Clone)]
pub struct StepLimits {
    /// Most operations, callbacks included.
    pub operations: u64,
    /// Says whether the time is up; asked every few hundred operations.
    pub stop: Stop,
}

impl Default for StepLimits {
    /// 100,000 operations and no limit of time.
    fn default() -> Self {
        Self { operations: 100_000, stop: Arc::new(|| false) }
    }
}

impl std::fmt::Debug for StepLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepLimits").field("operations", &self.operations).finish_non_exhaustive()
    }
}

/// An alert as scripts see it. Frozen, so that any number of activations can share one.
#[derive(Debug, Clone)]
pub struct ReadAlert(Dynamic);

impl ReadAlert {
    /// Reads an alert's canonical JSON; or what an activation comes to whose alert does not read back.
    pub fn read(alert: &RawValue) -> Result<Self, Box<Activation>> {
        value::alert(alert).map(Self).map_err(|fault| {
            let outcome = unreadable(&fault);
            Box::new(Activation { new_steps: Vec::new(), logs: Vec::new(), outcome })
        })
    }
}

/// A run as it is known between two activations: what it is stepped with, and what of that was read already.
#[derive(Debug, Clone)]
pub struct Known {
    alert: ReadAlert,
    /// Everything but the alert, in whose place is null.
    pub input: StepInput,
    answers: Answers,
}

impl Known {
    /// A run that was not stepped yet.
    pub fn new(alert: ReadAlert, input: StepInput) -> Self {
        Self { alert, input: StepInput { alert: RawValue::NULL.to_owned(), ..input }, answers: Answers::new() }
    }
}

/// Reads the run's alert and steps it: see [`step_known`].
pub fn step(compiled: &Compiled, input: StepInput, limits: &StepLimits) -> Activation {
    match ReadAlert::read(&input.alert) {
        Ok(alert) => step_known(compiled, &mut Known::new(alert, input), limits),
        Err(activation) => *activation,
    }
}

/// Runs the script from its start. Recorded steps are answered from the journal; the first step that is in flight
/// or new suspends the run, and what was newly asked for is in the activation. What is known of the run stays as it was,
/// but for results that need not be read again.
///
/// Deeply nested values need stack: call it on a thread with 64 MiB.
pub fn step_known(compiled: &Compiled, known: &mut Known, limits: &StepLimits) -> Activation {
    let run = Run::new(&mut known.input, std::mem::take(&mut known.answers), compiled);
    let _armed = meter::arm(limits.operations, limits.stop.clone());
    let active = Active::enter(run);
    // A panic in a host function would otherwise take the process, and every other run's step, with it.
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let mut scope = Scope::new();
        scope.push_dynamic(ALERT, known.alert.0.clone());
        compiled.evaluate(&mut scope)
    }));
    let run = active.leave().expect("the run was entered above and only this function takes it back");
    let left_over = run.left_over();
    let Run { new_steps, logs, stopped, journal, .. } = run;
    (known.input.journal, known.answers) = journal.into_parts();
    let result = match ended {
        Ok(result) => result,
        Err(panic) => {
            let outcome = Outcome::Failed { error: panicked(panic.as_ref()) };
            return Activation { new_steps, logs, outcome };
        }
    };
    let outcome = match (stopped, meter::tripped()) {
        (Some(Stopped::Suspended), _) => Outcome::Suspended,
        (Some(Stopped::Exited(value)), _) => Outcome::Done { value },
        (Some(Stopped::Failed(error)), _) => Outcome::Failed { error: placed(error, result, compiled) },
        (None, Some(trip)) => {
            let error = match trip {
                Trip::Operations => limit("operations", format!("more than {} operations", limits.operations)),
                Trip::Time => limit("time", "the script took too long".to_owned()),
            };
            Outcome::Failed { error: placed(error, result, compiled) }
        }
        (None, None) => match result {
            Ok(value) => returned(&value),
            Err(error) => Outcome::Failed { error: fault::classify(*error, &compiled.modules) },
        },
    };
    let outcome = checked(outcome, left_over);
    // What a script asks for on a way that is not the recorded one is not done.
    let diverged = matches!(&outcome, Outcome::Failed { error } if error.kind == "diverged");
    Activation { new_steps: if diverged { Vec::new() } else { new_steps }, logs, outcome }
}

/// A script that ends, or waits for something new, while recorded steps lie ahead is not the script that recorded
/// them. A broken limit or an explicit failure is reported as it is.
fn checked(outcome: Outcome, left_over: Option<(usize, usize)>) -> Outcome {
    let Some((ahead, recorded)) = left_over else { return outcome };
    let how = match &outcome {
        Outcome::Failed { error } if error.kind != "script" && error.kind != "step" => return outcome,
        Outcome::Failed { error } => format!("ended with \"{}\"", error.message),
        Outcome::Suspended => "went another way".to_owned(),
        Outcome::Done { .. } => "ended".to_owned(),
    };
    let message = format!("the run diverged: the script {how} with {ahead} of {recorded} recorded steps not reached");
    let error = RunError { kind: "diverged".into(), limit: None, message: fault::tidy(&message), line: 0, column: 0 };
    Outcome::Failed { error }
}

fn unreadable(fault: &serde_json::Error) -> Outcome {
    let message = format!("the stored alert of the run does not read back: {fault}");
    Outcome::Failed { error: RunError { kind: "corrupt".into(), limit: None, message, line: 0, column: 0 } }
}

fn returned(value: &Dynamic) -> Outcome {
    match value::to_json(value, VALUE_BYTES) {
        Ok(value) => Outcome::Done { value },
        // Handing back a function or the like is no reason to fail a run that did all its work.
        Err(NotJson::NotData(_)) => Outcome::Done { value: Value::Null },
        Err(fault) => {
            let name = fault.limit().unwrap_or("size");
            Outcome::Failed { error: limit(name, format!("the playbook returned {fault}")) }
        }
    }
}

/// Adds the place the engine knows to an error made where no place is known.
fn placed(mut error: RunError, result: Result<Dynamic, Box<EvalAltResult>>, compiled: &Compiled) -> RunError {
    if let (0, Err(raised)) = (error.line, result) {
        (error.line, error.column) = fault::place(*raised, &compiled.modules);
    }
    error.message = fault::tidy(&error.message);
    error
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> RunError {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    // The engine's texts panic where a vector would abort, when the process reaches its own limit.
    if text.contains("Cannot allocate memory") || text.contains("capacity overflow") {
        return limit("memory", "the script used too much memory".to_owned());
    }
    let message = fault::tidy(&format!("the script made Quell itself fail, which is a fault of Quell: {text}"));
    RunError { kind: "sandbox".into(), limit: None, message, line: 0, column: 0 }
}
