//! Requests whose time is over, found by their time, however many wait whose is not.

use super::claims::{Claimed, RequestKey};
use super::values::Micros;
use super::work::Batch;
use crate::clock::Timestamp;
use crate::playbook::StepKey;
use crate::store::StoreError;

/// Steps in flight, and letters that are being sent again.
const EXPIRING: [&str; 2] = [
    "SELECT run, key, expires FROM steps INDEXED BY steps_expiry
     WHERE status = 'pending' AND expires IS NOT NULL AND connection = ?1 ORDER BY expires",
    "SELECT run, key, expires FROM dead_letters INDEXED BY dead_letters_expiry
     WHERE status = 'redriven' AND expires IS NOT NULL AND connection = ?1 ORDER BY expires",
];

/// Claims up to `limit` requests over `connection` whose time is over, and says when the next one's is. Reads one index
/// entry for each of them, and one more for each claim.
pub(super) fn claim(
    batch: &Batch<'_>,
    connection: &str,
    limit: usize,
    now: Timestamp,
) -> Result<(Vec<Claimed<RequestKey>>, Option<Timestamp>), StoreError> {
    batch.hot.compare(batch.db)?;
    let (mut claimed, mut next) = (Vec::new(), None);
    for expiring in EXPIRING {
        let mut waiting = batch.db.prepare_cached(expiring)?;
        let mut rows = waiting.query([connection])?;
        while let Some(row) = rows.next()? {
            let request = RequestKey { run: row.get(0)?, key: StepKey(row.get(1)?) };
            if batch.claims.has_request(&request) {
                continue;
            }
            let Micros(expires) = row.get(2)?;
            if expires > now || claimed.len() == limit {
                next = Some(next.map_or(expires, |next: Timestamp| next.min(expires)));
                break;
            }
            claimed.push(batch.claims.take_request(request));
        }
    }
    Ok((claimed, next))
}
