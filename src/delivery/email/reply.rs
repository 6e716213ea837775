//! What a mail server's answer, or the lack of one, means.

use crate::delivery::attempt::{Attempted, Failure, presentable};
use crate::delivery::fault;
use crate::delivery::outcome::{Class, Fault};
use crate::delivery::redact::Redactor;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;
use serde_json::json;
use std::io;
use std::time::Duration;

/// Why an email was not taken.
#[derive(Debug)]
pub(super) enum Unsent {
    /// The server said so: its code, and its words.
    Refused(u16, String),
    /// There was no answer that could be understood.
    Failed(Failure),
}

impl Unsent {
    /// The meaning of an error of the mail client.
    pub(super) fn of(error: &Error) -> Self {
        let innermost = fault::causes(error).last().map(ToString::to_string).unwrap_or_default();
        if let Some(code) = error.status() {
            return Self::Refused(code.to_string().parse().unwrap_or_default(), innermost);
        }
        if let Some(failure) = fault::of_tls(error) {
            return Self::Failed(failure);
        }
        let broken = fault::causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
        let (fault, word) = match broken {
            Some(broken) if broken.kind() == io::ErrorKind::TimedOut => (Fault::ConnectTimeout, "connect_timeout"),
            Some(_) => (Fault::Connect, "connect_failed"),
            None if error.is_response() => (Fault::Smtp, "malformed_response"),
            None => (Fault::Smtp, "smtp_failed"),
        };
        Self::Failed(Failure::new(fault, format!("{word}: {innermost}")))
    }

    /// As a failure, whatever it was.
    pub(super) fn into_attempted(self, redactor: &Redactor, latency: Duration) -> Attempted {
        let (code, words) = match self {
            Self::Failed(failure) => return failure.into_attempted(redactor, latency),
            Self::Refused(code, words) => (code, words),
        };
        let failure = Failure::new(Fault::Smtp, format!("smtp {code}: {words}"));
        // A mailbox that does not exist or a password that is wrong goes better only if somebody mends it.
        let class = if (500..600).contains(&code) { Class::LikelyPermanent } else { Class::Transient };
        let words = presentable(&words, redactor);
        let value = json!({"status": code, "body": words});
        Attempted { status: Some(code), class, value, answer: Some(words), ..failure.into_attempted(redactor, latency) }
    }
}

/// An email that the server has taken on.
pub(super) fn taken(response: &Response, redactor: &Redactor, latency: Duration) -> Attempted {
    let code = response.code().to_string().parse().unwrap_or_default();
    let words = presentable(response.first_line().unwrap_or_default(), redactor);
    Attempted {
        status: Some(code),
        error: None,
        class: Class::Success,
        fault: None,
        retry_after: None,
        value: json!({"status": code, "body": words}),
        answer: Some(words),
        latency,
    }
}
