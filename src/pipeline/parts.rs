//! What the pipeline is made of, and its start.

use super::accept::Acceptor;
use super::operator::Operator;
use super::signals::Signals;
use super::switch::Switch;
use super::{lanes, recover, runs, timetable};
use crate::clock::SharedClock;
use crate::delivery::{Connections, Sender};
use crate::ruleset::Live;
use crate::sandbox::Sandbox;
use crate::shutdown::Shutdown;
use crate::store::{Store, StoreError};
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
}

impl Pipeline {
    /// Brings back what was in flight when the last process ended, then starts every stage. The stages end with
    /// `shutdown`: they stop claiming, and finish what they have claimed.
    pub async fn start(parts: Parts, shutdown: &Shutdown) -> Result<Self, StoreError> {
        let signals = Signals::new(parts.connections.iter().map(|connection| connection.name.as_str()));
        recover::recover(&parts).await?;
        for connection in parts.connections.iter() {
            shutdown.spawn(lanes::drive(connection.clone(), parts.clone(), signals.clone(), shutdown.clone()));
        }
        shutdown.spawn(runs::drive(parts.clone(), signals.clone(), shutdown.clone()));
        shutdown.spawn(timetable::drive(parts.clone(), signals.clone(), shutdown.clone()));
        let operator = Arc::new(Operator::new(parts.clone(), signals.clone()));
        Ok(Self { acceptor: Arc::new(Acceptor::new(parts, signals)), operator })
    }

    /// What carries out people's wishes.
    pub fn operator(&self) -> Arc<Operator> {
        self.operator.clone()
    }

    /// The way in.
    pub fn acceptor(&self) -> Arc<Acceptor> {
        self.acceptor.clone()
    }
}
