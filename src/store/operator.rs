//! What people see of what the pipeline waits for, and what they can wish: answers, runs by hand, messages sent again,
//! everything held.

use super::attempt::AttemptView;
use super::query::Cursor;
use crate::clock::Timestamp;
use crate::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use serde::{Deserialize, Serialize};

/// What became of somebody's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish<S> {
    /// It is done, and durable.
    Granted,
    /// What it is about does not exist.
    NotFound,
    /// What it is about stands where this cannot be done any more, or not yet.
    TooLate(S),
}

/// What became of a run somebody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is there, and ready.
    Created,
    /// There is no such alert.
    NoAlert,
    /// The playbook's rate limit forbids it.
    Limited {
        /// When it allows one more.
        until: Timestamp,
    },
}

/// Where a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// Nobody has answered yet.
    Pending,
    /// Somebody agreed.
    Approved,
    /// Somebody did not.
    Denied,
    /// Nobody answered in time.
    Expired,
    /// Its run ended first.
    Cancelled,
}

impl ApprovalStatus {
    /// Every status, in the order of a question's life.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Approved, Self::Denied, Self::Expired, Self::Cancelled];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A question to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The question.
    pub ask: String,
    /// Whom it is for.
    pub to: Option<String>,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// What silence means: `approve`, `deny`, or none if the step then fails.
    pub otherwise: Option<String>,
    /// When it was asked.
    pub asked_time: Timestamp,
    /// Until when an answer is waited for.
    pub until_time: Timestamp,
    /// Who answered.
    pub by: Option<String>,
    /// What they said.
    pub comment: Option<String>,
    /// When.
    pub answered_time: Option<Timestamp>,
    /// The run that waits.
    pub run_id: RunId,
    /// Its playbook.
    pub playbook: RuleId,
    /// The alert it is for.
    pub alert_id: AlertId,
}

/// Somebody's answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalAnswer {
    /// Yes or no.
    pub approved: bool,
    /// Who.
    pub by: String,
    /// Why.
    pub comment: Option<String>,
}

/// Where a request that was given up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadLetterStatus {
    /// Given up.
    Dead,
    /// To be sent again, by somebody's wish.
    Redriven,
    /// Sent again, and it arrived.
    Delivered,
    /// Never to be sent, by somebody's wish.
    Discarded,
}

impl DeadLetterStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Dead, Self::Redriven, Self::Delivered, Self::Discarded];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Redriven => "redriven",
            Self::Delivered => "delivered",
            Self::Discarded => "discarded",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A request that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The id every attempt at it carries, those after a redrive included.
    pub id: MessageId,
    /// The connection.
    pub connection: String,
    /// Where it stands.
    pub status: DeadLetterStatus,
    /// Why it was given up: the `kind` its script was told.
    pub kind: String,
    /// The same, for people.
    pub reason: String,
    /// When it was given up.
    pub died_time: Timestamp,
    /// When its status changed last.
    pub changed_time: Timestamp,
    /// When it is sent again.
    pub next_attempt_time: Option<Timestamp>,
    /// The run it is of.
    pub run_id: RunId,
    /// Its step there.
    pub step: String,
    /// The run's playbook.
    pub playbook: RuleId,
    /// The alert.
    pub alert_id: AlertId,
}

/// The same with what would be sent and every attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetterDetails {
    /// What a list shows of it.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// The method.
    pub method: String,
    /// The path after the connection's own.
    pub path: Option<String>,
    /// The body, byte for byte.
    pub body: Option<String>,
    /// How long after it is sent again it may still be sent, in milliseconds, if its step has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_ms: Option<u64>,
    /// The attempts, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// Which questions or letters, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingQuery<S> {
    /// Any of these statuses; empty asks for all.
    pub status: Vec<S>,
    /// Of this connection; only for letters.
    pub connection: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Items in a page, 1 to 1,000.
    pub limit: usize,
}

/// All playbooks are held: no run goes on and nothing is sent. Alerts that come in call for no runs; their activity names
/// the playbooks that would have run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disarmed {
    /// By whom.
    pub by: String,
    /// Why.
    pub why: Option<String>,
    /// Since when.
    pub since: Timestamp,
}
