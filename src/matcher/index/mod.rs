//! All conditions of one generation, asked together: what an alert costs depends on the alert, hardly on their number.
//!
//! Built once, a condition becomes a formula over *atoms*: questions about one field, shared by every condition that
//! asks them. It is posted under its cheapest *witness*: a set of atoms of which at least one must hold for it to hold.
//! An alert's values are walked once, each put to its field's tables, which tell every atom that holds; only the
//! conditions posted under those are looked at further. What tables cannot answer (regular expressions, ranges, blocks)
//! is worked out when the code of such a condition asks for it, and remembered for the alert.

mod any_of;
mod anywhere;
mod atoms;
mod build;
mod code;
mod columns;
mod credit;
mod extremes;
mod filing;
mod formula;
mod kept;
mod keys;
mod keywords;
mod many;
mod memo;
mod outcomes;
mod packed;
mod payload;
mod probe;
mod put;
mod ready;
mod route;
mod run;
mod sample;
mod scratch;
mod shape;
mod spelled;
mod table;
mod together;
mod witness;

use super::expr::Condition;
use super::view::AlertView;
use crate::alert::AlertText;
use code::Code;
use keywords::Keywords;
use probe::Probe;
use route::Routes;
use scratch::Scratch;
use std::sync::{Arc, Mutex, PoisonError};
use table::{AtomTable, Posting};

pub(super) use build::is_tried_on_every_alert;
pub(super) use ready::Test;
pub(super) use together::Together;

/// The conditions of one generation and what each stands for. Built once, then only read, by any number of threads.
pub struct Index<T> {
    /// What each condition stands for, in the order they were given.
    what: Vec<T>,
    engine: Engine,
    /// Working memory of alerts that are done, for the next ones.
    idle: Mutex<Idle>,
}

/// In boxes, since each is large and is taken out and put back for every alert.
type Idle = Vec<Box<Scratch>>;

/// Everything that finds the conditions an alert meets, by their numbers.
struct Engine {
    routes: Routes,
    /// Whether a payload's values need be put to keywords at all; none if that cannot be told.
    keywords: Option<Keywords>,
    /// The tables of every field, by its number.
    probes: Vec<Probe>,
    atoms: atoms::Atoms,
    /// What each atom leads to.
    table: Arc<AtomTable>,
    /// Conditions without a witness.
    always: Vec<Posting>,
    code: Code,
}

impl<T> Index<T> {
    /// Takes every condition of a generation.
    pub fn build(conditions: Vec<(T, Arc<Condition>)>) -> Self {
        Self::build_by(conditions, &mut |estimate| estimate)
    }

    /// As [`Index::build`], with another opinion on what a witness costs: it may change cost, never a result.
    pub(super) fn build_by(conditions: Vec<(T, Arc<Condition>)>, opinion: &mut dyn FnMut(f32) -> f32) -> Self {
        let (what, conditions): (Vec<T>, Vec<Arc<Condition>>) = conditions.into_iter().unzip();
        Self { what, engine: build::engine(&conditions, opinion), idle: Mutex::new(Vec::new()) }
    }

    /// What every met condition stands for, in the order they were given.
    pub fn matching(&self, view: &AlertView<'_>) -> Vec<&T> {
        self.named(self.scratched(|scratch| run::matching(&self.engine, view, scratch)))
    }

    /// As [`Index::matching`], of a stored alert in its text; none if the alert has to be made to tell.
    pub fn matching_text(&self, alert: &AlertText<'_>) -> Option<Vec<&T>> {
        let met = self.scratched(|scratch| run::matching_text(&self.engine, alert, scratch));
        met.map(|met| self.named(met))
    }

    /// How many texts were walked along others of their shape.
    #[cfg(test)]
    pub(super) fn walked_along(&self) -> usize {
        self.idle().iter().filter_map(|scratch| scratch.shapes.as_ref()).map(|shapes| shapes.along()).sum()
    }

    fn named(&self, met: Vec<u32>) -> Vec<&T> {
        met.into_iter().map(|number| &self.what[number as usize]).collect()
    }

    /// Working memory for one alert.
    fn scratched<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let mut scratch = self.idle().pop().unwrap_or_else(|| Box::new(Scratch::new(&self.engine)));
        let answer = work(&mut scratch);
        self.idle().push(scratch);
        answer
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Idle> {
        // A thread that panicked held it only for a push or a pop: what is in there is whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> std::fmt::Debug for Index<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("conditions", &self.what.len())
            .field("fields", &self.engine.probes.len())
            .field("always", &self.engine.always.len())
            .finish_non_exhaustive()
    }
}
