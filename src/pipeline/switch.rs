//! The switch that holds all playbooks: no run goes on and nothing is sent until they are armed again, and what alerts
//! would have called for meanwhile is noted with them and not made up for.

use crate::store::Disarmed;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;

/// Clones are the same switch.
#[derive(Debug, Clone, Default)]
pub struct Switch(Arc<State>);

#[derive(Debug, Default)]
struct State {
    disarmed: RwLock<Option<Disarmed>>,
    armed: Notify,
}

impl Switch {
    /// A switch that stands as it was left.
    pub fn new(disarmed: Option<Disarmed>) -> Self {
        let switch = Self::default();
        switch.set(disarmed);
        switch
    }

    /// By whom playbooks are held; none while they are not.
    pub fn disarmed(&self) -> Option<Disarmed> {
        self.0.disarmed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether playbooks are held.
    pub fn is_disarmed(&self) -> bool {
        self.0.disarmed.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn set(&self, disarmed: Option<Disarmed>) {
        let armed = disarmed.is_none();
        *self.0.disarmed.write().unwrap_or_else(PoisonError::into_inner) = disarmed;
        if armed {
            self.0.armed.notify_waiters();
        }
    }

    /// Waits while playbooks are held.
    pub(super) async fn armed(&self) {
        loop {
            // Registered before the switch is looked at, so that no change falls between the two.
            let armed = self.0.armed.notified();
            if !self.is_disarmed() {
                return;
            }
            armed.await;
        }
    }
}
