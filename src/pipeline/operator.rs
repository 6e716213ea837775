//! What people wish of runs, and the wake-ups that follow.

use super::birth::new_run;
use super::parts::Parts;
use super::signals::Signals;
use crate::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use crate::store::{ApprovalAnswer, ApprovalStatus, DeadLetterStatus, Disarmed, RunStatus, Started, StoreError, Wish};

/// Carries out what people wish.
#[derive(Debug)]
pub struct Operator {
    parts: Parts,
    signals: Signals,
}

/// What became of a run asked for by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand {
    /// It is there, and ready.
    Started(RunId),
    /// There is no such alert.
    NoAlert,
    /// The run to repeat does not exist.
    NoRun,
    /// The running rules have no such playbook.
    NoPlaybook(RuleId),
    /// The playbook's rate limit forbids it.
    Limited(RuleId),
    /// All playbooks are held.
    Disarmed,
}

impl Operator {
    pub(super) fn new(parts: Parts, signals: Signals) -> Self {
        Self { parts, signals }
    }

    /// Runs a playbook for a stored alert, whatever its trigger and match say.
    pub async fn run(&self, alert: &AlertId, playbook: &RuleId, by: &str) -> Result<ByHand, StoreError> {
        let Parts { store, live, clock, switch, .. } = &self.parts;
        if switch.is_disarmed() {
            return Ok(ByHand::Disarmed);
        }
        let rules = live.snapshot();
        let Some(found) = rules.playbooks().iter().find(|known| known.id == *playbook) else {
            return Ok(ByHand::NoPlaybook(playbook.clone()));
        };
        let Some(details) = store.alert(alert).await? else { return Ok(ByHand::NoAlert) };
        let now = clock.now();
        let run = new_run(found, &details.alert, now);
        let id = run.id.clone();
        Ok(match store.start_run(alert, run, rules.generation(), by, now).await? {
            Started::Created => {
                self.signals.runs_ready();
                self.signals.timetable_changed();
                ByHand::Started(id)
            }
            Started::NoAlert => ByHand::NoAlert,
            Started::Limited => ByHand::Limited(playbook.clone()),
        })
    }

    /// Runs a run's playbook once more for the same alert, as the running rules have it now.
    pub async fn rerun(&self, run: &RunId, by: &str) -> Result<ByHand, StoreError> {
        match self.parts.store.run(run).await? {
            Some(before) => self.run(&before.summary.alert_id, &before.summary.playbook, by).await,
            None => Ok(ByHand::NoRun),
        }
    }

    /// Ends a run as cancelled.
    pub async fn cancel(&self, run: &RunId, by: &str) -> Result<Wish<RunStatus>, StoreError> {
        let wish = self.parts.store.cancel_run(run, by, self.parts.clock.now()).await?;
        // A run that waited for this one can go on.
        self.signals.runs_ready();
        Ok(wish)
    }

    /// Answers a question.
    pub async fn answer(&self, id: &ApprovalId, answer: ApprovalAnswer) -> Result<Wish<ApprovalStatus>, StoreError> {
        let wish = self.parts.store.answer_approval(id, answer, self.parts.clock.now()).await?;
        self.signals.runs_ready();
        Ok(wish)
    }

    /// Has a request that was given up sent again.
    pub async fn redrive(&self, id: &MessageId) -> Result<Wish<DeadLetterStatus>, StoreError> {
        let wish = self.parts.store.redrive(id, self.parts.clock.now()).await?;
        // The timetable wakes the lane it waits in.
        self.signals.timetable_changed();
        Ok(wish)
    }

    /// Marks a request that was given up as never to be sent.
    pub async fn discard(&self, id: &MessageId) -> Result<Wish<DeadLetterStatus>, StoreError> {
        self.parts.store.discard(id, self.parts.clock.now()).await
    }

    /// Holds all playbooks. Requests already under way end as they end.
    pub async fn disarm(&self, by: &str, why: Option<String>) -> Result<Disarmed, StoreError> {
        let disarmed = Disarmed { by: by.to_owned(), why, since: self.parts.clock.now() };
        // Held before it is durable: the wish is to stop, and whoever asked is told if it will not survive a restart.
        self.parts.switch.set(Some(disarmed.clone()));
        self.parts.store.set_disarmed(Some(disarmed.clone())).await?;
        tracing::warn!(by, why = disarmed.why.as_deref().unwrap_or(""), "all playbooks are disarmed");
        Ok(disarmed)
    }

    /// Lets playbooks go on.
    pub async fn arm(&self, by: &str) -> Result<(), StoreError> {
        self.parts.store.set_disarmed(None).await?;
        self.parts.switch.set(None);
        tracing::warn!(by, "playbooks are armed again");
        self.signals.runs_ready();
        self.signals.timetable_changed();
        Ok(())
    }

    /// By whom playbooks are held; none while they are not.
    pub fn disarmed(&self) -> Option<Disarmed> {
        self.parts.switch.disarmed()
    }
}
