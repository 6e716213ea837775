//! `quell demo`: the real daemon on loopback, a receiver that plays every outside system, and sample alerts.

mod embedded;
mod receiver;
mod run;
mod samples;
mod show;

pub use run::{DemoFault, Options, run};
