//! What people wish of runs, and the wake-ups that follow.

use super::birth::new_run;
use super::guard;
use super::parts::Parts;
use super::signals::Signals;
use super::updates;
use crate::digest::Digest;
use crate::id::{AlertId, ApprovalId, MessageId, RuleId, RunId};
use crate::playbook::RequestSpec;
use crate::store::{
    AlertPatch, ApprovalAnswer, ApprovalStatus, DeadLetterStatus, Disarmed, EMAIL_LANE, Patched, RunStatus, Started,
    StoreError, Wish,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Carries out what people wish.
#[derive(Debug)]
pub struct Operator {
    parts: Parts,
    signals: Signals,
    /// Held while the switch is turned, so that what is in memory and what is on disk are turned the same way.
    turning: Mutex<()>,
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
    /// The run to repeat was started by this one, which can be repeated instead.
    OfAnother(RunId),
    /// The running rules have no such playbook.
    NoPlaybook(RuleId),
    /// The playbook's rate limit forbids it.
    Limited {
        /// The playbook.
        playbook: RuleId,
        /// How long it does.
        wait: Duration,
    },
    /// All playbooks are held.
    Disarmed,
}

/// What became of the wish to send a request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redrive {
    /// As the store says.
    Wish(Wish<DeadLetterStatus>),
    /// It goes over a connection, or the mail server, that is not configured any more.
    NoConnection(String),
}

impl Operator {
    pub(super) fn new(parts: Parts, signals: Signals) -> Self {
        Self { parts, signals, turning: Mutex::new(()) }
    }

    /// The filters that are held, each with the text that is.
    pub fn held(&self) -> Arc<HashMap<RuleId, Digest>> {
        self.parts.held.snapshot()
    }

    /// Lets a filter that is held dismiss again, for as long as it stays as it is. False if it is not held.
    pub async fn enforce(&self, filter: &RuleId, by: &str) -> Result<bool, StoreError> {
        let released = self.parts.store.vouch_filter(filter).await?;
        if released {
            tracing::warn!(%filter, by, "a held filter dismisses again");
            guard::restore(&self.parts).await?;
        }
        Ok(released)
    }

    /// Runs a playbook for a stored alert, whatever its trigger and match say.
    pub async fn run(&self, alert: &AlertId, playbook: &RuleId, by: &str) -> Result<ByHand, StoreError> {
        self.start(alert, playbook, None, by).await
    }

    async fn start(
        &self,
        alert: &AlertId,
        playbook: &RuleId,
        repeats: Option<&RunId>,
        by: &str,
    ) -> Result<ByHand, StoreError> {
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
        Ok(match store.start_run(alert, run, rules.generation(), repeats, by, now).await? {
            Started::Created => {
                self.signals.runs_ready();
                self.signals.timetable_changed();
                ByHand::Started(id)
            }
            Started::NoAlert => ByHand::NoAlert,
            Started::Limited { until } => {
                let wait = Duration::try_from(until.duration_since(clock.now())).unwrap_or_default();
                ByHand::Limited { playbook: playbook.clone(), wait }
            }
        })
    }

    /// Runs a run's playbook once more for the same alert, as the running rules have it now.
    pub async fn rerun(&self, run: &RunId, by: &str) -> Result<ByHand, StoreError> {
        match self.parts.store.run(run).await? {
            // What it was given is known to the run that started it.
            Some(before) if before.summary.parent_id.is_some() => {
                Ok(before.summary.parent_id.map_or(ByHand::NoRun, ByHand::OfAnother))
            }
            Some(before) => self.start(&before.summary.alert_id, &before.summary.playbook, Some(run), by).await,
            None => Ok(ByHand::NoRun),
        }
    }

    /// Makes somebody's changes of an alert; those of a person set off the playbooks that wait for updates.
    pub async fn change(
        &self,
        alert: &AlertId,
        patch: AlertPatch,
        by: &str,
        by_person: bool,
    ) -> Result<Patched, StoreError> {
        let Parts { store, live, clock, switch, .. } = &self.parts;
        let now = clock.now();
        let on_update = if by_person { updates::by(&live.snapshot(), now, switch.is_disarmed()) } else { None };
        let patched = store.change_alert(alert, patch, by, on_update, now).await?;
        if !matches!(patched, Patched::Made { started: 0 } | Patched::NoAlert) {
            self.signals.runs_ready();
            self.signals.timetable_changed();
        }
        Ok(patched)
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

    /// Has a request that was given up sent again; refused if this daemon has no way to send it.
    pub async fn redrive(&self, id: &MessageId, by: &str) -> Result<Redrive, StoreError> {
        let Parts { store, clock, connections, mailer, sender, .. } = &self.parts;
        let Some(details) = store.dead_letter(id).await? else { return Ok(Redrive::Wish(Wish::NotFound)) };
        let now = clock.now();
        let connection = details.letter.connection;
        let spec =
            RequestSpec { expires_after_ms: details.expires_after_ms, ..RequestSpec::new(&connection, details.method) };
        let is_there = if connection == EMAIL_LANE { mailer.is_some() } else { connections.get(&connection).is_some() };
        if !is_there {
            return Ok(Redrive::NoConnection(connection));
        }
        let wish = store.redrive(id, by, sender.expiry(&spec, now), now).await?;
        // The timetable wakes the lane it waits in.
        self.signals.timetable_changed();
        Ok(Redrive::Wish(wish))
    }

    /// Marks a request that was given up as never to be sent.
    pub async fn discard(&self, id: &MessageId, by: &str) -> Result<Wish<DeadLetterStatus>, StoreError> {
        self.parts.store.discard(id, by, self.parts.clock.now()).await
    }

    /// Holds all playbooks. Requests already under way end as they end.
    pub async fn disarm(&self, by: &str, why: Option<String>) -> Result<Disarmed, StoreError> {
        let _turn = self.turning.lock().await;
        let disarmed = Disarmed { by: by.to_owned(), why, since: self.parts.clock.now() };
        // Held before it is durable: the wish is to stop, and whoever asked is told if it will not survive a restart.
        self.parts.switch.set(Some(disarmed.clone()));
        self.parts.store.set_disarmed(Some(disarmed.clone())).await?;
        tracing::warn!(by, why = disarmed.why.as_deref().unwrap_or(""), "all playbooks are disarmed");
        Ok(disarmed)
    }

    /// Lets playbooks go on.
    pub async fn arm(&self, by: &str) -> Result<(), StoreError> {
        let _turn = self.turning.lock().await;
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
