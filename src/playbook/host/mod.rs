//! The host interface: what a script can call. One table registers it, lints against it and documents it.

mod approval;
mod argument;
mod change;
mod child;
mod connection;
mod control;
mod email;
mod log;
mod network;
mod options;
mod parallel;
mod request;
mod seeded;
mod state;
mod table;
mod text;
mod time;
mod wait;

pub(super) use change::read_status;
pub(super) use connection::Connection;
pub(super) use log::{Log, print};
pub(super) use network::read_range;
pub(super) use seeded::RunHandle;
pub use table::{HostFn, Kind, Receiver, TABLE};
pub(super) use table::{Literal, register};
pub(super) use text::compile_pattern;
