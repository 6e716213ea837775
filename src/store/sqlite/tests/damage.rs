//! Damage: a record that does not read back as it was written is named, never served, and stops nothing else.

use crate::id::AlertId;
use crate::playbook::{Outcome, Settled};
use crate::store::contract_suite::samples::{
    accept, all, at, attempt, claim_one, claim_request, plain, progress, request, sleep, suspended, with_run,
};
use crate::store::{RunStatus, SqliteSettings, SqliteStore, StepEnd, Store, StoreError};
use rusqlite::Connection;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

fn open(folder: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder)).unwrap())
}

/// Changes a record behind the store's back.
fn damage(folder: &Path, sql: &str) {
    let changed = Connection::open(folder.join("quell.db")).unwrap().execute(sql, []).unwrap();
    assert!(changed > 0, "{sql} met nothing");
}

#[tokio::test]
async fn a_changed_body_or_verdict_reads_as_corrupt() {
    for sql in [
        "UPDATE bodies SET body = replace(body, 'medium', 'low')",
        "UPDATE bodies SET verdict = replace(verdict, '\"active\"', '\"dismissed\"')",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let id = accept(&store, plain("a")).await.id;
        damage(folder.path(), sql);
        let fault = store.alert(&id).await.unwrap_err();
        assert_eq!(fault, StoreError::Corrupt(format!("alert {id}")));
    }
}

#[tokio::test]
async fn a_run_that_cannot_be_read_ends_and_the_others_go_on() {
    for sql in [
        "UPDATE programs SET content = replace(content, 'broken', 'mended')",
        "UPDATE bodies SET body = replace(body, 'Brute', 'Crude') WHERE alert = 1",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let mut bad = plain("bad");
        bad.runs.push(crate::store::contract_suite::samples::new_run("broken"));
        let bad = accept(&store, bad).await.runs.remove(0);
        let good = accept(&store, with_run("good")).await.runs.remove(0);
        damage(folder.path(), sql);
        let claimed = store.claim_runs(10, at(5)).await.unwrap();
        assert_eq!(claimed.iter().map(|run| &run.id).collect::<Vec<_>>(), [&good]);
        let ended = store.run(&bad).await.unwrap().unwrap().summary;
        assert_eq!((ended.status, ended.ended_time), (RunStatus::Failed, Some(at(5))));
        assert_eq!(ended.error.unwrap().kind, "corrupt");
    }
}

#[tokio::test]
async fn a_run_that_can_be_neither_read_nor_ended_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let bad = accept(&store, with_run("bad")).await.runs.remove(0);
    let good = accept(&store, with_run("good")).await.runs.remove(0);
    damage(folder.path(), "UPDATE bodies SET body = replace(body, 'Brute', 'Crude') WHERE alert = 1");
    let refuse = "CREATE TRIGGER stuck BEFORE UPDATE ON runs WHEN old.seq = 1 BEGIN SELECT RAISE(ABORT, 'stuck'); END";
    Connection::open(folder.path().join("quell.db")).unwrap().execute_batch(refuse).unwrap();
    assert!(store.claim_runs(1, at(0)).await.is_err(), "the oldest comes first");
    let claimed = store.claim_runs(1, at(1)).await.unwrap();
    assert_eq!(claimed.iter().map(|run| &run.id).collect::<Vec<_>>(), [&good]);
    Connection::open(folder.path().join("quell.db")).unwrap().execute_batch("DROP TRIGGER stuck").unwrap();
    assert!(store.claim_runs(1, at(60)).await.unwrap().is_empty());
    assert_eq!(store.run(&bad).await.unwrap().unwrap().summary.status, RunStatus::Failed, "it was tried again");
}

#[tokio::test]
async fn a_changed_request_is_never_sent() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    suspended(&store, "a", vec![request("0", "chat"), request("1", "chat")]).await;
    damage(folder.path(), "UPDATE steps SET effect = replace(effect, '203.0.113.9', '10.0.0.1') WHERE key = '0'");
    assert_eq!(claim_request(&store, "chat", at(0)).await.key.0, "1");
    let journal = claim_one(&store).await.journal;
    assert!(matches!(&journal[0].settled, Some(Settled::Failed { error, .. }) if error.kind == "corrupt"));
}

