//! The past, read beside a daemon that goes on writing: every alert as it was accepted and what was decided then.
//!
//! Each piece is a short look of its own. One long look would keep the write-ahead log from being folded into the
//! database for as long as it takes. Alerts are not looked up beside their bodies, which hold all that is asked for: that
//! would take a tenth of a replay. Where a clock was set back, bodies are read that are not asked for, and left out.

use super::seal::unseal;
use super::values::Micros;
use super::{connection, schema};
use crate::alert::{AlertText, Status};
use crate::clock::Timestamp;
use crate::store::StoreError;
use rusqlite::Connection;
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
#[derive(Debug, Clone)]
pub struct StoredAlert<'a> {
    /// Its number, in the order alerts were accepted.
    pub number: i64,
    /// Its canonical JSON, as accepted.
    pub body: &'a str,
    /// The same as a text to read in; none if it is out of the ordinary.
    pub text: Option<AlertText<'a>>,
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
        // As alerts are stored.
        let since = Timestamp::from_microsecond(since.as_microsecond()).unwrap_or(since);
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
    /// Hands out the alerts with these numbers, in order; one that is damaged as an error with its number. Whether an alert
    /// still stands beside each body is not looked at.
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
                let (body, verdict) = (text(1)?, text(2)?);
                unseal(&[body, verdict], row.get(3)?, || self.name(number))?;
                Ok(StoredAlert { number, body, text: AlertText::new(body), verdict })
            };
            let stored: Result<_, StoreError> = stored();
            let text = stored.as_ref().ok().and_then(|stored| stored.text.as_ref());
            let received = text.and_then(AlertText::received_time).or_else(|| self.received(number));
            // What nobody knows is told.
            if received.is_none_or(|received| received >= self.since) {
                each(stored.map_err(|fault| (number, fault)));
            }
        }
        Ok(())
    }

    /// An alert as a message names it.
    pub fn name(&self, number: i64) -> String {
        let id = self.db.query_row("SELECT id FROM alerts WHERE seq = ?1", [number], |row| row.get(0));
        id.map_or_else(|_| format!("alert number {number}"), |id: String| format!("alert {id}"))
    }

    /// When an alert was received whose body does not tell; none if nothing does.
    fn received(&self, number: i64) -> Option<Timestamp> {
        let received = self.db.query_row("SELECT received_time FROM alerts WHERE seq = ?1", [number], |row| row.get(0));
        received.ok().map(|Micros(received)| received)
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
