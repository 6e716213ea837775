//! Rule files and the tests beside them as JSON Schema, from the tables they are read by, for editors.

use super::compile::KEYS;
use super::inline_tests::{Expectation, TEST_KEYS};
use super::{Filter, Mode, limit, schedule};
use crate::alert::Severity;
use crate::alert::field::{Column, json_schema};
use crate::id::RuleId;
use crate::matcher::MODIFIERS;
use serde_json::{Map, Value, json};

/// The dialect that schemas are written in.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One document of a rule file.
pub fn filter_schema() -> Value {
    let (alert, mut definitions) = json_schema::written_alert();
    definitions.insert("alert".to_owned(), alert);
    definitions.extend(condition_definitions());
    let properties: Map<String, Value> =
        KEYS.iter().filter_map(|key| Some(((*key).to_owned(), property(key)?))).collect();
    let grave = || Severity::WORDS.iter().filter(|word| Severity::from_word(word).is_guarded()).collect::<Vec<_>>();
    let names_grave = json!({"anyOf": [{"enum": grave()}, {"type": "array", "contains": {"enum": grave()}}]});
    json!({
        "$schema": DIALECT,
        "title": "A filter of Quell",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "required": ["reason"],
        "oneOf": [{"required": ["match"]}, {"required": ["detection"]}],
        "if": {"properties": {"allow": names_grave}, "required": ["allow"]},
        "then": {"required": ["expires"]},
        "$defs": definitions,
    })
}

/// A file of tests beside a rule file.
pub fn tests_schema() -> Value {
    let (alert, mut definitions) = json_schema::written_alert();
    definitions.insert("alert".to_owned(), alert);
    let mut schema = tests();
    schema["$schema"] = DIALECT.into();
    schema["title"] = "Tests of a filter of Quell".into();
    schema["$defs"] = definitions.into();
    schema
}

/// A condition, and what its schema refers to: for whoever embeds one.
fn condition_definitions() -> Map<String, Value> {
    let columns: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    let modifiers = MODIFIERS.join("|");
    // A part of a path that holds dots, bars or spaces stands in double quotes.
    let key = format!(r#"^({})(\.("([^"\\]|\\.)*"|[^".|]+))*(\|({modifiers}))*$"#, columns.join("|"));
    let keywords = format!(r"^(\|({modifiers}))+$");
    let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let offered: Map<String, Value> = json_schema::paths()
        .into_iter()
        .map(|(path, noun)| {
            let mut schema = reference("values");
            schema["description"] = format!("holds {noun}").into();
            (path, schema)
        })
        .collect();
    let scalar = json!({"type": ["string", "number", "boolean", "null"]});
    let lines_or_many = json!([
        reference("lines"),
        {"type": "array", "minItems": 1, "items": {"anyOf": [reference("lines"), {"type": ["string", "number", "boolean"]}]}},
    ]);
    Map::from_iter([
        (
            "values".to_owned(),
            json!({"anyOf": [
                scalar,
                {"type": "array", "minItems": 1, "items": scalar},
                {"type": "object", "minProperties": 1},
                {"type": "array", "minItems": 1, "items": {"type": "object", "minProperties": 1}},
            ]}),
        ),
        (
            "lines".to_owned(),
            json!({
                "type": "object",
                "minProperties": 1,
                "properties": offered,
                "patternProperties": {key: reference("values"), keywords: reference("values")},
                "additionalProperties": false,
            }),
        ),
        ("selection".to_owned(), json!({"anyOf": lines_or_many})),
        (
            "match".to_owned(),
            json!({
                "if": {"type": "object", "required": ["condition"]},
                "then": {
                    "properties": {"condition": {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1}},
                    "additionalProperties": reference("selection"),
                },
                "else": reference("selection"),
            }),
        ),
    ])
}

/// What stands under a key; none for one that is known and not to be used.
fn property(key: &str) -> Option<Value> {
    let text = |what: &str| json!({"type": ["string", "number"], "description": what});
    let time = |what: &str| json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}", "description": what});
    Some(match key {
        "id" => {
            json!({"type": "string", "pattern": RuleId::PATTERN, "description": "the file's stem unless said otherwise"})
        }
        "title" => text("what people read"),
        "description" => text("more about it"),
        "reason" => json!({"enum": Filter::REASONS, "description": "why its alerts are dismissed"}),
        "owner" => text("a person or a team that answers for it"),
        "ticket" => text("where it was agreed"),
        "starts" => time("in force from then on; a date means its first moment in UTC"),
        "expires" => time("no longer in force then; a date means its first moment in UTC"),
        "schedule" => schedule::schema(),
        "limit" => limit::schema(),
        "mode" => json!({"enum": [Mode::Enforce, Mode::Audit], "description": "audit records and dismisses nothing"}),
        "allow" => json!({
            "anyOf": [{"enum": Severity::WORDS}, {"type": "array", "items": {"enum": Severity::WORDS}}],
            "description": "the grave severities it may dismiss",
        }),
        "match" | "detection" => json!({"$ref": "#/$defs/match", "description": "what an alert must meet"}),
        "tests" => tests(),
        _ => return None,
    })
}

fn tests() -> Value {
    let expectations = [Expectation::Dismissed, Expectation::Active].map(Expectation::as_str);
    let property = |key: &str| match key {
        "alert" => json!({"$ref": "#/$defs/alert"}),
        "expect" => json!({"enum": expectations}),
        _ => json!({"type": ["string", "number"], "description": "what it promises"}),
    };
    let properties: Map<String, Value> = TEST_KEYS.iter().map(|key| ((*key).to_owned(), property(key))).collect();
    let one = json!({
        "type": "object", "properties": properties, "additionalProperties": false, "required": TEST_KEYS,
    });
    json!({"type": ["array", "null"], "items": one})
}
