//! What a worker is told of a run: all there is, or what is new since it stepped the run last. A run is mostly stepped
//! again soon, by the same worker.

use super::recent::Recent;
use crate::clock::Timestamp;
use crate::id::RunId;
use crate::playbook::{Activation, Entry, Known, Outcome, ReadAlert, Settled, StepInput};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs that a worker remembers, and the most bytes of one: a few times as many as are in hand at once, and what most take.
const RUNS: usize = 256;
const RUN_BYTES: usize = 16 * 1024;

/// What the parent says of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Told<'a> {
    run: &'a RunId,
    /// None if the worker remembers the run, as are the other two that never change.
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a Value>,
    /// Results of steps that the worker remembers in flight, by their number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<(usize, &'a Settled)>,
    /// Steps that the worker does not remember.
    journal: &'a [Entry],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    logged: &'a BTreeMap<String, u32>,
}

impl<'a> Told<'a> {
    /// Everything.
    pub fn whole(input: &'a StepInput) -> Self {
        let StepInput { run, alert, started, input, journal, logged } = input;
        let (alert, started) = (Some(&**alert), Some(*started));
        let input = Some(input).filter(|input| !input.is_null());
        Self { run, alert, started, input, settled: Vec::new(), journal, logged }
    }

    /// What is new to a worker that has stepped the run `before`; everything if one does not follow from the other.
    fn since(Stepped { input: before, asked }: &Stepped, now: &'a StepInput) -> Self {
        let known = before.journal.len() + asked.len();
        let is_same = before.alert.get() == now.alert.get()
            && (before.started, &before.input) == (now.started, &now.input)
            && known <= now.journal.len();
        let mut settled = Vec::new();
        let remembered = before.journal.iter().chain(asked);
        for (number, (old, new)) in remembered.zip(&now.journal).enumerate().filter(|_| is_same) {
            match (&old.settled, &new.settled) {
                (None, Some(result)) if old.key == new.key && old.hash == new.hash => settled.push((number, result)),
                _ if old == new => {}
                _ => return Self::whole(now),
            }
        }
        let whole = Self::whole(now);
        if !is_same {
            return whole;
        }
        let journal = &now.journal[known..];
        Self { alert: None, started: None, input: None, settled, journal, ..whole }
    }
}

/// What the parent has told one worker, as far as the worker remembers it.
#[derive(Debug)]
pub struct Remembered(Recent<RunId, Stepped>);

/// A run as it was stepped last, and the steps it has asked for then: a worker knows these before the parent has recorded
/// them, and is told only what became of them.
#[derive(Debug)]
struct Stepped {
    input: Arc<StepInput>,
    asked: Vec<Entry>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self(Recent::new(RUNS))
    }
}

impl Remembered {
    /// Whether the worker remembers a run.
    pub fn has(&self, run: &RunId) -> bool {
        self.0.has(run)
    }

    /// What is new to the worker.
    pub fn news<'a>(&mut self, input: &'a StepInput) -> Told<'a> {
        match self.0.get(&input.run) {
            Some(before) => Told::since(before, input),
            None => Told::whole(input),
        }
    }

    /// The worker has stepped the run.
    pub fn stepped(&mut self, input: &Arc<StepInput>, activation: &Activation) {
        if is_worth_it(input.alert.get().len(), &input.journal, activation) {
            self.0.insert(input.run.clone(), Stepped { input: Arc::clone(input), asked: asked(activation) });
        } else {
            self.0.remove(&input.run);
        }
    }
}

/// Whether a run is remembered after an activation. Both sides ask the same, though nothing depends on it: a worker that
/// does not remember says so.
fn is_worth_it(alert: usize, journal: &[Entry], activation: &Activation) -> bool {
    let result = |entry: &Entry| match &entry.settled {
        Some(Settled::Done { value, .. }) => value.as_str().len(),
        Some(Settled::Failed { error, .. }) => error.message.len() + error.body.to_string().len(),
        None => 0,
    };
    activation.outcome == Outcome::Suspended && alert + journal.iter().map(result).sum::<usize>() <= RUN_BYTES
}

/// The steps that an activation asks for, as they are recorded while nothing has come of them.
fn asked(activation: &Activation) -> Vec<Entry> {
    activation.new_steps.iter().map(|step| Entry::of(step, None)).collect()
}

