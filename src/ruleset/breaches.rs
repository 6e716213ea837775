//! Breaches of the operator's policy in the files of a set. Some depend on what time it is, which a build does not know.

use super::{SourceKind, Sources};
use crate::clock::Timestamp;
use crate::diag::Diagnostics;
use crate::filter::Policy;

/// Reports every breach of a policy.
pub fn breaches(sources: &Sources, policy: &Policy, now: Timestamp, found: &mut Diagnostics) {
    if policy.is_empty() {
        return;
    }
    for file in sources.files.iter().filter(|file| file.kind == SourceKind::Rule) {
        // What is not text is refused by the build.
        if let Ok(text) = std::str::from_utf8(&file.bytes) {
            policy.check_file(text, &file.path, now, found);
        }
    }
}
