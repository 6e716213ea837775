//! A hundred thousand runs that wait, half of them for a time and half for a request's next attempt: what they take of
//! memory and time while nothing happens, and how soon a daemon is ready that finds them.

use crate::daemon::{Daemon, configured};
use crate::runs::{admissions, any_digest, rules};
use quell::clock::Timestamp;
use quell::delivery::message_id;
use quell::playbook::{Effect, NewStep, Outcome, RequestSpec, StepKey};
use quell::store::{AttemptRecord, Progress, SqliteSettings, SqliteStore, StepEnd, StepStart, Store};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PLAYBOOK: &str = "//! title: Waits\n//! match: {title|startswith: Bench}\n//! connections: [good]\n\
    //! timeout: 30d\n//! owner: soc@example.com\n\nfn on_alert(alert) { sleep(\"20d\"); }\n";

pub async fn measure(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("data")).expect("a folder");
    let small = prepare(&folder.path().join("small"), count / 100).await;
    let large = prepare(&folder.path().join("data"), count).await;
    println!("{count} waiting runs, half asleep and half between attempts");
    println!("  looking for what is due        {large:.0} us, with a hundredth as many {small:.0} us");
    configured(folder.path(), &[("waits.rhai", PLAYBOOK)], &[("good", "127.0.0.1:9/".to_owned())]);
    let began = Instant::now();
    let daemon = Daemon::start(folder.path()).await;
    println!("  a start is ready after         {:.2} s", began.elapsed().as_secs_f64());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let spent = daemon.cpu();
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("  processor while nothing is due {:.1} %", (daemon.cpu() - spent) / 5.0 * 100.0);
    println!("  resident memory, daemon alone  {:.0} MiB\n", daemon.resident());
}

/// Fills a store; how long it takes to find out what is due, in microseconds.
async fn prepare(folder: &std::path::Path, count: usize) -> f64 {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder)).expect("it opens"));
    let (rules, now) = (rules("waits.rhai", PLAYBOOK), Timestamp::now());
    let later = now.checked_add(Duration::from_secs(20 * 24 * 3600)).expect("it is a time");
    let mut done = 0;
    while done < count {
        let part = 1_000.min(count - done);
        store.accept(admissions(&rules, done, part, now), now).await.expect("it is stored");
        let mut tasks = JoinSet::new();
        for (number, work) in store.claim_runs(part, now).await.expect("runs are claimed").into_iter().enumerate() {
            let store = store.clone();
            tasks.spawn(async move {
                // The whole of it, with its claim: a run that is nobody's is woken again.
                let work = work;
                let key = StepKey("0".to_owned());
                let spec = RequestSpec { body: Some("{}".to_owned()), ..RequestSpec::new("good", "POST") };
                let (effect, start) = if number % 2 == 0 {
                    (Effect::Sleep { until: later }, StepStart::Normal)
                } else {
                    (
                        Effect::Request(spec),
                        StepStart::Message { id: message_id(&work.id, &key, "good"), expires: None },
                    )
                };
                let (call, hash) = ("step".to_owned(), any_digest());
                let step = NewStep { key: key.clone(), call, input: Value::Null.into(), hash, line: 1, effect };
                let (run, steps, outcome) = (work.id.clone(), vec![(step, start)], Outcome::Suspended);
                let progress = Progress { run, steps, logs: Vec::new(), outcome };
                store.record_progress(progress, now).await.expect("it is recorded");
            });
        }
        while tasks.join_next().await.is_some() {}
        for work in store.claim_requests("good", part, now).await.expect("requests are claimed") {
            let store = store.clone();
            let error = Some("refused".to_owned());
            let (run, key, end) = (work.run.clone(), work.key.clone(), StepEnd::Retry(later));
            let record = AttemptRecord { run, key, time: now, status: None, error, latency_ms: 1, answer: None, end };
            tasks.spawn(async move { store.record_attempt(record, now).await.expect("it is recorded") });
        }
        while tasks.join_next().await.is_some() {}
        done += part;
    }
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        store.next_work().await.expect("it answers");
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    store.close().await;
    times[times.len() / 2]
}
