//! Where the set lies and how often it is looked at without being told to.

use crate::filter::Policy;
use crate::ruleset::{Outlets, SourceFile};
use std::path::{Path, PathBuf};
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
    /// Whether alerts tell of changes of the rules.
    pub tell_changes: bool,
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
            tell_changes: false,
            may_be_missing: false,
        }
    }
}

impl Settings {
    /// A file of a set that was kept, as if it lay in these folders: findings name the place people know.
    pub(super) fn at_home(&self, file: SourceFile) -> SourceFile {
        let below = |folder: &str| file.name.strip_prefix(folder).map(Path::new);
        let path = match (below("rules/"), below("playbooks/")) {
            (Some(below), _) => self.rules.join(below),
            (None, Some(below)) => self.playbooks.join(below),
            (None, None) => return file,
        };
        SourceFile { path: path.into(), ..file }
    }
}
