//! Filters that only record for now, because their version has dismissed more than the operator's budget allows.

use crate::digest::Digest;
use crate::id::RuleId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Held filters, each with the version that is held: another version of the filter is not. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct Held(Arc<RwLock<Arc<HashMap<RuleId, Digest>>>>);

impl Held {
    /// The list at this moment.
    pub fn snapshot(&self) -> Arc<HashMap<RuleId, Digest>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another list in place.
    pub(super) fn set(&self, held: HashMap<RuleId, Digest>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
    }
}
