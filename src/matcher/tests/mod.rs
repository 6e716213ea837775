//! What conditions mean, what is wrong with bad ones, and what hostile ones cost.

mod compared;
mod corpus;
mod coverage;
mod diagnostics;
mod explaining;
mod hostile;
mod keywords;
mod many;
mod random;
mod semantics;
mod shapes;
mod texts;
mod truth;

use super::{AlertView, Condition, compile};
use crate::alert::Alert;
use crate::diag::{Diagnostic, Diagnostics};
use crate::yaml::{self, Limits};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// An alert with these fields, and the required ones where they are not given.
fn alert(fields: Value) -> Alert {
    let mut whole = json!({
        "id": "al_00000000000000000000000000", "source": "native", "source_id": "1", "alert_type": "VM_Test",
        "title": "A title", "severity": "medium", "status": "active", "received_time": "2026-06-01T12:00:00Z",
        "raw": null,
    });
    for (key, value) in fields.as_object().expect("a test's alert is a map") {
        whole[key] = value.clone();
    }
    serde_json::from_str(&whole.to_string()).unwrap_or_else(|error| panic!("{error}: {whole}"))
}

/// Compiles the value of a `match:`.
fn compiled(text: &str) -> (Option<Condition>, Vec<Diagnostic>) {
    let file: Arc<Path> = Path::new("r.yaml").into();
    let mut found = Diagnostics::new();
    let limits = Limits { bytes: 4 << 20, depth: 200, nodes: 1 << 20, ..Limits::RULE_FILE };
    let nodes = yaml::parse(text, &file, limits, &mut found);
    assert!(found.is_empty(), "{:?}", found.sorted());
    let condition = compile(&nodes[0], &file, &mut found);
    assert_eq!(condition.is_none(), found.has_errors(), "a condition is none if and only if there are errors");
    (condition, found.sorted())
}

/// Whether an alert meets a condition without faults.
fn matches(text: &str, fields: Value) -> bool {
    let (condition, found) = compiled(text);
    let condition = condition.unwrap_or_else(|| panic!("{text}: {found:?}"));
    condition.matches(&AlertView::new(&alert(fields)))
}

/// Everything found in a condition: headlines, each with its help after ` = `.
fn findings(text: &str) -> Vec<String> {
    let told = |found: &Diagnostic| match &found.help {
        Some(help) => format!("{} = {help}", found.headline()),
        None => found.headline(),
    };
    compiled(text).1.iter().map(told).collect()
}
