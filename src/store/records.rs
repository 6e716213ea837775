//! What goes into a store and what comes out, as values.

use super::attempt::AttemptView;
use super::update::OnUpdate;
use crate::alert::{Alert, Severity, Status};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::filter::LimitKey;
use crate::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use crate::playbook::{AlertChange, Effect, Entry, LogLine, NewStep, Outcome, Program, RunError, StepError, StepKey};
use crate::ruleset::Verdict;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// An alert ready to be kept: what was decided about it, and the runs it calls for.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The alert as normalised.
    pub alert: Alert,
    /// Digest of the payload, to tell a repetition from an update.
    pub content: Digest,
    /// The decision.
    pub verdict: Verdict,
    /// The runs to create; none for a dismissed alert.
    pub runs: Vec<NewRun>,
    /// Playbooks that would have run, were they not disarmed.
    pub held: Vec<RuleId>,
    /// Limits that dismiss it if it exceeds one of them.
    pub limits: Vec<LimitClaim>,
    /// The runs to create in that case, and playbooks that would have run, were they not disarmed.
    pub runs_if_over: Vec<NewRun>,
    /// See `runs_if_over`.
    pub held_if_over: Vec<RuleId>,
    /// What decides which runs it calls for if it turns out to be an update; none if no update calls for any.
    pub on_update: Option<Arc<dyn OnUpdate>>,
}

/// A filter that lets no more than `max` alerts of a key stay active in any window, and dismisses what exceeds that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitClaim {
    /// The filter. Its tallies are kept by this id, whatever generation it is of.
    pub filter: RuleId,
    /// The filter's reason.
    pub reason: String,
    /// How many alerts of one key stay active in one window.
    pub max: u32,
    /// How long a window is.
    pub per: Duration,
    /// What the alert is counted by.
    pub key: LimitKey,
}

impl Admission {
    /// The same alert as it is admitted if it exceeds the limits of these filters.
    pub fn over(&self, exceeded: &[&LimitClaim]) -> Self {
        let over: Vec<_> = exceeded.iter().map(|claim| (claim.filter.clone(), claim.reason.clone())).collect();
        let triggered = self.runs_if_over.iter().map(|run| run.program.id.clone());
        let triggered = triggered.chain(self.held_if_over.iter().cloned()).collect();
        let mut alert = self.alert.clone();
        alert.status = Status::Dismissed;
        Self {
            alert,
            content: self.content,
            verdict: self.verdict.over(&over, triggered),
            runs: self.runs_if_over.clone(),
            held: self.held_if_over.clone(),
            limits: Vec::new(),
            runs_if_over: Vec::new(),
            held_if_over: Vec::new(),
            on_update: self.on_update.clone(),
        }
    }
}

/// A run to create.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// What it runs, kept with the run for as long as it lives.
    pub program: Arc<Program>,
    /// The program's digest.
    pub digest: Digest,
    /// When it expires if it has not ended.
    pub deadline: Timestamp,
    /// The playbook's rate limit, if it has one.
    pub rate: Option<RateLimit>,
}

/// No more than `runs` in any `window_ms`, counted for equal `key`s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Most runs in a window.
    pub runs: u32,
    /// The window in milliseconds.
    pub window_ms: u64,
    /// What they are counted by: the value of the `per` field, or empty.
    pub key: String,
}

/// What became of an admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The alert's id; of the first one, for a repetition.
    pub id: AlertId,
    /// Its status now.
    pub status: Status,
    /// The filters that dismissed it.
    pub dismissed_by: Vec<RuleId>,
    /// The runs it has.
    pub runs: Vec<RunId>,
    /// How many of them are new.
    pub started: usize,
    /// Whether it was stored before.
    pub duplicate: bool,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Not started.
    Queued,
    /// A step of it is being performed.
    Running,
    /// It waits for a time or a person.
    Waiting,
    /// Ended as written.
    Done,
    /// Ended by a fault.
    Failed,
    /// Ended by its deadline.
    Expired,
    /// Ended by a person.
    Cancelled,
}

impl RunStatus {
    /// Every status, in the order of a run's life.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Running, Self::Waiting, Self::Done, Self::Failed, Self::Expired, Self::Cancelled];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the run has ended.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Expired | Self::Cancelled)
    }
}