/// What the worker hears of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct News {
    run: RunId,
    alert: Option<Box<RawValue>>,
    started: Option<Timestamp>,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    settled: Vec<(usize, Settled)>,
    journal: Vec<Entry>,
    #[serde(default)]
    logged: BTreeMap<String, u32>,
}

/// A run as a worker knows it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it is stepped with.
    pub known: Known,
    /// How long the alert's text is.
    alert_bytes: usize,
}

/// Why a worker cannot step a run by what it was told.
#[derive(Debug)]
pub enum Unfit {
    /// It does not remember the run.
    Forgotten,
    /// The alert does not read back, which the run comes to.
    Unreadable(Box<Activation>),
}

/// The runs that a worker remembers.
#[derive(Debug)]
pub struct Runs(Recent<RunId, Run>);

impl Default for Runs {
    fn default() -> Self {
        Self(Recent::new(RUNS))
    }
}

impl Runs {
    /// The run as it stands now.
    pub fn hear(&mut self, news: News) -> Result<Run, Unfit> {
        let News { run, alert, started, input, settled, journal, logged } = news;
        let (Some(alert), Some(started)) = (alert, started) else {
            let mut run = self.0.take(&run).ok_or(Unfit::Forgotten)?;
            let known = &mut run.known.input;
            for (number, result) in settled {
                known.journal.get_mut(number).ok_or(Unfit::Forgotten)?.settled = Some(result);
            }
            known.journal.extend(journal);
            known.logged = logged;
            return Ok(run);
        };
        let alert_bytes = alert.get().len();
        let alert = ReadAlert::read(&alert).map_err(Unfit::Unreadable)?;
        let input = StepInput { run, alert: RawValue::NULL.to_owned(), started, input, journal, logged };
        Ok(Run { known: Known::new(alert, input), alert_bytes })
    }

