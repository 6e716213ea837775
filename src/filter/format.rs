//! A rule file in its canonical form: the keys of a filter and of its tests in the order of the documentation.

use super::compile::KEYS;
use crate::diag::Diagnostics;
use crate::yaml::layout::{Part, Shape};
use crate::yaml::tidy;
use std::path::Path;
use std::sync::Arc;

/// The keys of a test.
const TEST_KEYS: [&str; 4] = ["name", "alert", "steps", "expect"];

/// A file of filters, or of the tests beside filters or playbooks, in its canonical form. What is neither keeps the order
/// of its keys. None if the file has faults, which go to `found`.
pub fn format_file(text: &str, file: &Arc<Path>, found: &mut Diagnostics) -> Option<String> {
    tidy(text, file, found, |document| match &mut document.value {
        Some(Shape::Map { entries, flow, .. }) => {
            if entries.iter().any(|part| is_named(part, "match") || is_named(part, "detection")) {
                // A filter is never a line.
                *flow = false;
                arrange(entries, &KEYS);
                entries.iter_mut().filter(|part| is_named(part, "tests")).for_each(|part| tests(&mut part.value));
            }
        }
        Some(list @ Shape::List { .. }) => tests(list),
        Some(Shape::Scalar(_)) | None => {}
    })
}

fn is_named(part: &Part, name: &str) -> bool {
    part.key.as_ref().is_some_and(|key| key.text == name)
}

fn tests(value: &mut Shape) {
    let Shape::List { items, .. } = value else { return };
    for item in items {
        if let Shape::Map { entries, .. } = &mut item.value
            && entries.iter().any(|part| is_named(part, "alert"))
        {
            arrange(entries, &TEST_KEYS);
        }
    }
}

/// Puts the entries into this order; keys that are not of it stay behind, as they were.
fn arrange(entries: &mut [Part], order: &[&str]) {
    let place = |part: &Part| order.iter().position(|name| is_named(part, name)).unwrap_or(order.len());
    if entries.is_sorted_by_key(place) {
        return;
    }
    entries.sort_by_key(place);
}
