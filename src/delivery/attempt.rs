//! One attempt: one exchange under one deadline, and what came of it. It never sends anything twice.

use super::answer::{self, Body};
use super::egress::{AddressPolicy, verdict};
use super::fault;
use super::outcome::{Class, Fault};
use super::redact::Redactor;
use super::retry_after::RetryAfter;
use crate::clock::Stopwatch;
use reqwest::header::{LOCATION, RETRY_AFTER};
use reqwest::{Client, Request, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// A receiver that has begun its answer's body may pause for no longer than this.
const BODY_IDLE: Duration = Duration::from_secs(5);

/// Most bytes of an error's text: a receiver may have chosen some of it.
const MAX_ERROR: usize = 1024;

/// What one attempt came to. Nothing in it shows a secret of the connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempted {
    /// The HTTP status, or a mail server's reply code, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong, beginning with a stable word such as `timeout:`; none on success.
    pub error: Option<String>,
    /// What that means for the message.
    pub class: Class,
    /// Why there was no usable answer, if there was none.
    pub fault: Option<Fault>,
    /// When the receiver asked to be tried again.
    pub retry_after: Option<RetryAfter>,
    /// `#{status, headers, body}` of the answer, null without one.
    pub value: Value,
    /// The beginning of the answer's body as text, to be kept with the attempt.
    pub answer: Option<String>,
    /// How long it took.
    pub latency: Duration,
}

impl Attempted {
    /// The `kind` a playbook sees when this attempt was the last.
    pub fn kind(&self) -> &'static str {
        self.fault.map_or("http", Fault::kind)
    }
}

/// An attempt without a usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(fault: Fault, message: String) -> Self {
        Self { fault, message }
    }

    pub(super) fn into_attempted(self, redactor: &Redactor, latency: Duration) -> Attempted {
        Attempted {
            status: None,
            error: Some(presentable(&self.message, redactor)),
            class: Class::of_fault(self.fault),
            fault: Some(self.fault),
            retry_after: None,
            value: Value::Null,
            answer: None,
            latency,
        }
    }
}

/// Where and how a request is exchanged for an answer.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client,
    pub(super) policy: AddressPolicy,
    pub(super) redactor: &'a Redactor,
    /// Over all of it: name resolution, connecting, TLS, sending, the answer's head and its body.
    pub(super) deadline: Duration,
}

impl Exchange<'_> {
    /// Sends the request once and reads what is answered. The head alone decides: once a 2xx head is complete the
    /// message is delivered, whatever becomes of the body.
    pub(super) async fn perform(&self, request: Request, watch: Stopwatch) -> Result<Attempted, Failure> {
        let sent = timeout(self.deadline, self.client.execute(request)).await;
        let mut response = sent.map_err(|_| self.too_slow())?.map_err(|error| fault::of(&error))?;
        // The resolver and the sender checked the address before; this is what was really connected to.
        if let Some(peer) = response.remote_addr() {
            verdict(peer.ip(), self.policy).map_err(|denied| Failure::new(Fault::Denied, denied.to_string()))?;
        }
        let head = answer::head_size(response.headers());
        if head > answer::MAX_HEAD {
            let message = format!("response_too_large: the head has {head} bytes, over {}", answer::MAX_HEAD);
            return Err(Failure::new(Fault::TooLarge, message));
        }
        let body = read_body(&mut response, self.deadline.saturating_sub(watch.elapsed())).await;
        Ok(self.attempted(&response, body, watch.elapsed()))
    }

    fn too_slow(&self) -> Failure {
        Failure::new(Fault::Timeout, format!("timeout: no answer within {:?}", self.deadline))
    }

    fn attempted(&self, response: &Response, body: Body, latency: Duration) -> Attempted {
        let status = response.status().as_u16();
        let class = Class::of_status(status);
        let asked = response.headers().get(RETRY_AFTER).filter(|_| class != Class::Success);
        let retry_after = asked.and_then(|text| RetryAfter::parse(text.to_str().ok()?));
        let mut error = (class != Class::Success).then(|| failed_status(response));
        if let (Some(error), Some(text), None) = (&mut error, asked, retry_after) {
            error.push_str(&format!(
                "; its Retry-After {:.80?} is not understood",
                String::from_utf8_lossy(text.as_bytes())
            ));
        }
        let kept = answer::kept(&body, self.redactor);
        Attempted {
            status: Some(status),
            error: error.map(|error| presentable(&error, self.redactor)),
            class,
            fault: None,
            retry_after,
            value: answer::value(status, response.headers(), body, self.redactor),
            answer: kept,
            latency,
        }
    }
}

/// Reads what is worth reading of a body. It always ends, and never fails: there may just be less of it.
async fn read_body(response: &mut Response, left: Duration) -> Body {
    let mut bytes = Vec::new();
    if answer::is_encoded(response.headers()) {
        return Body { bytes, truncated: true };
    }
    let all_of_it = async {
        while let Ok(Ok(chunk)) = timeout(BODY_IDLE, response.chunk()).await {
            let Some(chunk) = chunk else { return true };
            bytes.extend_from_slice(&chunk[..chunk.len().min(answer::MAX_BODY - bytes.len())]);
            if bytes.len() == answer::MAX_BODY {
                break;
            }
        }
        false
    };
    let complete = timeout(left, all_of_it).await.unwrap_or(false);
    Body { bytes, truncated: !complete }
}

/// A text to be recorded: short, and without secrets.
pub(super) fn presentable(error: &str, redactor: &Redactor) -> String {
    let mut text = redactor.text(error);
    text.truncate(text.floor_char_boundary(MAX_ERROR));
    text
}

/// What to say about a status that is not a success.
fn failed_status(response: &Response) -> String {
    let status = response.status();
    let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
    match location {
        Some(location) => format!(
            "redirect_not_followed: {} to {:.300?}; put the final address in the connection's url",
            status.as_u16(),
            String::from_utf8_lossy(location.as_bytes())
        ),
        None => {
            format!("http {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end().to_owned()
        }
    }
}
