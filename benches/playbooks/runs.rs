//! Complete five-step runs besides the network: the store and the sandbox are the real ones, and every request is
//! answered on the spot.

use crate::spread;
use quell::clock::Timestamp;
use quell::decode::{Format, Limits, decode};
use quell::delivery::message_id;
use quell::digest::Digest;
use quell::id::RunId;
use quell::playbook::{Effect, Outcome, StepInput};
use quell::ruleset::{Ruleset, SourceFile, SourceKind, Sources, build};
use quell::sandbox::{Sandbox, Settings, WorkerCommand};
use quell::store::{
    Admission, AttemptRecord, NewRun, Progress, RunWork, SqliteSettings, SqliteStore, StepEnd, StepStart, Store,
};
use serde_json::json;
use serde_json::value::RawValue;
use std::mem::take;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

/// Five steps: three requests, a change that goes on at once, and one request more.
pub const PLAYBOOK: &str = r#"//! title: Five steps
//! match: {title|startswith: Bench}
//! connections: [good]
//! owner: soc@example.com

fn on_alert(alert) {
    let worst = 0;
    for path in ["/a", "/b"] {
        worst = max(worst, connection("good").get(path).body.score);
    }
    let ticket = connection("good").post(#{ title: alert.title, severity: alert.severity, score: worst });
    tag(`ticket:${ticket.body.key}`);
    connection("good").post(#{ text: `${alert.title}: ${worst}`, ticket: ticket.body.key });
    #{ ticket: ticket.body.key, score: worst }
}
"#;

pub fn rules(name: &str, text: &str) -> Ruleset {
    let file = SourceFile {
        path: Path::new(name).into(),
        name: format!("playbooks/{name}"),
        kind: SourceKind::Playbook,
        bytes: text.as_bytes().to_vec(),
    };
    build(&Sources { files: vec![file], revision: None }).expect("it compiles")
}

/// What intake would hand to the store.
pub fn admissions(rules: &Ruleset, first: usize, count: usize, now: Timestamp) -> Vec<Admission> {
    let admission = |number: usize| {
        let text = format!("{{\"title\": \"Bench\", \"source_id\": \"{number}\", \"severity\": \"high\"}}");
        let decoded = decode(text.as_bytes(), Format::Json, Some("native"), &Limits::default(), now);
        let decoded = decoded.expect("it is JSON").remove(0).expect("it is an alert");
        let decision = rules.decide(&decoded.alert, now);
        let run = |playbook: &Arc<quell::playbook::Playbook>| NewRun {
            id: RunId::generate(now),
            program: playbook.program.clone(),
            digest: playbook.digest,
            deadline: now.checked_add(playbook.timeout).unwrap_or(Timestamp::MAX),
            rate: None,
        };
        let runs = decision.runs.iter().map(run).collect();
        Admission {
            alert: decoded.alert,
            content: decoded.content,
            verdict: decision.verdict,
            runs,
            held: Vec::new(),
            limits: Vec::new(),
            runs_if_over: Vec::new(),
            held_if_over: Vec::new(),
            on_update: None,
        }
    };
    (first..first + count).map(admission).collect()
}

pub async fn measure(runs: usize, rounds: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder.path())).expect("a fresh store opens"));
    let worker = WorkerCommand { program: env!("CARGO_BIN_EXE_quell").into(), args: vec!["sandbox-worker".into()] };
    let settings = Settings::default();
    let workers = settings.workers;
    let sandbox = Arc::new(Sandbox::start(settings, worker).await.expect("workers start"));
    let rules = rules("five.rhai", PLAYBOOK);
    let (mut walls, mut cores) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let now = Timestamp::now();
        let batch = admissions(&rules, round * runs, runs, now);
        for part in batch.chunks(500) {
            store.accept(part.to_vec(), now).await.expect("it is stored");
        }
        let (began, spent) = (Instant::now(), cpu());
        all(&store, &sandbox, runs, workers).await;
        let (wall, spent) = (began.elapsed().as_secs_f64(), cpu() - spent);
        // The first round does not count.
        if round > 0 {
            walls.push(runs as f64 / wall);
            cores.push(runs as f64 / spent);
        }
    }
    println!("complete five-step runs besides the network, every record synced, {workers} workers");
    println!("  runs a second                  {}", spread(walls));
    println!("  runs a second of one core      {}\n", spread(cores));
    store.close().await;
}

