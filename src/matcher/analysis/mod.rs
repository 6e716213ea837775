//! What can be said about conditions without any alert.

mod change;
mod cover;
mod imply;
mod truth;

pub use change::Change;
pub(super) use cover::{Normal, covers};
pub(super) use truth::{Truth, rests_on_negation, truth};
