//! References between entities end, stay small, and lose nothing that a finite tree can hold.

use super::*;

/// The canonical entities of an export with these, and what was flagged.
fn entities(list: Value) -> (Value, Vec<String>) {
    let alert = alert(&json!({"SystemAlertId": "1", "AlertDisplayName": "t", "AlertType": "t", "Entities": list}));
    (canonical(&alert)["entities"].clone(), alert.flags)
}

#[test]
fn a_cycle_is_cut_where_it_closes() {
    let (entities, flags) = entities(json!([
        {"$id": "1", "Type": "host", "Account": {"$ref": "2"}},
        {"$id": "2", "Type": "account", "Host": {"$ref": "1"}},
        {"$id": "3", "Type": "file", "Itself": {"$ref": "3"}},
    ]));
    assert_eq!(entities[0], json!({"type": "host", "account": {"type": "account"}}));
    assert_eq!(entities[1]["host"]["type"], "host");
    assert_eq!(entities[2], json!({"type": "file"}));
    assert!(flags.contains(&"circular_reference: 1".to_owned()) && flags.contains(&"circular_reference: 3".to_owned()));
}

#[test]
fn a_reference_to_nothing_is_left_out_and_flagged() {
    let (entities, flags) = entities(json!([{"Type": "host", "Owner": {"$ref": "9"}}, {"$ref": "8"}, {"$ref": {}}]));
    assert_eq!(entities, json!([{"type": "host"}, {"type": "unknown"}]));
    assert_eq!(flags, ["unresolved_reference: 9", "unresolved_reference: 8"]);
}

#[test]
fn numbers_are_labels_too() {
    let (entities, flags) = entities(json!([{"$id": 4, "Type": "ip", "Address": "192.0.2.1"}, {"$ref": "4"}]));
    assert_eq!(entities[1], json!({"type": "ip", "address": "192.0.2.1"}));
    assert_eq!(flags, [""; 0]);
}

#[test]
fn a_bomb_stays_small() {
    let doubling = |next: &dyn Fn(usize) -> usize| {
        let node = |n: usize| {
            let to = json!({"$ref": next(n).to_string()});
            json!({"$id": n.to_string(), "Type": "host", "A": to, "B": to, "C": to, "D": [to, to, to, to]})
        };
        Value::Array((0..400).map(node).collect())
    };
    let backward = doubling(&|n| n.wrapping_sub(1));
    let forward = doubling(&|n| n + 1);
    for bomb in [backward, forward] {
        let (entities, flags) = entities(bomb);
        assert_eq!(entities.as_array().unwrap().len(), 400);
        assert!(entities.to_string().len() < 1 << 20, "{}", entities.to_string().len());
        assert!(flags.iter().any(|flag| flag.starts_with("entities_too_large")), "{flags:?}");
    }
}

#[test]
fn a_long_text_is_not_copied_a_thousand_times() {
    let mut list = vec![json!({"$id": "1", "Type": "file", "Name": "x".repeat(100_000)})];
    list.extend((0..400).map(|_| json!({"Type": "process", "ImageFile": {"$ref": "1"}})));
    let (entities, flags) = entities(Value::Array(list));
    assert!(entities.to_string().len() < 1 << 20);
    assert_eq!(flags, ["entities_too_large: 1"]);
}

#[test]
fn a_long_chain_stays_shallow_enough_to_be_read_back() {
    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
            Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    for step in [-1, 1] {
        let link =
            |n: i32| json!({"$id": n.to_string(), "Type": "process", "Parent": {"$ref": (n + step).to_string()}});
        let (entities, _) = entities(Value::Array((0..300).map(link).collect()));
        let deepest = entities.as_array().unwrap().iter().map(depth).max().unwrap();
        assert!((20..=64).contains(&deepest), "{deepest}");
    }
}

#[test]
fn references_may_lead_to_resources() {
    let alert = alert(&json!({
        "SystemAlertId": "1", "AlertDisplayName": "t", "AlertType": "t",
        "ResourceIdentifiers": [{"$id": "1", "Type": "AzureResource", "AzureResourceId": "/subscriptions/s"}],
        "Entities": [{"Type": "host", "Resource": {"$ref": "1"}}],
    }));
    assert_eq!(canonical(&alert)["entities"][0]["resource"]["azure_resource_id"], "/subscriptions/s");
}

proptest::proptest! {
    #[test]
    fn no_graph_of_any_kind_fails(edges in proptest::collection::vec((0_u8..12, 0_u8..12, 0_u8..12), 0..40)) {
        let node = |(id, a, b): &(u8, u8, u8)| json!({
            "$id": id.to_string(), "Type": "host", "A": {"$ref": a.to_string()}, "B": [{"$ref": b.to_string()}],
            "C": {"$id": a.to_string(), "Type": "ip", "D": {"$ref": id.to_string()}},
        });
        let (entities, _) = entities(edges.iter().map(node).collect());
        assert_eq!(entities.as_array().unwrap().len(), edges.len());
        assert!(!entities.to_string().contains('$') && entities.to_string().len() < 2 << 20);
    }
}
