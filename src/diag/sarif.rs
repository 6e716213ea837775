//! Diagnostics as SARIF 2.1.0, which code-scanning services read.

use super::{Code, Diagnostic, Level, Page};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Component, Path};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders findings as one SARIF log with one run; `version` is Quell's own.
pub fn render_sarif(found: &[Diagnostic], version: &str) -> Value {
    let codes: BTreeMap<&str, Code> = found.iter().map(|d| (d.code.id, d.code)).collect();
    let rules: Vec<Value> = codes.values().map(|code| rule(code, found)).collect();
    let results: Vec<Value> = found
        .iter()
        .map(|diagnostic| {
            let index = codes.keys().position(|id| *id == diagnostic.code.id);
            result(diagnostic, index.expect("every finding's code was collected"))
        })
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "quell", "version": version, "semanticVersion": version, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &Code, found: &[Diagnostic]) -> Value {
    let level = found.iter().filter(|d| d.code.id == code.id).map(|d| d.level).max().unwrap_or(Level::Error);
    let mut rule = json!({
        "id": code.id,
        "shortDescription": {"text": code.meaning},
        "defaultConfiguration": {"level": level.word()},
    });
    if let Some(page) = Page::of(code.id) {
        rule["helpUri"] = page.uri().into();
        rule["help"] = json!({"text": page.text, "markdown": page.text});
    }
    rule
}

fn result(diagnostic: &Diagnostic, rule_index: usize) -> Value {
    let message = match &diagnostic.help {
        Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": rule_index,
        "level": diagnostic.level.word(),
        "message": {"text": message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&diagnostic.file)},
            "region": {"startLine": diagnostic.span.start.line, "startColumn": diagnostic.span.start.column},
        }}],
    })
}

/// A path as a URI reference: relative stays relative, so that the service finds the file in the repository.
fn uri(path: &Path) -> String {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => parts.push(escaped(&name.to_string_lossy())),
            Component::ParentDir => parts.push("..".to_owned()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    let start = if path.is_absolute() { "file:///" } else { "" };
    format!("{start}{}", parts.join("/"))
}

fn escaped(segment: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let escape = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    segment.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Diagnostics, Position, Span};
    use super::*;

    const UNKNOWN: Code = Code::new("X003", "the field is not one of an alert's");
    const OWNER: Code = Code::new("W090", "the filter has no owner");

    #[test]
    fn one_run_with_its_rules_and_results() {
        let mut found = Diagnostics::new();
        let span = Span::at(Position { line: 3, column: 5, offset: 20 });
        found.error(&Path::new("rules/my rules/ä.yaml").into(), span, UNKNOWN, "unknown field `sevrity`").help("fix");
        found.warning(&Path::new("/etc/quell/b.yaml").into(), Span::START, OWNER, "nobody owns it");
        let log = render_sarif(&found.sorted(), "0.1.0");
        assert_eq!(
            log,
            json!({
                "$schema": SCHEMA,
                "version": "2.1.0",
                "runs": [{
                    "tool": {"driver": {
                        "name": "quell",
                        "version": "0.1.0",
                        "semanticVersion": "0.1.0",
                        "rules": [
                            {"id": "W090", "shortDescription": {"text": "the filter has no owner"}, "defaultConfiguration": {"level": "warning"}},
                            {"id": "X003", "shortDescription": {"text": "the field is not one of an alert's"}, "defaultConfiguration": {"level": "error"}},
                        ],
                    }},
                    "columnKind": "unicodeCodePoints",
                    "results": [
                        {
                            "ruleId": "W090", "ruleIndex": 0, "level": "warning",
                            "message": {"text": "nobody owns it"},
                            "locations": [{"physicalLocation": {
                                "artifactLocation": {"uri": "file:///etc/quell/b.yaml"},
                                "region": {"startLine": 1, "startColumn": 1},
                            }}],
                        },
                        {
                            "ruleId": "X003", "ruleIndex": 1, "level": "error",
                            "message": {"text": "unknown field `sevrity`\nhelp: fix"},
                            "locations": [{"physicalLocation": {
                                "artifactLocation": {"uri": "rules/my%20rules/%C3%A4.yaml"},
                                "region": {"startLine": 3, "startColumn": 5},
                            }}],
                        },
                    ],
                }],
            })
        );
    }

    #[test]
    fn a_rule_brings_its_page_along() {
        let mut found = Diagnostics::new();
        found.error(&Path::new("a.yaml").into(), Span::START, Code::new("M001", "a field"), "no");
        let rule = &render_sarif(&found.sorted(), "0.1.0")["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!(rule["helpUri"], "urn:quell:code:M001");
        assert_eq!(rule["help"]["markdown"].as_str(), Page::of("m001").map(|page| page.text));
    }

    #[test]
    fn nothing_found_is_still_a_log() {
        assert_eq!(render_sarif(&[], "0.1.0")["runs"][0]["results"], json!([]));
    }
}
