//! Explanations: every line with the value it saw, whatever it came to.

use super::*;
use crate::matcher::{Explanation, Part};

/// An explanation on indented lines: `+` holds, `-` does not.
fn drawn(explanation: &Explanation, depth: usize, out: &mut Vec<String>) {
    let sign = if explanation.holds { '+' } else { '-' };
    let below =
        |parts: &[Explanation], out: &mut Vec<String>| parts.iter().for_each(|part| drawn(part, depth + 1, out));
    let mut line = |text: String| out.push(format!("{}{sign} {text}", "  ".repeat(depth)));
    match &explanation.part {
        Part::All { parts } => {
            line("all".to_owned());
            below(parts, out);
        }
        Part::Any { parts } => {
            line("any".to_owned());
            below(parts, out);
        }
        Part::Not { of } => {
            line("not".to_owned());
            drawn(of, depth + 1, out);
        }
        Part::Selection { name, of } => {
            line(name.clone());
            drawn(of, depth + 1, out);
        }
        Part::Line(seen) => {
            let found: Vec<String> = seen
                .found
                .iter()
                .map(|value| format!("{}{}", if value.passes { "*" } else { "" }, value.value))
                .collect();
            let more = if seen.more_found > 0 { format!(" and {} more", seen.more_found) } else { String::new() };
            line(format!(
                "{} {} {} saw {}{more}",
                seen.field,
                seen.operator,
                seen.expected.join("|"),
                found.join(", ")
            ));
        }
        Part::Block { key, elements, nearest } => {
            line(format!("{key} of {elements}"));
            nearest.iter().for_each(|nearest| drawn(nearest, depth + 1, out));
        }
    }
}

fn explained(condition: &str, fields: Value) -> (Vec<String>, usize) {
    let condition = compiled(condition).0.unwrap();
    let alert = alert(fields);
    let view = AlertView::new(&alert);
    let explanation = condition.explain(&view);
    assert_eq!(explanation.holds, condition.matches(&view));
    let misses = condition.misses(&view);
    assert_eq!(misses == 0, explanation.holds, "nothing is missed if and only if it holds");
    let mut out = Vec::new();
    drawn(&explanation, 0, &mut out);
    (out, misses)
}

#[test]
fn every_line_shows_the_values_it_saw() {
    let (lines, misses) = explained(
        "{sel: {severity|lte: medium, entities.ip.address|cidr: [10.0.0.0/8]}, exc: [{vendor: x}, {title|contains: [scan, probe]}], condition: sel and not 1 of exc*}",
        json!({"severity": "high", "title": "A Scan", "entities": [
            {"type": "ip", "address": "192.0.2.1"}, {"type": "ip", "address": "10.1.1.1"}]}),
    );
    assert_eq!(
        lines,
        [
            "- all",
            "  - sel",
            "    - all",
            "      - severity lte medium saw high",
            "      + entities.ip.address cidr 10.0.0.0/8 saw *10.1.1.1, 192.0.2.1",
            "  - not",
            "    + exc",
            "      + any",
            "        - vendor = x saw ",
            "        + title contains scan|probe saw *A Scan",
        ]
    );
    assert_eq!(misses, 2);
}

#[test]
fn a_block_shows_the_element_that_decides() {
    let processes = json!({"entities": [
        {"type": "process", "command_line": "a", "image_file": {"name": "cmd.exe"}},
        {"type": "process", "command_line": "b", "image_file": {"name": "sh"}},
    ]});
    let block = "{entities.process: {command_line: b, image_file.name: sh}}";
    let met =
        ["+ entities.process of 2", "  + all", "    + command_line = b saw *b", "    + image_file.name = sh saw *sh"];
    assert_eq!(explained(block, processes.clone()), (met.map(str::to_owned).to_vec(), 0));
    let (lines, misses) =
        explained("{entities.process|every: {command_line: b, image_file.name: sh}}", processes.clone());
    assert_eq!(
        (lines[0].as_str(), lines[2].as_str(), misses),
        ("- entities.process|every of 2", "    - command_line = b saw a", 1)
    );
    let (lines, misses) = explained(block, json!({}));
    assert_eq!((lines, misses), (vec!["- entities.process of 0".to_owned()], 1));
    let (lines, _) = explained("{title: '*t*', entities.process|none: {command_line: b}}", processes);
    assert_eq!(
        lines,
        ["- all", "  + title = *t* saw *A title", "  - entities.process|none of 2", "    + command_line = b saw *b"]
    );
}

