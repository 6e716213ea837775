//! Places for requests under way: so many in all, and none for which one lane could make another wait.
//!
//! Every lane has a place of its own. The others are shared: a lane takes a further one only while more are free than it
//! has taken of them. So one lane alone gets all that its concurrency allows, and several that hang come to shares
//! that leave some for whoever comes next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Most requests under way over all lanes. With more lanes than that, each still has its own place.
const IN_ALL: usize = 256;

/// All places there are.
#[derive(Debug)]
pub(super) struct Places {
    free: Mutex<usize>,
    freed: Notify,
}

impl Places {
    /// The places of so many lanes.
    pub(super) fn of(lanes: usize) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new(IN_ALL.saturating_sub(lanes)), freed: Notify::new() })
    }

    /// Shared places that are free.
    fn free(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lane's own view of them: it takes `most` at once.
    pub(super) fn room(self: &Arc<Self>, most: usize) -> Room {
        Room { places: self.clone(), taken: Arc::new(Mutex::new(0)), most }
    }
}

/// The places a lane may take.
#[derive(Debug)]
pub(super) struct Room {
    places: Arc<Places>,
    /// How many it has taken; changed only while `places.free` is held.
    taken: Arc<Mutex<usize>>,
    most: usize,
}

impl Room {
    /// A place, once there is one for this lane.
    pub(super) async fn take(&self) -> Place {
        loop {
            // Registered before it is tried, so that no place that becomes free in between is missed.
            let freed = self.places.freed.notified();
            if let Some(place) = self.try_take() {
                return place;
            }
            freed.await;
        }
    }

    /// A place, if there is one for this lane now.
    pub(super) fn try_take(&self) -> Option<Place> {
        let mut free = self.places.free();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match *taken {
            0 => {}
            count if count < self.most && *free > count - 1 => *free -= 1,
            _ => return None,
        }
        *taken += 1;
        Some(Place { places: self.places.clone(), taken: self.taken.clone() })
    }
}

/// A place taken, for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    taken: Arc<Mutex<usize>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut free = self.places.free();
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            *taken -= 1;
            // The last one is the lane's own.
            if *taken > 0 {
                *free += 1;
            }
        }
        self.places.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn all(room: &Room) -> Vec<Place> {
        std::iter::from_fn(|| room.try_take()).collect()
    }

    #[test]
    fn a_lane_alone_gets_all_it_may_have() {
        let places = Places::of(3);
        let room = places.room(64);
        let taken = all(&room);
        assert_eq!(taken.len(), 64);
        drop(taken);
        assert_eq!(*places.free(), 256 - 3, "given back, all are there again");
        assert_eq!(all(&room).len(), 64);
    }

    #[test]
    fn lanes_that_hang_leave_places_for_the_next() {
        let places = Places::of(20);
        let hanging: Vec<Room> = (0..19).map(|_| places.room(64)).collect();
        let mut taken: Vec<Vec<Place>> = hanging.iter().map(|_| Vec::new()).collect();
        // Each takes one after another whatever it can get.
        for _ in 0..64 {
            hanging.iter().zip(&mut taken).for_each(|(room, taken)| taken.extend(room.try_take()));
        }
        let counts: Vec<usize> = taken.iter().map(Vec::len).collect();
        assert!(counts.iter().sum::<usize>() < IN_ALL, "{counts:?}");
        let last = all(&places.room(64));
        assert!(last.len() > 1, "its own, and some of the others: {}", last.len());
        assert!(counts.iter().sum::<usize>() + last.len() <= IN_ALL);
    }

    #[test]
    fn however_many_lanes_there_are_each_has_its_own_place() {
        let places = Places::of(1000);
        let rooms: Vec<Room> = (0..1000).map(|_| places.room(8)).collect();
        let taken: Vec<Vec<Place>> = rooms.iter().map(all).collect();
        assert!(taken.iter().all(|taken| taken.len() == 1));
    }

    #[tokio::test]
    async fn who_waits_for_a_place_gets_the_next_free_one() {
        let places = Places::of(1);
        let room = places.room(1);
        let taken = room.take().await;
        let free = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(taken);
        };
        let (_place, ()) = tokio::time::timeout(Duration::from_secs(5), async { tokio::join!(room.take(), free) })
            .await
            .expect("it is woken");
    }
}
