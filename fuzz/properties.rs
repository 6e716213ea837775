//! What must hold for every input, however it is made: nothing panics, faults have places, and the index says what the
//! plain evaluator says.

use quell::alert::{Alert, AlertText, Raw};
use quell::diag::{Diagnostic, Diagnostics};
use quell::matcher::{AlertView, Condition, Index, compile};
use quell::yaml::{self, Limits};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Between the parts of one input: no YAML and no JSON holds it.
const BREAK: u8 = 0;

fn file() -> Arc<Path> {
    Path::new("fuzz.yaml").into()
}

/// Every finding says where it is, inside of the text.
fn assert_placed(found: Diagnostics, text: &str) {
    for fault in found.sorted() {
        let span = fault.span;
        assert!(span.start.line >= 1 && span.start.column >= 1, "{}", fault.headline());
        assert!(span.start.offset <= text.len() && span.end <= text.len(), "{} {span:?}", fault.headline());
        assert!(!fault.message.is_empty());
    }
}

/// A YAML text is read or refused, and what is read has places in the text.
pub fn yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut found = Diagnostics::new();
    let documents = yaml::parse(text, &file(), Limits::RULE_FILE, &mut found);
    for document in &documents {
        assert!(document.span.start.offset <= text.len());
        let _ = yaml::to_json(document);
    }
    assert_placed(found, text);
}

fn compiled(text: &str) -> Vec<Condition> {
    let mut found = Diagnostics::new();
    let documents = yaml::parse(text, &file(), Limits::RULE_FILE, &mut found);
    let conditions = documents.iter().filter_map(|document| {
        let is_error = |fault: &&Diagnostic| fault.level == quell::diag::Level::Error;
        let before = found.iter().filter(is_error).count();
        let within = document.span.start.offset..=document.span.end;
        let is_broken = found.iter().filter(is_error).any(|fault| within.contains(&fault.span.start.offset));
        let condition = compile(document, &file(), &mut found);
        let after = found.iter().filter(is_error).count();
        // What was refused when the text was read may leave a map with nothing in it.
        assert!(
            is_broken && condition.is_none() || condition.is_none() == (after > before),
            "none if and only if there is an error"
        );
        condition
    });
    let conditions = conditions.collect();
    assert_placed(found, text);
    conditions
}

/// A condition compiles or is refused; one over selections, whatever its words.
pub fn condition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    compiled(text);
    let words = text.replace(['\\', '"'], "").replace(char::is_control, " ");
    compiled(&format!("{{a: {{title: x}}, b1: {{title: y}}, b2: {{vendor: z}}, _c: [k], condition: \"{words}\"}}"));
}

/// An input is conditions, each a YAML document, and after breaks payloads: all of them put to it together and one by one, in
/// two orders, and every payload twice, since the second time it is walked along the first.
pub fn index(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == BREAK).map(std::str::from_utf8);
    let Some(Ok(rules)) = parts.next() else { return };
    let alerts: Vec<Alert> = parts.filter_map(|payload| with_payload(payload.ok()?)).take(4).collect();
    if alerts.is_empty() {
        return;
    }
    let mut numbered: Vec<(usize, Arc<Condition>)> = compiled(rules).into_iter().map(Arc::new).enumerate().collect();
    for _ in 0..2 {
        let index = Index::build(numbered.clone());
        for alert in alerts.iter().chain(&alerts) {
            let view = AlertView::new(alert);
            let holds = |condition: &Condition| {
                let holds = condition.matches(&view);
                assert_eq!(condition.explain(&view).holds, holds);
                assert_eq!(condition.misses(&view) == 0, holds);
                holds
            };
            let plain: BTreeSet<usize> =
                numbered.iter().filter(|(_, condition)| holds(condition)).map(|(number, _)| *number).collect();
            let told = |met: Vec<&usize>| -> BTreeSet<usize> { met.into_iter().copied().collect() };
            assert_eq!(told(index.matching(&view)), plain, "{rules}\n{}", alert.raw.text());
            let text = serde_json::to_string(alert).expect("it is plain data");
            let in_text = AlertText::new(&text).and_then(|text| index.matching_text(&text));
            assert!(in_text.is_none_or(|met| told(met) == plain), "{rules}\n{text}");
        }
        numbered.reverse();
    }
}

fn with_payload(payload: &str) -> Option<Alert> {
    let raw = RawValue::from_string(payload.to_owned()).ok()?;
    Some(Alert { raw: Raw::new(raw), ..alert(payload) })
}

/// An alert of the payload's own fields, where they are an alert's.
fn alert(payload: &str) -> Alert {
    let fixed = r#"{"id":"al_00000000000000000000000000","source":"fuzz","source_id":"1","title":"A title","severity":"low",
        "status":"active","received_time":"2026-06-01T12:00:00Z","entities":[{"type":"ip","address":"10.1.2.3"},
        {"type":"process","command_line":"cmd /c whoami","image_file":{"name":"cmd.exe"}}],"raw":null}"#;
    let mut whole: serde_json::Value = serde_json::from_str(fixed).expect("it is JSON");
    if let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(payload) {
        let own = ["title", "vendor", "severity", "entities", "resources", "extended_properties", "start_time", "tags"];
        whole.as_object_mut().expect("it is a map").extend(fields.into_iter().filter(|(key, _)| own.contains(&&**key)));
    }
    serde_json::from_value(whole).unwrap_or_else(|_| serde_json::from_str(fixed).expect("it is an alert"))
}
