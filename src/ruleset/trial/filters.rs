//! Tests of filters: the alert is decoded and put to the filter as intake would, whatever the date is.

use super::Trial;
use super::case::decode_alert;
use crate::diag::Diagnostics;
use crate::filter::{Expectation, Filter, FilterTest, Mode, compile_tests};
use crate::matcher::AlertView;
use std::path::Path;
use std::sync::Arc;

/// The tests inside a filter's own document.
pub fn inline(filter: &Arc<Filter>) -> Vec<Trial> {
    filter.tests.iter().map(|test| trial(test, &filter.file, &[filter])).collect()
}

/// The tests of a file beside: any filter of the file they stand beside may dismiss.
pub fn sibling(text: &str, file: &Arc<Path>, filters: &[&Arc<Filter>], found: &mut Diagnostics) -> Vec<Trial> {
    compile_tests(text, file, found).iter().map(|test| trial(test, file, filters)).collect()
}

fn trial(test: &FilterTest, file: &Arc<Path>, filters: &[&Arc<Filter>]) -> Trial {
    let fault = match decode_alert(&test.alert) {
        Err(fault) => Some(fault),
        Ok(alert) => {
            let view = AlertView::new(&alert);
            let dismisses = |filter: &&&Arc<Filter>| {
                filter.mode == Mode::Enforce && filter.may_dismiss(&alert.severity) && filter.condition.matches(&view)
            };
            let by = filters.iter().find(dismisses);
            let seen = if by.is_some() { Expectation::Dismissed } else { Expectation::Active };
            let by = by.map_or_else(String::new, |filter| format!(" by `{}`", filter.id));
            (seen != test.expect).then(|| format!("expected {}, is {}{by}", test.expect.as_str(), seen.as_str()))
        }
    };
    Trial { name: test.name.clone(), file: file.clone(), place: test.span.start, fault }
}
