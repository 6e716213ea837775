//! `quell status`: whether a daemon takes alerts, which rules it runs, what it holds.

mod counts;
mod run;

pub(super) use run::{Args, run};
