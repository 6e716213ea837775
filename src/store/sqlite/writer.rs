//! The writer: one thread, one connection, and one sync for as many jobs as have gathered.

use super::checkpoint::Checkpointer;
use super::claims::Claims;
use super::fault::closed;
use super::folder::Folder;
use super::health::Health;
use super::hot::Hot;
use super::schema;
use super::work::{Batch, Job, Work};
use crate::store::StoreError;
use rusqlite::Connection;
use std::sync::Arc;
use std::thread::Thread;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Most jobs in one transaction.
const GROUP_JOBS: usize = 512;

/// A group is closed once its jobs write this much.
const GROUP_BYTES: usize = 8 << 20;

/// How many jobs in the group before say that there is much to do, and how long the next one then waits for more of it. A
/// group costs a sync and the same pages over again, however many jobs share them; a job that comes alone never waits.
const MUCH: usize = 4;
const GATHER: Duration = Duration::from_micros(500);

/// Most bytes of alerts waiting to be written, in KiB; more are refused as `Busy`.
const ROOM_KIB: usize = 128 << 10;

/// The way to the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    room: Arc<Semaphore>,
    thread: Thread,
}

enum Message {
    Job(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// What the writer's thread owns.
#[derive(Debug)]
pub(super) struct Desk {
    /// The connection that writes.
    pub db: Connection,
    /// The claims.
    pub claims: Claims,
    /// What is kept in memory of runs under way.
    pub hot: Arc<Hot>,
    /// Where failures are noted.
    pub health: Arc<Health>,
    /// Folds the log into the database meanwhile.
    pub checkpointer: Checkpointer,
    /// Held until the thread ends.
    pub folder: Folder,
}

/// What is written together.
#[derive(Default)]
struct Group {
    jobs: Vec<Box<dyn Job>>,
    bytes: usize,
    /// Who wants to know that the writer has closed.
    closing: Vec<oneshot::Sender<()>>,
}

impl Group {
    /// The next group: what is there, and where the one `before` it had many jobs, what comes while it waits. An alert that
    /// comes ends the wait.
    fn gather(first: Message, queue: &mut mpsc::Receiver<Message>, before: usize, wait: Duration) -> Self {
        let mut group = Self::default();
        group.add(first);
        group.fill(queue);
        if before >= MUCH && group.may_wait() {
            std::thread::park_timeout(wait);
            group.fill(queue);
        }
        group
    }

    fn add(&mut self, message: Message) {
        match message {
            Message::Job(job) => {
                self.bytes += job.weight();
                self.jobs.push(job);
            }
            Message::Close(done) => self.closing.push(done),
        }
    }

    /// Adds what is there, as far as it has a place.
    fn fill(&mut self, queue: &mut mpsc::Receiver<Message>) {
        while self.jobs.len() < GROUP_JOBS
            && self.bytes < GROUP_BYTES
            && let Ok(message) = queue.try_recv()
        {
            self.add(message);
        }
    }

    /// Whether it may wait for more: not if it has new alerts, whose senders wait, or is the last one.
    fn may_wait(&self) -> bool {
        self.bytes == 0 && self.closing.is_empty() && self.jobs.len() < GROUP_JOBS
    }
}

impl Writer {
    /// Starts the thread.
    pub fn start(desk: Desk, queue: usize) -> Result<Self, StoreError> {
        let (sender, jobs) = mpsc::channel(queue.max(1));
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.run(jobs))
            .map_err(|error| StoreError::Unavailable(format!("cannot start the store's writer: {error}")))?;
        let thread = thread.thread().clone();
        Ok(Self { queue: sender, room: Arc::new(Semaphore::new(ROOM_KIB)), thread })
    }

    /// Writes; waits for a place in the queue, since work in progress is finished before new work is refused.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Batch<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, answer) = Work::new(work, 0, None);
        self.queue.send(Message::Job(Box::new(job))).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Writes `weight` bytes, or says `Busy` at once if too much is waiting.
    pub async fn offer<T, F>(&self, weight: usize, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Batch<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let kib = u32::try_from((weight >> 10).clamp(1, ROOM_KIB)).expect("clamped to what the semaphore holds");
        let room = Arc::clone(&self.room).try_acquire_many_owned(kib).map_err(|_| StoreError::Busy)?;
        let (job, answer) = Work::new(work, weight, Some(room));
        self.queue.try_send(Message::Job(Box::new(job))).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        // Should a group wait for more, this is it.
        self.thread.unpark();
        answer.await.map_err(|_| closed())?
    }

    /// Has a page written, to see whether a full disk has room again. Nobody waits for the answer.
    pub fn probe(&self) {
        let (job, _) = Work::new(|batch: &mut Batch<'_>| schema::probe(batch.db), 0, None);
        // With a full queue there are writes enough to tell.
        let _ = self.queue.try_send(Message::Job(Box::new(job)));
    }

    /// Whether the thread still takes jobs.
    pub fn is_open(&self) -> Result<(), StoreError> {
        if self.queue.is_closed() { Err(closed()) } else { Ok(()) }
    }

    /// Takes no more jobs, finishes those taken, and closes the files.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // The other end goes away only by a panic of the thread, after which nothing is left to wait for.
            let _ = closed.await;
        }
    }
}

