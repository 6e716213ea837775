//! The tests beside a filter: an alert as somebody writes one down, and what should become of it.

use super::codes;
use crate::diag::{Diagnostics, Span, closest};
use crate::matcher::shown;
use crate::yaml::{self, Kind, Limits, Node};
use std::path::Path;
use std::sync::Arc;

/// Its keys.
pub(super) const TEST_KEYS: [&str; 3] = ["name", "alert", "expect"];

/// One test of a filter, read but not run.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterTest {
    /// What it promises.
    pub name: String,
    /// The alert, in the native form.
    pub alert: serde_json::Value,
    /// What should become of it.
    pub expect: Expectation,
    /// Where it stands.
    pub span: Span,
}

/// What should become of a test's alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The filter dismisses it.
    Dismissed,
    /// The filter leaves it alone.
    Active,
}

impl Expectation {
    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dismissed => "dismissed",
            Self::Active => "active",
        }
    }
}

/// Reads a `FILE.test.yaml`: the same list that may stand under a filter's `tests`.
pub fn compile_tests(text: &str, file: &Arc<Path>, found: &mut Diagnostics) -> Vec<FilterTest> {
    let documents = yaml::parse(text, file, Limits::RULE_FILE, found);
    documents.iter().flat_map(|document| read_tests(document, file, found)).collect()
}

/// Reads a list of tests; those with faults are left out.
pub(super) fn read_tests(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Vec<FilterTest> {
    match &node.kind {
        Kind::List(list) => list.iter().filter_map(|test| read_test(test, file, found)).collect(),
        Kind::Null => Vec::new(),
        _ => {
            let message = format!("tests are a list, not {}", node.kind_name());
            found.error(file, node.span, codes::TEST, message).help("begin each test with `- name: ...`");
            Vec::new()
        }
    }
}

fn read_test(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Option<FilterTest> {
    let Some(map) = node.as_map() else {
        let message = format!("a test is a map, not {}", node.kind_name());
        found.error(file, node.span, codes::TEST, message).help("it has the keys `name`, `alert` and `expect`");
        return None;
    };
    for entry in map.iter().filter(|entry| !TEST_KEYS.contains(&entry.key.as_str())) {
        let message = format!("a test has no key `{}`", shown(&entry.key));
        let fault = found.error(file, entry.key_span, codes::UNKNOWN_KEY, message);
        fault.help = closest(&entry.key, TEST_KEYS).map(|near| format!("did you mean `{near}`?"));
    }
    let [name, alert, expect] = TEST_KEYS.map(|key| {
        let value = node.get(key).map(|entry| &entry.value);
        if value.is_none() {
            found.error(file, node.span, codes::TEST, format!("the test has no `{key}`"));
        }
        value
    });
    let name = name.and_then(|node| scalar(node, "name", file, found));
    let alert = alert.and_then(|node| alert_value(node, file, found));
    let expect = expect.and_then(|node| expectation(node, file, found));
    Some(FilterTest { name: name?, alert: alert?, expect: expect?, span: node.span })
}

fn scalar(node: &Node, key: &str, file: &Arc<Path>, found: &mut Diagnostics) -> Option<String> {
    let text = node.written().map(str::to_owned);
    if text.is_none() {
        found.error(file, node.span, codes::TEST, format!("`{key}` is a text, not {}", node.kind_name()));
    }
    text
}

fn alert_value(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Option<serde_json::Value> {
    if node.as_map().is_none() {
        found.error(file, node.span, codes::TEST, format!("`alert` is a map, not {}", node.kind_name()));
        return None;
    }
    super::check_fields(node, file, found);
    Some(yaml::to_json(node))
}

fn expectation(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Option<Expectation> {
    let all = [Expectation::Dismissed, Expectation::Active];
    let read = all.into_iter().find(|expect| node.as_text() == Some(expect.as_str()));
    if read.is_none() {
        let given = node.written().map_or_else(|| node.kind_name().to_owned(), |text| format!("`{}`", shown(text)));
        found.error(file, node.span, codes::TEST, format!("`expect` is `dismissed` or `active`, not {given}"));
    }
    read
}
