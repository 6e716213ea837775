//! What every engine must hold to, as promises that run against any of them: an engine's own tests call
//! `every_promise!(engine())`, where `engine()` makes an `Engine` on fresh storage.

pub(crate) mod accepting;
pub(crate) mod claiming;
mod engine;
mod every;
pub(crate) mod lanes;
pub(crate) mod limiting;
pub(crate) mod listing;
pub(crate) mod operating;
pub(crate) mod ruling;
pub(crate) mod samples;
pub(crate) mod stepping;
pub(crate) mod timing;
pub(crate) mod updating;

pub(crate) use engine::{Engine, restart};
pub(crate) use every::every_promise;
