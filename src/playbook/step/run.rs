//! The run that a script's host calls belong to, while one activation of it lasts.
//!
//! Host functions reach it through a thread-local, as the engine's print and progress callbacks are given no
//! context of their own. It is borrowed for the length of one host call and never across a script callback.

use super::journal_view::{Answers, JournalView, json_bytes};
use super::load::Compiled;
use super::stepper::StepInput;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::RunId;
use crate::playbook::engine::meter;
use crate::playbook::source::line_and_column;
use crate::playbook::value;
use crate::playbook::{Effect, JsonText, LogLine, NewStep, RunError, Settled, StepError, StepKey};
use rhai::{Dynamic, EvalAltResult, NativeCallContext, Position};
use serde_json::Value;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a host function gives back.
pub type Answer = Result<Dynamic, Fault>;

/// What a host function raises.
pub type Fault = Box<EvalAltResult>;

/// Most steps of one run.
const STEPS: usize = 200;

/// Most bytes of a run's arguments and results.
const JOURNAL_BYTES: usize = 1 << 20;

/// Most lines of one run.
const LOG_LINES: usize = 100;

/// Where a strand of the script stands: the whole script, or one branch of a `parallel`.
#[derive(Debug)]
struct Branch {
    /// Put before the branch's own step numbers: empty, or `4.0.` for the first branch of a `parallel` at 4.
    prefix: String,
    /// The number of the next step.
    next: u32,
    /// Random values drawn so far.
    draws: u32,
    /// Lines logged so far, those of earlier activations included.
    logged: u32,
    /// The time of the last result seen on this branch.
    now: Timestamp,
}

/// Why the script stopped before its own end.
#[derive(Debug)]
pub enum Stopped {
    /// It waits for steps in flight.
    Suspended,
    /// It called `exit`.
    Exited(Value),
    /// It failed in a way no `catch` may hide.
    Failed(RunError),
}

/// One activation of a run.
#[derive(Debug)]
pub struct Run {
    /// The run's id: the seed of everything random.
    pub id: RunId,
    /// Connections the playbook declares.
    pub connections: Arc<[String]>,
    audit: bool,
    /// Its recorded steps.
    pub journal: JournalView,
    /// The strands the script is in, the innermost last.
    branches: Vec<Branch>,
    /// Steps asked for that the journal does not hold.
    pub new_steps: Vec<NewStep>,
    /// How many bytes their arguments take.
    asked: usize,
    /// Lines that no earlier activation has logged.
    pub logs: Vec<LogLine>,
    /// How many lines earlier activations have logged, by strand.
    logged: BTreeMap<String, u32>,
    /// What the run was started with, where another playbook started it.
    pub input: Value,
    /// Set once; what the script itself returns or raises after that does not count.
    pub stopped: Option<Stopped>,
}

impl Run {
    /// A run at its start. Takes its journal out of what is known of it.
    pub fn new(input: &mut StepInput, answers: Answers, compiled: &Compiled) -> Self {
        let whole = Branch { prefix: String::new(), next: 0, draws: 0, logged: 0, now: input.started };
        Self {
            id: input.run.clone(),
            connections: compiled.connections.clone(),
            audit: compiled.audit,
            journal: JournalView::new(std::mem::take(&mut input.journal), answers),
            branches: vec![whole],
            new_steps: Vec::new(),
            asked: 0,
            logs: Vec::new(),
            logged: input.logged.clone(),
            input: input.input.clone(),
            stopped: None,
        }
    }

    /// Whether nothing of it is performed.
    pub fn is_audited(&self) -> bool {
        self.audit
    }

    fn branch(&mut self) -> &mut Branch {
        self.branches.last_mut().expect("the whole script is the first branch and is never left")
    }

    /// Keeps a line, unless an earlier activation has kept it: within a strand lines come in the same order every
    /// time, so counting them tells.
    pub fn log(&mut self, level: &str, message: String, fields: Value) {
        let branch = self.branch();
        branch.logged = branch.logged.saturating_add(1);
        let (number, strand) = (branch.logged, branch.prefix.clone());
        if number <= self.logged.get(&strand).copied().unwrap_or(0) {
            return;
        }
        let kept = self.logged.values().sum::<u32>() as usize + self.logs.len();
        let line = match kept.cmp(&LOG_LINES) {
            Ordering::Less => LogLine { level: level.to_owned(), message, fields, strand },
            Ordering::Equal => {
                let message = "more lines were dropped".to_owned();
                LogLine { level: "warn".to_owned(), message, fields: Value::Null, strand }
            }
            Ordering::Greater => return,
        };
        self.logs.push(line);
    }

