//! Waiting that a stop ends.

use crate::shutdown::Shutdown;
use std::time::Duration;

/// The pause after the store or the sandbox refused.
const PAUSE: Duration = Duration::from_millis(500);

/// Waits for an event, unless a stop is asked for.
pub(super) async fn wait(event: impl Future<Output = ()>, shutdown: &Shutdown) {
    tokio::select! {
        () = event => {}
        () = shutdown.stopping() => {}
    }
}

/// Waits a little before what was refused is tried again.
pub(super) async fn pause(shutdown: &Shutdown) {
    wait(tokio::time::sleep(PAUSE), shutdown).await;
}
