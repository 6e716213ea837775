//! Promises 3 and 4, record by record: the process dies after every single record of a run, and each time the run ends
//! with the same result, nothing that was recorded as done being sent again.

use crate::mortal::Mortal;
use crate::receiver::{Receiver, SECRET};
use quell::clock::SystemClock;
use quell::decode::{Format, Limits, decode};
use quell::delivery::{Connection, ConnectionSpec, Connections, Sender, UrlText};
use quell::pipeline::{Parts, Pipeline, Switch};
use quell::ruleset::{Live, SourceFile, SourceKind, Sources, build};
use quell::sandbox::{self, Sandbox, WorkerCommand};
use quell::secret::Secret;
use quell::shutdown::Shutdown;
use quell::store::{
    ApprovalAnswer, ApprovalStatus, RunQuery, RunStatus, SqliteSettings, SqliteStore, Store, WaitingQuery,
};
use quell::telemetry::Metrics;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Thirteen steps: requests, changes, branches in flight together, kept state, sleeps, a question, another playbook.
const PLAYBOOK: &str = r#"//! title: Everything
//! match: {title: Crash}
//! connections: [one, two]
//! owner: soc@example.com

fn on_alert(alert) {
    let first = connection("one").post(#{ n: 0 }).body.key;
    tag("begun");
    let both = parallel([
        || { let x = connection("one").post(#{ n: 1 }).body.key; sleep("20ms"); connection("two").post(#{ x: x }).body.ok },
        || { state_put("k", 5); connection("two").post(#{ n: 2 }).status + state_get("k") },
    ]);
    let answer = wait_for_approval(#{ ask: "Go on?", within: "1h" });
    comment(`${answer.by} said ${answer.comment}`);
    let inner = run_playbook("inner", #{ n: 3 });
    connection("one").post(#{ n: 4, drawn: random(1, 1000) });
    set_status("resolved", "done");
    [first, both, answer.approved, inner]
}
"#;

const INNER: &str = r#"//! title: Inner
//! trigger: manual
//! connections: [two]
//! owner: soc@example.com

fn on_alert(alert) {
    connection("two").post(run.input);
    run.input.n * 2
}
"#;

const RESULT: &str = r#"["SEC-1",[true,205],true,6]"#;

/// How a life is told what to do.
const FOLDER: &str = "QUELL_TEST_LIFE_FOLDER";
const ADDRESS: &str = "QUELL_TEST_LIFE_ADDRESS";
const RECORDS: &str = "QUELL_TEST_LIFE_RECORDS";

/// One life of the pipeline, in a process of its own: it dies after so many records, or ends with the run's result.
/// Run by itself it does nothing.
#[test]
fn one_life() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let records = std::env::var(RECORDS).unwrap().parse().unwrap();
    let address = std::env::var(ADDRESS).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(live(Path::new(&folder), &address, records));
}

async fn live(folder: &Path, address: &str, records: u64) {
    let sqlite: Arc<dyn Store> = Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder)).unwrap());
    let mortal = Arc::new(Mortal::new(sqlite, records));
    let store: Arc<dyn Store> = mortal.clone();
    let connection = |name: &str| {
        let url = UrlText::Plain(format!("http://{address}/{name}"));
        let sign = vec![Secret::new(SECRET.to_owned())];
        Connection::new(ConnectionSpec { name: name.to_owned(), url, sign, allow_private: true, ..Default::default() })
    };
    let connections: Arc<Connections> =
        Arc::new([connection("one").unwrap(), connection("two").unwrap()].into_iter().collect());
    let worker = WorkerCommand { program: env!("CARGO_BIN_EXE_quell").into(), args: vec!["sandbox-worker".into()] };
    let settings = sandbox::Settings { workers: 1, step_deadline: Duration::from_secs(5), ..Default::default() };
    let clock = SystemClock::shared();
    let parts = Parts {
        store: store.clone(),
        live: Arc::new(Live::new(build(&sources()).unwrap())),
        sandbox: Arc::new(Sandbox::start(settings, worker).await.unwrap()),
        sender: Arc::new(Sender::new(&connections, None).unwrap()),
        connections,
        switch: Switch::new(None),
        held: Default::default(),
        guard: Default::default(),
        mailer: None,
        clock: clock.clone(),
        metrics: Arc::new(Metrics::new()),
    };
    let shutdown = Shutdown::new();
    let pipeline = Pipeline::start(parts, &shutdown).await.unwrap();
    let text = br#"{"title": "Crash", "source_id": "1"}"#;
    let decoded = decode(text, Format::Json, Some("native"), &Limits::default(), clock.now()).unwrap();
    pipeline.acceptor().accept(decoded.into_iter().map(Result::unwrap).collect()).await.unwrap();
    let operator = pipeline.operator();
    loop {
        let pending = WaitingQuery { status: vec![ApprovalStatus::Pending], connection: None, cursor: None, limit: 10 };
        for approval in store.approvals(pending).await.unwrap().items {
            let answer = ApprovalAnswer { approved: true, by: "ana".to_owned(), comment: Some("yes".to_owned()) };
            operator.answer(&approval.id, answer).await.unwrap();
        }
        let runs = store.runs(RunQuery { limit: 10, ..Default::default() }).await.unwrap().items;
        if let Some(run) = runs.iter().find(|run| run.parent_id.is_none() && run.status.is_end()) {
            assert_eq!(run.status, RunStatus::Done, "{run:?}");
            println!("records={} result={}", mortal.recorded(), run.result.clone().unwrap());
            shutdown.stop();
            shutdown.finished(Duration::from_secs(5)).await;
            store.close().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn sources() -> Sources {
    let file = |name: &str, text: &str| SourceFile {
        path: Path::new(name).into(),
        name: name.to_owned(),
        kind: SourceKind::Playbook,
        bytes: text.as_bytes().to_vec(),
    };
    Sources {
        files: vec![file("playbooks/everything.rhai", PLAYBOOK), file("playbooks/inner.rhai", INNER)],
        revision: None,
    }
}

/// What a life ended with: nothing if it died, as it was told to.
struct Ended {
    records: u64,
    result: String,
}

fn life(folder: &Path, receiver: &Receiver, records: u64) -> Option<Ended> {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["crashes::one_life", "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(ADDRESS, receiver.address.to_string())
        .env(RECORDS, records.to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let line = said.lines().find_map(|line| line.split_once("records=").map(|(_, rest)| rest.to_owned()));
    match line {
        Some(line) => {
            let (records, result) = line.split_once(" result=").unwrap();
            Some(Ended { records: records.parse().unwrap(), result: result.to_owned() })
        }
        None => {
            use std::os::unix::process::ExitStatusExt;
            let fault = String::from_utf8_lossy(&child.stderr);
            assert_eq!(child.status.signal(), Some(6), "it was to abort, and did not: {said}\n{fault}");
            None
        }
    }
}

/// The ids of messages whose arrival is on record.
fn done(folder: &Path) -> BTreeSet<String> {
    let file = rusqlite::Connection::open(folder.join("quell.db")).unwrap();
    let mut query = file.prepare("SELECT message FROM steps WHERE status = 'done' AND message IS NOT NULL").unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Lives until the run has ended, each after the first with so many records; checks every death on the way.
fn lives(receiver: &Receiver, first: u64, later: u64) -> (Ended, usize) {
    let folder = tempfile::tempdir().unwrap();
    let begin = receiver.count();
    let mut records = first;
    for deaths in 0..200 {
        let before = receiver.count();
        let on_record = if deaths == 0 { BTreeSet::new() } else { done(folder.path()) };
        let ended = life(folder.path(), receiver, records);
        let ledger = receiver.ledger();
        for delivery in &ledger[before..] {
            assert!(delivery.is_signed());
            assert!(!on_record.contains(delivery.id()), "{} was on record as done and was sent again", delivery.path);
        }
        if let Some(ended) = ended {
            let mut bodies = std::collections::BTreeMap::new();
            for delivery in &ledger[begin..] {
                let body = bodies.entry(delivery.id().to_owned()).or_insert_with(|| delivery.body.clone());
                assert_eq!(*body, delivery.body, "one id, two bodies");
            }
            assert_eq!(bodies.len(), 6, "six messages, whatever happened");
            return (ended, deaths);
        }
        records = later;
    }
    panic!("the run does not end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_the_same_whichever_record_the_process_dies_after() {
    let receiver = Receiver::start().await;
    let (whole, _) = lives(&receiver, u64::MAX, u64::MAX);
    assert_eq!(whole.result, RESULT);
    // Answers of branches that come together are seen by one activation, so a few more or less.
    assert!(whole.records >= 18, "{} records", whole.records);
    for crash in 1..whole.records {
        let (ended, deaths) = lives(&receiver, crash, u64::MAX);
        assert_eq!(ended.result, RESULT, "dying after record {crash}");
        // How branches interleave varies, and with it by a few how many records there are.
        assert!(deaths == 1 || crash + 4 > whole.records, "record {crash} was never written");
    }
    eprintln!("{} records, a death after each", whole.records);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_though_every_process_dies_after_one_record() {
    let receiver = Receiver::start().await;
    let (ended, deaths) = lives(&receiver, 1, 1);
    assert_eq!(ended.result, RESULT);
    assert!(deaths > 12, "{deaths} deaths");
}
