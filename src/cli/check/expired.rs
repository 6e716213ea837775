//! Filters whose time is over, or soon will be. Told here and not by the compiler, which knows no time.

use crate::clock::Timestamp;
use crate::diag::Diagnostics;
use crate::filter::Filter;
use crate::ruleset::codes;
use jiff::SignedDuration;
use std::sync::Arc;

/// Somebody has this long to look at a filter before its alerts are shown again.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Warns of every filter that has expired, or does within a week.
pub(super) fn report(filters: &[Arc<Filter>], now: Timestamp, found: &mut Diagnostics) {
    let soon = now.saturating_add(SOON).unwrap_or(Timestamp::MAX);
    for filter in filters {
        let Some(expires) = filter.expires else { continue };
        if expires <= now {
            let message = format!("`{}` expired at {expires} and dismisses nothing any more", filter.id);
            let warning = found.warning(&filter.file, filter.span, codes::EXPIRED, message);
            warning.help("remove it, or give it a later `expires`");
        } else if expires <= soon {
            let message = format!("`{}` expires at {expires}, within 7 days", filter.id);
            let warning = found.warning(&filter.file, filter.span, codes::EXPIRES_SOON, message);
            warning.help("give it a later `expires` if it is still needed, or let it go");
        }
    }
}
