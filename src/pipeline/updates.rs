//! What news of a stored alert call for: the running rules' playbooks with the trigger `updated` that the alert meets.

use super::birth::new_run;
use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::ruleset::Ruleset;
use crate::store::{CalledFor, OnUpdate};
use std::sync::Arc;

/// One snapshot of the rules, asked about updates.
#[derive(Debug)]
struct Updates {
    rules: Arc<Ruleset>,
    now: Timestamp,
    /// Whether all playbooks are held.
    held: bool,
}

/// Who decides about updates by these rules; nobody, if they have no playbook for them.
pub(super) fn by(rules: &Arc<Ruleset>, now: Timestamp, held: bool) -> Option<Arc<dyn OnUpdate>> {
    rules.answers_updates().then(|| Arc::new(Updates { rules: rules.clone(), now, held }) as Arc<dyn OnUpdate>)
}

impl OnUpdate for Updates {
    fn called_for(&self, alert: &Alert) -> CalledFor {
        let playbooks = self.rules.called_by_update(alert);
        let generation = self.rules.generation();
        if self.held {
            let held = playbooks.into_iter().map(|playbook| playbook.id.clone()).collect();
            return CalledFor { runs: Vec::new(), held, generation };
        }
        let runs = playbooks.into_iter().map(|playbook| new_run(playbook, alert, self.now)).collect();
        CalledFor { runs, held: Vec::new(), generation }
    }
}
