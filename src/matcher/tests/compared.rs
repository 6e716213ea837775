//! Fields of a payload that are compared with others, of which no more than they may be read.

use super::{alert, compiled};
use crate::alert::{Alert, Raw};
use crate::matcher::{AlertView, Condition, Index};
use serde_json::json;
use serde_json::value::RawValue;
use std::sync::Arc;

fn conditions() -> Vec<Arc<Condition>> {
    let conditions = [
        "{raw.a|fieldref: raw.b}",
        "{raw.a|fieldref|neq: raw.b}",
        "{raw.b|fieldref: raw.a.x}",
        "{raw.list.x|fieldref|cased: raw.b}",
        "{raw.a|fieldref: title}",
        "{title|fieldref: raw.b}",
        "{raw.\"a b\"|fieldref: raw.b}",
        "{sel: {raw.a|fieldref: raw.b}, other: {raw.list|fieldref: raw.a}, condition: sel and other}",
    ];
    conditions.map(|text| Arc::new(compiled(text).0.unwrap_or_else(|| panic!("{text}")))).into()
}

#[test]
fn fields_are_compared_as_the_plain_evaluator_does_whatever_stands_beside_them() {
    let conditions = conditions();
    let index = Index::build(conditions.iter().cloned().enumerate().collect());
    let mut met = vec![0; conditions.len()];
    for payload in [
        r#"{"a":"x","b":"X"}"#,
        r#"{"b":"x","rest":{"deep":["y"]},"a":["y","x"]}"#,
        r#"{"a":"x","b":"y","a":"y"}"#,
        r#"{"a":"x","\u0062":"x","a b":"x"}"#,
        r#"{"a":1,"b":1.0,"list":[1]}"#,
        r#"{"a":{"x":"A title"},"b":"A title"}"#,
        r#"{"a":"A title","b":"A title","list":["a title",{"x":"A title"}]}"#,
        r#"{"a":"x","b":"x","half":"\ud800"}"#,
        r#"{"a":"x","b":"x","far":1e999}"#,
        r#"[{"a":"x","b":"x"},{"a":"y"}]"#,
        r#"{"a":null,"b":null}"#,
        r#"{"a":true,"b":"true","list":true}"#,
        "\"x\"",
    ] {
        let raw: Box<RawValue> = serde_json::from_str(payload).unwrap();
        let alert = Alert { raw: Raw::new(raw), ..alert(json!({})) };
        let view = AlertView::new(&alert);
        // Again once its shape is known.
        for round in 0..3 {
            let found: Vec<usize> = index.matching(&view).into_iter().copied().collect();
            let fresh = AlertView::new(&alert);
            let expected: Vec<usize> =
                (0..).zip(&conditions).filter(|(_, one)| one.matches(&fresh)).map(|(at, _)| at).collect();
            assert_eq!(found, expected, "{payload}, round {round}");
            let again: Vec<usize> = index.matching(&AlertView::new(&alert)).into_iter().copied().collect();
            assert_eq!(again, expected, "{payload}, round {round}, nothing read before");
            expected.iter().for_each(|at| met[*at] += 1);
        }
    }
    assert!(met.iter().all(|met| *met > 0), "{met:?}");
}
