//! The bench where large bodies are read: a few at a time, and off the threads that answer everybody else.

use std::thread::available_parallelism;
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

/// Work on more bytes than this is heavy. Less takes no longer than handing it over would.
const HEAVY_BYTES: usize = 64 << 10;

/// Places for heavy work: one fewer than there are cores, and at least one.
#[derive(Debug)]
pub(super) struct Bench {
    places: Semaphore,
}

impl Bench {
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::with_places(cores.saturating_sub(1).max(1))
    }

    fn with_places(places: usize) -> Self {
        Self { places: Semaphore::new(places) }
    }

    /// Does work on so many bytes. Heavy work waits for a place, and gives the thread's other tasks to another
    /// thread: the runtime must be one of several threads.
    pub(super) async fn work<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        if bytes <= HEAVY_BYTES {
            return work();
        }
        let _place = self.places.acquire().await.expect("the bench is never closed");
        block_in_place(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    const HEAVY: usize = HEAVY_BYTES + 1;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn heavy_work_holds_nobody_up_and_keeps_to_its_places() {
        let bench = Arc::new(Bench::with_places(2));
        let (at_once, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let counts = Arc::new((at_once, most, done));
        let tasks = (0..6).map(|_| {
            let (bench, counts) = (bench.clone(), counts.clone());
            tokio::spawn(async move {
                let work = || {
                    let (at_once, most, done) = &*counts;
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(100));
                    at_once.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                };
                bench.work(HEAVY, work).await;
            })
        });
        let tasks: Vec<_> = tasks.collect();
        // The only worker has begun heavy work; a light task still gets its turn before all of it is done.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let counts_then = counts.clone();
        let light = tokio::spawn(async move { counts_then.2.load(Ordering::SeqCst) });
        assert!(light.await.unwrap() < 6);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!((counts.1.load(Ordering::SeqCst), counts.2.load(Ordering::SeqCst)), (2, 6));
    }

    #[tokio::test]
    async fn light_work_is_done_at_once() {
        let bench = Bench::with_places(0);
        assert_eq!(bench.work(HEAVY_BYTES, || 7).await, 7);
    }
}
