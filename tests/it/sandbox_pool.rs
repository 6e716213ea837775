//! A script takes down a worker, never the daemon: the pool with real worker processes.

use quell::clock::{Stopwatch, Timestamp};
use quell::id::{RuleId, RunId};
use quell::playbook::{Outcome, Program, RunError, StepInput};
use quell::sandbox::{Sandbox, SandboxError, Settings, WorkerCommand};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

fn command() -> WorkerCommand {
    WorkerCommand { program: env!("CARGO_BIN_EXE_quell").into(), args: vec!["sandbox-worker".into()] }
}

fn program(body: &str) -> Arc<Program> {
    Arc::new(Program {
        id: RuleId::new("under-test").unwrap(),
        path: "playbooks/under-test.rhai".into(),
        source: format!("fn on_alert(alert) {{\n{body}\n}}").into(),
        modules: Default::default(),
        connections: vec!["a".into()],
        audit: false,
    })
}

fn input() -> StepInput {
    StepInput {
        run: RunId::from_bytes([7; 16]),
        alert: to_raw_value(&json!({"title": "Brute force", "severity": "high"})).unwrap(),
        started: Timestamp::from_second(1_800_000_000).unwrap(),
        input: serde_json::Value::Null,
        journal: Vec::new(),
        logged: Default::default(),
    }
}

async fn outcome(sandbox: &Sandbox, body: &str) -> Outcome {
    let program = program(body);
    sandbox.step(&program, program.digest(), input()).await.unwrap().outcome
}

async fn failure(sandbox: &Sandbox, body: &str) -> RunError {
    match outcome(sandbox, body).await {
        Outcome::Failed { error } => error,
        other => panic!("{other:?}"),
    }
}

fn done(value: Value) -> Outcome {
    Outcome::Done { value }
}

/// The processes started by this test binary under this name.
fn children(program: &Path) -> Vec<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok());
    let all = lists.flat_map(|list| list.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<i32>>());
    let runs = |pid: &i32| {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.starts_with(program.as_os_str().as_encoded_bytes())
    };
    all.filter(runs).collect()
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_has_its_memory_and_processor_time_limited_by_the_kernel() {
    let sandbox = Sandbox::start(Settings { workers: 1, ..Settings::default() }, command()).await.unwrap();
    let before = children(&command().program);
    assert_eq!(outcome(&sandbox, "1").await, done(json!(1)));
    let limits = before.iter().filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/limits")).ok());
    let bounded = limits.filter(|text| {
        let soft = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line[name.len()..].split_whitespace().next().unwrap().to_owned()
        };
        soft("Max address space") == "536870912" && soft("Max cpu time").parse::<u64>().is_ok_and(|most| most < 60)
    });
    assert!(bounded.count() >= 1, "of {} workers", before.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_run_side_by_side_in_few_workers() {
    let sandbox = Sandbox::start(Settings { workers: 2, ..Settings::default() }, command()).await.unwrap();
    let steps = (0..20).map(|n| {
        let sandbox = sandbox.clone();
        tokio::spawn(async move { outcome(&sandbox, &format!("alert.title + {n}")).await })
    });
    for (n, step) in steps.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(step.await.unwrap(), done(json!(format!("Brute force{n}"))));
    }
    let suspended = program("connection(\"a\").get(\"/x\")");
    let activation = sandbox.step(&suspended, suspended.digest(), input()).await.unwrap();
    assert_eq!((activation.outcome, activation.new_steps.len()), (Outcome::Suspended, 1));
}