    /// The run was stepped.
    pub fn stepped(&mut self, mut run: Run, activation: &Activation) {
        let known = &mut run.known.input;
        let id = known.run.clone();
        self.0.remove(&id);
        if is_worth_it(run.alert_bytes, &known.journal, activation) {
            known.journal.extend(asked(activation));
            self.0.insert(id, run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::playbook::{AlertChange, Effect, JsonText, NewStep, StepError, StepKey};
    use serde_json::json;

    fn entry(key: &str, result: Option<Value>) -> Entry {
        let at = Timestamp::UNIX_EPOCH;
        let settled = result.map(|value| Settled::Done { value: JsonText::of(&value), at });
        let (key, call) = (StepKey(key.to_owned()), "connection.get".to_owned());
        Entry { key, call, hash: Digest::of(b"call"), line: 1, asked: 0, settled }
    }

    fn input(title: &str, journal: Vec<Entry>) -> Arc<StepInput> {
        Arc::new(StepInput {
            run: RunId::generate(Timestamp::UNIX_EPOCH),
            alert: RawValue::from_string(json!({ "title": title }).to_string()).unwrap(),
            started: Timestamp::UNIX_EPOCH,
            input: Value::Null,
            journal,
            logged: BTreeMap::new(),
        })
    }

    fn suspended() -> Activation {
        Activation { new_steps: Vec::new(), logs: Vec::new(), outcome: Outcome::Suspended }
    }

    /// Sends one activation's input as it would go over the pipe; what the worker makes of it, and the bytes it took.
    fn pass(parent: &mut Remembered, worker: &mut Runs, input: &Arc<StepInput>) -> (Run, usize) {
        pass_and_ask(parent, worker, input, &suspended())
    }

    fn pass_and_ask(
        parent: &mut Remembered,
        worker: &mut Runs,
        input: &Arc<StepInput>,
        activation: &Activation,
    ) -> (Run, usize) {
        let text = serde_json::to_string(&parent.news(input)).unwrap();
        let run = worker.hear(serde_json::from_str(&text).unwrap()).expect("the worker remembers what it should");
        worker.stepped(run.clone(), activation);
        parent.stepped(input, activation);
        (run, text.len())
    }

    #[test]
    fn a_worker_that_remembers_hears_only_what_is_new_and_knows_all() {
        let (mut parent, mut worker) = (Remembered::default(), Runs::default());
        let first = input(&"long ".repeat(100), vec![entry("0", None)]);
        let (_, whole) = pass(&mut parent, &mut worker, &first);
        let journal = vec![entry("0", Some(json!({"score": 9}))), entry("1", None)];
        let second = Arc::new(StepInput { journal: journal.clone(), ..(*first).clone() });
        let (run, new) = pass(&mut parent, &mut worker, &second);
        assert!(new + 400 < whole, "{new} of {whole} bytes");
        assert_eq!(run.known.input.journal, journal);
    }

    #[test]
    fn what_a_worker_has_asked_for_itself_it_is_not_told_of() {
        let (key, input_text) = (StepKey("1".to_owned()), JsonText::of(&json!({"body": "long ".repeat(100)})));
        let hash = Digest::of(b"call");
        let effect = Effect::Change(AlertChange::Tag { text: "seen".to_owned() });
        let step = NewStep { key, call: "tag".to_owned(), input: input_text, hash, line: 3, effect };
        let asks = Activation { new_steps: vec![step.clone()], ..suspended() };
        let at = Timestamp::UNIX_EPOCH;
        let done = Some(Settled::Done { value: JsonText::of(&json!("x")), at });
        // As it asked for it, settled meanwhile, failed at once, and not recorded at all.
        let error = StepError {
            kind: "configuration".to_owned(),
            status: None,
            body: Value::Null,
            attempts: 0,
            message: "no".to_owned(),
            step: "1".to_owned(),
        };
        let refused = Some(Settled::Failed { error, at });
        for (recorded, is_told) in [
            (vec![Entry::of(&step, None)], false),
            (vec![Entry::of(&step, done)], false),
            (vec![Entry::of(&step, refused)], false),
            (vec![Entry { line: 4, ..Entry::of(&step, None) }], true),
            (vec![], true),
        ] {
            let (mut parent, mut worker) = (Remembered::default(), Runs::default());
            let first = input("a", vec![entry("0", Some(json!(1)))]);
            pass_and_ask(&mut parent, &mut worker, &first, &asks);
            let journal = [first.journal.clone(), recorded].concat();
            let next = Arc::new(StepInput { journal: journal.clone(), ..(*first).clone() });
            assert_eq!(parent.news(&next).alert.is_some(), is_told);
            assert!(is_told || parent.news(&next).journal.is_empty());
            assert_eq!(pass(&mut parent, &mut worker, &next).0.known.input.journal, journal);
        }
    }

    #[test]
    fn what_does_not_follow_from_what_was_told_is_told_anew() {
        let earlier = vec![entry("0", Some(json!(1))), entry("1", None)];
        let others = [
            vec![entry("0", Some(json!(2))), entry("1", None)],
            vec![entry("0", None), entry("1", None)],
            vec![entry("1", None), entry("0", Some(json!(1)))],
            vec![entry("0", Some(json!(1)))],
        ];
        for journal in others {
            let (mut parent, mut worker) = (Remembered::default(), Runs::default());
            let first = input("a", earlier.clone());
            pass(&mut parent, &mut worker, &first);
            let next = Arc::new(StepInput { journal: journal.clone(), ..(*first).clone() });
            assert_eq!(pass(&mut parent, &mut worker, &next).0.known.input.journal, journal);
        }
        let (mut parent, mut worker) = (Remembered::default(), Runs::default());
        let first = input("a", earlier);
        pass(&mut parent, &mut worker, &first);
        let alert = RawValue::from_string(json!({"title": "b"}).to_string()).unwrap();
        let other = Arc::new(StepInput { alert, ..(*first).clone() });
        assert!(parent.news(&other).alert.is_some());
    }

    #[test]
    fn a_worker_that_does_not_remember_says_so() {
        let mut parent = Remembered::default();
        let first = input("a", vec![entry("0", None)]);
        parent.stepped(&first, &suspended());
        let text = serde_json::to_string(&parent.news(&first)).unwrap();
        let heard = Runs::default().hear(serde_json::from_str(&text).unwrap());
        assert!(matches!(heard, Err(Unfit::Forgotten)));
    }

    #[test]
    fn a_run_that_has_ended_or_is_large_is_not_remembered() {
        let mut parent = Remembered::default();
        let first = input("a", vec![entry("0", None)]);
        parent.stepped(&first, &suspended());
        assert!(parent.has(&first.run));
        let ended = Activation { outcome: Outcome::Done { value: Value::Null }, ..suspended() };
        parent.stepped(&first, &ended);
        assert!(!parent.has(&first.run));
        let large = input(&"x".repeat(RUN_BYTES), Vec::new());
        parent.stepped(&large, &suspended());
        assert!(!parent.has(&large.run));
    }
}
