//! The schema's tables as JSON Schema: an alert as somebody writes one down, and the keys of conditions.

use super::entities::ENTITIES;
use super::schema::{ALERT, FieldType, Record, Shape};
use crate::alert::{Severity, Status};
use serde_json::{Map, Value, json};

/// The alert of a test, and the definitions its schema refers to.
pub fn written_alert() -> (Value, Map<String, Value>) {
    let mut definitions = Map::new();
    let mut properties = Map::new();
    for (name, shape) in ALERT.fields {
        let schema = if *name == "entities" { entities(&mut definitions) } else { of(*shape, &mut definitions) };
        properties.insert((*name).to_owned(), schema);
    }
    (json!({"type": "object", "properties": properties, "additionalProperties": false}), definitions)
}

/// The fields that conditions name, and those of entities, each with what it holds: what an editor offers.
pub fn paths() -> Vec<(String, &'static str)> {
    let noun = |shape: &Shape| match shape {
        Shape::Value(field_type) => field_type.noun(),
        Shape::Record(_) => FieldType::Object.noun(),
        Shape::Free { .. } => FieldType::Any.noun(),
    };
    let own = ALERT.fields.iter().map(|(name, shape)| ((*name).to_owned(), noun(shape)));
    let below = |prefix: String, record: &'static Record| {
        record.fields.iter().map(move |(name, shape)| (format!("{prefix}.{name}"), noun(shape)))
    };
    let records = |prefix: &'static str, record: &'static Record| {
        record.fields.iter().filter_map(move |(name, shape)| match shape {
            Shape::Record(inner) => Some((format!("{prefix}{name}"), *inner)),
            _ => None,
        })
    };
    let lists = records("", &ALERT).filter(|(_, record)| !record.is_entity_types());
    let nested = lists.chain(records("entities.", &ENTITIES)).flat_map(|(prefix, record)| below(prefix, record));
    let types = below("entities".to_owned(), &ENTITIES);
    own.chain(types).chain(nested).collect()
}

fn of(shape: Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Value(field_type) => value(field_type),
        Shape::Free { .. } => json!(true),
        Shape::Record(inner) => {
            let reference = record(inner, definitions);
            json!({"anyOf": [reference, {"type": "array", "items": reference}, {"type": "null"}]})
        }
    }
}

/// A reference to a record's definition, which is made the first time.
fn record(record: &'static Record, definitions: &mut Map<String, Value>) -> Value {
    let name = format!("record_{}", record.name);
    if !definitions.contains_key(&name) {
        // Records hold each other in circles: the name is taken before its fields are looked at.
        definitions.insert(name.clone(), Value::Null);
        let mut properties = Map::from_iter([("type".to_owned(), json!({"type": "string"}))]);
        for (field, shape) in record.fields {
            properties.insert((*field).to_owned(), of(*shape, definitions));
        }
        definitions
            .insert(name.clone(), json!({"type": "object", "properties": properties, "additionalProperties": false}));
    }
    json!({"$ref": format!("#/$defs/{name}")})
}

/// Each entity says its type and has that type's fields; sources may have types of their own.
fn entities(definitions: &mut Map<String, Value>) -> Value {
    let mut types = Vec::new();
    let mut rules = Vec::new();
    for (name, shape) in ENTITIES.fields {
        types.push(*name);
        if let Shape::Record(inner) = shape {
            let reference = record(inner, definitions);
            let is_it = json!({"properties": {"type": {"const": name}}, "required": ["type"]});
            rules.push(json!({"if": is_it, "then": reference}));
        }
    }
    let kind = json!({"type": "string", "examples": types});
    json!({"type": "array", "items": {"type": "object", "properties": {"type": kind}, "allOf": rules}})
}

/// A value, or a list of such values. Words are open on intake, so they are offered and not asked for.
fn value(field_type: FieldType) -> Value {
    let words = |words: &[&str]| json!({"type": ["string", "null"], "examples": words});
    match field_type {
        FieldType::Boolean => json!({"type": ["boolean", "null", "array"]}),
        FieldType::Severity => words(&Severity::WORDS),
        FieldType::Status => words(&Status::ALL.map(Status::as_str)),
        _ => {
            json!({"type": ["string", "number", "boolean", "null", "array"], "items": {"type": ["string", "number", "boolean", "null"]}})
        }
    }
}