/// Holds a claim for as long as it, or a clone of it, lives. Whatever ends the work before it is recorded, an error or
/// a panic, so gives it back. The default holds nothing.
#[derive(Clone, Default)]
pub struct ClaimGuard(Option<Arc<dyn Any + Send + Sync>>);

impl ClaimGuard {
    /// A guard on an engine's own hold, which lets go when it is dropped.
    pub(super) fn new(hold: impl Any + Send + Sync) -> Self {
        Self(Some(Arc::new(hold)))
    }
}

impl fmt::Debug for ClaimGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "ClaimGuard" } else { "ClaimGuard(nothing)" })
    }
}

impl PartialEq for ClaimGuard {
    /// Always: work is the same whoever holds it.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A run to step, with everything the step needs.
#[derive(Debug, Clone)]
pub struct RunWork {
    /// The run.
    pub id: RunId,
    /// What it runs.
    pub program: Arc<Program>,
    /// The program's digest.
    pub digest: Digest,
    /// The alert's canonical JSON as it was when the run was created: the same on every activation.
    pub alert: Arc<str>,
    /// When the run was created: what `now()` says before the first step.
    pub started: Timestamp,
    /// What another playbook started it with; null if an alert called for it.
    pub input: Value,
    /// What was recorded so far, in order.
    pub journal: Vec<Entry>,
    /// How many lines it has logged, by strand.
    pub logged: BTreeMap<String, u32>,
    /// Dropped, it gives the run back, unless its progress was recorded.
    pub claim: ClaimGuard,
}

/// What an activation came to, ready to be recorded.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The run.
    pub run: RunId,
    /// Steps to record, in order. Immediate effects are performed in the same commit.
    pub steps: Vec<(NewStep, StepStart)>,
    /// Lines to keep with the run.
    pub logs: Vec<LogLine>,
    /// Where the run stands.
    pub outcome: Outcome,
}

/// A run that a step of another run starts.
#[derive(Debug, Clone)]
pub struct ChildRun {
    /// The run.
    pub run: NewRun,
    /// Digest of the rules it was found in.
    pub generation: Digest,
}

/// How a recorded step begins.
#[derive(Debug, Clone)]
pub enum StepStart {
    /// As its effect says.
    Normal,
    /// A request or a mail.
    Message {
        /// The id every attempt carries.
        id: MessageId,
        /// From when on it is not sent any more.
        expires: Option<Timestamp>,
    },
    /// A question: its id.
    Approval(ApprovalId),
    /// Another playbook's run.
    Child(Box<ChildRun>),
    /// It cannot be performed at all, and fails at once.
    Refused {
        /// Why.
        error: StepError,
        /// Of a request or a mail, which is kept as a dead letter: the id every attempt will carry, if there are any.
        message: Option<MessageId>,
    },
}

/// What is due next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NextWork {
    /// Whether runs can be claimed now.
    pub runs_ready: bool,
    /// The earliest sleep's end or run's deadline.
    pub next_timer: Option<Timestamp>,
    /// For each connection with requests in wait, when the earliest is due.
    pub next_request: Vec<(String, Timestamp)>,
}

/// What a start found in flight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that had not ended.
    pub runs: usize,
    /// Requests that may have been sent and will be sent again.
    pub requests: usize,
}

/// An alert in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertSummary {
    /// Its id.
    pub id: AlertId,
    /// Where it came from.
    pub source: String,
    /// The detection logic.
    pub alert_type: String,
    /// The title.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// Where it stands.
    pub status: Status,
    /// First event covered.
    pub start_time: Option<Timestamp>,
    /// When it was received.
    pub received_time: Timestamp,
    /// The most related resource.
    pub compromised_entity: Option<String>,
    /// Tactics.
    pub tactics: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Who has taken it up.
    pub assignee: Option<String>,
    /// The filters that dismissed it.
    pub dismissed_by: Vec<RuleId>,
}

/// An alert with everything known of it. The alert's status, severity, assignee and tags are those of now.
#[derive(Debug, Clone, Serialize)]
pub struct AlertDetails {
    /// The alert.
    #[serde(flatten)]
    pub alert: Alert,
    /// What was decided about it.
    pub verdict: Verdict,
    /// Its runs, newest first.
    pub runs: Vec<RunSummary>,
    /// Who did what, when and why, oldest first: how it began, and the newest thousand of what came after.
    pub activity: Vec<Activity>,
}

