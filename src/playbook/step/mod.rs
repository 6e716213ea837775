//! Replay: run the script from its start against the journal until it waits for something new, or ends.

mod coverage;
mod fault;
mod journal_view;
mod load;
mod prepared;
mod run;
mod stepper;
#[cfg(test)]
mod tests;

pub use coverage::{Block, Traced, trace};
pub use load::{Compiled, load};
pub use stepper::{Known, ReadAlert, StepInput, StepLimits, step, step_known};

pub(super) use fault::tidy;
pub(super) use run::{Answer, Call, Fault, Stopped, called_at, in_branches, limit, now, perform, stop_with, with_run};
