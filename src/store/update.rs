//! What a change of a stored alert calls for. The rules decide it, with the alert as the change leaves it; the store asks
//! them within the change's own commit, so that no change is answered twice and none without its runs.

use super::records::NewRun;
use crate::alert::Alert;
use crate::digest::Digest;
use crate::id::RuleId;
use std::fmt::Debug;

/// Who decides what an update calls for. Asked while others wait, so it must not wait for anything itself.
pub trait OnUpdate: Send + Sync + Debug {
    /// The runs for this alert, which is as the update leaves it.
    fn called_for(&self, alert: &Alert) -> CalledFor;
}

/// What an update calls for.
#[derive(Debug, Clone)]
pub struct CalledFor {
    /// Runs to create.
    pub runs: Vec<NewRun>,
    /// Playbooks that would have run, were they not disarmed.
    pub held: Vec<RuleId>,
    /// Digest of the rules that say so.
    pub generation: Digest,
}
