//! The host interface: what a script can call. One table registers it, lints against it and documents it.

mod approval;
mod argument;
mod change;
mod child;
mod connection;
mod control;
mod email;
mod kind;
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
mod written;

pub(super) use change::read_status;
pub(super) use connection::Connection;
pub use kind::{Gives, Kind};
pub(super) use log::{Log, print};
pub(super) use network::read_range;
pub(super) use request::check_path;
pub(super) use seeded::RunHandle;
pub use table::{HostFn, Receiver, TABLE};
pub(super) use table::{Literal, register};
pub(super) use text::compile_pattern;
pub(super) use written::{Written, check_option, check_sleep, check_ttl};

/// The options of a function that takes a map of them, or of one such option that is a map itself.
pub(super) fn options(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "send" => &request::OPTIONS,
        "retry" => &request::RETRY_OPTIONS,
        "wait_for_approval" => &approval::OPTIONS,
        "email" => &email::OPTIONS,
        _ => return None,
    })
}
