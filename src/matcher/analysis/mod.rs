//! What can be said about conditions without any alert.

mod change;
mod contradiction;
mod cover;
mod example;
mod exclude;
mod imply;
mod severities;
mod truth;

pub use change::Change;
pub(super) use cover::{Normal, covers};
pub(super) use exclude::exclude;
pub(super) use truth::{Truth, place, rests_on_negation, truth};
