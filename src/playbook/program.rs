//! A playbook's pinned content: all a worker needs to run it, unchanged for as long as a run lives.

use crate::digest::Digest;
use crate::id::RuleId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Counts up whenever a step's arguments are normalised differently, since that would make running runs diverge.
pub const HOST_API_VERSION: u32 = 1;

/// The main script and every module it imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The playbook's id.
    pub id: RuleId,
    /// The main script's path, for messages.
    pub path: String,
    /// The main script, front matter included, so that lines count as in the file.
    pub source: Arc<str>,
    /// Imported modules by the path they are imported by, such as `lib/reputation`.
    pub modules: BTreeMap<String, Arc<str>>,
    /// Connections the front matter declares: the only ones the script may name.
    pub connections: Vec<String>,
    /// Record every step, perform none.
    pub audit: bool,
}

impl Program {
    /// The content's digest, host interface included.
    pub fn digest(&self) -> Digest {
        let version = HOST_API_VERSION.to_be_bytes();
        let content = serde_json::to_vec(self).expect("a program is plain data");
        Digest::of_parts([&version[..], &content])
    }
}