    /// The place of a `parallel`: a step's number, and what its branches' keys begin with.
    fn fork(&mut self) -> (String, Timestamp) {
        let branch = self.branch();
        let place = format!("{}{}.", branch.prefix, branch.next);
        branch.next += 1;
        (place, branch.now)
    }

    /// Sixteen bytes that are the same on every replay and never the same twice in a run.
    pub fn draw(&mut self) -> [u8; 16] {
        let branch = self.branch();
        let place = format!("{}~{}", branch.prefix, branch.draws);
        branch.draws += 1;
        Digest::of_parts([self.id.as_str().as_bytes(), place.as_bytes()]).half()
    }

    /// How many recorded steps the script did not ask for again, of how many.
    pub fn left_over(&self) -> Option<(usize, usize)> {
        let (ahead, recorded) = (self.journal.ahead(), self.journal.recorded());
        (ahead > 0).then_some((ahead, recorded))
    }

    fn perform(&mut self, call: &Call, line: u32, effect: impl FnOnce(Timestamp, &Value) -> Effect) -> Performed {
        let audit = self.audit;
        let branch = self.branch();
        let key = StepKey(format!("{}{}", branch.prefix, branch.next));
        branch.next += 1;
        let now = branch.now;
        let input = JsonText::of(&call.input);
        let hash = Digest::of_parts([call.name.as_bytes(), input.as_str().as_bytes()]);
        let immediate = audit || call.immediate;
        let known = || if audit { value::answer(&JsonText::of(&call.audited)) } else { Ok(Dynamic::UNIT) };
        let Some(number) = self.journal.replay(&key) else {
            if self.journal.recorded() + self.new_steps.len() >= STEPS {
                return Performed::Failed(limit("steps", format!("a run has at most {STEPS} steps")));
            }
            self.asked += json_bytes(&call.input);
            if self.journal.bytes() + self.asked > JOURNAL_BYTES {
                let message = format!("a run's arguments and results take at most {JOURNAL_BYTES} bytes");
                return Performed::Failed(limit("journal", message));
            }
            let effect = if audit { Effect::Audited } else { effect(now, &call.input) };
            self.new_steps.push(NewStep { key, call: call.name.into(), input, hash, line, effect });
            return if immediate { Performed::Done(known()) } else { Performed::Pending };
        };
        let entry = self.journal.entry(number);
        if entry.hash != hash {
            let same = if entry.call == call.name { " with other arguments" } else { "" };
            let (recorded, at, asked) = (&entry.call, entry.line, call.name);
            return Performed::Failed(RunError {
                kind: "diverged".into(),
                limit: None,
                message: format!(
                    "step {key} diverged: the journal holds `{recorded}` from line {at}, and the script now asks for \
                     `{asked}`{same} in line {line}; a playbook may depend only on the alert and on results of steps"
                ),
                line: 0,
                column: 0,
            });
        }
        match &entry.settled {
            // An immediate step is done with the commit that records it. Its time is not looked at: the activation
            // that asked for it went on without one.
            None if immediate => Performed::Done(known()),
            Some(Settled::Done { .. }) if immediate => Performed::Done(known()),
            None => Performed::Pending,
            Some(Settled::Done { at, .. }) => {
                let at = *at;
                self.branch().now = at;
                Performed::Done(self.journal.answer(number))
            }
            Some(Settled::Failed { error, at }) => {
                let (error, at) = (error.clone(), *at);
                if !immediate {
                    self.branch().now = at;
                }
                Performed::Raised(error)
            }
        }
    }
}

enum Performed {
    Done(Result<Dynamic, serde_json::Error>),
    Raised(StepError),
    Pending,
    Failed(RunError),
}

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// While this lives, host calls of this thread belong to one run.
#[derive(Debug)]
pub struct Active(());

impl Active {
    /// Makes `run` the one host calls belong to.
    pub fn enter(run: Run) -> Self {
        RUN.with(|current| current.replace(Some(run)));
        Self(())
    }

    /// Takes the run back.
    pub fn leave(self) -> Option<Run> {
        RUN.with(|current| current.take())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        RUN.with(|current| current.take());
    }
}

/// Lets a host function look at its run. Once a script is halted, nothing it calls does anything.
pub fn with_run<T>(look: impl FnOnce(&mut Run) -> T) -> Result<T, Fault> {
    if meter::is_halted() {
        return Err(halted());
    }
    let looked = RUN.with(|current| current.borrow_mut().as_mut().map(look));
    looked.ok_or_else(|| "this can only be called while an alert is handled, inside a function".into())
}

