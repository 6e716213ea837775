//! What the promises run against.

use crate::store::Store;
use async_trait::async_trait;
use std::sync::Arc;

/// An engine on storage of its own.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// Opens the store on its storage, as a start of the daemon does. The one opened before is closed or gone.
    async fn open(&self) -> Arc<dyn Store>;

    /// Opens it so that it takes on next to nothing at once.
    async fn open_narrow(&self) -> Arc<dyn Store>;
}

/// Closes a store as a stop of the daemon does, and opens it as the next start does.
pub(crate) async fn restart(engine: &dyn Engine, store: Arc<dyn Store>) -> Arc<dyn Store> {
    store.close().await;
    drop(store);
    engine.open().await
}
