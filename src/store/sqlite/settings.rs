//! What an operator can set about the store.

use std::path::PathBuf;

/// Where the store lives and how much it takes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteSettings {
    /// The data folder. Created if missing; one process at a time may use it.
    pub folder: PathBuf,
    /// Most writes waiting for the writer; more are refused as `Busy`.
    pub queue: usize,
    /// Threads that answer lists and details.
    pub readers: usize,
}

impl SqliteSettings {
    /// The defaults, in this folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), queue: 4096, readers: 3 }
    }
}
