//! What a walk came by, in its order.

use super::super::atoms::AtomId;
use super::{Effect, Stop};
use std::ops::Range;

/// Texts with more stops are not remembered, nor are those that make a walk do more between them.
const MOST_STOPS: usize = 1_000;
const MOST_EFFECTS: usize = 4_000;

/// The stops of one walk so far. Nothing is kept unless it was begun.
#[derive(Debug, Default)]
pub struct Trace {
    is_kept: bool,
    /// Where the last stop ended in the text.
    behind: usize,
    effects: Vec<Effect>,
    /// Where what the last value told ends.
    told: usize,
    passed: Vec<Passed>,
}

/// A stop that was come to.
#[derive(Debug)]
pub struct Passed {
    /// Where in the text what stands between it and the stop before is.
    pub between: Range<usize>,
    /// Where what was done between them stands among all effects. Behind that stands what the value here tells.
    pub effects: Range<usize>,
    /// What kind of stop it is.
    pub stop: Stop,
    /// Whether its value is read each time, though it be always the same.
    pub is_read: bool,
}

impl Trace {
    /// Keeps what is told from now on, from a place of a text on.
    pub fn begin(&mut self, at: usize) {
        self.effects.clear();
        self.passed.clear();
        self.told = 0;
        self.is_kept = true;
        self.behind = at;
    }

    /// Whether anything is kept.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Keeps nothing any more.
    pub fn end(&mut self) {
        self.is_kept = false;
    }

    /// Something is done.
    #[inline]
    pub fn effect(&mut self, effect: Effect) {
        if self.is_kept {
            self.effects.push(effect);
            self.is_kept = self.effects.len() <= MOST_EFFECTS;
        }
    }

    /// A stop is come to, whose value is read each time or not.
    #[inline]
    pub fn stop(&mut self, stop: Stop, at: usize, is_read: bool) {
        self.add(stop, at, is_read, &[]);
    }

    /// As [`Trace::stop`]; all that is done with the value there is that these atoms are marked.
    pub fn stop_telling(&mut self, stop: Stop, at: usize, told: &[AtomId]) {
        self.add(stop, at, false, told);
    }

    fn add(&mut self, stop: Stop, at: usize, is_read: bool, told: &[AtomId]) {
        if self.is_kept {
            let effects = self.told..self.effects.len();
            self.effects.extend(told.iter().map(|atom| Effect::Mark(*atom)));
            self.told = self.effects.len();
            self.passed.push(Passed { between: self.behind..at, effects, stop, is_read });
            self.is_kept = self.passed.len() <= MOST_STOPS && self.effects.len() <= MOST_EFFECTS;
        }
    }

    /// It ended here.
    #[inline]
    pub fn resume(&mut self, at: usize) {
        self.behind = at;
    }

    /// All stops and all that was done; none if not all was kept.
    pub fn whole(&self) -> Option<(&[Passed], &[Effect])> {
        self.is_kept.then_some((&self.passed, &self.effects))
    }
}
