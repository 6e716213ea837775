//! `quell simulate`: what a set of rules would have done with alerts of the past, beside what decided then.

mod args;
mod bar;
mod draw;
mod markdown;
mod run;
mod subject;

pub(super) use args::Args;
pub(super) use run::run;
