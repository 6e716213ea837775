//! What observers have seen of a condition's lines.

use super::{alert, compiled};
use crate::matcher::AlertView;
use serde_json::{Value, json};

/// The lines of a condition after these alerts: `+` if it has held, `-` if it has failed.
fn seen(condition: &str, alerts: &[Value]) -> Vec<String> {
    let condition = compiled(condition).0.unwrap();
    let mut observer = condition.observer();
    for fields in alerts {
        observer.see(&AlertView::new(&alert(fields.clone())));
    }
    let sign = |seen: bool, sign: &str| if seen { sign.to_owned() } else { String::new() };
    let lines = observer.lines().into_iter();
    lines.map(|line| format!("{}{} {}", sign(line.held, "+"), sign(line.failed, "-"), line.line)).collect()
}

#[test]
fn every_line_is_tried_whatever_the_others_say() {
    let condition = "{title: a, severity|gte: high}";
    assert_eq!(seen(condition, &[]), [" title: a", " severity|gte: high"]);
    assert_eq!(seen(condition, &[json!({"title": "b", "severity": "high"})]), ["- title: a", "+ severity|gte: high"]);
    let both = [json!({"title": "b", "severity": "high"}), json!({"title": "a", "severity": "low"})];
    assert_eq!(seen(condition, &both), ["+- title: a", "+- severity|gte: high"]);
}

#[test]
fn a_selection_named_twice_has_its_lines_once_and_those_of_blocks_are_tried_on_every_element() {
    let condition = "a: {title: x}\nb: {entities.host: {host_name: web, is_domain_joined: true}}\ncondition: a and b or not a and not b\n";
    let (compiled, faults) = compiled(condition);
    let condition = if compiled.is_some() { condition } else { panic!("{faults:?}") };
    assert_eq!(seen(condition, &[]).len(), 3);
    let none = seen(condition, &[json!({"title": "x"})]);
    assert_eq!(none[1][..2], *"- ", "without a host its lines fail: {none:?}");
    let hosts = json!({"entities": [{"type": "host", "host_name": "web"}, {"type": "host", "host_name": "db"}]});
    assert!(seen(condition, &[hosts])[1].starts_with("+- "));
}

#[test]
fn of_many_values_some_are_shown() {
    assert_eq!(seen("title: [a, b, c, d, e]", &[]), [" title: a, b, c and 2 more"]);
}
