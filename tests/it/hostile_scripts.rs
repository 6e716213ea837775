//! Scripts that want to hurt, hundreds of them: each ends as its first line says, in time, and hurts nobody else.

mod corpus;
mod fuzz;

use corpus::{Hostile, ending, is_among};
use quell::clock::{Stopwatch, Timestamp};
use quell::diag::{Diagnostics, Level};
use quell::id::RunId;
use quell::matcher::Placeholders;
use quell::playbook::{Activation, Outcome, Program, StepInput, compile};
use quell::sandbox::{Sandbox, SandboxError, Settings, WorkerCommand};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Hostile scripts at a time. One worker of each pool is left to the innocent.
const AT_ONCE: usize = 2;

/// Beyond deadline and grace: starting a fresh worker, and being scheduled at all on a machine that builds meanwhile.
/// `QUELL_MARGIN_MS` narrows it, down to nothing on a machine with nothing else to do.
static MARGIN: LazyLock<Duration> = LazyLock::new(|| {
    let given = std::env::var("QUELL_MARGIN_MS").ok().and_then(|text| text.parse().ok());
    Duration::from_millis(given.unwrap_or(1000))
});

/// How much the process that keeps the pool may grow over the whole corpus.
const GROWTH_KIB: u64 = 16 * 1024;

/// The pools: scripts meet the limits that are shipped in the first, and only their time in the second.
struct Pools {
    patient: Sandbox,
    brisk: Sandbox,
}

/// As shipped, but for a deadline that a debug build on a busy machine does not meet before other limits, and a grace in
/// which its workers still come to say so themselves.
fn patient() -> Settings {
    let grace = Settings::default().grace + *MARGIN;
    Settings { workers: AT_ONCE + 1, step_deadline: Duration::from_secs(15), grace, ..Settings::default() }
}

fn brisk() -> Settings {
    let step_deadline = Duration::from_millis(300);
    Settings { step_deadline, operations: u64::MAX, ..patient() }
}

impl Pools {
    async fn start() -> Self {
        let command =
            || WorkerCommand { program: env!("CARGO_BIN_EXE_quell").into(), args: vec!["sandbox-worker".into()] };
        let patient = Sandbox::start(patient(), command()).await.unwrap();
        let brisk = Sandbox::start(brisk(), command()).await.unwrap();
        Self { patient, brisk }
    }

    /// Runs a script in the pool for its kind; true if it was over in time.
    async fn run(&self, script: &Hostile, program: &Arc<Program>) -> (Activation, Duration, bool) {
        let (pool, settings) = if script.is_slow() { (&self.brisk, brisk()) } else { (&self.patient, patient()) };
        let (activation, took) = stepped(pool, program).await.expect("the pool itself never fails");
        (activation, took, took <= settings.step_deadline + Settings::default().grace + *MARGIN)
    }
}

/// Steps a run, again where a worker was too slow to begin: on a machine that builds meanwhile one may be. Gives also
/// how long the step itself took.
async fn stepped(pool: &Sandbox, program: &Arc<Program>) -> Result<(Activation, Duration), SandboxError> {
    let mut tries = 0;
    loop {
        let watch = Stopwatch::start();
        match pool.step(program, program.digest(), input()).await {
            Ok(activation) => return Ok((activation, watch.elapsed())),
            Err(fault) if tries == 2 => return Err(fault),
            Err(_) => tries += 1,
        }
    }
}

fn input() -> StepInput {
    StepInput {
        run: RunId::from_bytes([7; 16]),
        alert: to_raw_value(&json!({
            "id": "al_1", "title": "Brute force", "severity": "high", "status": "active", "simulated": false,
            "entities": [{"type": "ip", "address": "203.0.113.9"}], "raw": {"n": 1.5},
        }))
        .unwrap(),
        started: Timestamp::from_second(1_800_000_000).unwrap(),
        input: serde_json::Value::Null,
        journal: Vec::new(),
        logged: BTreeMap::new(),
    }
}

/// What `quell check` makes of a script: a program, or its first error.
fn checked(script: &Hostile) -> Result<Arc<Program>, String> {
    let mut found = Diagnostics::new();
    let file = Path::new("playbooks/hostile.rhai").into();
    let playbook = compile(&script.text, &file, &BTreeMap::new(), &Placeholders::default(), &mut found);
    playbook.map(|playbook| playbook.program).ok_or_else(|| {
        let faults = found.sorted();
        let first = faults.iter().find(|fault| fault.level == Level::Error).expect("no playbook without an error");
        format!("refused {} {}", first.code, first.span.start.line)
    })
}

/// Checks a script, runs it whatever the check says, and complains if anything comes out otherwise than it says.
async fn tried(script: Arc<Hostile>, pools: &Pools) -> (Arc<Hostile>, Duration, Option<String>) {
    let watch = Stopwatch::start();
    let check = {
        let script = script.clone();
        tokio::task::spawn_blocking(move || checked(&script)).await
    };
    let Ok(check) = check else { return (script, watch.elapsed(), Some("the check panicked".to_owned())) };
    let checking = watch.elapsed();
    let (program, refused) = match check {
        Ok(program) => (program, None),
        Err(refused) => (script.unchecked(), Some(refused)),
    };
    let (activation, took, in_time) = pools.run(&script, &program).await;
    let came_to = ending(&activation.outcome, activation.new_steps.len());
    let complaint = match &refused {
        Some(refused) if !is_among(refused, &script.expected) => Some(format!("was {refused}, then {came_to}")),
        Some(_) if !is_among(&came_to, &script.past_the_check) => Some(format!("past the check, it came to {came_to}")),
        None if !is_among(&came_to, &script.expected) => Some(format!("it came to {came_to}")),
        _ if !in_time => Some(format!("it took {took:?}")),
        _ if checking > Duration::from_secs(5) => Some(format!("checking it took {checking:?}")),
        _ => None,
    };
    let complaint = complaint.map(|complaint| format!("{complaint}: {:?}", activation.outcome));
    (script, took, complaint)
}

