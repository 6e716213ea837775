//! Sending: named connections, signed requests, the guard on where they may go, one attempt, and when to try again.
//!
//! One attempt flows through the files in this order: `request` (signed by `signature`), `egress` and `resolver`,
//! `attempt`, `answer` or `fault`, `outcome`, `schedule`. `sender` holds them together. `breaker` and `rate` say when a
//! lane may send at all. Nothing here loops: the store remembers, and the pipeline asks.

mod answer;
mod attempt;
mod authorization;
mod breaker;
mod connection;
mod egress;
mod email;
mod fault;
mod outcome;
mod purpose;
mod rate;
mod redact;
mod request;
mod resolver;
mod retry_after;
mod schedule;
mod sender;
pub mod signature;
mod signing;

#[cfg(test)]
mod tests;

pub use attempt::Attempted;
pub use authorization::Auth;
pub use breaker::{Breaker, Gate};
pub use connection::{Connection, ConnectionError, ConnectionSpec, Connections, HeaderText, RetryPolicy, UrlText};
pub use egress::{AddressPolicy, Denied, Reason, verdict};
pub use email::{EmailSettings, MailTls, Mailer, MailerUnavailable};
pub use outcome::{Class, Fault};
pub use purpose::{Purpose, default_expiry};
pub use rate::{Bucket, InvalidRate, Rate};
pub use request::{HOPS, message_id};
pub use resolver::{Lookup, SystemLookup};
pub use retry_after::RetryAfter;
pub use schedule::next;
pub use sender::{ClientUnavailable, Sender};
pub use signing::{Scheme, Signing};
