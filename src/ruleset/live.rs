//! The swap cell: readers hold a whole generation and never wait; a new one takes its place in one step.

use super::Ruleset;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// The ruleset that decides now.
#[derive(Debug)]
pub struct Live(ArcSwap<Ruleset>);

impl Live {
    /// A cell holding `first`.
    pub fn new(first: Ruleset) -> Self {
        Self(ArcSwap::from_pointee(first))
    }

    /// The set as it is at this moment; it stays whole for as long as it is held.
    pub fn snapshot(&self) -> Arc<Ruleset> {
        self.0.load_full()
    }

    /// Puts `next` in place for every later snapshot and returns what was there.
    pub fn swap(&self, next: Ruleset) -> Arc<Ruleset> {
        self.0.swap(Arc::new(next))
    }
}