/// The time of the last result the calling strand has seen.
pub fn now() -> Result<Timestamp, Fault> {
    with_run(|run| run.branch().now)
}

/// A step as the script asks for it.
#[derive(Debug)]
pub struct Call {
    /// The call as the author knows it.
    pub name: &'static str,
    /// The arguments exactly as passed.
    pub input: Value,
    /// Whether the script goes on at once.
    pub immediate: bool,
    /// What the call gives in audit mode.
    pub audited: Value,
}

/// Asks for a step: its recorded result, or what it raised; a new one is noted, and the script halts unless the
/// step is immediate. `effect` is told the calling strand's time and the arguments, and asked only for a new step.
pub fn perform(context: &NativeCallContext, call: Call, effect: impl FnOnce(Timestamp, &Value) -> Effect) -> Answer {
    let (line, column) = called_at(context);
    let (line_in_file, _) = line_and_column(context.call_position());
    match with_run(|run| run.perform(&call, line_in_file, effect))? {
        Performed::Done(value) => value.map_err(|fault| fault.to_string().into()),
        Performed::Raised(error) => Err(EvalAltResult::ErrorRuntime(raised(&error), Position::NONE).into()),
        Performed::Pending => Err(stop_with(Stopped::Suspended)),
        Performed::Failed(error) => Err(stop_with(Stopped::Failed(RunError { line, column, ..error }))),
    }
}

/// Runs the branches of a `parallel`, each as far as it comes: until it ends, raises, or waits for a step. What the whole
/// waits for is then in flight together. A branch that is the last to arrive finds the others' results recorded.
pub fn in_branches(count: usize, mut branch: impl FnMut(usize) -> Answer) -> Result<Vec<Dynamic>, Fault> {
    let (place, began) = with_run(Run::fork)?;
    let (mut values, mut raised, mut waiting, mut latest) = (Vec::with_capacity(count), None, false, began);
    for number in 0..count {
        let strand = Branch { prefix: format!("{place}{number}."), next: 0, draws: 0, logged: 0, now: began };
        with_run(|run| run.branches.push(strand))?;
        let ended = branch(number);
        // Whatever the branch's script made of it, the run knows whether the branch waits.
        let left = RUN.with(|current| {
            let mut current = current.borrow_mut();
            let run = current.as_mut()?;
            let waits = matches!(run.stopped, Some(Stopped::Suspended));
            if waits {
                run.stopped = None;
            } else if run.stopped.is_some() {
                // A branch has ended the run: what other branches have recorded is not come to any more.
                run.journal.forget_below(&place);
            }
            run.branches.pop().map(|strand| (waits, strand.now))
        });
        let Some((waits, now)) = left else { return Err(halted()) };
        latest = latest.max(now);
        if waits {
            waiting = true;
            if !meter::resume() {
                return Err(halted());
            }
            continue;
        }
        if meter::is_halted() {
            return Err(halted());
        }
        match ended {
            Ok(value) => values.push(value),
            Err(fault) => raised = raised.or(Some(fault)),
        }
    }
    if waiting {
        return Err(stop_with(Stopped::Suspended));
    }
    with_run(|run| run.branch().now = latest)?;
    raised.map_or(Ok(values), Err)
}

/// Ends the activation in a way no `catch` can hide: the run remembers, and nothing executes any more.
pub fn stop_with(stopped: Stopped) -> Fault {
    RUN.with(|current| {
        if let Some(run) = current.borrow_mut().as_mut() {
            run.stopped.get_or_insert(stopped);
        }
    });
    meter::halt();
    halted()
}

/// Where in the playbook a host function was called; nowhere, if the call stands in a module.
pub fn called_at(context: &NativeCallContext) -> (u32, u32) {
    if context.call_source().is_some() { (0, 0) } else { line_and_column(context.call_position()) }
}

/// A limit broken by the script.
pub fn limit(name: &str, message: String) -> RunError {
    RunError { kind: "limit".into(), limit: Some(name.into()), message, line: 0, column: 0 }
}

fn halted() -> Fault {
    EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE).into()
}

/// A failed step as the map a `catch` receives.
fn raised(error: &StepError) -> Dynamic {
    let fields: [(&str, Dynamic); 6] = [
        ("kind", error.kind.as_str().into()),
        ("status", error.status.map_or(Dynamic::UNIT, |status| i64::from(status).into())),
        ("body", value::freeze(&error.body)),
        ("attempts", i64::from(error.attempts).into()),
        ("message", error.message.as_str().into()),
        ("step", error.step.as_str().into()),
    ];
    Dynamic::from_map(fields.map(|(name, value)| (name.into(), value)).into_iter().collect())
}
