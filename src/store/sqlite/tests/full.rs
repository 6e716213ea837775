//! A disk that was full: that it has room again is noticed without a write of anybody's.

use crate::store::sqlite::checkpoint::Checkpointer;
use crate::store::sqlite::claims::Claims;
use crate::store::sqlite::folder::Folder;
use crate::store::sqlite::health::Health;
use crate::store::sqlite::writer::{Desk, Writer};
use crate::store::sqlite::{connection, schema};
use crate::store::{StoreError, sqlite::work::Batch};
use std::sync::Arc;

fn grow(batch: &mut Batch<'_>) -> Result<(), StoreError> {
    batch.db.execute("INSERT INTO logs (run, level, message, fields) VALUES (1, '', ?1, '')", ["x".repeat(100_000)])?;
    Ok(())
}

#[tokio::test]
async fn room_is_noticed_by_a_probe_and_by_no_mere_look() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::hold(place.path()).unwrap();
    let mut db = connection::writer(&folder.database()).unwrap();
    schema::migrate(&mut db).unwrap();
    let pages: i64 = db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    // SQLite's own way to be full: the database may not grow by a single page.
    db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    let health = Arc::new(Health::default());
    let other = connection::checkpointer(&folder.database()).unwrap();
    let checkpointer = Checkpointer::start(other, folder.log(), Arc::clone(&health)).unwrap();
    let (claims, hot) = (Claims::default(), Arc::default());
    let desk = Desk { db, claims, hot, health: Arc::clone(&health), checkpointer, folder };
    let writer = Writer::start(desk, 8).unwrap();

    assert!(matches!(writer.offer(1, grow).await, Err(StoreError::Full(_))));
    assert!(matches!(health.room(), Err(StoreError::Full(_))));
    writer.write(|_| Ok(())).await.unwrap();
    assert!(health.room().is_err(), "a group that wrote nothing proves nothing");
    writer.probe();
    writer.write(|_| Ok(())).await.unwrap();
    assert_eq!(health.room(), Ok(()));
    assert_eq!(health.failure(), Ok(()), "a full disk is no failed disk");
    writer.close().await;
}
