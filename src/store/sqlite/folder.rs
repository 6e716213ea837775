//! The data folder: made if missing, and held by one process at a time.

use crate::store::StoreError;
use std::fs::{DirBuilder, File, TryLockError};
use std::path::{Path, PathBuf};

/// A folder this process holds. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be and takes hold of it.
    pub fn hold(path: &Path) -> Result<Self, StoreError> {
        let fault = |what: &str, error: std::io::Error| {
            StoreError::Unavailable(format!("cannot {what} `{}`: {error}", path.display()))
        };
        if !path.exists() {
            create(path).map_err(|error| fault("create the data folder", error))?;
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("quell.lock"))
            .map_err(|error| fault("open the lock file in the data folder", error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
                "another process is using the data folder `{}`; stop it, or set `data` to another folder",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(fault("lock the data folder", error)),
        }
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join("quell.db")
    }

    /// The write-ahead log's file.
    pub fn log(&self) -> PathBuf {
        self.path.join("quell.db-wal")
    }
}

/// Makes the folder so that only its owner can look in, and so that a power loss does not forget it.
fn create(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match std::path::absolute(path)?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
