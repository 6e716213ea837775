//! The accept loop: takes connections while there is room, and lets them finish when a stop is asked for.

use super::body::{Bodies, BodyLimits};
use super::connection::{self, ConnectionLimits};
use super::envelope::Observe;
use super::problem::Problem;
use super::routes::{self, Api, App};
use super::seats::Seats;
use super::settings::{Settings, SettingsError};
use crate::shutdown::Shutdown;
use axum::Router;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Why the interface could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener does not know its own address.
    #[error("the listener is unusable: {0}")]
    Listener(#[from] io::Error),
    /// The settings are unsafe for the address listened on.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// What all connections together may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerLimits {
    /// Most connections.
    pub(super) connections: usize,
    /// Most connections of one peer.
    pub(super) connections_of_a_peer: usize,
    /// How long requests in flight get when a stop is asked for.
    pub(super) drain_time: Duration,
    /// Each connection's own limits.
    pub(super) connection: ConnectionLimits,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_of_a_peer: 256,
            drain_time: Duration::from_secs(5),
            connection: ConnectionLimits::default(),
        }
    }
}

/// Serves the interface until a stop is asked for and the requests in flight are answered, at most five seconds later.
///
/// # Errors
/// When the settings are not safe for the address the listener is bound to, whatever address they name.
pub async fn serve(listener: TcpListener, settings: Settings, api: Api, shutdown: Shutdown) -> Result<(), ServeError> {
    let settings = Settings { listen: listener.local_addr()?, ..settings };
    settings.validate()?;
    let metrics = api.metrics.clone();
    let observe: Observe = Arc::new(move |route, status, seconds| metrics.http_request(route, status, seconds));
    let app = Arc::new(App { api, bodies: Bodies::new(BodyLimits::default()), explaining: Semaphore::new(1) });
    let router = routes::router(routes::table(), &settings, observe).with_state(app);
    accept(listener, router, ServerLimits::default(), shutdown).await;
    Ok(())
}

/// Accepts connections until a stop is asked for, then waits for those there are.
pub(super) async fn accept(listener: TcpListener, router: Router, limits: ServerLimits, shutdown: Shutdown) {
    let seats = Seats::new(limits.connections, limits.connections_of_a_peer);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.stopping() => break,
            Some(_ended) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                rest_after(&error).await;
                continue;
            }
        };
        let Some(seat) = seats.take(peer.ip()) else {
            turn_away(stream);
            continue;
        };
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let (router, shutdown) = (router.clone(), shutdown.clone());
        connections.spawn(async move {
            connection::serve(stream, router, limits.connection, shutdown).await;
            drop(seat);
        });
    }
    drop(listener);
    let drained = timeout(limits.drain_time, async { while connections.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(connections = connections.len(), "requests in flight were cut off by the stop");
    }
}

/// A connection that failed before it was accepted is nothing. Anything else, such as no file handles left, would
/// fail again at once: it gets a moment to pass.
async fn rest_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        tracing::warn!(%error, "no connection can be accepted");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Tells a client that there is no room, without waiting for it to listen.
fn turn_away(stream: TcpStream) {
    let refusal = connection::unframed(&Problem::overloaded("there are too many connections; try again"));
    // The answer fits into the buffer of a socket that is new, and a client that is gone needs none. What it has said
    // already is taken first: left unread, it would turn our answer into a reset.
    let _ = stream.into_std().and_then(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(&refusal)
    });
}
