//! SQLite keeps every promise of the contract.

use crate::store::contract_suite::{Engine, every_promise};
use crate::store::{SqliteSettings, SqliteStore, Store};
use async_trait::async_trait;
use std::sync::Arc;

/// A folder that lives as long as the test.
struct Folder(tempfile::TempDir);

fn engine() -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

#[async_trait]
impl Engine for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(SqliteSettings::in_folder(self.0.path())).unwrap())
    }

    async fn open_narrow(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(SqliteSettings { queue: 1, ..SqliteSettings::in_folder(self.0.path()) }).unwrap())
    }
}

every_promise!(engine());
