//! The daemon: every part built from the config, wired, started, and stopped in order.

mod start;

pub use start::{Running, StartFault, start};
