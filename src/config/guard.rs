//! What keeps filters within bounds while they run. What it means is `pipeline`'s to say.

use super::codes;
use super::section::Section;
use crate::diag::Diagnostics;
use crate::pipeline::{Budget, GuardSettings};

pub(super) const KEYS: [&str; 3] = ["filter", "total", "jump"];

/// The most of anything: nobody counts further.
const MOST: u64 = 1_000_000_000;

/// Reads it from the section `policy`, whose other keys are read elsewhere.
pub(super) fn read(section: &Section<'_>, found: &mut Diagnostics) -> GuardSettings {
    let budget = section.section("budget", found).map(|section| budget(&section, found)).unwrap_or_default();
    GuardSettings {
        budget,
        expiry_alerts: section.boolean("expiry_alerts", found).unwrap_or(false),
        change_alerts: section.boolean("change_alerts", found).unwrap_or(false),
    }
}

fn budget(section: &Section<'_>, found: &mut Diagnostics) -> Budget {
    section.allow_only(&KEYS, found);
    Budget {
        filter: an_hour(section, "filter", found),
        total: an_hour(section, "total", found),
        jump: section.whole("jump", 2..=1000, found),
    }
}

/// So many in an hour, such as `500/h`.
fn an_hour(section: &Section<'_>, key: &str, found: &mut Diagnostics) -> Option<u64> {
    let (text, value) = section.text(key, found)?;
    let count = text.trim().strip_suffix('h').and_then(|text| text.trim_end().strip_suffix('/'));
    let count = count.and_then(|count| count.trim().parse().ok()).filter(|count| (1..=MOST).contains(count));
    if count.is_none() {
        let message = format!("`{}`: `{text}` is not a number an hour", section.dotted(key));
        value.place.error(found, codes::INVALID, message).help("write it like `500/h`");
    }
    count
}
