//! Whether the store takes writes, known to all its threads.

use crate::store::StoreError;
use std::sync::{Mutex, OnceLock};

/// A failed disk is for good, a full one until a write goes through.
#[derive(Debug, Default)]
pub(super) struct Health {
    failed: OnceLock<StoreError>,
    full: Mutex<Option<StoreError>>,
}

impl Health {
    /// Takes note of how a commit or checkpoint went.
    ///
    /// After a failed sync the kernel may have dropped the unwritten pages and call the next sync a success, so
    /// nothing this process says about the disk afterwards is worth an acknowledgement.
    pub fn note(&self, outcome: &Result<(), StoreError>) {
        let mut full = self.full.lock().expect("no holder of this lock panics");
        match outcome {
            Ok(()) => *full = None,
            Err(error @ StoreError::Full(_)) => *full = Some(error.clone()),
            Err(error @ StoreError::Failed(_)) => {
                self.failed.get_or_init(|| error.clone());
            }
            Err(_) => {}
        }
    }

    /// The failure after which nothing is written any more.
    pub fn failure(&self) -> Result<(), StoreError> {
        self.failed.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Whether the last write found room.
    pub fn room(&self) -> Result<(), StoreError> {
        self.full.lock().expect("no holder of this lock panics").clone().map_or(Ok(()), Err)
    }
}
