//! Every field of an entity that decoding emits is one that rules can name.

use super::*;
use crate::alert::field::{Path, resolve};
use std::collections::BTreeSet;
use std::io::Write as _;

/// The paths of an entity's fields that the schema does not know, those of nested entities included.
fn unknown_paths(prefix: &str, fields: &serde_json::Map<String, Value>, unknown: &mut BTreeSet<String>) {
    // A nested entity says its type beside its fields.
    for (key, value) in fields.iter().filter(|(key, _)| *key != "type") {
        let path = format!("{prefix}.\"{key}\"");
        if resolve(&Path::parse(&path).unwrap()).is_err() {
            unknown.insert(path);
            continue;
        }
        let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        elements.iter().filter_map(Value::as_object).for_each(|below| unknown_paths(&path, below, unknown));
    }
}

fn unknown_in(text: &str) -> BTreeSet<String> {
    let mut unknown = BTreeSet::new();
    for decoded in decode(text.as_bytes(), Format::Ndjson, None, &limits(), received()).unwrap() {
        for entity in &decoded.unwrap().alert.entities {
            let path = format!("entities.{}", entity.kind);
            unknown_paths(&path, &entity.fields, &mut unknown);
        }
    }
    unknown
}

#[test]
fn rules_can_name_every_entity_field_of_real_alerts() {
    for file in [
        "defender_for_cloud_rest_alerts.ndjson",
        "defender_for_cloud_rest_alerts_recorded.ndjson",
        "sentinel_securityalert_table.ndjson",
        "falco_events.ndjson",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => assert_eq!(unknown_in(&text), BTreeSet::new(), "{file}"),
            Err(_) => {
                drop(writeln!(std::io::stderr(), "skipped: {} is not here", path.display()));
            }
        }
    }
}

#[test]
fn an_entity_field_that_rules_cannot_name_is_seen() {
    let fixture = include_str!("../../../tests/fixtures/alerts/defender_rest_2022.json");
    let mut row: Value = serde_json::from_str(fixture).unwrap();
    assert_eq!(unknown_in(&row.to_string()), BTreeSet::new());
    row["properties"]["entities"] = json!([
        {"$id": "1", "type": "ip", "address": "10.0.0.1", "shoeSize": 44},
        {"$id": "2", "type": "process", "imageFile": {"type": "file", "name": "a", "colour": "red"}},
    ]);
    let expected = ["entities.ip.\"shoe_size\"", "entities.process.\"image_file\".\"colour\""];
    assert_eq!(unknown_in(&row.to_string()), expected.map(str::to_owned).into());
}
