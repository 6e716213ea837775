//! A world in which a script is run to its end: effects are answered, the journal grows, the clock moves.

use crate::clock::Timestamp;
use crate::id::{RuleId, RunId};
use crate::playbook::{
    Activation, Compiled, Effect, Entry, Known, NewStep, Outcome, Program, ReadAlert, RunError, Settled, StepError,
    StepInput, StepKey, StepLimits, load, step, step_known,
};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A program of one script that may use the connections `a` and `b`.
pub fn program(source: &str) -> Program {
    Program {
        id: RuleId::new("under-test").unwrap(),
        path: "playbooks/under-test.rhai".into(),
        source: source.into(),
        modules: Default::default(),
        connections: vec!["a".into(), "b".into()],
        audit: false,
    }
}

/// A script around a body of `on_alert`.
pub fn body(body: &str) -> String {
    format!("fn on_alert(alert) {{\n{body}\n}}")
}

/// The alert every script of these tests handles.
pub fn alert() -> Value {
    json!({
        "id": "al_1", "title": "Brute force", "severity": "high", "status": "active", "simulated": false,
        "entities": [{"type": "ip", "address": "203.0.113.9"}, {"type": "host", "name": "web-1"}],
        "extended_properties": {"compromised host": "web-1", "attempts": 12},
        "raw": {"severity": "High", "n": 1.5},
    })
}

pub fn input(journal: Vec<Entry>) -> StepInput {
    StepInput {
        run: RunId::from_bytes([7; 16]),
        alert: to_raw_value(&alert()).unwrap(),
        started: time(0),
        input: Value::Null,
        journal,
        logged: BTreeMap::new(),
    }
}

/// So many seconds after the run began.
pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// Runs something with the stack that scripts are given.
pub fn with_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(64 * 1024 * 1024).spawn(work).unwrap().join().unwrap()
}

/// One activation on the right stack, for at most ten seconds: what a hostile script meets first is a limit of its own.
pub fn activate(program: &Program, journal: Vec<Entry>) -> Activation {
    activate_with(program, input(journal))
}

/// The same, with all that a run is stepped with.
pub fn activate_with(program: &Program, input: StepInput) -> Activation {
    let program = program.clone();
    with_stack(move || {
        let compiled = match load(&program) {
            Ok(compiled) => compiled,
            Err(error) => {
                let outcome = Outcome::Failed { error };
                return Activation { new_steps: Vec::new(), logs: Vec::new(), outcome };
            }
        };
        let watch = crate::clock::Stopwatch::start();
        let stop = Arc::new(move || watch.elapsed() > Duration::from_secs(10));
        step(&compiled, input, &StepLimits { stop, ..StepLimits::default() })
    })
}

/// One activation of a body without a journal.
pub fn outcome(script: &str) -> Outcome {
    activate(&program(&body(script)), Vec::new()).outcome
}

/// The value a body returns.
pub fn value(script: &str) -> Value {
    match outcome(script) {
        Outcome::Done { value } => value,
        other => panic!("{other:?}"),
    }
}

/// The error a body fails with.
pub fn error(script: &str) -> RunError {
    match outcome(script) {
        Outcome::Failed { error } => error,
        other => panic!("{other:?}"),
    }
}

/// A world that answers requests with what `answer` says.
pub struct World {
    pub program: Program,
    pub journal: Vec<Entry>,
    pub effects: Vec<(StepKey, Effect)>,
    pub logs: Vec<String>,
    logged: BTreeMap<String, u32>,
    pub activations: usize,
    answer: fn(&NewStep) -> Result<Value, StepError>,
    kept: Option<Kept>,
}

/// What a worker keeps of a program and of a run of it.
struct Kept {
    source: Arc<str>,
    compiled: Compiled,
    known: Known,
}

impl World {
    pub fn new(source: &str, answer: fn(&NewStep) -> Result<Value, StepError>) -> Self {
        Self {
            program: program(source),
            journal: Vec::new(),
            effects: Vec::new(),
            logs: Vec::new(),
            logged: BTreeMap::new(),
            activations: 0,
            answer,
            kept: None,
        }
    }

    /// The same activation as of a worker that has stepped the run before.
    fn activate_again(&mut self, input: StepInput) -> Option<Activation> {
        let program = self.program.clone();
        let kept = self.kept.take().filter(|kept| kept.source == program.source);
        let (activation, kept) = with_stack(move || {
            let mut kept = match kept {
                Some(kept) => kept,
                None => Kept {
                    source: program.source.clone(),
                    compiled: load(&program).ok()?,
                    known: Known::new(ReadAlert::read(&input.alert).ok()?, input.clone()),
                },
            };
            kept.known.input = input;
            let activation = step_known(&kept.compiled, &mut kept.known, &StepLimits::default());
            Some((activation, kept))
        })?;
        self.kept = Some(kept);
        Some(activation)
    }

    /// Steps once and records what came of it. Time goes on by a second with every result.
    pub fn advance(&mut self) -> Outcome {
        let logged = self.logged.clone();
        let given = StepInput { logged, ..input(self.journal.clone()) };
        let activation = activate_with(&self.program, given.clone());
        if let Some(again) = self.activate_again(given) {
            assert_eq!(again, activation, "a worker that has stepped the run before");
        }
        self.activations += 1;
        for line in &activation.logs {
            *self.logged.entry(line.strand.clone()).or_default() += 1;
        }
        self.logs.extend(activation.logs.iter().map(|line| line.message.clone()));
        for new in &activation.new_steps {
            let at = time(10 + self.journal.len() as i64);
            let settled = match &new.effect {
                effect if effect.is_immediate() => Some(Settled::Done { value: Value::Null.into(), at }),
                _ => None,
            };
            self.effects.push((new.key.clone(), new.effect.clone()));
            let NewStep { key, call, hash, line, .. } = new.clone();
            self.journal.push(Entry { key, call, hash, line, asked: 0, settled });
        }
        // What is in flight gets its answer.
        for (index, entry) in self.journal.iter_mut().enumerate().filter(|(_, entry)| entry.settled.is_none()) {
            let at = time(100 + index as i64);
            let new = activation.new_steps.iter().find(|new| new.key == entry.key);
            let Some(new) = new else { continue };
            entry.settled = Some(match (&new.effect, (self.answer)(new)) {
                (Effect::Sleep { until }, _) => Settled::Done { value: Value::Null.into(), at: *until },
                (_, Ok(value)) => Settled::Done { value: value.into(), at },
                (_, Err(error)) => Settled::Failed { error, at },
            });
        }
        activation.outcome
    }

    /// Steps until the run ends.
    pub fn run(&mut self) -> Outcome {
        loop {
            match self.advance() {
                Outcome::Suspended => assert!(self.activations < 300, "the run does not end"),
                end => return end,
            }
        }
    }
}

/// An answer of 200 whose body tells the request's own path or body.
pub fn echo(step: &NewStep) -> Result<Value, StepError> {
    Ok(json!({"status": 200, "headers": {"x-step": step.key}, "body": {"echo": step.input}}))
}

/// A final failure with 503.
pub fn unavailable(step: &NewStep) -> Result<Value, StepError> {
    Err(StepError {
        kind: "http".into(),
        status: Some(503),
        body: json!({"reason": "busy"}),
        attempts: 4,
        message: "the endpoint answered 503".into(),
        step: step.key.to_string(),
    })
}