impl Desk {
    fn run(self, mut queue: mpsc::Receiver<Message>) {
        let (mut closing, mut before) = (Vec::new(), 0);
        while let Some(first) = queue.blocking_recv() {
            let mut group = Group::gather(first, &mut queue, before, GATHER);
            if !group.closing.is_empty() {
                queue.close();
                closing.append(&mut group.closing);
            }
            before = group.jobs.len();
            self.checkpointer.finish(&self.db);
            self.write(group.jobs);
            self.checkpointer.watch();
        }
        self.close();
        for done in closing {
            let _ = done.send(());
        }
    }

    /// One transaction for the whole group. Nobody is answered before it is on disk.
    fn write(&self, mut group: Vec<Box<dyn Job>>) {
        if group.is_empty() {
            return;
        }
        let before = self.db.total_changes();
        let outcome = self.health.failure().and_then(|()| self.commit(&mut group));
        // A group that only looked says nothing about the disk.
        if outcome.is_err() || self.db.total_changes() != before {
            self.health.note(&outcome);
        }
        if matches!(outcome, Err(StoreError::Full(_))) {
            self.checkpointer.ask();
        }
        for job in group {
            job.answer(&outcome);
        }
    }

    /// Writes the group as one, or nothing of it. Hardly any job fails after it has begun to write, so the first try goes
    /// without what undoing a single job would cost.
    fn commit(&self, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        if !self.transaction(|batch| all_together(batch, group))? {
            self.transaction(|batch| one_by_one(batch, group))?;
        }
        Ok(())
    }

    /// Commits what `perform` does, unless it fails or says `false`.
    fn transaction(
        &self,
        perform: impl FnOnce(&mut Batch<'_>) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let mut batch = Batch::new(&self.db, &self.claims, &self.hot);
        let performed = self.in_transaction(&mut batch, perform);
        match &performed {
            Ok(true) => batch.committed(),
            // Most failures have undone everything already; this undoes the rest.
            _ if !self.db.is_autocommit() => {
                self.db.execute_batch("ROLLBACK").map_err(|error| StoreError::Failed(error.to_string()))?;
            }
            _ => {}
        }
        performed
    }

    fn in_transaction(
        &self,
        batch: &mut Batch<'_>,
        perform: impl FnOnce(&mut Batch<'_>) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let keep = perform(batch)?;
        if keep {
            batch.hits.write(batch.db)?;
            self.db.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(keep)
    }

    /// Leaves a database that needs no recovery, unless its disk cannot be trusted.
    fn close(self) {
        let Self { db, health, checkpointer, folder, .. } = self;
        checkpointer.stop();
        if health.failure().is_ok() {
            health.note(&super::checkpoint::checkpoint(&db, "TRUNCATE"));
        }
        drop(db);
        drop(folder);
    }
}

/// Every job; `false` as soon as one has failed and left something behind.
fn all_together(batch: &mut Batch<'_>, group: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
    for job in group {
        let Err(failed) = batch.perform(job.as_mut()) else { continue };
        stands(batch, failed.error)?;
        if failed.has_written {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every job; one that fails leaves nothing behind.
fn one_by_one(batch: &mut Batch<'_>, group: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
    for job in group {
        if let Err(error) = batch.perform_alone(job.as_mut()) {
            stands(batch, error)?;
        }
    }
    Ok(true)
}

/// Whether the others' work still stands after a job's fault: not if the disk cannot be trusted, and a full disk or lack
/// of memory may have undone it.
fn stands(batch: &Batch<'_>, error: StoreError) -> Result<(), StoreError> {
    if matches!(error, StoreError::Failed(_)) || batch.db.is_autocommit() { Err(error) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stopwatch;

    /// Waits longer than any machine takes to send a job.
    const WAIT: Duration = Duration::from_millis(700);

    fn job(weight: usize) -> Message {
        Message::Job(Box::new(Work::new(|_: &mut Batch<'_>| Ok(()), weight, None).0))
    }

    /// How many jobs a group has whose second one comes a little later, and whether it waited to the end.
    fn gathered(first: Message, second: usize, before: usize) -> (usize, bool) {
        let (sender, mut queue) = mpsc::channel(8);
        let writer = Writer { queue: sender, room: Arc::new(Semaphore::new(ROOM_KIB)), thread: std::thread::current() };
        let watch = Stopwatch::start();
        let later = std::thread::spawn(move || {
            std::thread::sleep(WAIT / 20);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            // Nobody writes it: what counts is that it comes.
            let _ = match second {
                0 => runtime.block_on(writer.write(|_| Ok(()))),
                weight => runtime.block_on(writer.offer(weight, |_| Ok(()))),
            };
        });
        let group = Group::gather(first, &mut queue, before, WAIT);
        let (jobs, waited) = (group.jobs.len(), watch.elapsed() >= WAIT);
        drop((group, queue));
        later.join().unwrap();
        (jobs, waited)
    }

    #[test]
    fn work_waits_for_more_only_where_there_is_much_and_alerts_never_do() {
        assert_eq!(gathered(job(0), 0, MUCH), (2, true));
        assert_eq!(gathered(job(0), 100, MUCH), (2, false));
        assert_eq!(gathered(job(0), 0, MUCH - 1), (1, false));
        assert_eq!(gathered(job(100), 0, MUCH), (1, false));
        assert_eq!(gathered(Message::Close(oneshot::channel().0), 0, MUCH), (0, false));
    }
}
