//! The past as it is read beside the daemon.

use super::super::seal::seal;
use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::store::contract_suite::samples::{accept, admission, alert, at};
use crate::store::{SqliteHistory, SqliteSettings, SqliteStore, Store};
use jiff::ToSpan as _;
use rusqlite::Connection;
use std::sync::Arc;

/// A clock can be set back, and then alerts come in an order that is not that of their times.
#[tokio::test]
async fn what_was_received_before_is_left_out_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder.path())).unwrap());
    // One that can be read in its text, and one that has to be made to know what it says.
    let (plain, odd) = ("Brute", "Brute\u{1}");
    let just_before = at(50) - 1.microsecond();
    for (number, (received_time, title)) in [
        (at(5), plain),
        (at(100), plain),
        (at(10), plain),
        (at(50), odd),
        (just_before, odd),
        (just_before, plain),
        (at(50), plain),
        (at(20), "damaged"),
        (at(300), "damaged"),
        (at(20), "damaged, at no time"),
        (at(20), "damaged, of no alert"),
        (at(20), "\u{1} with a verdict that is none"),
        (at(60), "damaged, no text"),
        (at(60), plain),
    ]
    .into_iter()
    .enumerate()
    {
        let title = title.to_owned();
        accept(&store, admission(Alert { received_time, title, ..alert(&number.to_string()) })).await;
    }
    store.close().await;
    let db = Connection::open(folder.path().join("quell.db")).unwrap();
    let one = |sql: &str, number: i64| assert_eq!(db.execute(sql, [number]).unwrap(), 1, "{sql}");
    (8..=11).for_each(|number| one("UPDATE bodies SET body = replace(body, 'medium', 'low') WHERE alert = ?1", number));
    one("UPDATE alerts SET received_time = 9223372036854775807 WHERE seq = ?1", 10);
    one("DELETE FROM alerts WHERE seq = ?1", 11);
    one("UPDATE bodies SET body = CAST(x'22ff22' AS TEXT) WHERE alert = ?1", 13);
    let body: String = db.query_row("SELECT body FROM bodies WHERE alert = 12", [], |row| row.get(0)).unwrap();
    let sealed = seal(&[&body, "{}"]);
    assert_eq!(db.execute("UPDATE bodies SET verdict = '{}', seal = ?1 WHERE alert = 12", [sealed]).unwrap(), 1);

    let read = |since: Timestamp| {
        let history = SqliteHistory::open(folder.path(), since).unwrap();
        let (mut sound, mut damaged) = (Vec::new(), Vec::new());
        let each = |stored: Result<crate::store::StoredAlert<'_>, _>| match stored {
            Ok(stored) => sound.push(stored.number),
            Err((number, _)) => damaged.push(number),
        };
        history.reader().unwrap().read(history.numbers(), each).unwrap();
        (sound, damaged)
    };
    let since_then = (vec![2, 4, 7, 14], vec![9, 10, 11, 13]);
    assert_eq!(read(at(50)), since_then);
    // Instants are stored by the microsecond.
    assert_eq!(read(at(50) + 500.nanoseconds()), since_then);
    assert_eq!(read(at(50) + 1.microsecond()).0, [2, 14]);
    assert_eq!(read(at(0)), (vec![1, 2, 3, 4, 5, 6, 7, 12, 14], vec![8, 9, 10, 11, 13]));
    assert_eq!(read(at(400)), (vec![], vec![10, 11]));
}
