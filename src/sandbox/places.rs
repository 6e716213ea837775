//! Places in the pool: as many activations at a time as there are workers, in the order asked for, except that a worker
//! goes first to a run it remembers.

use super::process::Worker;
use crate::id::RunId;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// How often others may go before the one that has waited longest.
const PASSED: u32 = 8;

/// How many of those who wait are looked at for a worker.
const LOOKED_AT: usize = 64;

/// The places, free and taken.
#[derive(Debug, Default)]
pub struct Places(Mutex<Desk>);

#[derive(Debug, Default)]
struct Desk {
    /// Free places, each with the worker that is left there, if one is.
    free: Vec<Option<Worker>>,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    run: RunId,
    /// How often another that came later went before it.
    passed: u32,
    call: oneshot::Sender<Place>,
}

/// A place taken, free again when this is dropped, with the worker that is left in it.
#[derive(Debug)]
pub struct Place {
    /// None if it was taken back.
    places: Option<Arc<Places>>,
    /// The worker; none if one must be started.
    pub worker: Option<Worker>,
}

impl Places {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a free place.
    pub fn add(self: &Arc<Self>, worker: Worker) {
        self.free(Some(worker));
    }

    /// Waits for a place to step a run in.
    pub async fn take(self: &Arc<Self>, run: &RunId) -> Place {
        loop {
            let called = {
                let mut desk = self.desk();
                let remembers = |worker: &Option<Worker>| worker.as_ref().is_some_and(|worker| worker.remembers(run));
                let best = desk.free.iter().position(remembers).or(desk.free.len().checked_sub(1));
                if let Some(best) = best {
                    return Place { places: Some(Arc::clone(self)), worker: desk.free.swap_remove(best) };
                }
                let (call, called) = oneshot::channel();
                desk.waiting.push_back(Waiting { run: run.clone(), passed: 0, call });
                called
            };
            // Whoever waits is called in the end: places are never lost.
            if let Ok(place) = called.await {
                return place;
            }
        }
    }

    fn free(self: &Arc<Self>, mut worker: Option<Worker>) {
        let mut desk = self.desk();
        while let Some(next) = desk.next(worker.as_ref()) {
            match next.call.send(Place { places: Some(Arc::clone(self)), worker }) {
                Ok(()) => return,
                // It waits no more.
                Err(mut place) => {
                    place.places = None;
                    worker = place.worker.take();
                }
            }
        }
        desk.free.push(worker);
    }
}

impl Desk {
    /// Who is next for a worker.
    fn next(&mut self, worker: Option<&Worker>) -> Option<Waiting> {
        let first = self.waiting.front()?;
        let remembers = |waiting: &Waiting| worker.is_some_and(|worker| worker.remembers(&waiting.run));
        let place = if first.passed >= PASSED {
            0
        } else {
            self.waiting.iter().take(LOOKED_AT).position(remembers).unwrap_or(0)
        };
        for passed in self.waiting.iter_mut().take(place) {
            passed.passed += 1;
        }
        self.waiting.remove(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(places) = self.places.take() {
            places.free(self.worker.take());
        }
    }
}
