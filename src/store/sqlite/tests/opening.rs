//! Opening and closing: one process at a time, the right database, and a log that stays in bounds.

use crate::alert::{Alert, Raw};
use crate::store::contract_suite::samples::{admission, alert, at, plain};
use crate::store::{SqliteSettings, SqliteStore, Store, StoreError};
use futures_util::future::join_all;
use rusqlite::Connection;
use serde_json::json;
use std::path::Path;

fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(SqliteSettings::in_folder(folder))
}

fn refusal(folder: &Path) -> String {
    match open(folder) {
        Err(StoreError::Unavailable(why)) => why,
        other => panic!("opened, or refused otherwise: {other:?}"),
    }
}

#[tokio::test]
async fn two_stores_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    assert!(refusal(folder.path()).contains("another process is using the data folder"));
    store.accept(vec![plain("a")], at(0)).await.unwrap();
    store.close().await;
    store.close().await;
    let closed = StoreError::Unavailable("the store is closed".to_owned());
    assert_eq!(store.health(), Err(closed.clone()));
    assert_eq!(store.accept(vec![plain("b")], at(0)).await, Err(closed.clone()));
    assert_eq!(store.counts().await, Err(closed));
    open(folder.path()).unwrap().close().await;
}

#[tokio::test]
async fn a_database_of_something_else_or_of_a_newer_quell_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("quell.db");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    assert!(refusal(folder.path()).contains("not a database of Quell"));

    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().close().await;
    let database = Connection::open(folder.path().join("quell.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    assert!(refusal(folder.path()).contains("version 99, written by a newer Quell"));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("quell.db"), "no database at all".repeat(100)).unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Corrupt(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep/data");
    open(&folder).unwrap().close().await;
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_full_queue_is_busy_and_empties() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(SqliteSettings { queue: 4, ..SqliteSettings::in_folder(folder.path()) }).unwrap();
    // Another program holds the database: the writer waits with what it has taken.
    let other = Connection::open(folder.path().join("quell.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let freed = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        other.execute_batch("ROLLBACK").unwrap();
    };
    let calls = (0..50).map(|n| store.accept(vec![plain(&n.to_string())], at(0))).collect::<Vec<_>>();
    let (answers, ()) = futures_util::future::join(join_all(calls), freed).await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!((4..=10).contains(&taken), "{taken} taken by a queue of four");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(StoreError::Busy))));
    assert!(store.accept(vec![plain("afterwards")], at(0)).await.is_ok());
}

#[tokio::test]
async fn the_log_is_folded_in_before_it_grows_without_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    let log = folder.path().join("quell.db-wal");
    let payload = Raw::from_value(&json!("x".repeat(2 << 20)));
    let size = || std::fs::metadata(&log).unwrap().len();
    // Two at once, so that the writer never rests; until the log has begun anew.
    let folded = std::cell::Cell::new(false);
    let send = async |lane: u32| {
        let mut before = 0;
        for n in 0..300 {
            let large = Alert { raw: payload.clone(), ..alert(&format!("{lane} {n}")) };
            store.accept(vec![admission(large)], at(0)).await.unwrap();
            folded.set(folded.get() || size() < before);
            if folded.get() {
                break;
            }
            before = size();
        }
    };
    futures_util::future::join(send(1), send(2)).await;
    assert!(folded.get(), "{} bytes of log, and growing", size());
    store.close().await;
    assert_eq!(std::fs::metadata(&log).map_or(0, |file| file.len()), 0, "a clean stop leaves no log to recover");
}
