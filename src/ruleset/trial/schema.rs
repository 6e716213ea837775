//! The tests of a playbook as JSON Schema, from the tables they are read by, for editors.

use super::case::{APPROVALS, ENDS, EXPECT_KEYS, KEYS, MAILS, STEP_KEYS};
use crate::alert::Status;
use crate::alert::field::json_schema;
use crate::filter::DIALECT;
use serde_json::{Map, Value, json};

/// A file of tests beside a playbook.
pub fn playbook_tests_schema() -> Value {
    let (alert, mut definitions) = json_schema::written_alert();
    definitions.insert("alert".to_owned(), alert);
    let test = object(&KEYS, |key| match key {
        "alert" => json!({"anyOf": [{"$ref": "#/$defs/alert"}, sample()]}),
        "steps" => json!({"type": "array", "items": step(), "description": "the answers, in order"}),
        "expect" => expected(),
        _ => json!({"type": "string", "description": "what it promises"}),
    });
    let mut test = test;
    test["required"] = json!(["name", "alert"]);
    json!({
        "$schema": DIALECT,
        "title": "Tests of a playbook of Quell",
        "type": ["array", "null"],
        "items": test,
        "$defs": definitions,
    })
}

/// An alert in a file of its own.
fn sample() -> Value {
    let mut sample = object(&["file"], |_| json!({"type": "string", "description": "beside the test or below"}));
    sample["required"] = json!(["file"]);
    sample
}

/// Who answers, and what: in a word, or with what the step `returns` or `fails` of.
fn step() -> Value {
    let mut step = object(&STEP_KEYS, |key| match key {
        "approval" => json!({"enum": APPROVALS}),
        "email" => json!({"enum": MAILS}),
        "returns" | "fails" => json!(true),
        _ => json!({"type": "string"}),
    });
    let required = |keys: &[&str]| keys.iter().map(|key| json!({"required": [key]})).collect::<Vec<_>>();
    let ends = required(&["returns", "fails"]);
    step["oneOf"] = required(&["connection", "playbook", "approval", "email"]).into();
    step["if"] = json!({"anyOf": required(&["connection", "playbook"])});
    step["then"] = json!({"oneOf": ends});
    step["else"] = json!({"not": {"anyOf": ends}});
    step
}

fn expected() -> Value {
    object(&EXPECT_KEYS, |key| match key {
        "run" => json!({"enum": ENDS}),
        "status" => json!({"enum": Status::ALL.map(Status::as_str)}),
        "calls" => json!({"type": "array", "items": {"type": "string"}}),
        _ => json!(true),
    })
}

fn object(keys: &[&str], property: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), property(key))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}
