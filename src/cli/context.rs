//! What every command is handed: the process's surroundings, the time, the terminal.

use super::Terminal;
use crate::clock::{SharedClock, SystemClock};
use crate::config::Surroundings;

/// What a command may use of the world. Read once, at the start.
#[derive(Debug)]
pub struct Context {
    /// The environment's variables and the working folder.
    pub around: Surroundings,
    /// What time it is.
    pub clock: SharedClock,
    /// Where output goes.
    pub terminal: Terminal,
}

impl Context {
    /// That of this process.
    pub fn of_process() -> Self {
        let (around, clock) = (Surroundings::of_process(), SystemClock::shared());
        Self { around, clock, terminal: Terminal::of_process() }
    }
}
