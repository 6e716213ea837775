//! Lists of what waits for people, oldest first, a page at a time.

use super::cursor;
use crate::store::{Page, StoreError, WaitingQuery};
use rusqlite::{Connection, Row, named_params};
use std::fmt::Debug;

/// What such a list is read from. None of it comes from outside.
pub(super) struct List {
    /// What is read of an item, its number first, and of which tables.
    pub columns: &'static str,
    /// The column of its number.
    pub number: &'static str,
    /// The column of its status, which has an index.
    pub status: &'static str,
    /// The column of its connection.
    pub connection: &'static str,
}

impl List {
    /// A page of it.
    pub fn page<S: Copy + Debug + PartialEq, T>(
        &self,
        db: &Connection,
        query: &WaitingQuery<S>,
        word: impl Fn(S) -> &'static str,
        read: fn(&Row<'_>) -> rusqlite::Result<(i64, T)>,
    ) -> Result<Page<T>, StoreError> {
        let limit = cursor::page_size(query.limit)?;
        let shape = format!("{:?} {:?} {}", query.status, query.connection, self.number);
        let after = query.cursor.as_ref().map_or(Ok(0), |cursor| cursor::read(&shape, cursor))?;
        let mut wanted: Vec<Option<&str>> = Vec::new();
        for status in &query.status {
            if !wanted.contains(&Some(word(*status))) {
                wanted.push(Some(word(*status)));
            }
        }
        if wanted.is_empty() {
            wanted.push(None);
        }
        let Self { columns, number, status, connection } = self;
        let mut found: Vec<(i64, T)> = Vec::new();
        for of_status in wanted {
            let narrow = of_status.map_or(String::new(), |_| format!("{status} = :status AND"));
            let sql = format!(
                "SELECT {columns} WHERE {narrow} (:status IS NULL OR {status} = :status)
                     AND (:connection IS NULL OR {connection} = :connection) AND {number} > :after
                 ORDER BY {number} LIMIT :limit"
            );
            let mut rows = db.prepare_cached(&sql)?;
            let rows = rows.query_map(
                named_params! {
                    ":status": of_status,
                    ":connection": query.connection,
                    ":after": after,
                    ":limit": i64::try_from(limit + 1).unwrap_or(i64::MAX),
                },
                read,
            )?;
            for row in rows {
                found.push(row?);
            }
        }
        found.sort_by_key(|(number, _)| *number);
        let more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| more).map(|(number, _)| cursor::write(&shape, number));
        Ok(Page { items: found.into_iter().map(|(_, item)| item).collect(), next_cursor })
    }
}