impl<'de> Deserialize<'de> for AlertDetails {
    /// Reads the text twice: a flattened alert could not keep its payload as it came.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            verdict: Verdict,
            runs: Vec<RunSummary>,
            activity: Vec<Activity>,
        }
        let whole = Box::<RawValue>::deserialize(from)?;
        let alert = serde_json::from_str(whole.get()).map_err(D::Error::custom)?;
        let Rest { verdict, runs, activity } = serde_json::from_str(whole.get()).map_err(D::Error::custom)?;
        Ok(Self { alert, verdict, runs, activity })
    }
}

/// One thing that happened to an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// When.
    pub time: Timestamp,
    /// Who: `intake`, `playbook:ID`, or a person's or token's name.
    pub actor: String,
    /// What: `received`, `dismissed`, `status`, `severity`, `comment`, `tag`, `untag`, `assign`, `unassign`, `source_update`, `rate_limited`,
    /// `disarmed`, `run`, `approved`, `denied`.
    pub action: String,
    /// To what: the source, the filters, the new status, the tag, the comment's text, the first 4 KiB of the new
    /// payload, the playbook.
    pub detail: String,
    /// Why, where a reason was given; of a new payload, how long it is and its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// The playbook.
    pub playbook: RuleId,
    /// The alert.
    pub alert_id: AlertId,
    /// Where it stands.
    pub status: RunStatus,
    /// What it returned, once done.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<RunError>,
    /// The run whose step started it; none if an alert called for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<RunId>,
    /// Digest of the rules that called for it.
    pub generation: Digest,
    /// When it was created.
    pub started_time: Timestamp,
    /// When it ended.
    pub ended_time: Option<Timestamp>,
}

/// A run with its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunDetails {
    /// The run.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// Its steps in the order recorded.
    pub steps: Vec<StepView>,
    /// What it logged.
    pub logs: Vec<LogLine>,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// In flight.
    Pending,
    /// Done, and never performed again.
    Done,
    /// Gave up.
    Failed,
    /// Its run ended first.
    Cancelled,
}

/// A step as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// Its place.
    pub key: StepKey,
    /// The call.
    pub call: String,
    /// The arguments.
    pub input: Value,
    /// Where it stands.
    pub status: StepStatus,
    /// Its value, once done.
    pub output: Option<Value>,
    /// Why it gave up.
    pub error: Option<StepError>,
    /// When it was recorded.
    pub recorded_time: Timestamp,
    /// When it ended.
    pub settled_time: Option<Timestamp>,
    /// The question it waits for, or waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<ApprovalId>,
    /// The run it has started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// When it is tried or wakes next.
    pub next_attempt_time: Option<Timestamp>,
    /// The id its attempts carry, for a request.
    pub message_id: Option<MessageId>,
    /// The attempts, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// Numbers for metrics and `status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreCounts {
    /// Alerts by status.
    pub alerts: Vec<(Status, u64)>,
    /// Runs by status.
    pub runs: Vec<(RunStatus, u64)>,
    /// Requests waiting to be sent, by connection.
    pub requests: Vec<(String, u64)>,
    /// Questions that nobody has answered yet.
    pub approvals: u64,
    /// Requests that were given up and wait for a person.
    pub dead_letters: u64,
}

/// The lane of mails: no connection may have this name.
pub const EMAIL_LANE: &str = "email";

/// The parts of an effect an engine performs itself.
pub(super) fn immediate_change(effect: &Effect) -> Option<&AlertChange> {
    match effect {
        Effect::Change(change) => Some(change),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract_suite::samples::dismissed;

    #[test]
    fn an_alert_with_everything_reads_back_from_its_json() {
        let Admission { alert, verdict, .. } = dismissed("a");
        let payload = RawValue::from_string("{ \"b\": 1.00,  \"a\": 2 }".to_owned()).unwrap();
        let alert = Alert { raw: crate::alert::Raw::new(payload), ..alert };
        let details = AlertDetails { alert, verdict, runs: Vec::new(), activity: Vec::new() };
        let text = serde_json::to_string(&details).unwrap();
        let read: AlertDetails = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(read.alert.raw.text(), details.alert.raw.text());
    }
}