/// An innocent playbook, stepped without pause until told to stop. Gives how often.
async fn innocent(pool: Sandbox, stop: Arc<AtomicBool>) -> u32 {
    let source =
        "fn on_alert(alert) {\n    let n = 0;\n    for i in 0..100 { n += i; }\n    tag(alert.title);\n    n\n}\n";
    let mut program = Arc::unwrap_or_clone(
        Hostile { name: "innocent".into(), text: source.into(), expected: vec![], past_the_check: vec![] }.unchecked(),
    );
    let mut times = 0;
    while !stop.load(Ordering::Relaxed) {
        // Another text each few times, so that workers compile it anew beside the others.
        program.path = format!("playbooks/innocent-{}.rhai", times / 8);
        let shared = Arc::new(program.clone());
        let (activation, _) = stepped(&pool, &shared).await.expect("the pool itself never fails");
        assert_eq!(activation.outcome, Outcome::Done { value: json!(4950) }, "after {times} times");
        assert_eq!(activation.new_steps.len(), 1);
        times += 1;
    }
    times
}

/// Memory this process holds now.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says so");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

async fn corpus_in_pools() {
    let pools = Arc::new(Pools::start().await);
    let stop = Arc::new(AtomicBool::new(false));
    let neighbours = [&pools.patient, &pools.brisk].map(|pool| tokio::spawn(innocent(pool.clone(), stop.clone())));
    // What is made once is made before memory is measured: the engine's functions, and the corpus itself.
    let scripts = corpus::all();
    drop(checked(&scripts[0]));
    let count = scripts.len();
    let before = resident_kib();
    let watch = Stopwatch::start();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut trials = Vec::new();
    for script in scripts {
        let (pools, turns) = (pools.clone(), turns.clone());
        trials.push(tokio::spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            tried(Arc::new(script), &pools).await
        }));
    }
    let (mut complaints, mut slowest) = (Vec::new(), (Duration::ZERO, String::new()));
    let mut again = Vec::new();
    for trial in trials {
        let (script, took, complaint) = trial.await.unwrap();
        slowest = slowest.max((took, script.name.clone()));
        match complaint {
            Some(complaint) if complaint.contains("limit time") || complaint.contains("it took") => again.push(script),
            Some(complaint) => complaints.push(format!("{}: {complaint}", script.name)),
            None => {}
        }
    }
    // What a machine that builds meanwhile may have made too slow is tried again with nothing hostile beside it.
    for script in again {
        let (script, _, complaint) = tried(script, &pools).await;
        complaints.extend(complaint.map(|complaint| format!("{}, tried twice: {complaint}", script.name)));
    }
    let (took, grown) = (watch.elapsed(), resident_kib().saturating_sub(before));
    stop.store(true, Ordering::Relaxed);
    for neighbour in neighbours {
        let times = neighbour.await.expect("an innocent playbook had the wrong result");
        assert!(times > 100, "the innocent playbook got {times} turns only");
    }
    println!("{count} scripts in {took:?}; slowest {slowest:?}; {grown} KiB more");
    assert!(complaints.is_empty(), "{} of {count}:\n{}", complaints.len(), complaints.join("\n"));
    assert!(grown < GROWTH_KIB, "the daemon's process grew by {grown} KiB");
    // A quarter of a minute with the machine to itself.
    assert!(took < Duration::from_secs(120), "the corpus took {took:?}");
}

/// Says that this process was started for one test alone.
const ALONE: &str = "QUELL_TEST_ALONE";

/// Runs in a process of its own, since its memory is measured.
#[test]
fn every_hostile_script_ends_as_its_first_line_says() {
    if std::env::var_os(ALONE).is_some() {
        // Each thread that checks keeps memory of its own.
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).max_blocking_threads(AT_ONCE).enable_all().build().unwrap();
        return runtime.block_on(corpus_in_pools());
    }
    let name = "hostile_scripts::every_hostile_script_ends_as_its_first_line_says";
    let mut alone = Command::new(std::env::current_exe().unwrap());
    let output = alone.args([name, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed") || !output.status.success(), "the test is no longer called {name}: {said}");
    assert!(output.status.success(), "{said}");
    println!("{said}");
}

#[test]
fn the_corpus_has_scripts_of_every_class() {
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for script in corpus::all() {
        *classes.entry(script.name.split('/').next().unwrap_or("").to_owned()).or_default() += 1;
    }
    let names: Vec<&str> = classes.keys().map(String::as_str).collect();
    let known = [
        "arrays-and-maps",
        "branches",
        "builtins",
        "callbacks",
        "catching",
        "closures",
        "deep-values",
        "loops",
        "memory",
        "numbers",
        "parsing",
        "printing",
        "recursion",
        "steps",
        "strings",
        "throwing",
        "time",
    ];
    assert_eq!(names, known);
    assert!(classes.values().all(|&count| count >= 8) && classes.values().sum::<usize>() >= 250, "{classes:?}");
}
