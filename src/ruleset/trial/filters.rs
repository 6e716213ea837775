//! Tests of filters: the alert is decoded and put to the filter as intake would, whatever the date is and as if its limit
//! were used up.

use super::Trial;
use super::case::decode_alert;
use super::watch::Watch;
use crate::alert::Alert;
use crate::diag::Diagnostics;
use crate::filter::{Expectation, Filter, FilterTest, Mode, compile_tests};
use crate::matcher::AlertView;
use crate::ruleset::explain;
use crate::ruleset::{Effect, FilterExplanation};
use std::path::Path;
use std::sync::Arc;

/// The most filters that are explained for one test; a file may hold thousands.
const MOST_EXPLAINED: usize = 3;

/// The tests inside a filter's own document.
pub(super) fn inline(filter: &Arc<Filter>, watch: &mut Watch<'_>) -> Vec<Trial> {
    filter.tests.iter().map(|test| trial(test, &filter.file, &[filter], watch)).collect()
}

/// The tests of a file beside: any filter of the file they stand beside may dismiss.
pub(super) fn sibling(
    text: &str,
    file: &Arc<Path>,
    filters: &[&Arc<Filter>],
    watch: &mut Watch<'_>,
    found: &mut Diagnostics,
) -> Vec<Trial> {
    compile_tests(text, file, found).iter().map(|test| trial(test, file, filters, watch)).collect()
}

fn trial(test: &FilterTest, file: &Arc<Path>, filters: &[&Arc<Filter>], watch: &mut Watch<'_>) -> Trial {
    let (fault, explained) = match decode_alert(&test.alert) {
        Err(fault) => (Some(fault), Vec::new()),
        Ok(alert) => {
            watch.put(&AlertView::new(&alert), filters);
            match judge(&alert, test.expect, filters) {
                Ok(()) => (None, Vec::new()),
                Err((fault, explained)) => (Some(fault), explained),
            }
        }
    };
    Trial { name: test.name.clone(), file: file.clone(), place: test.span.start, fault, explained }
}

/// Whether the filters do what is expected; else what is otherwise and why, clause by clause.
fn judge(alert: &Alert, expect: Expectation, filters: &[&Arc<Filter>]) -> Result<(), (String, Vec<FilterExplanation>)> {
    let view = AlertView::new(alert);
    let dismisses = |filter: &&&Arc<Filter>| {
        filter.mode == Mode::Enforce && filter.may_dismiss(&alert.severity) && filter.condition.matches(&view)
    };
    let by = filters.iter().find(dismisses);
    let seen = if by.is_some() { Expectation::Dismissed } else { Expectation::Active };
    if seen == expect {
        return Ok(());
    }
    // A test is about what a filter says, whatever the date is.
    let mut explained: Vec<FilterExplanation> = match by {
        Some(by) => vec![explain::at_any_time(by, alert, &view)],
        None => filters.iter().map(|filter| explain::at_any_time(filter, alert, &view)).collect(),
    };
    explained.sort_by_key(|filter| filter.misses);
    explained.truncate(MOST_EXPLAINED);
    let why = explained.first().map_or_else(|| "no filter stands beside this test".to_owned(), |near| why(near, alert));
    Err((format!("expected {}, is {}: {why}", expect.as_str(), seen.as_str()), explained))
}

/// Why a filter does what it does.
fn why(explained: &FilterExplanation, alert: &Alert) -> String {
    let filter = &explained.filter;
    match explained.effect {
        Effect::NotMet if explained.misses == 1 => format!("`{filter}` is not met, by one line"),
        Effect::NotMet => format!("`{filter}` is not met, by {} lines", explained.misses),
        Effect::Dismisses | Effect::Limits | Effect::NotInForce | Effect::Held => format!("`{filter}` is met"),
        Effect::Audits => format!("`{filter}` is met, and only records it: `mode` is `audit`"),
        Effect::Guarded if alert.severity.rank().is_none() => {
            format!("`{filter}` is met, and nothing dismisses the severity `{}`, which is none", alert.severity)
        }
        Effect::Guarded => {
            format!("`{filter}` is met, and its `allow` does not name the severity `{}`", alert.severity)
        }
    }
}
