//! The past, read beside a daemon that goes on writing: every alert as it was accepted and what was decided then.
//!
//! Each piece is a short look of its own. One long look would keep the write-ahead log from being folded into the
//! database for as long as it takes.

use super::seal::unseal;
use super::values::Micros;
use super::{connection, schema};
use crate::alert::Status;
use crate::clock::Timestamp;
use crate::store::StoreError;
use rusqlite::Connection;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The alerts of a data folder.
#[derive(Debug, Clone)]
pub struct SqliteHistory {
    database: PathBuf,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    numbers: RangeInclusive<i64>,
}

/// One connection to them, for one thread.
#[derive(Debug)]
pub struct SqliteHistoryReader {
    db: Connection,
    since: i64,
    until: i64,
}

/// An alert as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredAlert<'a> {
    /// Its number, in the order alerts were accepted.
    pub number: i64,
    /// Its id.
    pub id: &'a str,
    /// Its canonical JSON, as accepted.
    pub body: &'a str,
    /// The verdict's JSON.
    pub verdict: &'a str,
}

impl SqliteHistory {
    /// The alerts received within these bounds, up to now. Blocks.
    ///
    /// # Errors
    /// If the folder holds no database that this Quell can read.
    pub fn open(folder: &Path, since: Option<Timestamp>, until: Option<Timestamp>) -> Result<Self, StoreError> {
        let database = folder.join("quell.db");
        if !database.is_file() {
            let message = format!("there is no history in `{}`: it holds no quell.db", folder.display());
            return Err(StoreError::Unavailable(message));
        }
        let db = connection::onlooker(&database)?;
        schema::readable(&db)?;
        let last: Option<i64> = db.query_row("SELECT max(seq) FROM alerts", [], |row| row.get(0))?;
        let first = match since {
            Some(since) => first_since(&db, since)?,
            None => db.query_row("SELECT min(seq) FROM alerts", [], |row| row.get(0))?,
        };
        // Without a first one, from behind the last: no number at all.
        let last = last.unwrap_or(0);
        let numbers = first.unwrap_or(last + 1)..=last;
        Ok(Self { database, since, until, numbers })
    }

    /// The numbers its alerts have; not every number within has one.
    pub fn numbers(&self) -> RangeInclusive<i64> {
        self.numbers.clone()
    }

    /// A connection of its own.
    ///
    /// # Errors
    /// If the database cannot be opened any more.
    pub fn reader(&self) -> Result<SqliteHistoryReader, StoreError> {
        let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
        let (since, until) = (micros(self.since).unwrap_or(i64::MIN), micros(self.until).unwrap_or(i64::MAX));
        Ok(SqliteHistoryReader { db: connection::onlooker(&self.database)?, since, until })
    }
}

impl SqliteHistoryReader {
    /// Hands out the alerts with these numbers, in order; one that is damaged as an error with its number.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read(
        &self,
        numbers: RangeInclusive<i64>,
        mut each: impl FnMut(Result<StoredAlert<'_>, (i64, StoreError)>),
    ) -> Result<(), StoreError> {
        let mut alerts = self.db.prepare_cached(
            "SELECT alerts.seq, id, body, verdict, bodies.seal
             FROM alerts CROSS JOIN bodies ON bodies.alert = alerts.seq
             WHERE alerts.seq BETWEEN ?1 AND ?2 AND received_time >= ?3 AND received_time < ?4 ORDER BY alerts.seq",
        )?;
        let mut rows = alerts.query((numbers.start(), numbers.end(), self.since, self.until))?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let text = |column| Ok::<_, StoreError>(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?);
            let stored = || {
                let stored = StoredAlert { number, id: text(1)?, body: text(2)?, verdict: text(3)? };
                unseal(&[stored.body, stored.verdict], row.get(4)?, || format!("alert {}", stored.id))?;
                Ok(stored)
            };
            each(stored().map_err(|fault: StoreError| (number, fault)));
        }
        Ok(())
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
