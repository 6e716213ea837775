//! Tests of playbooks: the script is stepped as a worker steps it, one answer at a time, so that every test also
//! proves that the script replays the same way from every point it can be resumed at. Sleeps end at once.

use super::case::{self, Answerer, Case, Expected, Given, decode_alert, decode_sample};
use super::watch::Watch;
use super::{Samples, Trial};
use crate::alert::{Alert, Status};
use crate::clock::Timestamp;
use crate::diag::Diagnostics;
use crate::id::RunId;
use crate::matcher::AlertView;
use crate::playbook::{
    AlertChange, Compiled, Effect, Entry, NewStep, Outcome, Playbook, Settled, StepError, StepInput, StepLimits, load,
    step,
};
use jiff::SignedDuration;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// When a test's run begins: any fixed instant will do.
const BEGIN: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// Runs every test of a playbook's file.
pub(super) fn run(
    text: &str,
    file: &Arc<Path>,
    playbook: &Playbook,
    samples: &Samples<'_>,
    watch: &mut Watch<'_>,
    found: &mut Diagnostics,
) -> Vec<Trial> {
    let compiled = load(&playbook.program);
    let cases = case::read(text, file, found).into_iter();
    let trial = |mut case: Case| {
        let begun = compiled.as_ref().map_err(|error| error.message.clone()).and_then(|compiled| {
            let alert = match &case.alert {
                Given::Inline(alert) => decode_alert(alert),
                Given::File(path) => samples(file, path).and_then(|bytes| decode_sample(&bytes)),
            };
            Ok((compiled, World::begin(&alert?, playbook)?))
        });
        let fault = match begun {
            Ok((compiled, mut world)) => {
                let fault = world.play(compiled, &mut case).err();
                watch.stepped(playbook, Some(world.input));
                fault
            }
            Err(fault) => {
                watch.stepped(playbook, None);
                Some(fault)
            }
        };
        Trial { name: case.name, file: file.clone(), place: case.span.start, fault, explained: Vec::new() }
    };
    cases.map(trial).collect()
}

/// A run's journal, and what the script has done to the outside so far.
struct World {
    input: StepInput,
    now: Timestamp,
    /// When the run must have ended.
    deadline: Timestamp,
    calls: Vec<String>,
    status: Status,
    /// What `state_put` keeps, and until when.
    kept: BTreeMap<String, (Value, Timestamp)>,
}

impl World {
    fn begin(alert: &Alert, playbook: &Playbook) -> Result<Self, String> {
        if let Some(condition) = &playbook.condition
            && !condition.matches(&AlertView::new(alert))
        {
            return Err("the alert does not meet the playbook's `match`, so it would never run".to_owned());
        }
        let status = alert.status;
        let alert = to_raw_value(alert).map_err(|fault| fault.to_string())?;
        let input = StepInput {
            run: RunId::from_bytes([0; 16]),
            alert,
            started: BEGIN,
            input: Value::Null,
            journal: Vec::new(),
            logged: BTreeMap::new(),
        };
        let deadline = BEGIN.checked_add(playbook.timeout).unwrap_or(Timestamp::MAX);
        Ok(Self { input, now: BEGIN, deadline, calls: Vec::new(), status, kept: BTreeMap::new() })
    }

    fn play(&mut self, compiled: &Compiled, case: &mut Case) -> Result<(), String> {
        loop {
            let activation = step(compiled, self.input.clone(), &StepLimits::default());
            for new in activation.new_steps {
                self.perform(new, case)?;
            }
            match activation.outcome {
                // What a wait leads beyond the run's time is never come to.
                Outcome::Suspended if self.now > self.deadline => return self.judge(None, case),
                Outcome::Suspended => {}
                ended => return self.judge(Some(&ended), case),
            }
        }
    }