/// Steps every run to its end, as the pipeline does, with so many in hand.
async fn all(store: &Arc<dyn Store>, sandbox: &Arc<Sandbox>, runs: usize, workers: usize) {
    let mut left = runs;
    let mut under_way: JoinSet<bool> = JoinSet::new();
    while left > 0 {
        let claimed = store.claim_runs(workers * 32, Timestamp::now()).await.expect("runs are claimed");
        for work in claimed {
            let (store, sandbox) = (store.clone(), sandbox.clone());
            under_way.spawn(async move { step(work, &store, &sandbox).await });
        }
        for request in store.claim_requests("good", 256, Timestamp::now()).await.expect("requests are claimed") {
            let store = store.clone();
            under_way.spawn(async move {
                let now = Timestamp::now();
                let answer = json!({"status": 200, "headers": {}, "body": {"score": 90, "key": "SEC-1"}});
                let (run, key, end) = (request.run.clone(), request.key.clone(), StepEnd::Done(answer));
                let record = AttemptRecord {
                    run,
                    key,
                    time: now,
                    status: Some(200),
                    error: None,
                    latency_ms: 1,
                    answer: None,
                    end,
                };
                store.record_attempt(record, now).await.expect("it is recorded");
                false
            });
        }
        // What is claimed and recorded together costs less: half of what is in hand ends before more is asked for.
        let enough = under_way.len() / 2;
        while let Some(ended) = under_way.join_next().await {
            left -= usize::from(ended.expect("no task panics"));
            if under_way.len() <= enough {
                break;
            }
        }
    }
}

/// One activation; whether the run has ended.
async fn step(mut work: RunWork, store: &Arc<dyn Store>, sandbox: &Arc<Sandbox>) -> bool {
    let alert = RawValue::from_string(work.alert.to_string()).expect("the alert is JSON");
    let (input, journal, logged) = (take(&mut work.input), take(&mut work.journal), take(&mut work.logged));
    let run = work.id.clone();
    let input = StepInput { run, alert, started: work.started, input, journal, logged };
    let activation = sandbox.step(&work.program, work.digest, input).await.expect("a worker steps it");
    let steps = activation.new_steps.into_iter().map(|step| {
        let start = match &step.effect {
            Effect::Request(spec) => {
                StepStart::Message { id: message_id(&work.id, &step.key, &spec.connection), expires: None }
            }
            _ => StepStart::Normal,
        };
        (step, start)
    });
    let ended = activation.outcome != Outcome::Suspended;
    if let Outcome::Failed { error } = &activation.outcome {
        panic!("{error:?}");
    }
    let steps = steps.collect();
    let progress = Progress { run: work.id.clone(), steps, logs: activation.logs, outcome: activation.outcome };
    store.record_progress(progress, Timestamp::now()).await.expect("it is recorded");
    ended
}

/// Processor seconds of this process and its children that live.
fn cpu() -> f64 {
    const TICKS: f64 = 100.0;
    let own = std::process::id();
    let children = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().flat_map(|task| {
        let list = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
    });
    let spent = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let field = |number: usize| rest.split_whitespace().nth(number).and_then(|text| text.parse::<f64>().ok());
        field(11).unwrap_or(0.0) + field(12).unwrap_or(0.0)
    };
    (children.map(spent).sum::<f64>() + spent(own)) / TICKS
}

/// Where a digest is wanted that nobody looks at.
pub fn any_digest() -> Digest {
    Digest::of(b"bench")
}