#[tokio::test]
async fn a_sleep_that_does_not_read_back_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    suspended(&store, "a", vec![sleep("0", at(10)), sleep("1", at(10))]).await;
    damage(folder.path(), "UPDATE steps SET effect = substr(effect, 1, 9) WHERE key = '0'");
    assert_eq!(store.fire_timers(10, at(10)).await.unwrap(), 2);
    let journal = claim_one(&store).await.journal;
    assert!(matches!(&journal[0].settled, Some(Settled::Failed { error, .. }) if error.kind == "corrupt"));
    assert!(matches!(&journal[1].settled, Some(Settled::Done { .. })));
}

#[tokio::test]
async fn a_changed_result_is_never_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let run = suspended(&store, "a", vec![request("0", "chat")]).await.id;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Done(json!("block"))), at(1)).await.unwrap();
    damage(folder.path(), "UPDATE steps SET outcome = '\"allow\"'");
    assert!(matches!(store.run(&run).await, Err(StoreError::Corrupt(_))));
    assert!(store.claim_runs(10, at(1)).await.unwrap().is_empty());
    let ended = store.runs(crate::store::RunQuery { limit: 1, ..Default::default() }).await.unwrap().items.remove(0);
    assert_eq!(ended.status, RunStatus::Failed);
}

#[tokio::test]
async fn another_alert_s_body_is_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = accept(&store, with_run("a")).await.id;
    accept(&store, with_run("b")).await;
    damage(folder.path(), "DELETE FROM bodies WHERE alert = 1");
    damage(folder.path(), "UPDATE bodies SET alert = 1 WHERE alert = 2");
    assert!(matches!(store.alert(&first).await, Err(StoreError::Corrupt(_))));
}

/// Bytes flipped anywhere in the file: every alert reads as it was, or not at all.
#[tokio::test]
async fn flipped_bytes_are_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut sent = Vec::new();
    for n in 0..40 {
        let admission = with_run(&n.to_string());
        sent.push((admission.alert.id.clone(), admission.alert.raw.text().to_owned()));
        accept(&store, admission).await;
        let run = claim_one(&store).await;
        store.record_progress(progress(&run, vec![request("0", "chat")], Outcome::Suspended), at(0)).await.unwrap();
    }
    store.close().await;
    let whole = std::fs::read(folder.path().join("quell.db")).unwrap();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut served, mut refused) = (0, 0);
    for _ in 0..40 {
        let damaged = tempfile::tempdir().unwrap();
        let mut bytes = whole.clone();
        for _ in 0..8 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = (random >> 33) as usize % bytes.len();
            bytes[place] ^= 1 << (random >> 30 & 7);
        }
        std::fs::write(damaged.path().join("quell.db"), bytes).unwrap();
        match SqliteStore::open(SqliteSettings::in_folder(damaged.path())) {
            Err(_) => refused += 1,
            Ok(store) => read_all(&store, &sent, &mut served, &mut refused).await,
        }
    }
    assert!(served > 100 && refused > 10, "{served} served, {refused} refused");
}

async fn read_all(store: &SqliteStore, sent: &[(AlertId, String)], served: &mut usize, refused: &mut usize) {
    for (id, raw) in sent {
        match store.alert(id).await {
            Ok(Some(found)) => {
                assert_eq!(found.alert.raw.text(), raw);
                *served += 1;
            }
            Ok(None) | Err(_) => *refused += 1,
        }
    }
    // Whatever these answer, they answer.
    let _ = store.alerts(all()).await;
    let _ = store.counts().await;
    let _ = store.claim_runs(100, at(0)).await;
    let _ = store.claim_requests("chat", 100, at(0)).await;
    let _ = store.next_work().await;
    store.close().await;
}
