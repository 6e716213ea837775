//! Hears of changes from the file system, and says so when it cannot.

use super::places::Places;
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::sync::Arc;
use tokio::sync::Notify;

/// Wakes the reloader when something in the watched places changes. Any number of changes is one waking.
pub(super) struct Watch {
    wake: Arc<Notify>,
    watcher: Option<RecommendedWatcher>,
    is_blind: bool,
}

impl Watch {
    /// A watch over nothing.
    pub fn new(wake: Arc<Notify>) -> Self {
        Self { wake, watcher: None, is_blind: false }
    }

    /// Watches these places from now on. They are watched anew each time: a folder that was renamed and one of the
    /// same name in its place cannot be told apart by name, and a watch follows the old one.
    pub fn arm(&mut self, places: Places) {
        match self.watcher_over(places) {
            // The old watcher is let go only now, so that there is always one.
            Ok(watcher) => {
                self.watcher = Some(watcher);
                self.is_blind = false;
            }
            Err(error) => {
                if !self.is_blind {
                    tracing::warn!(%error, "cannot watch the rules for changes; looking every few seconds instead");
                }
                self.watcher = None;
                self.is_blind = true;
            }
        }
    }

    /// Whether changes go unnoticed, so that somebody has to look.
    pub fn is_blind(&self) -> bool {
        self.is_blind
    }

    fn watcher_over(&self, places: Places) -> notify::Result<RecommendedWatcher> {
        let places = Arc::new(places);
        let (wake, watched) = (self.wake.clone(), places.clone());
        let heard = move |event: notify::Result<Event>| {
            if counts(&event, &watched) {
                wake.notify_one();
            }
        };
        let mut watcher = RecommendedWatcher::new(heard, Config::default())?;
        for folder in places.folders() {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                // It went away between listing and watching; the second listing will tell.
                Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {}
                outcome => outcome?,
            }
        }
        Ok(watcher)
    }
}

fn counts(event: &notify::Result<Event>, places: &Places) -> bool {
    match event {
        // Reading the files is an event too; heeding it would never end.
        Ok(Event { kind: EventKind::Access(_), .. }) => false,
        // Events were lost, or say nothing of where.
        Ok(event) if event.need_rescan() || event.paths.is_empty() => true,
        Ok(event) => event.paths.iter().any(|path| places.concern(path)),
        Err(_) => true,
    }
}
