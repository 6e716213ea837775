//! Cursors: where a page ended, written so that only the query it belongs to can go on from there.

use crate::digest::Digest;
use crate::store::{Cursor, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A cursor at `place` of the query that reads as `query`.
pub(super) fn write<T: Serialize>(query: &str, place: &T) -> Cursor {
    let text = serde_json::to_vec(&(mark(query), place)).expect("a place in a list is plain data");
    Cursor(URL_SAFE_NO_PAD.encode(text))
}

/// Reads a cursor back.
pub(super) fn read<T: DeserializeOwned>(query: &str, cursor: &Cursor) -> Result<T, StoreError> {
    let bad = |why: &str| StoreError::BadQuery(format!("the cursor {why}; begin again without one"));
    let text = URL_SAFE_NO_PAD.decode(&cursor.0).map_err(|_| bad("is not one this list gave out"))?;
    let (marked, place): (String, T) =
        serde_json::from_slice(&text).map_err(|_| bad("is not one this list gave out"))?;
    if marked == mark(query) { Ok(place) } else { Err(bad("belongs to a list with other filters or another order")) }
}

/// A page's size, if it is one that may be asked for.
pub(super) fn page_size(limit: usize) -> Result<usize, StoreError> {
    if (1..=1000).contains(&limit) {
        Ok(limit)
    } else {
        Err(StoreError::BadQuery(format!("limit is {limit}; a page has 1 to 1000 items")))
    }
}

fn mark(query: &str) -> String {
    Digest::of(query.as_bytes()).short()
}
