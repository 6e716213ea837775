//! A process of its own that works on a store and says on its output what was acknowledged, so that it can be killed
//! and its disk can fail. It is this test binary again, told by the environment to be the child.

use crate::clock::{Clock, SystemClock};
use crate::id::{AlertId, RunId};
use crate::playbook::Outcome;
use crate::store::contract_suite::samples::{attempt, progress, request, with_run};
use crate::store::{SqliteSettings, SqliteStore, StepEnd, Store, StoreError};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

const FOLDER: &str = "QUELL_STORE_CHILD";

/// What the child said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// The alert was acknowledged.
    Accepted(AlertId),
    /// The run's step was recorded as done.
    StepDone(RunId),
    /// The store answered so, and its health was that.
    Refused { answer: String, health: String },
}

/// The child as its parent holds it; killed when dropped.
pub(super) struct Child {
    process: std::process::Child,
    said: Receiver<Said>,
}

impl Child {
    /// Starts a child on this folder; `preload` and `control` make its disk fail.
    pub fn start(folder: &Path, preload: Option<(&Path, &Path)>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["store::sqlite::tests::child::works_until_killed", "--exact", "--nocapture"]);
        command.env(FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::inherit());
        if let Some((library, control)) = preload {
            command.env("LD_PRELOAD", library).env("QUELL_FAULT", control);
        }
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, said) = sync_channel(1 << 16);
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines.filter_map(|line| parse(&line)).try_for_each(|said| sender.send(said))
        });
        Self { process, said }
    }

    /// The next thing it says.
    pub fn next(&self) -> Said {
        self.said.recv_timeout(Duration::from_secs(30)).expect("the child is at work")
    }

    /// Ends it as a power cut would end its process, and gives all it said that was not heard yet.
    pub fn kill(mut self) -> Vec<Said> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::iter::from_fn(|| self.said.recv().ok()).collect()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn parse(line: &str) -> Option<Said> {
    let (what, rest) = line.split_once(' ')?;
    match what {
        "accepted" => Some(Said::Accepted(rest.parse().ok()?)),
        "done" => Some(Said::StepDone(rest.parse().ok()?)),
        "refused" => {
            let (answer, health) = rest.split_once(" | ")?;
            Some(Said::Refused { answer: answer.to_owned(), health: health.to_owned() })
        }
        _ => None,
    }
}

/// The child's life; in the parent's own run of the tests there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = SqliteStore::open(SqliteSettings::in_folder(folder)).unwrap();
    let clock = SystemClock::shared();
    loop {
        let unique = AlertId::generate(clock.now());
        if let Err(error) = work(&store, clock.as_ref(), unique.as_str()).await {
            let health = store.health().map_or_else(|error| word(&error).to_owned(), |()| "well".to_owned());
            say(&format!("refused {} | {health}", word(&error)));
            tokio::time::sleep(Duration::from_millis(2)).await;
        } else if let Err(error) = store.health() {
            say(&format!("refused nothing | {}", word(&error)));
        }
    }
}

async fn work(store: &SqliteStore, clock: &dyn Clock, source_id: &str) -> Result<(), StoreError> {
    let now = clock.now();
    let mut sent = with_run(source_id);
    sent.runs[0].deadline = now + Duration::from_secs(3600);
    let accepted = store.accept(vec![sent], now).await?;
    say(&format!("accepted {}", accepted[0].id));
    for run in store.claim_runs(8, now).await? {
        let progress = progress(&run, vec![request("0", "chat")], Outcome::Suspended);
        store.record_progress(progress, clock.now()).await?;
    }
    for request in store.claim_requests("chat", 8, clock.now()).await? {
        let run = request.run.clone();
        store.record_attempt(attempt(&request, StepEnd::Done(json!(1))), clock.now()).await?;
        say(&format!("done {run}"));
    }
    Ok(())
}

fn word(error: &StoreError) -> &'static str {
    match error {
        StoreError::Full(_) => "full",
        StoreError::Failed(_) => "failed",
        _ => "other",
    }
}

fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).expect("the parent listens");
}
