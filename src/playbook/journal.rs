//! What a run has done so far, and what it asks for next: the only memory a playbook has between activations.

use super::json_text::JsonText;
use crate::clock::Timestamp;
use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step's place in the run: `3`, or `4.0.1` for the second step of the first branch of a `parallel` at 4.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepKey(pub String);

impl std::fmt::Display for StepKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One recorded step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place.
    pub key: StepKey,
    /// The call as the author knows it: `connection.post`, `sleep`, `set_status`…
    pub call: String,
    /// Digest of the call and the arguments exactly as the script passed them.
    pub hash: Digest,
    /// The line of the call, from 1.
    pub line: u32,
    /// How many bytes its arguments take.
    #[serde(default)]
    pub asked: usize,
    /// How it ended; none while it is in flight.
    pub settled: Option<Settled>,
}

impl Entry {
    /// The entry of a step as it is recorded.
    pub fn of(step: &NewStep, settled: Option<Settled>) -> Self {
        let (key, call) = (step.key.clone(), step.call.clone());
        Self { key, call, hash: step.hash, line: step.line, asked: step.input.as_str().chars().count(), settled }
    }
}

/// How a step ended. `at` is what `now()` says from there on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is done, and this is what the script gets.
    Done {
        /// The call's value.
        value: JsonText,
        /// When.
        at: Timestamp,
    },
    /// It failed for good, and this is what the script can catch.
    Failed {
        /// What is raised.
        error: StepError,
        /// When.
        at: Timestamp,
    },
}

/// A step's final failure, raised in the script as a map with these fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepError {
    /// `http`, `timeout`, `connect`, `denied`, `expired`, `configuration`…
    pub kind: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// The answer's body, where there was one.
    pub body: Value,
    /// How many attempts were made.
    pub attempts: u32,
    /// What went wrong, for people.
    pub message: String,
    /// The step's key.
    pub step: String,
}

/// A step the script has just asked for. It is recorded before anything is performed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewStep {
    /// Its place.
    pub key: StepKey,
    /// The call as the author knows it.
    pub call: String,
    /// The arguments as the script passed them, for people.
    pub input: JsonText,
    /// Digest of call and arguments.
    pub hash: Digest,
    /// The line of the call.
    pub line: u32,
    /// What is to be done.
    pub effect: Effect,
}

/// What a step does to the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Send a request over a connection; the run waits for the answer.
    Request(RequestSpec),
    /// Go on at this instant.
    Sleep {
        /// The instant.
        until: Timestamp,
    },
    /// Send a mail; the run waits until the mail server has taken it.
    Email(EmailSpec),
    /// Ask somebody; the run waits for the answer.
    Approval(ApprovalSpec),
    /// Run another playbook for the same alert; the run waits for its end.
    Child {
        /// The playbook.
        playbook: String,
        /// What it finds at `run.input`.
        input: Value,
    },
    /// Look up what a run of the same playbook has kept. Performed in the commit that records the step; the run waits
    /// for that commit.
    StateGet {
        /// The name it was kept under.
        key: String,
    },
    /// Keep a value for the playbook's other runs. Performed in the commit that records the step; the run waits for
    /// that commit.
    StatePut {
        /// The name to keep it under.
        key: String,
        /// The value; null forgets what was kept.
        value: Value,
        /// How long, in milliseconds from when the step is recorded.
        ttl_ms: u64,
    },
    /// Change the alert. Performed in the commit that records the step; the script does not wait.
    Change(AlertChange),
    /// What an audited playbook would have done. Nothing is performed; the script does not wait.
    Audited,
}

impl Effect {
    /// Whether the script goes on at once, the step being done with the commit that records it.
    pub fn is_immediate(&self) -> bool {
        matches!(self, Self::Change(_) | Self::Audited)
    }
}

/// A request as the script described it. Address and credentials are the connection's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestSpec {
    /// The connection's name.
    pub connection: String,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Appended to the connection's own path; none to use that as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Headers besides those Quell sets.
    pub headers: Vec<(String, String)>,
    /// The body, rendered once: these very bytes are sent every time. None for a request without a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Total deadline of one attempt in milliseconds, if narrower than the connection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Most attempts, if fewer than the schedule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Longest time in milliseconds from the first attempt to the last, if shorter than the schedule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_ms: Option<u64>,
    /// Not sent any more this many milliseconds after the step was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_ms: Option<u64>,
    /// How many requests of playbooks brought the alert here that this request is made for.
    #[serde(default)]
    pub hops: u8,
}

impl RequestSpec {
    /// A request to the connection's own address, with nothing more said of it.
    pub fn new(connection: impl Into<String>, method: impl Into<String>) -> Self {
        Self {
            connection: connection.into(),
            method: method.into(),
            path: None,
            headers: Vec::new(),
            body: None,
            timeout_ms: None,
            max_attempts: None,
            max_age_ms: None,
            expires_after_ms: None,
            hops: 0,
        }
    }
}

/// A mail as the script described it. The server and the sender's address are the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailSpec {
    /// Addresses.
    pub to: Vec<String>,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// A question to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalSpec {
    /// The question.
    pub ask: String,
    /// Whom it is for, for people; anybody who may answer at all may answer it.
    pub to: Option<String>,
    /// How long an answer is waited for, in milliseconds from when the step is recorded: before that nobody can see it.
    pub within_ms: u64,
    /// Whether it then counts as approved; without it the step fails with `timeout`.
    pub otherwise: Option<bool>,
}

/// A change of the alert the run is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AlertChange {
    /// Another status, and why.
    Status {
        /// The new status.
        status: crate::alert::Status,
        /// Why.
        why: String,
    },
    /// Another severity, and why.
    Severity {
        /// The new severity.
        severity: crate::alert::Severity,
        /// Why.
        why: String,
    },
    /// A comment.
    Comment {
        /// Its text.
        text: String,
    },
    /// One more tag.
    Tag {
        /// The tag.
        text: String,
    },
    /// Somebody to take it up.
    Assign {
        /// Who.
        who: String,
    },
}

/// What one activation of a script came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// Steps asked for that the journal did not hold, in order.
    pub new_steps: Vec<NewStep>,
    /// Lines logged after the last recorded step.
    pub logs: Vec<LogLine>,
    /// Where it stands.
    pub outcome: Outcome,
}

/// Where a run stands after an activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It waits for steps in flight.
    Suspended,
    /// It ended with this value.
    Done {
        /// What `on_alert` returned.
        value: Value,
    },
    /// It failed.
    Failed {
        /// Why.
        error: RunError,
    },
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// `script`, `step`, `limit`, `diverged`, `sandbox`, `fail`.
    pub kind: String,
    /// The limit's name, for `limit`: `operations`, `time`, `memory`, `steps`, `call_depth`, `size`…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// What went wrong, for people; at most 1 KiB.
    pub message: String,
    /// Where in the playbook, from 1; 0 where unknown.
    pub line: u32,
    /// Column, from 1; 0 where unknown.
    pub column: u32,
}

/// One line a script logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// `info`, `warn` or `error`.
    pub level: String,
    /// The text, control characters escaped.
    pub message: String,
    /// Fields, where given.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub fields: Value,
    /// The strand of the script that wrote it: empty, or `4.0.` for the first branch of a `parallel` at 4.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub strand: String,
}
