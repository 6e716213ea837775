//! Filters whose time is over. Told here and not by the compiler, which knows no time.

use crate::clock::Timestamp;
use crate::diag::{Code, Diagnostics};
use crate::filter::Filter;
use std::sync::Arc;

/// A filter whose time is over.
pub(super) const EXPIRED: Code = Code::new("L001", "the filter has expired and dismisses nothing any more");

/// Warns of every filter that has expired.
pub(super) fn report(filters: &[Arc<Filter>], now: Timestamp, found: &mut Diagnostics) {
    for filter in filters {
        if let Some(expires) = filter.expires.filter(|expires| *expires <= now) {
            let message = format!("`{}` expired at {expires} and dismisses nothing any more", filter.id);
            let warning = found.warning(&filter.file, filter.span, EXPIRED, message);
            warning.help("remove it, or give it a later `expires`");
        }
    }
}
