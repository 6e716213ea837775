//! How a condition differs from what it was, as far as shapes tell.

use super::{Normal, covers};
use crate::matcher::expr::Condition;

/// How a condition differs from an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Both say the same, perhaps in other words.
    Same,
    /// Whatever met the older one meets it, and more may.
    Wider,
    /// Whatever meets it met the older one, which more may have met.
    Narrower,
    /// Anything else, or more than can be told.
    Other,
}

impl Condition {
    /// How this condition differs from an older one.
    pub fn change_from(&self, older: &Self) -> Change {
        let (new, old) = (Normal::of(&self.expr), Normal::of(&older.expr));
        if new.print() == old.print() {
            return Change::Same;
        }
        match (covers(&new, &old), covers(&old, &new)) {
            (true, true) => Change::Same,
            (true, false) => Change::Wider,
            (false, true) => Change::Narrower,
            (false, false) => Change::Other,
        }
    }
}
