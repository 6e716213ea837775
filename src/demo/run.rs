//! The demo's course: receiver, daemon, sample alerts one after another, and then it serves until stopped.

use super::samples::SAMPLES;
use super::show::Show;
use super::{embedded, receiver};
use crate::client::{Client, ClientError};
use crate::clock::{SharedClock, SystemClock};
use crate::config::Config;
use crate::daemon::{self, StartFault};
use crate::decode::Limits;
use crate::delivery::signature::{InvalidKey, Key};
use crate::delivery::{Connection, ConnectionError, ConnectionSpec, UrlText};
use crate::digest::Digest;
use crate::filter::Policy;
use crate::id::MessageId;
use crate::pipeline::GuardSettings;
use crate::sandbox::WorkerCommand;
use crate::secret::Secret;
use crate::shutdown::Shutdown;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The pause between alerts: long enough to read.
const PAUSE: Duration = Duration::from_millis(600);

/// What the demo is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// The daemon's address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of filters; `rules` here, or the binary's own copy.
    pub rules: Option<PathBuf>,
    /// The folder of playbooks; `playbooks` here, or the binary's own copy.
    pub playbooks: Option<PathBuf>,
}

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    /// A folder or socket of its own cannot be made.
    #[error("the demo cannot set itself up: {0}")]
    Setup(#[from] io::Error),
    /// The signing key it makes is refused.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// A connection it makes is refused.
    #[error("the demo's own connections are refused: {0:?}")]
    Connection(Vec<ConnectionError>),
    /// The daemon does not start.
    #[error(transparent)]
    Start(#[from] StartFault),
    /// The daemon does not answer.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Runs the demo until `shutdown`.
pub async fn run(options: Options, worker: WorkerCommand, shutdown: Shutdown) -> Result<(), DemoFault> {
    let (clock, show) = (SystemClock::shared(), Arc::new(Show::default()));
    let folder = Scratch::create(&clock)?;
    let secret = made_up_secret(&clock);
    let receiver = receiver::start(Key::parse(&secret)?, clock, show.clone()).await?;
    let config = config(options, &folder.0, receiver, &secret)?;
    show.line("Quell demo: the real daemon, with filters and playbooks of this repository.\n");
    show.line(&format!("rules      {}\nplaybooks  {}", config.rules.display(), config.playbooks.display()));
    let running = daemon::start(config, worker, shutdown.clone()).await?;
    let address = running.address();
    show.line(&format!(
        "api        http://{address}/api/v1/alerts\nreceiver   http://{receiver}/ plays every outside system"
    ));
    let client = Client::new(&format!("http://{address}"), None)?;
    let posted = tokio::select! {
        posted = post_samples(&client, &show) => posted,
        () = shutdown.stopping() => Ok(()),
    };
    if posted.is_ok() && !shutdown.is_stopping() {
        show.line(&format!(
            "\nThe first message to the chat met an outage on purpose: it is tried again in about 5 s, with the same id and bytes.\n\
             Serving on http://{address} until stopped (Ctrl-C). Try: curl -s http://{address}/api/v1/alerts"
        ));
    } else {
        shutdown.stop();
    }
    running.ended().await?;
    Ok(posted?)
}

async fn post_samples(client: &Client, show: &Show) -> Result<(), ClientError> {
    for sample in SAMPLES {
        let answer: Value = client.post_json("/api/v1/alerts", sample.body).await?.json()?;
        let id = answer["results"][0]["id"].as_str().unwrap_or_default();
        let alert: Value = client.get(&format!("/api/v1/alerts/{id}"), &[]).await?.json()?;
        show.verdict(sample.about, &alert);
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

fn config(options: Options, scratch: &Path, receiver: SocketAddr, secret: &Secret) -> Result<Config, DemoFault> {
    let here = Path::new("rules").is_dir() && Path::new("playbooks").is_dir();
    let home = if here { PathBuf::new() } else { scratch.to_owned() };
    if !here {
        embedded::write_below(scratch)?;
    }
    let connection = |name: &str| {
        Connection::new(ConnectionSpec {
            name: name.to_owned(),
            url: UrlText::Plain(format!("http://{receiver}/{name}")),
            sign: vec![secret.clone()],
            allow_private: true,
            ..ConnectionSpec::default()
        })
    };
    Ok(Config {
        listen: options.listen,
        rules: options.rules.unwrap_or_else(|| home.join("rules")),
        playbooks: options.playbooks.unwrap_or_else(|| home.join("playbooks")),
        data: scratch.join("data"),
        connections: receiver::SYSTEMS
            .into_iter()
            .map(connection)
            .collect::<Result<_, _>>()
            .map_err(DemoFault::Connection)?,
        email: None,
        policy: Policy::default(),
        guard: GuardSettings::default(),
        tokens: Vec::new(),
        hosts: Vec::new(),
        limits: Limits::default(),
        workers: None,
    })
}

/// The secret lives as long as the demo and guards nothing, so a fresh id's randomness will do.
fn made_up_secret(clock: &SharedClock) -> Secret {
    let seed = MessageId::generate(clock.now());
    let key = Digest::of(seed.as_str().as_bytes()).to_string();
    Secret::new(format!("whsec_{}", BASE64_STANDARD.encode(&key.as_bytes()[..32])))
}

/// The demo's own folder, gone when the demo is.
struct Scratch(PathBuf);

impl Scratch {
    fn create(clock: &SharedClock) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("quell-demo-{}", MessageId::generate(clock.now())));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(fault) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %fault, "the demo's folder stays behind");
        }
    }
}
