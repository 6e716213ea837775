//! Readers: a few threads with a connection each, so that reading never waits for writing.

use super::fault::closed;
use crate::store::StoreError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot};

/// Most questions waiting for a reader; those who ask more wait to ask.
const QUEUE: usize = 256;

type Question = Box<dyn FnOnce(&Connection) + Send>;

enum Message {
    Question(Question),
    Close(oneshot::Sender<()>),
}

/// The way to a pool of readers.
#[derive(Debug)]
pub(super) struct Readers {
    queue: mpsc::Sender<Message>,
    threads: usize,
}

impl Readers {
    /// Starts a thread for each connection.
    pub fn start(name: &str, connections: Vec<Connection>) -> Result<Self, StoreError> {
        let (queue, questions) = mpsc::channel(QUEUE);
        let questions = Arc::new(Mutex::new(questions));
        let threads = connections.len();
        for db in connections {
            let questions = Arc::clone(&questions);
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || answer(&db, &questions))
                .map_err(|error| StoreError::Unavailable(format!("cannot start a reader of the store: {error}")))?;
        }
        Ok(Self { queue, threads })
    }

    /// Reads in one snapshot of the database, which holds everything acknowledged before.
    pub async fn read<T, F>(&self, question: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let question = Box::new(move |db: &Connection| {
            // Nobody waits any more for an answer that would cost a scan.
            if !reply.is_closed() {
                let _ = reply.send(in_snapshot(db, question));
            }
        });
        self.queue.send(Message::Question(question)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Ends every thread after the question it is at.
    pub async fn close(&self) {
        for _ in 0..self.threads {
            let (done, ended) = oneshot::channel();
            if self.queue.send(Message::Close(done)).await.is_ok() {
                let _ = ended.await;
            }
        }
    }
}

fn answer(db: &Connection, questions: &Mutex<mpsc::Receiver<Message>>) {
    loop {
        let next = questions.lock().expect("no holder of this lock panics").blocking_recv();
        match next {
            Some(Message::Question(question)) => question(db),
            Some(Message::Close(done)) => {
                let _ = done.send(());
                return;
            }
            None => return,
        }
    }
}

fn in_snapshot<T>(
    db: &Connection,
    question: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let snapshot = Snapshot::take(db)?;
    let answered = question(db);
    drop(snapshot);
    answered.map_err(|error| match error {
        // What cannot be read says nothing about what can be written.
        StoreError::Failed(said) | StoreError::Full(said) => StoreError::Unavailable(said),
        other => other,
    })
}

/// What the database holds at one moment, for as long as this lives; by statements that were read once.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn take(db: &'a Connection) -> Result<Self, StoreError> {
        db.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(db))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written. If even this fails, the next snapshot cannot be taken, which says so.
        let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
    }
}
