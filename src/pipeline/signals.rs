//! Wake-ups between stages. A lost one costs time, never work: every stage also looks by itself now and then.

use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// Who can be woken. Clones wake the same sleepers.
#[derive(Debug, Clone)]
pub struct Signals {
    runs: Arc<Notify>,
    timetable: Arc<Notify>,
    lanes: Arc<BTreeMap<String, Arc<Notify>>>,
}

impl Signals {
    /// Signals for these connections.
    pub fn new<'a>(connections: impl Iterator<Item = &'a str>) -> Self {
        let lanes = connections.map(|name| (name.to_owned(), Arc::default())).collect();
        Self { runs: Arc::default(), timetable: Arc::default(), lanes: Arc::new(lanes) }
    }

    /// Runs can go on.
    pub fn runs_ready(&self) {
        self.runs.notify_one();
    }

    /// Something new is due at some time: look at the timetable again.
    pub fn timetable_changed(&self) {
        self.timetable.notify_one();
    }

    /// A request waits in this connection's lane.
    pub fn request_ready(&self, connection: &str) {
        if let Some(lane) = self.lanes.get(connection) {
            lane.notify_one();
        }
    }

    pub(super) fn runs(&self) -> &Notify {
        &self.runs
    }

    pub(super) fn timetable(&self) -> &Notify {
        &self.timetable
    }

    pub(super) fn lane(&self, connection: &str) -> Option<Arc<Notify>> {
        self.lanes.get(connection).cloned()
    }
}
