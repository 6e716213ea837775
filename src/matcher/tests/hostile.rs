//! Hostile conditions and alerts: everything ends, at a named limit or at a bounded cost.

use super::*;

fn only(found: &[String], expected: &str) {
    assert!(found.len() == 1 && found[0].contains(expected), "{:?}", &found[..found.len().min(3)]);
}

#[test]
fn values_have_a_limit() {
    let values = |count: usize| format!("{{title: [{}]}}", "a,".repeat(count));
    assert!(compiled(&values(100_000)).0.is_some());
    only(&findings(&values(100_001)), "error[M020]: more than 100000 values in one condition");
}

#[test]
fn a_condition_of_many_values_is_still_seen_to_say_nothing() {
    let values: String = (0..49_999).map(|number| format!("v{number}, ")).collect();
    let text = format!("{{a: {{title: [{values}]}}, condition: a or (simulated or not a), simulated: {{title: x}}}}");
    only(&findings(&text), "error[M021]: this condition matches every alert");
}

#[test]
fn values_count_as_often_as_their_selection_is_named() {
    let condition = vec!["a"; 1000].join(" or ");
    let text = format!("{{a: {{title: [{}]}}, condition: {condition}}}", "x,".repeat(101));
    only(&findings(&text), "error[M020]: more than 100000 values in one condition");
    let patterns = vec!["1 of a*"; 10_000].join(" or ");
    let selections: String = (0..100).map(|number| format!("a{number}: {{title: x}}, ")).collect();
    only(&findings(&format!("{{{selections}condition: {patterns}}}")), "error[M020]: the condition names more than");
}

#[test]
fn regular_expressions_have_a_limit() {
    let found = findings(&format!("{{title|re: [{}]}}", r"'\w{3}',".repeat(101)));
    only(&found, "error[M013]: more than 100 regular expressions in one condition");
}

#[test]
fn deep_conditions_end_at_a_limit() {
    for (open, close) in [("(", ")"), ("not ", "")] {
        let condition = format!("{}a{}", open.repeat(1000), close.repeat(1000));
        let found = findings(&format!("{{a: {{title: x}}, condition: '{condition}'}}"));
        only(&found, "error[M019]: the condition is nested deeper than 64 levels");
    }
    let blocks = format!("{}{{c: x}}{}", "{raw.a: {b: ".repeat(60), "}}".repeat(60));
    assert!(compiled(&blocks).0.is_some());
}

#[test]
fn long_keys_and_values_are_shown_short() {
    let (key, value) = ("x".repeat(1000), "x".repeat(100_000));
    for text in [format!("{{title|{key}: a}}"), format!("{{severity: {value}}}"), format!("{{{key}: a}}")] {
        let found = findings(&text);
        assert!(found.len() == 1 && found[0].len() < 1300, "{}", found[0].len());
    }
}

#[test]
fn long_texts_are_matched_in_bounded_time() {
    let title = "ab".repeat(1 << 19);
    for condition in [
        "{title|contains: 'aba?abb'}",
        "{title|re: '(a+b?)+$x'}",
        "{title: '*a*b*a*b*a*b*c'}",
        "{title|contains|all: [ab, ba, bb]}",
    ] {
        assert!(!matches(condition, json!({"title": title})), "{condition}");
    }
}

#[test]
fn many_entities_and_deep_payloads_are_walked() {
    let entities: Vec<Value> =
        (0..20_000).map(|n| json!({"type": "process", "command_line": format!("c{n}")})).collect();
    let mut deep = json!({"x": 1});
    for _ in 0..60 {
        deep = json!([[{ "a": deep }]]).get(0).cloned().unwrap();
    }
    let fields = json!({"entities": entities, "raw": deep});
    assert!(matches("{entities.process.command_line: c19999}", fields.clone()));
    assert!(!matches(&format!("{{raw{}: 1}}", ".a".repeat(30)), fields));
}

#[test]
fn a_payload_that_cannot_be_read_again_holds_nothing() {
    let mut broken = alert(json!({}));
    let lone_surrogate = serde_json::value::RawValue::from_string(r#"{"a":"\ud800"}"#.to_owned()).unwrap();
    broken.raw = crate::alert::Raw::new(lone_surrogate);
    let condition = compiled("{raw.a|exists: true}").0.unwrap();
    assert!(!condition.matches(&AlertView::new(&broken)));
}
