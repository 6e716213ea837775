//! Promises of replay, each shown on a script.

mod branches;
mod coverage;
mod errors;
mod harness;
mod hostile;
mod isolation;
mod replay;
mod values;
