//! Start and stop. Parts start from the ground up and stop from the roof down, so that nothing serves what is gone.

use crate::clock::SystemClock;
use crate::config::Config;
use crate::delivery::{ClientUnavailable, Mailer, MailerUnavailable, Sender};
use crate::diag::Diagnostic;
use crate::http::{self, Api, ServeError};
use crate::intake::Intake;
use crate::pipeline::{Held, Parts, Pipeline, Switch};
use crate::reload::{self, Reloader};
use crate::ruleset::{Live, Outlets, Ruleset};
use crate::sandbox::{self, Sandbox, SandboxError, WorkerCommand};
use crate::shutdown::Shutdown;
use crate::store::{SqliteSettings, SqliteStore, Store, StoreError};
use crate::telemetry::Metrics;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How long a stop waits for what is under way. What it does not wait for is taken up again by the next start.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a daemon does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The rules do not compile. Every diagnostic of every file.
    #[error("the rules do not compile: {} findings", .0.len())]
    Rules(Vec<Diagnostic>),
    /// The HTTP settings cannot be used.
    #[error(transparent)]
    Settings(#[from] http::SettingsError),
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sandbox does not start.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The HTTP client does not start.
    #[error(transparent)]
    Sender(#[from] ClientUnavailable),
    /// The mail client does not start.
    #[error(transparent)]
    Mailer(#[from] MailerUnavailable),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {fault}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        fault: std::io::Error,
    },
    /// The HTTP server ended by itself.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// A daemon that serves.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    store: Arc<dyn Store>,
    shutdown: Shutdown,
    server: JoinHandle<Result<(), ServeError>>,
}

/// Builds and starts every part. Returns once alerts are taken.
pub async fn start(config: Config, worker: WorkerCommand, shutdown: Shutdown) -> Result<Running, StartFault> {
    let clock = SystemClock::shared();
    let metrics = Arc::new(Metrics::new());
    let http_settings = http::Settings { listen: config.listen, tokens: config.tokens, hosts: config.hosts };
    http_settings.validate()?;
    let connections = Arc::new(config.connections);

    let live = Arc::new(Live::new(Ruleset::empty()));
    let settings = reload::Settings {
        rules: config.rules,
        playbooks: config.playbooks,
        outlets: Outlets {
            connections: Some(connections.iter().map(|connection| connection.name.clone()).collect()),
            mail_server: Some(config.email.is_some()),
        },
        policy: config.policy,
        tell_changes: config.guard.change_alerts,
        ..reload::Settings::default()
    };
    let listen = |fault| StartFault::Listen { address: config.listen, fault };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;

    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(SqliteSettings::in_folder(&config.data))?);
    let reloader = Reloader::start(settings, live.clone(), store.clone(), clock.clone(), &shutdown).await;
    let reloader = reloader.map_err(StartFault::Rules)?;
    let reloader = Arc::new(reloader);

    let mut sandbox_settings = sandbox::Settings::default();
    sandbox_settings.workers = config.workers.unwrap_or(sandbox_settings.workers);
    let sandbox = Arc::new(Sandbox::start(sandbox_settings, worker).await?);
    let sender = Arc::new(Sender::new(&connections, Some(address))?);
    let mailer = config.email.map(Mailer::new).transpose()?.map(Arc::new);
    let parts = Parts {
        store: store.clone(),
        live: live.clone(),
        sandbox,
        connections,
        sender,
        switch: Switch::new(store.disarmed().await?),
        held: Held::default(),
        guard: config.guard,
        mailer,
        clock: clock.clone(),
        metrics: metrics.clone(),
    };
    let pipeline = Pipeline::start(parts, &shutdown).await?;
    let intake = Arc::new(Intake::new(pipeline.acceptor(), config.limits, clock.clone(), metrics.clone()));

    let rules = live.snapshot();
    tracing::info!(
        generation = %rules.generation().short(),
        filters = rules.filters().len(),
        playbooks = rules.playbooks().len(),
        data = %config.data.display(),
        "listening on http://{address}"
    );
    let operator = pipeline.operator();
    let api = Api { store: store.clone(), intake, reloader, live, operator, lanes: pipeline.lanes(), metrics, clock };
    let server = tokio::spawn(http::serve(listener, http_settings, api, shutdown.clone()));
    Ok(Running { address, store, shutdown, server })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a stop is asked for or the server ends, then stops every part: intake first, the store last.
    pub async fn ended(self) -> Result<(), StartFault> {
        let served = self.server.await.unwrap_or(Ok(()));
        self.shutdown.stop();
        if !self.shutdown.finished(PATIENCE).await {
            tracing::warn!("some deliveries were still under way; they are made again after the next start");
        }
        self.store.close().await;
        tracing::info!("stopped");
        Ok(served?)
    }
}
