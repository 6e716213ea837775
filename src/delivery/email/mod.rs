//! Email: one message handed to the operator's mail server, by the same rules as a request: checked addresses only, one
//! deadline, one attempt, and a name for everything that can go wrong.

mod compose;
mod encrypted;
mod mailer;
mod plain;
mod reply;
mod settings;

pub use mailer::{Mailer, MailerUnavailable};
pub use settings::{EmailSettings, MailTls};