#[test]
fn the_value_that_decides_is_shown_however_many_there_are() {
    let values: Vec<Value> = (0..3_000).map(|number| json!({"x": number})).collect();
    let fields = json!({"raw": {"a": values}});
    let (lines, _) = explained("{raw.a.x: 2500}", fields.clone());
    assert_eq!(lines, ["+ raw.a.x = 2500 saw *2500, 0, 1, 2, 3, 4, 5, 6 and 2992 more"]);
    let many: String = (0..30).map(|number| format!("w{number}, ")).collect();
    let (lines, _) = explained(&format!("{{raw.a.x: [{many}2500]}}"), fields.clone());
    assert_eq!(lines, ["+ raw.a.x = w0|w1|w2|w3|w4|w5|w6|w7 saw *2500, 0, 1, 2, 3, 4, 5, 6 and 2992 more"]);
    let (lines, _) = explained(&format!("{{raw.a.x|startswith|all: [{many}'25']}}"), fields.clone());
    assert!(lines[0].starts_with("- raw.a.x startswith|all w0|"), "{lines:?}");
    let (lines, _) = explained("{raw.a: {x: 2500}}", fields.clone());
    assert_eq!(lines, ["+ raw.a of 3000", "  + x = 2500 saw *2500"]);
    let (lines, _) = explained("{raw.a|every: {x|lt: 2500}}", fields);
    assert_eq!(lines, ["- raw.a|every of 3000", "  - x lt 2500 saw 2500"]);
}

/// What is found of many values together is what each says alone: [`explained`] compares it with the plain evaluator.
#[test]
fn long_lists_and_many_values_come_to_what_they_come_to_one_by_one() {
    let values = |last: Value| -> Vec<Value> { (0..200).map(|number| json!(number)).chain([last]).collect() };
    let list =
        |other: &str, last: &str| (0..20).map(|n| other.replace('#', &n.to_string()) + ", ").collect::<String>() + last;
    for (modifiers, other, last, value, expected) in [
        ("", "w#", "'last'", json!("LAST"), true),
        ("", "w#", "'last'", json!("lasts"), false),
        ("", "1000#", "777", json!("777.0"), true),
        ("", "1000#", "777", json!(778), false),
        ("", "1000#", "true", json!("TRUE"), true),
        ("|cidr", "10.#.0.0/16", "192.0.2.0/24", json!("::ffff:192.0.2.7"), true),
        ("|cidr", "10.#.0.0/16", "192.0.2.0/24", json!("192.0.3.7"), false),
        ("|re", "'^w#$'", "'^l.st$'", json!("last"), true),
        ("|contains|cased", "W#", "Las", json!("xLasx"), true),
        ("|contains|cased", "W#", "Las", json!("xlasx"), false),
        ("|gt", "1000#", "500", json!(501), true),
        ("|lt", "-#", "-50", json!("-7.5"), true),
        ("|year", "19#", "2026", json!("2026-01-02"), true),
        ("|year", "19#", "2026", json!("2025-01-02"), false),
    ] {
        let condition = format!("{{raw.a{modifiers}: [{}]}}", list(other, last));
        let (lines, misses) = explained(&condition, json!({"raw": {"a": values(value.clone())}}));
        assert_eq!(misses, usize::from(!expected), "{condition} {value}: {lines:?}");
        assert_eq!(lines[0].contains(" saw *"), expected, "{condition} {value}: {lines:?}");
    }
    let ips = |last: &str| -> Vec<Value> {
        let address = |n: usize| if n == 99 { last.to_owned() } else { format!("10.0.1.{n}") };
        (0..100).map(|n| json!({"type": "ip", "address": address(n)})).collect()
    };
    for (last, expected) in [("::ffff:192.0.2.7", true), ("192.0.2.8", false)] {
        let condition = format!("{{entities.ip.address: [{}]}}", list("10.9.9.#", "192.0.2.7"));
        let (lines, misses) = explained(&condition, json!({"entities": ips(last)}));
        assert_eq!(misses, usize::from(!expected), "{last}: {lines:?}");
    }
}