    /// Records a step with its made-up end.
    fn perform(&mut self, new: NewStep, case: &mut Case) -> Result<(), String> {
        let settled = match new.effect {
            Effect::Request(spec) => {
                self.calls.push(spec.connection.clone());
                let outcome = listed(case, &Answerer::Connection(spec.connection), new.line)?;
                self.settle(&new.key.0, outcome.map(whole_answer))
            }
            Effect::Email(_) => {
                self.calls.push("email".to_owned());
                let outcome = listed(case, &Answerer::Email, new.line)?;
                self.settle(&new.key.0, outcome)
            }
            Effect::Child { playbook, .. } => {
                self.calls.push(playbook.clone());
                let outcome = listed(case, &Answerer::Playbook(playbook), new.line)?;
                self.settle(&new.key.0, outcome)
            }
            Effect::Approval(spec) => {
                let outcome = listed(case, &Answerer::Approval, new.line)?;
                if outcome.is_err() {
                    self.now = self.after(spec.within_ms);
                }
                let outcome = match (outcome, spec.otherwise) {
                    // Silence means what the script has said it means.
                    (Err(_), Some(approved)) => {
                        Ok(json!({"approved": approved, "by": null, "comment": "nobody answered in time"}))
                    }
                    (outcome, _) => outcome,
                };
                let at = self.now;
                let outcome = outcome.map(|mut answer| {
                    answer["at"] = json!(at);
                    answer
                });
                self.settle(&new.key.0, outcome)
            }
            Effect::StateGet { key } => {
                let kept = self.kept.get(&key).filter(|(_, until)| *until > self.now);
                let value = kept.map_or(Value::Null, |(value, _)| value.clone());
                Settled::Done { value: value.into(), at: self.now }
            }
            Effect::StatePut { key, value, ttl_ms } => {
                self.kept.insert(key, (value, self.after(ttl_ms)));
                Settled::Done { value: Value::Null.into(), at: self.now }
            }
            Effect::Sleep { until } => {
                self.now = self.now.max(until);
                Settled::Done { value: Value::Null.into(), at: self.now }
            }
            Effect::Change(change) => {
                if let AlertChange::Status { status, .. } = change {
                    self.status = status;
                }
                Settled::Done { value: Value::Null.into(), at: self.now }
            }
            Effect::Audited => Settled::Done { value: Value::Null.into(), at: self.now },
        };
        let NewStep { key, call, hash, line, .. } = new;
        self.input.journal.push(Entry { key, call, hash, line, asked: 0, settled: Some(settled) });
        Ok(())
    }

    /// So many milliseconds from now.
    fn after(&self, milliseconds: u64) -> Timestamp {
        let span = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
        self.now.saturating_add(span).unwrap_or(Timestamp::MAX)
    }

    fn settle(&self, step: &str, outcome: Result<Value, Value>) -> Settled {
        let at = self.now;
        match outcome {
            Ok(value) => Settled::Done { value: value.into(), at },
            Err(error) => {
                let status = error["status"].as_u64().and_then(|status| u16::try_from(status).ok());
                let text = |key: &str, default: &str| error[key].as_str().unwrap_or(default).to_owned();
                let (kind, message) = (text("kind", "http"), text("message", "the listed step fails"));
                let error = StepError {
                    kind,
                    status,
                    body: error["body"].clone(),
                    attempts: 1,
                    message,
                    step: step.to_owned(),
                };
                Settled::Failed { error, at }
            }
        }
    }

    /// Everything that is otherwise than expected, and first what the run itself failed of.
    fn judge(&self, ended: Option<&Outcome>, case: &Case) -> Result<(), String> {
        let Expected { run, status, calls, result } = &case.expect;
        let (word, value, why) = match ended {
            Some(Outcome::Done { value }) => ("done", value.clone(), None),
            Some(Outcome::Failed { error }) => {
                ("failed", Value::Null, Some(format!("{} (line {})", error.message, error.line)))
            }
            Some(Outcome::Suspended) => ("waiting", Value::Null, None),
            None => ("expired", Value::Null, Some("its waits take longer than its `timeout`".to_owned())),
        };
        let mut wrong = Vec::new();
        let mut differs = |what: &str, expected: &str, seen: &str| {
            wrong.push(format!("{what}: expected {expected}, is {seen}"));
        };
        let expected = run.as_deref().unwrap_or("done");
        if expected != word {
            let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            differs("run", expected, &format!("{word}{why}"));
        }
        if let Some(status) = status.filter(|status| *status != self.status) {
            differs("status", status.as_str(), self.status.as_str());
        }
        if let Some(calls) = calls.as_ref().filter(|calls| **calls != self.calls) {
            differs("calls", &listing(calls), &listing(&self.calls));
        }
        if let Some(result) = result.as_ref().filter(|result| **result != value) {
            differs("result", &result.to_string(), &value.to_string());
        }
        wrong.extend(case.answers.iter().map(|left| format!("the listed step {} was never called", left.of)));
        if wrong.is_empty() {
            return Ok(());
        }
        // What is otherwise may come of an error that was expected to be another one.
        if let (true, "failed", Some(why)) = (expected == word, word, why) {
            wrong.insert(0, format!("the run failed as expected, of: {why}"));
        }
        Err(wrong.join("\n"))
    }
}

fn listing(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What the test lists for the next step, which must be of this one.
fn listed(case: &mut Case, of: &Answerer, line: u32) -> Result<Result<Value, Value>, String> {
    match case.answers.pop_front() {
        Some(answer) if answer.of == *of => Ok(answer.outcome),
        Some(other) => Err(format!("line {line} calls {of}, and the next listed step is {}", other.of)),
        None => Err(format!("line {line} calls {of}, which is not listed")),
    }
}

/// A listed answer names what matters; the rest is what a real one would have.
fn whole_answer(mut answer: Value) -> Value {
    if let Value::Object(fields) = &mut answer {
        fields.entry("status").or_insert(json!(200));
        fields.entry("headers").or_insert(json!({}));
        fields.entry("body").or_insert(Value::Null);
    }
    answer
}
