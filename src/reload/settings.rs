//! Where the set lies and how often it is looked at without being told to.

use crate::filter::Policy;
use crate::ruleset::Outlets;
use std::path::PathBuf;
use std::time::Duration;

/// Where the set lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder of filters.
    pub rules: PathBuf,
    /// The folder of playbooks.
    pub playbooks: PathBuf,
    /// What playbooks can reach the outside by: a playbook that needs more is warned of.
    pub outlets: Outlets,
    /// What the operator asks of filters.
    pub policy: Policy,
    /// The files are read again this often even if no change was announced: some file systems announce none.
    pub rescan: Duration,
    /// A folder that does not exist is an empty one, rather than a fault.
    pub may_be_missing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: "rules".into(),
            playbooks: "playbooks".into(),
            outlets: Outlets::default(),
            policy: Policy::default(),
            rescan: Duration::from_secs(60),
            may_be_missing: false,
        }
    }
}
