//! What can go wrong with a store, by what it means for the caller.

/// A store's refusal. None of them leaves a part of the work behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full. Nothing was written; the same call may succeed once there is room.
    #[error("the store's disk is full: {0}")]
    Full(String),
    /// A write or sync failed, so what the disk holds is unknown. The store takes no more writes until a restart.
    #[error("the store's disk failed, and nothing more is acknowledged until a restart: {0}")]
    Failed(String),
    /// More work is queued than the store will hold. Try again in a moment.
    #[error("the store is overloaded")]
    Busy,
    /// A record does not read back as what was written.
    #[error("corrupt record: {0}")]
    Corrupt(String),
    /// The store cannot be opened or is closed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The query cannot be answered as asked, such as a cursor of another query.
    #[error("{0}")]
    BadQuery(String),
}
