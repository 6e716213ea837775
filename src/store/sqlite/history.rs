//! The past, read beside a daemon that goes on writing: every alert as it was accepted and what was decided then.
//!
//! Each piece is a short look of its own. One long look would keep the write-ahead log from being folded into the
//! database for as long as it takes. Only what is whole in itself is read, the bodies: to look up each alert beside its
//! body would take a tenth of a replay.

use super::seal::unseal;
use super::values::Micros;
use super::{connection, schema};
use crate::alert::Status;
use crate::clock::Timestamp;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The alerts of a data folder.
#[derive(Debug, Clone)]
pub struct SqliteHistory {
    database: PathBuf,
    since: Timestamp,
    numbers: RangeInclusive<i64>,
}

/// One connection to them, for one thread.
#[derive(Debug)]
pub struct SqliteHistoryReader {
    db: Connection,
    since: Timestamp,
}

/// An alert as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredAlert<'a> {
    /// Its number, in the order alerts were accepted.
    pub number: i64,
    /// Its canonical JSON, as accepted.
    pub body: &'a str,
    /// The verdict's JSON.
    pub verdict: &'a str,
}

impl SqliteHistory {
    /// The alerts received since an instant, up to now. Blocks.
    ///
    /// # Errors
    /// If the folder holds no database that this Quell can read.
    pub fn open(folder: &Path, since: Timestamp) -> Result<Self, StoreError> {
        let database = folder.join("quell.db");
        if !database.is_file() {
            let message = format!("there is no history in `{}`: it holds no quell.db", folder.display());
            return Err(StoreError::Unavailable(message));
        }
        let db = connection::onlooker(&database)?;
        schema::readable(&db)?;
        let last: Option<i64> = db.query_row("SELECT max(seq) FROM alerts", [], |row| row.get(0))?;
        // Without a first one, from behind the last: no number at all.
        let last = last.unwrap_or(0);
        let numbers = first_since(&db, since)?.unwrap_or(last + 1)..=last;
        Ok(Self { database, since, numbers })
    }

    /// The numbers its alerts have; not every number within is of one.
    pub fn numbers(&self) -> RangeInclusive<i64> {
        self.numbers.clone()
    }

    /// A connection of its own.
    ///
    /// # Errors
    /// If the database cannot be opened any more.
    pub fn reader(&self) -> Result<SqliteHistoryReader, StoreError> {
        Ok(SqliteHistoryReader { db: connection::onlooker(&self.database)?, since: self.since })
    }
}

impl SqliteHistoryReader {
    /// Since when the alerts were received that are asked for. They come in the order they were accepted in: where a clock
    /// was set back, there are earlier ones among them.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Hands out the alerts with these numbers, in order, whenever they were received; one that is damaged as an error
    /// with its number, if it was received since then.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read(
        &self,
        numbers: RangeInclusive<i64>,
        mut each: impl FnMut(Result<StoredAlert<'_>, (i64, StoreError)>),
    ) -> Result<(), StoreError> {
        let mut bodies = self.db.prepare_cached(
            "SELECT alert, body, verdict, seal FROM bodies WHERE alert BETWEEN ?1 AND ?2 ORDER BY alert",
        )?;
        let mut rows = bodies.query((numbers.start(), numbers.end()))?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let text = |column| {
                let bytes = row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from)?;
                simdutf8::basic::from_utf8(bytes).map_err(|_| StoreError::Corrupt(self.name(number)))
            };
            let stored = || {
                let stored = StoredAlert { number, body: text(1)?, verdict: text(2)? };
                unseal(&[stored.body, stored.verdict], row.get(3)?, || self.name(number))?;
                Ok(stored)
            };
            match stored() {
                Ok(stored) => each(Ok(stored)),
                Err(fault) => {
                    if self.is_asked_for(number)? {
                        each(Err((number, fault)));
                    }
                }
            }
        }
        Ok(())
    }

    /// An alert as a message names it.
    pub fn name(&self, number: i64) -> String {
        let id = self.db.query_row("SELECT id FROM alerts WHERE seq = ?1", [number], |row| row.get(0));
        id.map_or_else(|_| format!("alert number {number}"), |id: String| format!("alert {id}"))
    }

    /// Whether an alert whose body cannot be read was received since then; what nobody knows is told.
    fn is_asked_for(&self, number: i64) -> Result<bool, StoreError> {
        let mut alerts = self.db.prepare_cached("SELECT received_time FROM alerts WHERE seq = ?1")?;
        let received: Option<Micros> = alerts.query_row([number], |row| row.get(0)).optional()?;
        Ok(received.is_none_or(|Micros(received)| received >= self.since))
    }
}

/// The first alert received at or after an instant, from the index that lists are read from.
fn first_since(db: &Connection, since: Timestamp) -> Result<Option<i64>, StoreError> {
    let mut first = None;
    let mut earliest = db.prepare(
        "SELECT min(seq) FROM alerts INDEXED BY alerts_listed
         WHERE status = ?1 AND severity_rank = ?2 AND received_time >= ?3",
    )?;
    for status in Status::ALL {
        for rank in 0..=4 {
            let found: Option<i64> = earliest.query_row((status.as_str(), rank, Micros(since)), |row| row.get(0))?;
            first = match (first, found) {
                (Some(first), Some(found)) => Some(std::cmp::min::<i64>(first, found)),
                (first, found) => first.or(found),
            };
        }
    }
    Ok(first)
}