/// One worker whose scripts may take any number of operations.
async fn only_ended_by_the_clock(deadline_ms: u64, grace_ms: u64) -> Sandbox {
    let settings = Settings {
        workers: 1,
        operations: u64::MAX,
        step_deadline: Duration::from_millis(deadline_ms),
        grace: Duration::from_millis(grace_ms),
        ..Settings::default()
    };
    Sandbox::start(settings, command()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_never_ends_is_stopped_and_the_next_one_runs() {
    let sandbox = only_ended_by_the_clock(200, 100).await;
    for body in ["loop {}", "loop { try { [1].map(|x| { loop {} }) } catch {} }"] {
        let watch = Stopwatch::start();
        let error = failure(&sandbox, body).await;
        assert_eq!((error.kind.as_str(), error.limit.as_deref()), ("limit", Some("time")), "{error:?}");
        assert!(watch.elapsed() < Duration::from_secs(10), "{:?}", watch.elapsed());
    }
    assert_eq!(outcome(&sandbox, "1 + 1").await, done(json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_given_processor_time_for_each_script_anew() {
    let sandbox = only_ended_by_the_clock(600, 30_000).await;
    // Together they use more than one of them may: the kernel would end the worker, which is told otherwise.
    for number in 0..9 {
        let error = failure(&sandbox, "loop {}").await;
        assert!(error.message.contains("took too long"), "{number}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_answering_is_killed_at_the_deadline() {
    // Speaks the first word of a worker, reads what it is sent, and says nothing more.
    let command = shell(READY, "while read -r _; do :; done; sleep 100");
    let settings = Settings {
        workers: 1,
        step_deadline: Duration::from_millis(100),
        grace: Duration::from_millis(50),
        ..Settings::default()
    };
    let sandbox = Sandbox::start(settings, command).await.unwrap();
    let watch = Stopwatch::start();
    let error = failure(&sandbox, "1").await;
    assert_eq!((error.limit.as_deref(), error.message.as_str()), (Some("time"), "the script was stopped after 150 ms"));
    assert!(watch.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_eats_memory_fails_by_name_and_hurts_nobody() {
    let settings = Settings { workers: 2, step_deadline: Duration::from_secs(20), ..Settings::default() };
    let sandbox = Sandbox::start(settings, command()).await.unwrap();
    let greedy = "let s = \"\"; s.pad(200000, 'y'); let m = #{}; for i in 0..4000 { m[`k${i}`] = s + i; } 1";
    let neighbour = outcome(&sandbox, "let n = 0; for i in 0..1000 { n += i; } n");
    let (error, neighbour) = tokio::join!(failure(&sandbox, greedy), neighbour);
    assert_eq!((error.kind.as_str(), error.limit.as_deref()), ("limit", Some("memory")), "{error:?}");
    assert_eq!(neighbour, done(json!(499_500)));
    assert_eq!(outcome(&sandbox, "1 + 1").await, done(json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_scripts_end_in_their_limits_and_leave_the_pool_whole() {
    let sandbox = Sandbox::start(Settings { workers: 2, ..Settings::default() }, command()).await.unwrap();
    let scripts = [
        "loop {}",
        "let a = []; for i in 0..4000 { a = [a]; } a.to_string()",
        "let a = []; for i in 0..4000 { a = [a]; } let b = a; a == b",
        "let m = #{}; loop { let n = #{}; n[\"a\"] = m; m = n; }",
        "let f = || 1; loop { let g = f; f = || g; }",
        "let s = \"a\"; s.pad(32000, \"a\"); s.replace('a', s);",
        "let s = \"ab\"; loop { s += s; }",
        "sleep(100000)",
        "let a = [1]; loop { a = [a, a]; }",
    ];
    for body in scripts {
        let watch = Stopwatch::start();
        let outcome = outcome(&sandbox, body).await;
        assert!(matches!(outcome, Outcome::Failed { .. } | Outcome::Done { .. }), "{body}: {outcome:?}");
        assert!(watch.elapsed() < Duration::from_millis(2500), "{body}: {:?}", watch.elapsed());
    }
    assert_eq!(outcome(&sandbox, "1 + 1").await, done(json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_from_outside_costs_the_run_nothing() {
    let settings =
        Settings { workers: 1, operations: u64::MAX, step_deadline: Duration::from_secs(20), ..Settings::default() };
    // A name of its own, so that no other test's workers are taken for these.
    let folder = tempfile::tempdir().unwrap();
    let command = WorkerCommand { program: folder.path().join("quell"), ..command() };
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_quell"), &command.program).unwrap();
    let own = || children(&command.program);
    let sandbox = Sandbox::start(settings, command.clone()).await.unwrap();
    assert_eq!(own().len(), 1);
    own().into_iter().for_each(kill);
    assert_eq!(outcome(&sandbox, "1 + 1").await, done(json!(2)), "killed while idle");
    let long = {
        let sandbox = sandbox.clone();
        tokio::spawn(async move { outcome(&sandbox, "let n = 0; for i in 0..600000 { n += 1; } n").await })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    own().into_iter().for_each(kill);
    assert_eq!(long.await.unwrap(), done(json!(600_000)), "killed at work");
}

/// A worker that is only a shell script: what it says first, then how it ends.
fn shell(said: &str, end: &str) -> WorkerCommand {
    WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), format!("printf '{said}'; {end}").into()] }
}

const READY: &str = r#"\000\000\000\007"Ready""#;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_workers_are_lost_is_given_back_and_ends_only_if_it_goes_on() {
    let settings = Settings { workers: 1, ..Settings::default() };
    let sandbox = Sandbox::start(settings, shell(READY, "sleep 0.05; kill -9 $$")).await.unwrap();
    let program = program("1");
    let step = |run: u8| {
        let mut input = input();
        input.run = RunId::from_bytes([run; 16]);
        sandbox.step(&program, program.digest(), input)
    };
    for _ in 0..2 {
        let lost = step(1).await.unwrap_err();
        assert!(matches!(&lost, SandboxError::Lost { how } if how == "signal 9"), "{lost}");
    }
    assert!(step(2).await.is_err(), "each run has its own count");
    let Outcome::Failed { error } = step(1).await.unwrap().outcome else { panic!() };
    let message = "the run's sandbox was lost 5 times in a row, the last time by signal 9";
    assert_eq!((error.kind.as_str(), error.message.as_str()), ("sandbox", message));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_too_slow_to_begin_is_never_the_scripts_fault() {
    let settings = Settings {
        workers: 1,
        step_deadline: Duration::from_millis(20),
        grace: Duration::from_millis(10),
        ..Settings::default()
    };
    let sandbox = Sandbox::start(settings, shell(READY, "exec sleep 100")).await.unwrap();
    let program = program("1");
    for _ in 0..6 {
        let lost = sandbox.step(&program, program.digest(), input()).await.unwrap_err();
        assert!(matches!(&lost, SandboxError::Lost { how } if how == "it did not begin within 30 ms"), "{lost}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kernel_short_of_memory_takes_workers_first() {
    let folder = tempfile::tempdir().unwrap();
    let command = WorkerCommand { program: folder.path().join("quell"), ..command() };
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_quell"), &command.program).unwrap();
    let _sandbox = Sandbox::start(Settings { workers: 1, ..Settings::default() }, command.clone()).await.unwrap();
    let [worker] = children(&command.program)[..] else { panic!() };
    let score = std::fs::read_to_string(format!("/proc/{worker}/oom_score_adj")).unwrap();
    assert_eq!(score.trim(), "1000");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_sees_the_alert_it_is_given_whatever_the_worker_has_read_before() {
    let sandbox = Sandbox::start(Settings { workers: 1, ..Settings::default() }, command()).await.unwrap();
    let program = program("alert.title");
    for title in ["first", "first", "second", "first"] {
        let input = StepInput { alert: to_raw_value(&json!({"title": title})).unwrap(), ..input() };
        let activation = sandbox.step(&program, program.digest(), input).await.unwrap();
        assert_eq!(activation.outcome, done(json!(title)));
    }
}

/// The processor time a process has used, all its threads together.
fn spent(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap_or_default();
        text.split_whitespace().next().and_then(|spent| spent.parse().ok()).unwrap_or(0)
    };
    Duration::from_nanos(threads.map(of_thread).sum())
}

#[test]
fn a_worker_does_not_outlive_its_parent() {
    let frame = |message: Value| {
        let body = message.to_string();
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], body.as_bytes()].concat()
    };
    let program = program("loop {}");
    let step = json!({
        "digest": program.digest(), "program": *program, "input": input(), "operations": u64::MAX, "deadline_ms": 600_000,
    });
    let mut worker = Command::new(env!("CARGO_BIN_EXE_quell"))
        .arg("sandbox-worker")
        .env("MIMALLOC_ARENA_RESERVE", "32MiB")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = worker.stdin.take().unwrap();
    input.write_all(&frame(json!({"memory_bytes": 512 * 1024 * 1024}))).unwrap();
    input.write_all(&frame(step)).unwrap();
    // Its processor time tells that the script is running: a worker takes some 10 ms to begin.
    let watch = Stopwatch::start();
    while spent(worker.id()) < Duration::from_millis(300) {
        assert!(watch.elapsed() < Duration::from_secs(30), "the script does not run");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(input);
    let watch = Stopwatch::start();
    while worker.try_wait().unwrap().is_none() {
        assert!(watch.elapsed() < Duration::from_secs(5), "the worker goes on without its parent");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_no_worker_is_refused_at_the_start() {
    let command = WorkerCommand { program: "/bin/false".into(), args: Vec::new() };
    let fault = Sandbox::start(Settings::default(), command).await.unwrap_err();
    assert!(fault.to_string().starts_with("cannot start a sandbox worker with `/bin/false`: "), "{fault}");
}
