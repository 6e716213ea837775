//! Where the set lies and how often it is looked at without being told to.

use std::path::PathBuf;
use std::time::Duration;

/// Where the set lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder of filters.
    pub rules: PathBuf,
    /// The folder of playbooks.
    pub playbooks: PathBuf,
    /// The names of the operator's connections: a playbook that declares another is warned of. None if they are not
    /// known.
    pub connections: Option<Vec<String>>,
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
            connections: None,
            rescan: Duration::from_secs(60),
            may_be_missing: false,
        }
    }
}
