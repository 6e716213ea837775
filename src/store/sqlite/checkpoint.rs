//! Folds the write-ahead log into the database beside the writer, so that no commit waits for it.
//!
//! The bulk is copied by a thread of its own while the writer goes on; the little that came in meanwhile is copied by
//! the writer between two groups. Only then is the whole log copied at one moment, and the next commit begins it anew.

use super::connection::LOG_BYTES;
use super::health::Health;
use crate::store::StoreError;
use rusqlite::Connection;
use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// The checkpointing thread, as the writer sees it.
#[derive(Debug)]
pub(super) struct Checkpointer {
    wanted: SyncSender<()>,
    thread: JoinHandle<()>,
    bulk_done: Arc<AtomicBool>,
    health: Arc<Health>,
    log: PathBuf,
    /// The log's size that calls for the next checkpoint.
    due: Cell<u64>,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub fn start(db: Connection, log: PathBuf, health: Arc<Health>) -> Result<Self, StoreError> {
        // One wish is enough: a checkpoint takes all there is.
        let (wanted, wishes) = sync_channel(1);
        let bulk_done = Arc::new(AtomicBool::new(false));
        let (done, noted) = (Arc::clone(&bulk_done), Arc::clone(&health));
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || copy_bulk(&db, &wishes, &done, &noted))
            .map_err(|error| StoreError::Unavailable(format!("cannot start the store's checkpointer: {error}")))?;
        Ok(Self { wanted, thread, bulk_done, health, log, due: Cell::new(LOG_BYTES) })
    }

    /// Asks for a checkpoint if the log has grown. The log is cut back to `LOG_BYTES` whenever it begins anew.
    pub fn watch(&self) {
        let size = std::fs::metadata(&self.log).map_or(0, |file| file.len());
        if size <= LOG_BYTES {
            self.due.set(LOG_BYTES);
        } else if size > self.due.get() {
            self.ask();
            self.due.set(size + LOG_BYTES / 4);
        }
    }

    /// Asks for a checkpoint.
    pub fn ask(&self) {
        // A refusal means that one is asked for already.
        let _ = self.wanted.try_send(());
    }

    /// The writer's part, between two groups, once the bulk is copied.
    pub fn finish(&self, writer: &Connection) {
        if self.bulk_done.swap(false, Ordering::AcqRel) && self.health.failure().is_ok() {
            note(&self.health, checkpoint(writer, "PASSIVE"));
        }
    }

    /// Ends the thread after the checkpoint it is at.
    pub fn stop(self) {
        drop(self.wanted);
        // It ends badly only by a panic, and then there is nothing to wait for.
        let _ = self.thread.join();
    }
}

fn copy_bulk(db: &Connection, wishes: &Receiver<()>, done: &AtomicBool, health: &Health) {
    while wishes.recv().is_ok() {
        // The second pass is short, and leaves the writer next to nothing.
        for _ in 0..2 {
            if health.failure().is_ok() {
                note(health, checkpoint(db, "PASSIVE"));
            }
        }
        done.store(true, Ordering::Release);
    }
}

/// A checkpoint that found no room or a lock held is tried again later; one whose sync failed is the end.
fn note(health: &Health, outcome: Result<(), StoreError>) {
    if let failed @ Err(StoreError::Failed(_)) = outcome {
        health.note(&failed);
    }
}

/// One checkpoint, as far as it gets.
pub(super) fn checkpoint(db: &Connection, mode: &str) -> Result<(), StoreError> {
    db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))?;
    Ok(())
}
