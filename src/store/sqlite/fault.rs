//! What an error of SQLite means to the caller of a store.

use crate::store::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::SqliteFailure(failure, _) => of_sqlite(failure, said),
            Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
            | Error::QueryReturnedNoRows => Self::Corrupt(said),
            _ => Self::Unavailable(said),
        }
    }
}

fn of_sqlite(failure: ffi::Error, said: String) -> StoreError {
    match failure.code {
        ErrorCode::DiskFull => StoreError::Full(said),
        // The shared index of the write-ahead log could not grow: only for lack of room, and before any sync.
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full(said),
        // A file system that turned read-only did so because its disk failed.
        ErrorCode::SystemIoFailure | ErrorCode::ReadOnly => StoreError::Failed(said),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(said),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        _ => StoreError::Unavailable(said),
    }
}

/// The store takes no more questions or work.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}
