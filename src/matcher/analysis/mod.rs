//! What can be said about conditions without any alert.

mod cover;
mod imply;
mod truth;

pub(super) use cover::{Normal, covers};
pub(super) use truth::{Truth, rests_on_negation, truth};
