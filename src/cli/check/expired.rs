//! Filters whose time is over. Told here and not by the compiler, which knows no time.

use crate::clock::Timestamp;
use crate::diag::Diagnostics;
use crate::filter::Filter;
use crate::ruleset::codes;
use std::sync::Arc;

/// Warns of every filter that has expired.
pub(super) fn report(filters: &[Arc<Filter>], now: Timestamp, found: &mut Diagnostics) {
    for filter in filters {
        if let Some(expires) = filter.expires.filter(|expires| *expires <= now) {
            let message = format!("`{}` expired at {expires} and dismisses nothing any more", filter.id);
            let warning = found.warning(&filter.file, filter.span, codes::EXPIRED, message);
            warning.help("remove it, or give it a later `expires`");
        }
    }
}
