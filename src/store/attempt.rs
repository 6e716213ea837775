//! Requests on their way: what an attempt needs, what came of it, and what people see of it.

use super::records::ClaimGuard;
use crate::clock::Timestamp;
use crate::id::{MessageId, RunId};
use crate::playbook::{EmailSpec, RequestSpec, StepError, StepKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request to attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestWork {
    /// The run.
    pub run: RunId,
    /// The step.
    pub key: StepKey,
    /// The id every attempt carries.
    pub message: MessageId,
    /// The request as recorded.
    pub spec: RequestSpec,
    /// The mail to send instead, in the lane of mails.
    pub mail: Option<EmailSpec>,
    /// When the step was recorded: ages count from here.
    pub recorded: Timestamp,
    /// From when on it is not sent any more, as was decided when it was recorded or sent again.
    pub expires: Option<Timestamp>,
    /// Attempts made before this one.
    pub attempts: u32,
    /// Dropped, it gives the request back, unless an attempt was recorded.
    pub claim: ClaimGuard,
}

/// One attempt and how the step goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRecord {
    /// The run.
    pub run: RunId,
    /// The step.
    pub key: StepKey,
    /// When the attempt began.
    pub time: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong, if anything did.
    pub error: Option<String>,
    /// How long it took.
    pub latency_ms: u64,
    /// The beginning of the answer's body, without secrets, if there was one.
    pub answer: Option<String>,
    /// How the step goes on.
    pub end: StepEnd,
}

/// How a step goes on after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum StepEnd {
    /// It is done with this value.
    Done(Value),
    /// It is tried again then.
    Retry(Timestamp),
    /// It failed for good.
    Failed(StepError),
}

/// What has expired of a connection's requests.
#[derive(Debug, Clone, Default)]
pub struct Expired {
    /// Requests to end, claimed.
    pub requests: Vec<RequestWork>,
    /// When the next one expires.
    pub next: Option<Timestamp>,
}

/// One attempt as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// When it began.
    pub time: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took.
    pub latency_ms: u64,
    /// The beginning of the answer's body, without secrets, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}
