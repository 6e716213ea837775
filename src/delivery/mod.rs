//! Sending: named connections, signed requests, the guard on where they may go, one attempt, and when to try again.
//!
//! One attempt flows through the files in this order: `request` (signed by `signature`), `egress` and `resolver`,
//! `attempt`, `answer` or `fault`, `outcome`, `schedule`. `sender` holds them together. Nothing here loops or
//! remembers: the store does, and the pipeline asks it.

mod answer;
mod attempt;
mod connection;
mod egress;
mod fault;
mod outcome;
mod redact;
mod request;
mod resolver;
mod retry_after;
mod schedule;
mod sender;
pub mod signature;

#[cfg(test)]
mod tests;

pub use attempt::Attempted;
pub use connection::{
    Connection, ConnectionError, ConnectionSpec, Connections, HeaderText, RetryPolicy, Signing, UrlText,
};
pub use egress::{AddressPolicy, Denied, Reason, verdict};
pub use outcome::{Class, Fault};
pub use request::message_id;
pub use resolver::{Lookup, SystemLookup};
pub use retry_after::RetryAfter;
pub use schedule::next;
pub use sender::{ClientUnavailable, Sender};
