//! Hostile conditions and alerts: everything ends, at a named limit or at a bounded cost.

use super::*;
use crate::matcher::Index;

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
fn every_form_of_a_value_counts() {
    let values = vec!["'-aN -bN -cN -dN'"; 60].join(",");
    let found = findings(&format!("{{title|windash|base64offset|contains: [{values}]}}"));
    only(&found, "error[M020]: more than 100000 values in one condition");
}

#[test]
fn values_inside_of_a_block_have_a_limit_of_their_own() {
    let values = |count: usize| format!("{{entities.file: {{name: [{}]}}}}", "a,".repeat(count));
    assert!(compiled(&values(1_000)).0.is_some());
    only(&findings(&values(1_001)), "error[M020]: more than 1000 values inside of blocks in one condition");
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
fn what_every_value_is_put_to_has_a_limit() {
    let blocks = |count: usize| -> String {
        (0..count).map(|number| format!("{{raw.a: {{x|neq: 1, y: {number}}}}}, ")).collect()
    };
    assert!(compiled(&format!("[{}]", blocks(500))).0.is_some());
    let found = findings(&format!("[{}]", blocks(501)));
    only(&found, "error[M020]: more than 1000 values inside of blocks in one condition");
    let fields = |count: usize| -> String { (0..count).map(|number| format!("raw.b{number}, ")).collect() };
    assert!(compiled(&format!("{{raw.a|fieldref: [{}]}}", fields(100))).0.is_some());
    let found = findings(&format!("{{raw.a|fieldref: [{}]}}", fields(101)));
    only(&found, "error[M020]: more than 100 other fields in one condition");
}

#[test]
fn regular_expressions_have_a_limit() {
    let found = findings(&format!("{{title|re: [{}]}}", r"'\w{3}',".repeat(101)));
    only(&found, "error[M013]: more than 100 regular expressions in one condition");
    let states = |count: usize| format!("{{raw.x|re: ['[ab]{{500}}', '[ab]{{{count}}}']}}");
    assert!(compiled(&states(500)).0.is_some());
    only(&findings(&states(501)), "error[M013]: the regular expressions up to here come to more than 1000 states");
    // What is no character costs too.
    let boundaries = format!("{{raw.x|re: '{}x'}}", r"(?:\b|\B)".repeat(60));
    only(&findings(&boundaries), "error[M013]: the regular expressions up to here come to more than 1000 states");
}

#[test]
fn patterns_that_no_table_answers_have_a_limit() {
    for value in ["'a?b'", "'a*b'", "'*a*b*'", "'??'"] {
        let values = |count: usize| format!("{{raw.x: [plain, '*', 'a*', {}]}}", format!("{value},").repeat(count));
        assert!(compiled(&values(500)).0.is_some(), "{value}");
        let found = findings(&values(501));
        only(&found, "error[M020]: more than 500 values with `?`, a `*` in their midst or `windash` in one condition");
    }
    let cased = |count: usize| format!("{{raw.x|contains|cased: [{}]}}", "aB,".repeat(count));
    assert!(compiled(&cased(10_000)).0.is_some());
    let found = findings(&cased(10_001));
    only(&found, "error[M020]: more than 10000 parts of texts with `cased` in one condition");
    let dashes = format!("{{raw.x|windash|contains: [{}]}}", "' -a',".repeat(501));
    only(&findings(&dashes), "error[M020]: more than 500 values with `?`");
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

/// Each of thousands of tests put to each of thousands of values would take minutes.
#[test]
fn long_lists_meet_many_values_in_bounded_time() {
    let years: String = (1..9_999).filter(|year| *year != 2026).map(|year| format!("{year}, ")).collect();
    let texts: String = (0..5_000).map(|number| format!("w{number}, ")).collect();
    let addresses: String = (0..5_000).map(|n| format!("10.{}.{}.1, ", n / 200, n % 200)).collect();
    let dates: Vec<Value> = (0..40_000).map(|_| json!("2026-01-01")).collect();
    let names: Vec<Value> = (0..50_000).map(|number| json!(format!("v{number}"))).collect();
    let ips: Vec<Value> =
        (0..20_000).map(|n| json!({"type": "ip", "address": format!("11.{}.{}.1", n / 200, n % 200)})).collect();
    for (condition, fields) in [
        (format!("{{raw.a|year: [{years}]}}"), json!({"raw": {"a": dates}})),
        (format!("{{raw.a: [{texts}]}}"), json!({"raw": {"a": names}})),
        (format!("{{entities.ip.address: [{addresses}]}}"), json!({"entities": ips})),
    ] {
        let condition = Arc::new(compiled(&condition).0.unwrap());
        let alert = alert(fields);
        let view = AlertView::new(&alert);
        assert!(Index::build(vec![((), condition.clone())]).matching(&view).is_empty());
        assert!(!condition.explain(&view).holds);
        assert_eq!(condition.misses(&view), 1);
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

/// Each hostile alert is put to an index of thousands of conditions as well as to them one by one.
#[test]
fn hostile_alerts_through_the_index() {
    let mut conditions: Vec<(usize, Arc<Condition>)> = Vec::new();
    for number in 0..500 {
        let text = match number % 5 {
            0 => format!("{{entities.process.command_line|contains: 'hot{number}'}}"),
            1 => format!("{{title|contains: '{}'}}", "a".repeat(number + 1)),
            2 => format!("{{raw.x|startswith: 'hot{number}', raw.y|re: 'h.t{number}'}}"),
            3 => format!("{{entities.process: {{command_line|endswith: 't{number}', process_id|exists: false}}}}"),
            _ => format!("{{k: [needle{number}, hot{number}], condition: k}}"),
        };
        conditions.push((number, Arc::new(compiled(&text).0.unwrap())));
    }
    let index = Index::build(conditions.clone());
    let hot: String = (0..500).map(|number| format!("hot{number} ")).collect();
    let process = |number: usize| json!({"type": "process", "command_line": format!("hot{number}")});
    let mut nested = "1".to_owned();
    for _ in 0..119 {
        nested = format!("[{{\"x\":{nested}}}]");
    }
    let deep = format!("{{\"x\":\"hot2\",\"deep\":{nested}}}");
    let payload = |text: &str| {
        let mut made = alert(json!({"title": "t"}));
        made.raw = crate::alert::Raw::new(serde_json::value::RawValue::from_string(text.to_owned()).unwrap());
        made
    };
    // As deep as every reader reads it, and deeper.
    let deepest = (120..=130).map(|levels| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        payload(&format!(r#"{{"x":"hot2","y":"hot2","deep":{open}"hot4"{close}}}"#))
    });
    let (mut read, mut refused) = (0, 0);
    for hostile in deepest.chain([
        alert(json!({"title": "a".repeat(1 << 19)})),
        alert(json!({"title": hot.repeat(200), "raw": {"x": hot.repeat(20), "y": hot}})),
        alert(json!({"entities": (0..20_000).map(process).collect::<Vec<_>>()})),
        alert(json!({"title": "\u{0}\u{202e}\u{feff}ſK".repeat(50_000)})),
        payload(&deep),
        payload(r#"{"x":"hot2","x":"hot7"}"#),
        payload(r#"{"x":"hot2","\u0078":"hot7","y":"\ud800"}"#),
        payload(&format!("{{\"x\":[{}\"hot2\"]}}", "\"hot7\",".repeat(20_000))),
        payload(&format!("{{\"x\":{}}}", "9".repeat(100_000))),
        payload(r#"{"x":"hot2","y":"h\u006ft2","z":1E2,"k\u0065y":"hot\ud83d\ude00hot4"}"#),
        payload(r#"{"x":"hot2","y":"hot2","z":1e999,"key":"hot4"}"#),
        payload(r#"{"x":"hot2","y":"hot2","z":"\udc00","key":"hot4"}"#),
        payload(r#""hot2""#),
        payload("[]"),
    ]) {
        let view = AlertView::new(&hostile);
        let found: Vec<usize> = index.matching(&view).into_iter().copied().collect();
        // One by one is slow: some, and of those that were found the first.
        for (number, condition) in
            conditions.iter().filter(|(number, _)| number % 25 < 5 || found.contains(number)).take(150)
        {
            assert_eq!(found.contains(number), condition.matches(&view), "{number}: {:.80}", hostile.raw.text());
        }
        if hostile.raw.text().contains("\"y\":\"h") {
            *(if found.contains(&2) && found.contains(&4) { &mut read } else { &mut refused }) += 1;
        }
    }
    assert_eq!((read, refused), (8, 7), "what no reader reads holds nothing");
}
