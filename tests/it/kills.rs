//! Promises 1, 2, 3 and 4 under SIGKILL: the daemon is killed at random moments while alerts come in, webhooks go out to a
//! receiver that fails now and then, and people answer questions.
//!
//! `QUELL_KILLS` makes it as long as wanted; `QUELL_SEED` repeats a failure's moments.

use crate::receiver::{Delivery, Receiver};
use crate::world::{Daemon, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PLAYBOOK: &str = r#"//! title: Steps of every kind
//! match: {severity|gte: medium}
//! connections: [ticketing, chat]
//! owner: soc@example.com

fn on_alert(alert) {
    let ticket = connection("ticketing").post(#{ title: alert.title, at: now() });
    tag(ticket.body.key);
    sleep("50ms");
    parallel([
        || connection("chat").post(#{ text: uuid(), ticket: ticket.body.key }),
        || connection("ticketing").get(`/${ticket.body.key}`),
    ]);
    if alert.alert_type == "Asks" {
        let answer = wait_for_approval(#{ ask: `Close ${alert.title}?`, within: "1h", otherwise: "deny" });
        if !answer.approved { fail("nobody agreed"); }
    }
    set_status("resolved", "handled");
    "handled"
}
"#;

const FILTER: &str =
    "id: quiet-ones\ntitle: Every fourth is quiet\nreason: test\nowner: soc@example.com\nmatch: {alert_type: Quiet}\n";

/// What the outside knows: which alerts were acknowledged, under which ids.
#[derive(Default)]
struct Ledger {
    acknowledged: Mutex<BTreeMap<String, String>>,
    unknown: Mutex<BTreeSet<String>>,
    /// Questions whose answer was acknowledged.
    agreed: Mutex<BTreeSet<String>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_done_is_done_again() {
    let kills: u32 = std::env::var("QUELL_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    let seed =
        std::env::var("QUELL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("{kills} kills; repeat with QUELL_SEED={seed} QUELL_KILLS={kills} cargo test --test it kills");
    let mut random = fastrand::Rng::with_seed(seed);
    let receiver = Receiver::start().await;
    receiver.misbehave(random.fork());
    let mut daemon = World::new()
        .filter("quiet.yaml", FILTER)
        .playbook("every-step.rhai", PLAYBOOK)
        .connection("ticketing", &receiver)
        .connection("chat", &receiver)
        .start();
    let ledger = Arc::new(Ledger::default());
    let mut lives: Vec<Life> = Vec::new();
    let next = Arc::new(AtomicU64::new(0));
    for kill in 0..kills {
        let stop = Arc::new(AtomicBool::new(false));
        let answerer = {
            let (ledger, stop, client, url) = (ledger.clone(), stop.clone(), daemon.client.clone(), daemon.url(""));
            tokio::spawn(async move { answer_until(stop, &client, &url, &ledger).await })
        };
        let posters: Vec<_> = (0..4)
            .map(|_| {
                let (ledger, next, stop) = (ledger.clone(), next.clone(), stop.clone());
                let (client, url) = (daemon.client.clone(), daemon.url("/api/v1/alerts"));
                tokio::spawn(async move { post_until(stop, client, url, ledger, next).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(random.u64(20..400))).await;
        daemon.kill();
        stop.store(true, Ordering::Relaxed);
        for task in posters.into_iter().chain([answerer]) {
            task.await.unwrap();
        }
        // What the dead daemon's store calls done must never be sent again.
        let arrived = receiver.count();
        let done = done_messages(&daemon);
        let done_before = lives.last().map(|life| &life.done);
        assert!(
            done_before.is_none_or(|before| done.is_superset(before)),
            "kill {kill}: a step recorded as done is not done any more"
        );
        lives.push(Life { arrived, done });
        daemon.restart();
        tokio::time::sleep(Duration::from_millis(random.u64(10..150))).await;
    }
    receiver.behave();
    every_acknowledged_alert_is_stored(&daemon, &ledger).await;
    repetitions_are_the_same_alert(&daemon, &ledger).await;
    every_run_ends(&daemon, &ledger).await;
    every_answer_counts_once(&daemon, &ledger);
    duplicates_are_equal(&receiver);
    everything_done_has_arrived(&receiver, &done_messages(&daemon));
    nothing_done_is_sent_again(&receiver, &lives);
}

/// What stood at the end of one life of the daemon.
struct Life {
    /// How many deliveries had arrived by then.
    arrived: usize,
    /// The messages whose steps the store called done.
    done: BTreeSet<String>,
}

/// Not in a later life once a step is done; and not in the same life once it was answered 200.
fn nothing_done_is_sent_again(receiver: &Receiver, lives: &[Life]) {
    let ledger = receiver.ledger();
    for (kill, life) in lives.iter().enumerate() {
        for again in &ledger[life.arrived..] {
            assert!(!life.done.contains(again.id()), "after kill {kill}: {} was done and was sent again", again.id());
        }
    }
    let starts = std::iter::once(0).chain(lives.iter().map(|life| life.arrived));
    let ends = lives.iter().map(|life| life.arrived).chain([ledger.len()]);
    for (start, end) in starts.zip(ends) {
        let mut taken = BTreeSet::new();
        for delivery in &ledger[start..end] {
            assert!(!taken.contains(delivery.id()), "{} was taken and sent again by the same daemon", delivery.id());
            if delivery.answered == Some(200) {
                taken.insert(delivery.id());
            }
        }
    }
}

/// What is done was answered 200 once at least; and what the receiver failed was sent again.
fn everything_done_has_arrived(receiver: &Receiver, done: &BTreeSet<String>) {
    let ledger = receiver.ledger();
    let with = |answer: fn(Option<u16>) -> bool| -> BTreeSet<&str> {
        ledger.iter().filter(|delivery| answer(delivery.answered)).map(Delivery::id).collect()
    };
    let taken = with(|answer| answer == Some(200));
    let lost: Vec<_> = done.iter().filter(|id| !taken.contains(id.as_str())).collect();
    assert!(lost.is_empty(), "done, and never taken: {lost:?}");
    let (refused, dropped) = (with(|answer| answer == Some(503)), with(|answer| answer.is_none()));
    assert!(!refused.is_empty() && !dropped.is_empty(), "the receiver never failed: the test proves nothing");
    for id in refused.union(&dropped) {
        assert!(taken.contains(id), "{id} was failed and never sent again");
    }
    eprintln!("{} messages answered 503 and {} hung up on, all taken later", refused.len(), dropped.len());
}

/// Agrees to every question until told to stop or the daemon dies.
async fn answer_until(stop: Arc<AtomicBool>, client: &reqwest::Client, url: &str, ledger: &Ledger) {
    while !stop.load(Ordering::Relaxed) {
        if agree_to_all(client, url, ledger).await.is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Agrees to every question that is open now; none if the daemon dies meanwhile.
async fn agree_to_all(client: &reqwest::Client, url: &str, ledger: &Ledger) -> Option<()> {
    let open = client.get(format!("{url}/api/v1/approvals?limit=200")).send().await.ok()?.text().await.ok()?;
    let open: Value = serde_json::from_str(&open).ok()?;
    for question in open["items"].as_array()? {
        let id = question["id"].as_str()?;
        let answer = client.post(format!("{url}/api/v1/approvals/{id}")).json_text(&json!({"approved": true}));
        match answer.send().await.ok()?.status().as_u16() {
            200 => _ = ledger.agreed.lock().unwrap().insert(id.to_owned()),
            // An answer was recorded whose acknowledgement died with the daemon.
            409 => {}
            other => panic!("an answer is refused: {other}"),
        }
    }
    Some(())
}

/// An acknowledged answer stays; and no run asks twice.
fn every_answer_counts_once(daemon: &Daemon, ledger: &Ledger) {
    let file = rusqlite::Connection::open(daemon.world.path("data/quell.db")).unwrap();
    let mut query = file.prepare("SELECT id, run, status FROM approvals").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let questions: Vec<(String, i64, String)> = rows.map(Result::unwrap).collect();
    let runs: BTreeSet<i64> = questions.iter().map(|(_, run, _)| *run).collect();
    assert_eq!(runs.len(), questions.len(), "a run has asked twice");
    assert!(questions.iter().all(|(_, _, status)| status == "approved"), "{questions:?}");
    let agreed = ledger.agreed.lock().unwrap();
    assert!(!agreed.is_empty(), "nobody was asked: the test proves nothing");
    assert!(agreed.iter().all(|id| questions.iter().any(|(known, ..)| known == id)));
    eprintln!("{} questions, {} of them with an acknowledged answer, all approved", questions.len(), agreed.len());
}

/// Posts alerts one after another, some of them twice, until told to stop or the daemon dies.
async fn post_until(
    stop: Arc<AtomicBool>,
    client: reqwest::Client,
    url: String,
    ledger: Arc<Ledger>,
    next: Arc<AtomicU64>,
) {
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let source_id = format!("alert-{number}");
        ledger.unknown.lock().unwrap().insert(source_id.clone());
        let Ok(response) = client.post(&url).json_text(&alert(&source_id)).send().await else { return };
        let Ok(text) = response.text().await else { return };
        let Ok(answer) = serde_json::from_str::<Value>(&text) else { return };
        if let Some(id) = answer["results"][0]["id"].as_str() {
            ledger.unknown.lock().unwrap().remove(&source_id);
            ledger.acknowledged.lock().unwrap().insert(source_id, id.to_owned());
        }
    }
}

trait JsonText {
    fn json_text(self, body: &Value) -> Self;
}

impl JsonText for reqwest::RequestBuilder {
    fn json_text(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }
}

fn alert(source_id: &str) -> Value {
    let number: u64 = source_id.rsplit('-').next().unwrap().parse().unwrap();
    let kind = match number % 8 {
        0 | 4 => "Quiet",
        1 => "Asks",
        _ => "Loud",
    };
    json!({"source": "test", "source_id": source_id, "title": format!("alert {number}"), "alert_type": kind, "severity": "medium"})
}

/// The messages whose steps a dead daemon's store holds as done, read without the daemon.
fn done_messages(daemon: &Daemon) -> BTreeSet<String> {
    let file = rusqlite::Connection::open(daemon.world.path("data/quell.db")).unwrap();
    let mut query = file.prepare("SELECT message FROM steps WHERE status = 'done' AND message IS NOT NULL").unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

async fn every_acknowledged_alert_is_stored(daemon: &Daemon, ledger: &Ledger) {
    let acknowledged = ledger.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 50, "only {} alerts were acknowledged: the test proves nothing", acknowledged.len());
    for (source_id, id) in &acknowledged {
        let stored = daemon.get(&format!("/api/v1/alerts/{id}")).await;
        assert_eq!(stored["source_id"], **source_id);
        let quiet = stored["alert_type"] == "Quiet";
        assert_eq!(stored["verdict"]["status"], if quiet { "dismissed" } else { "active" }, "{stored:#}");
        assert_eq!(stored["runs"].as_array().unwrap().len(), usize::from(!quiet), "{stored:#}");
    }
    eprintln!("{} alerts acknowledged, all stored", acknowledged.len());
}

/// Also those whose answer was lost with the daemon: sent again, they are stored once.
async fn repetitions_are_the_same_alert(daemon: &Daemon, ledger: &Ledger) {
    let unknown = ledger.unknown.lock().unwrap().clone();
    let acknowledged = ledger.acknowledged.lock().unwrap().clone();
    for source_id in acknowledged.keys().take(100).chain(&unknown) {
        let first = daemon.post_alert(alert(source_id)).await;
        let second = daemon.post_alert(alert(source_id)).await;
        assert_eq!(first["id"], second["id"]);
        assert_eq!(second["duplicate"], true);
        if let Some(id) = acknowledged.get(source_id) {
            assert_eq!(first["id"], **id);
        }
    }
}

/// As long as some still end, the rest may take their time: many kills leave tens of thousands. The longest silence is
/// the delay after a message's second failure.
async fn every_run_ends(daemon: &Daemon, ledger: &Ledger) {
    const SILENCE: Duration = Duration::from_secs(60);
    let left = || {
        let file = rusqlite::Connection::open(daemon.world.path("data/quell.db")).unwrap();
        file.query_row("SELECT count(*) FROM runs WHERE ended IS NULL", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    let (mut before, mut ended) = (left(), Instant::now());
    while before > 0 {
        agree_to_all(&daemon.client, &daemon.url(""), ledger).await.expect("the daemon lives");
        tokio::time::sleep(Duration::from_millis(20)).await;
        if left() < before {
            (before, ended) = (left(), Instant::now());
        }
        assert!(ended.elapsed() < SILENCE, "{before} runs do not end");
    }
    let failed = daemon.get("/api/v1/runs?status=failed,expired,cancelled&limit=10").await;
    assert_eq!(failed["items"], json!([]), "runs failed");
}

fn duplicates_are_equal(receiver: &Receiver) {
    let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let ledger = receiver.ledger();
    for delivery in &ledger {
        assert!(delivery.is_signed(), "{delivery:?}");
        let first = bodies.entry(delivery.id().to_owned()).or_insert_with(|| delivery.body.clone());
        assert_eq!(*first, delivery.body, "the same id with other bytes: {}", delivery.id());
    }
    eprintln!("{} deliveries of {} messages, every repetition byte-equal", ledger.len(), bodies.len());
}
