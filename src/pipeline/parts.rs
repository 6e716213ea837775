//! What the pipeline is made of, and its start.

use super::accept::Acceptor;
use super::held::Held;
use super::lanes::Lanes;
use super::operator::Operator;
use super::signals::Signals;
use super::switch::Switch;
use super::{guard, lanes, recover, runs, timetable};
use crate::clock::SharedClock;
use crate::delivery::{Connections, Mailer, Sender};
use crate::ruleset::Live;
use crate::sandbox::Sandbox;
use crate::shutdown::Shutdown;
use crate::store::{EMAIL_LANE, Store, StoreError};
use crate::telemetry::Metrics;
use std::sync::Arc;

/// The parts every stage works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What must survive.
    pub store: Arc<dyn Store>,
    /// The running rules.
    pub live: Arc<Live>,
    /// Where scripts run.
    pub sandbox: Arc<Sandbox>,
    /// Where requests may go.
    pub connections: Arc<Connections>,
    /// How they leave.
    pub sender: Arc<Sender>,
    /// Whether playbooks are held.
    pub switch: Switch,
    /// Filters that only record for now.
    pub held: Held,
    /// What keeps filters within bounds.
    pub guard: guard::Settings,
    /// How emails leave, if a mail server is configured.
    pub mailer: Option<Arc<Mailer>>,
    /// The time.
    pub clock: SharedClock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// A running pipeline.
#[derive(Debug)]
pub struct Pipeline {
    acceptor: Arc<Acceptor>,
    operator: Arc<Operator>,
    lanes: Arc<Lanes>,
}

impl Pipeline {
    /// Brings back what was in flight when the last process ended, then starts every stage. The stages end with
    /// `shutdown`: they stop claiming, and finish what they have claimed.
    pub async fn start(parts: Parts, shutdown: &Shutdown) -> Result<Self, StoreError> {
        let connections = parts.connections.iter().map(|connection| connection.name.as_str());
        let names: Vec<&str> = connections.chain(parts.mailer.as_ref().map(|_| EMAIL_LANE)).collect();
        let signals = Signals::new(names.iter().copied());
        recover::recover(&parts).await?;
        guard::restore(&parts).await?;
        let Parts { store, clock, metrics, .. } = parts.clone();
        let lanes = Arc::new(
            Lanes::restore(&parts.connections, parts.mailer.as_deref(), store, clock, metrics, signals.clone()).await?,
        );
        for name in names {
            let (lanes, parts) = (lanes.clone(), parts.clone());
            shutdown.spawn(lanes::drive(name.to_owned(), lanes, parts, signals.clone(), shutdown.clone()));
        }
        shutdown.spawn(runs::drive(parts.clone(), signals.clone(), shutdown.clone()));
        shutdown.spawn(timetable::drive(parts.clone(), lanes.clone(), signals.clone(), shutdown.clone()));
        let operator = Arc::new(Operator::new(parts.clone(), signals.clone()));
        let acceptor = Arc::new(Acceptor::new(parts.clone(), signals));
        shutdown.spawn(guard::drive(parts, acceptor.clone(), shutdown.clone()));
        Ok(Self { acceptor, operator, lanes })
    }

    /// What carries out people's wishes.
    pub fn operator(&self) -> Arc<Operator> {
        self.operator.clone()
    }

    /// The way in.
    pub fn acceptor(&self) -> Arc<Acceptor> {
        self.acceptor.clone()
    }

    /// How every connection stands, and the way to resume one.
    pub fn lanes(&self) -> Arc<Lanes> {
        self.lanes.clone()
    }
}