/// Looked at anew for each name it would take minutes.
#[test]
fn a_selection_named_again_and_again_is_looked_at_once() {
    let patterns: String = (0..400).map(|number| format!("'?{number}?x', ")).collect();
    let others: String = (0..240).map(|number| format!("t{number}: {{title: q{number}}}\n")).collect();
    let named: Vec<String> = (0..240).map(|number| format!("(s and not t{number})")).collect();
    let condition = format!("s: {{raw.list: {{a: [{patterns}], b: c}}}}\n{others}condition: [{}]\n", named.join(", "));
    let condition = compiled(&condition).0.unwrap_or_else(|| panic!("{:?}", findings(&condition)));
    let elements: Vec<Value> = (0..300).map(|number| json!({"a": format!("{number}"), "b": "c"})).collect();
    let alert = alert(json!({"raw": {"list": elements}}));
    let view = AlertView::new(&alert);
    let explanation = condition.explain(&view);
    assert!(!explanation.holds);
    // One line of each is another one, and the negated ones hold.
    assert_eq!((condition.misses(&view), condition.lines_that_hold(&view)), (1, 0));
    let mut lines = Vec::new();
    drawn(&explanation, 0, &mut lines);
    let parts = lines.iter().filter(|line| line.trim_start().starts_with("- s")).count();
    assert_eq!(parts, 240, "each name is shown");
}

#[test]
fn keywords_other_fields_and_times_are_explained_too() {
    let fields = json!({"title": "x", "vendor": "X", "start_time": "2026-06-01T03:00:00Z", "raw": {"a.b": [1, 2]}});
    for (condition, line) in [
        ("{title|fieldref: vendor}", "+ title fieldref vendor saw *x"),
        ("{start_time|hour: 4}", "- start_time hour 4 saw 2026-06-01T03:00:00Z"),
        // What stands behind a path is told however that is written.
        (r#"{'raw."a.b"|gt': 1}"#, "+ raw.\"a.b\" gt 1 saw *2, 1"),
        (r#"{'"title"|contains': x}"#, "+ title contains x saw *x"),
        (r#"{'"title"': x}"#, "+ title = x saw *x"),
        (r#"{'raw."a|gt"|lt': 3}"#, "- raw.\"a|gt\" lt 3 saw "),
        ("{raw.\"a.b\"|gte: 2}", "+ raw.\"a.b\" gte 2 saw *2, 1"),
        ("{raw.\"a.b\"|exists: true}", "+ raw.\"a.b\" exists true saw *1, *2"),
        ("{vendor: null, title: x}", "  - vendor = nothing saw X"),
    ] {
        let (lines, _) = explained(condition, fields.clone());
        assert!(lines.iter().any(|seen| seen == line), "{condition}: {lines:?}");
    }
    let (lines, _) = explained("{k: [nowhere], condition: k}", fields);
    assert!(lines[1].starts_with("  - anywhere = nowhere saw "), "{lines:?}");
}

#[test]
fn long_values_and_long_lists_are_cut() {
    let fields = json!({"tactics": (0..50).map(|n| format!("{}{n}", "x".repeat(500))).collect::<Vec<_>>()});
    let values: String = (0..50).map(|n| format!("y{n}, ")).collect();
    let (lines, _) = explained(&format!("{{tactics: [{values}]}}"), fields);
    assert!(lines[0].ends_with("and 42 more") && lines[0].len() < 1000, "{}", lines[0].len());
}
