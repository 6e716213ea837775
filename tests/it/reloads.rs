//! Promise 5: rules are edited, broken, renamed and checked out under load; no request fails, a broken set changes
//! nothing, a good one is live within two seconds, and each verdict names the generation that made it.

use crate::world::{Daemon, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LIVE_WITHIN: Duration = Duration::from_secs(2);

fn filter(id: &str, alert_type: &str) -> String {
    format!("id: {id}\ntitle: {id}\nreason: test\nowner: a@example.com\nmatch: {{alert_type: {alert_type}}}\n")
}

/// Posts alerts without a pause until stopped, and keeps what was said of each.
pub struct Load {
    stop: Arc<AtomicBool>,
    failures: Arc<AtomicUsize>,
    ids: Arc<Mutex<Vec<String>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    pub fn start(daemon: &Daemon) -> Self {
        let load = Self { stop: Arc::default(), failures: Arc::default(), ids: Arc::default(), tasks: Vec::new() };
        let tasks = (0..3).map(|worker| {
            let (stop, failures, ids) = (load.stop.clone(), load.failures.clone(), load.ids.clone());
            let (client, url) = (daemon.client.clone(), daemon.url("/api/v1/alerts"));
            tokio::spawn(async move {
                for number in 0_u64.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let alert = json!({"title": "t", "alert_type": "A", "severity": "low", "source_id": format!("{worker}-{number}")});
                    let request = client.post(&url).header("content-type", "application/json").body(alert.to_string());
                    match request.send().await {
                        Ok(response) if response.status() == 200 => {
                            let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
                            ids.lock().unwrap().push(answer["results"][0]["id"].as_str().unwrap().to_owned());
                        }
                        _ => {
                            failures.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            })
        });
        let tasks = tasks.collect();
        Self { tasks, ..load }
    }

    /// How many requests failed, and the ids of the alerts that were taken.
    pub async fn finish(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        (self.failures.load(Ordering::Relaxed), Arc::try_unwrap(self.ids).unwrap().into_inner().unwrap())
    }
}

pub async fn ruleset(daemon: &Daemon) -> Value {
    daemon.get("/api/v1/ruleset").await
}

async fn generation(daemon: &Daemon) -> String {
    ruleset(daemon).await["generation"].as_str().unwrap().to_owned()
}

/// Waits for another generation than `old` and returns it with how long that took.
async fn next_generation(daemon: &Daemon, old: &str) -> (String, Duration) {
    let began = Instant::now();
    loop {
        let now = generation(daemon).await;
        if now != old {
            return (now, began.elapsed());
        }
        assert!(began.elapsed() < Duration::from_secs(10), "no new generation: {:#}", ruleset(daemon).await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn wait_for_outcome(daemon: &Daemon, outcome: &str) {
    crate::world::eventually(&format!("the last reload is {outcome}"), async || {
        ruleset(daemon).await["last_reload"]["outcome"] == outcome
    })
    .await;
}

pub fn git(folder: &Path, args: &[&str]) {
    let base = [
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.com",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgsign=false",
    ];
    let output = Command::new("git").args(base).args(args).current_dir(folder).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub fn head(folder: &Path) -> String {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(folder).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_change_under_load_and_no_request_fails() {
    if Command::new("git").arg("--version").output().is_err() {
        drop(writeln!(std::io::stderr(), "skipped: git is not installed"));
        return;
    }
    let world = World::new().filter("a.yaml", &filter("first", "A"));
    let folder = world.path("");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "rules"]);
    git(&folder, &["commit", "-qm", "one"]);
    let one = head(&folder);
    let daemon = world.start();
    let load = Load::start(&daemon);
    let mut generations = BTreeSet::new();
    let mut slowest = Duration::ZERO;

    let start = ruleset(&daemon).await;
    assert_eq!((&start["commit"], &start["dirty"]), (&json!(one), &json!(false)), "{start:#}");
    let mut current = start["generation"].as_str().unwrap().to_owned();
    generations.insert(current.clone());

    // Edited, and committed: live, and the stamp follows.
    daemon.world.write("rules/a.yaml", &filter("second", "A"));
    let (next, took) = next_generation(&daemon, &current).await;
    (current, slowest) = (next, slowest.max(took));
    generations.insert(current.clone());
    assert_eq!(ruleset(&daemon).await["dirty"], true);
    git(&folder, &["commit", "-qam", "two"]);
    let two = head(&folder);
    crate::world::eventually("the new commit is the stamp", async || {
        let now = ruleset(&daemon).await;
        now["commit"] == *two && now["dirty"] == false
    })
    .await;

    // Broken: nothing changes, and every fault is named where it stands.
    daemon.world.write("rules/a.yaml", "id: broken\ntitle: x\nreason: test\nmatch: {sevrity: low}\n");
    daemon.world.write("rules/b.yaml", "id: [\n");
    wait_for_outcome(&daemon, "rejected").await;
    let refused = ruleset(&daemon).await;
    assert_eq!(refused["generation"], *current);
    let said = refused["last_reload"]["diagnostics"].to_string();
    assert!(said.contains("rules/a.yaml") && said.contains("did you mean `severity`"), "{refused:#}");
    assert!(daemon.get("/readyz").await.to_string().contains("ready"));
    assert!(daemon.get("/metrics").await.as_str().unwrap().contains("quell_config_last_reload_successful 0"));

    // Renamed away and back: the old file is gone, the set is whole again.
    std::fs::remove_file(daemon.world.path("rules/b.yaml")).unwrap();
    daemon.world.write("rules/a.yaml", &filter("third", "A"));
    std::fs::rename(daemon.world.path("rules/a.yaml"), daemon.world.path("rules/renamed.yaml")).unwrap();
    let (next, took) = next_generation(&daemon, &current).await;
    (current, slowest) = (next, slowest.max(took));
    generations.insert(current.clone());
    crate::world::eventually("the renamed file is the set", async || {
        let now = ruleset(&daemon).await;
        now["last_reload"]["outcome"] == "reloaded" && now["filters"] == 1
    })
    .await;
    current = generation(&daemon).await;
    generations.insert(current.clone());

    // Checked out, back and forth.
    git(&folder, &["checkout", "-q", "-B", "wild"]);
    git(&folder, &["add", "-A", "rules"]);
    git(&folder, &["commit", "-qm", "three"]);
    for branch in [one.as_str(), two.as_str(), "wild", one.as_str()] {
        let before = generation(&daemon).await;
        git(&folder, &["checkout", "-q", branch]);
        let (next, took) = next_generation(&daemon, &before).await;
        slowest = slowest.max(took);
        generations.insert(next);
        crate::world::eventually("the checkout is clean", async || {
            let now = ruleset(&daemon).await;
            now["commit"] == *head(&folder) && now["dirty"] == false
        })
        .await;
        generations.insert(generation(&daemon).await);
    }

    let (failures, ids) = load.finish().await;
    assert_eq!(failures, 0, "requests failed while rules changed");
    assert!(ids.len() > 50, "only {} alerts were posted: the test proves nothing", ids.len());
    assert!(slowest < LIVE_WITHIN, "a good set took {slowest:?} to be live");
    for id in ids.iter().step_by(1 + ids.len() / 300) {
        let alert = daemon.get(&format!("/api/v1/alerts/{id}")).await;
        let verdict = &alert["verdict"];
        assert!(
            generations.contains(verdict["generation"].as_str().unwrap()),
            "a verdict of no known generation: {alert:#}"
        );
        assert_eq!(verdict["dismissed_by"].as_array().unwrap().len(), 1, "a verdict of half a set: {alert:#}");
    }
    eprintln!("{} alerts, {} generations, slowest {slowest:?}", ids.len(), generations.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_by_hand_says_what_became_of_it() {
    let daemon = World::new().filter("a.yaml", &filter("first", "A")).start();
    let (status, answer) = daemon.post("/-/reload", "application/json", "").await;
    assert_eq!((status, &answer["last_reload"]["outcome"]), (200, &json!("unchanged")), "{answer:#}");
    daemon.world.write("rules/a.yaml", "id: [\n");
    let (status, answer) = daemon.post("/-/reload", "application/json", "").await;
    assert_eq!(status, 422, "{answer:#}");
    assert!(answer.to_string().contains("rules/a.yaml"), "{answer:#}");
    let result = daemon.post_alert(json!({"title": "t", "alert_type": "A", "severity": "low"})).await;
    assert_eq!(result["dismissed_by"], json!(["first"]), "the old set still decides");
}
