//! What is handed out from memory is what is on disk, and somebody else's write makes the store look there again.

use crate::clock::Timestamp;
use crate::playbook::{AlertChange, Outcome, StepKey};
use crate::store::contract_suite::samples::{
    accept, at, attempt, change, claim_one, expiring, progress, request, sleep, step_error, suspended, with_run,
};
use crate::store::sqlite::claims::RequestKey;
use crate::store::sqlite::hot::{Hot, Learned};
use crate::store::{RunWork, SqliteSettings, SqliteStore, StepEnd, Store};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

fn open(folder: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder)).unwrap())
}

/// A commit behind the store's back, after which nothing in memory counts.
fn touch(folder: &Path) {
    let db = Connection::open(folder.join("quell.db")).unwrap();
    assert_eq!(db.execute("UPDATE probes SET count = count + 1", []).unwrap(), 1);
}

/// Claims what is ready, once as the store has it at hand and once as it is on disk.
async fn same_run(store: &Arc<dyn Store>, folder: &Path) -> RunWork {
    let first = claim_one(store).await;
    let at_hand = format!("{first:?}");
    drop(first);
    touch(folder);
    let read = claim_one(store).await;
    assert_eq!(at_hand, format!("{read:?}"));
    read
}

async fn same_requests(store: &Arc<dyn Store>, folder: &Path, now: Timestamp) -> Vec<crate::store::RequestWork> {
    let first = store.claim_requests("chat", 10, now).await.unwrap();
    let at_hand = format!("{first:?}");
    drop(first);
    touch(folder);
    let read = store.claim_requests("chat", 10, now).await.unwrap();
    assert_eq!(at_hand, format!("{read:?}"));
    read
}

#[tokio::test]
async fn a_run_is_the_same_from_memory_and_from_disk_at_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    accept(&store, with_run("a")).await;
    let work = same_run(&store, folder.path()).await;
    let steps = vec![
        request("0", "chat"),
        change("1", AlertChange::Comment { text: "on it".to_owned() }),
        expiring("2", "chat", at(900)),
        request("3", "chat"),
        sleep("4", at(5)),
    ];
    store.record_progress(progress(&work, steps, Outcome::Suspended), at(0)).await.unwrap();
    let requests = store.claim_requests("chat", 10, at(0)).await.unwrap();
    assert_eq!(requests.len(), 3);
    let ends = [
        StepEnd::Done(json!({"status": 200, "score": 0.1, "body": "\u{fc}"})),
        StepEnd::Done(json!([])),
        StepEnd::Failed(step_error("http")),
    ];
    for (number, (sent, end)) in requests.iter().zip(ends).enumerate() {
        store.record_attempt(attempt(sent, end), at(1)).await.unwrap();
        let work = same_run(&store, folder.path()).await;
        let later = vec![request(&format!("{}", 10 + number), "chat")];
        store.record_progress(progress(&work, later, Outcome::Suspended), at(2)).await.unwrap();
    }
    assert_eq!(store.fire_timers(10, at(5)).await.unwrap(), 1);
    let work = same_run(&store, folder.path()).await;
    assert_eq!(work.journal.iter().filter(|entry| entry.settled.is_some()).count(), 5);
}

#[tokio::test]
async fn a_request_is_the_same_from_memory_and_from_disk_at_every_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let steps = vec![request("0", "chat"), expiring("1", "chat", at(900)), request("2", "chat")];
    suspended(&store, "a", steps).await;
    let requests = same_requests(&store, folder.path(), at(0)).await;
    assert_eq!(requests.len(), 3);
    store.record_attempt(attempt(&requests[0], StepEnd::Retry(at(9))), at(1)).await.unwrap();
    store.record_attempt(attempt(&requests[1], StepEnd::Done(json!(1))), at(1)).await.unwrap();
    drop(requests);
    let again = same_requests(&store, folder.path(), at(9)).await;
    assert_eq!(
        again.iter().map(|request| request.attempts).collect::<Vec<_>>(),
        [0, 1],
        "the one put off is due later"
    );
}

#[tokio::test]
async fn a_run_is_kept_with_what_was_learned_of_it_and_forgotten_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let work = suspended(&store, "a", vec![request("0", "chat")]).await;
    let (hot, run) = (Hot::default(), 7);
    assert!(hot.run(run).is_none());
    hot.keep(run, 1, &work);
    let learned = crate::store::sqlite::hot::progress(
        run,
        &progress(&work, vec![request("0", "chat")], Outcome::Suspended),
        at(3),
    );
    hot.learn(vec![learned]);
    let known = hot.run(run).unwrap();
    assert_eq!((known.journal.len(), known.logged.get("")), (1, Some(&1)));
    assert_eq!(hot.wakes(run), Some(1));
    let key = StepKey("0".to_owned());
    let request = RequestKey { run, key: key.clone() };
    assert!(hot.take_request(&request).is_some());
    assert!(hot.take_request(&request).is_none(), "once handed out, only the record tells how often it was tried");
    let done = || Learned::Done { run, key: key.clone(), value: Value::Null.into(), at: at(4) };
    hot.learn(vec![done(), done()]);
    assert_eq!(hot.wakes(run), Some(2), "what is settled already was read when it was on disk");
    assert!(hot.run(run).unwrap().journal[0].settled.is_some());
    hot.learn(vec![Learned::Forget { run }]);
    assert!(hot.run(run).is_none());
}

#[tokio::test]
async fn what_was_not_wanted_lately_goes_before_memory_does() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let work = suspended(&store, "a", Vec::new()).await;
    let work = RunWork { alert: "x".repeat(200 << 10).into(), ..work };
    let hot = Hot::default();
    hot.keep(0, 1, &work);
    for run in 1..=500 {
        hot.keep(run, 1, &work);
        assert!(hot.run(0).is_some(), "it is wanted all the time");
    }
    let kept = (1..=500).filter(|run| hot.wakes(*run).is_some()).count();
    assert!((50..=170).contains(&kept), "{kept} of 200 KiB each");
    assert!(hot.wakes(1).is_none() && hot.wakes(500).is_some());
    hot.keep(501, 1, &RunWork { alert: "x".repeat(300 << 10).into(), ..work });
    assert!(hot.wakes(501).is_none(), "one that large is read each time");
}
