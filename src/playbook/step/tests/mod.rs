//! Promises of replay, each shown on a script.

mod errors;
mod harness;
mod hostile;
mod replay;
mod values;
