//! One condition at its limits and an alert of a megabyte made for it: the most that a rule and an alert, both hostile, can
//! cost together.

use super::{cpu, read};
use crate::generate::Generator;
use quell::alert::Alert;
use quell::matcher::{AlertView, Index, compile};
use quell::yaml::{self, Limits};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

const MEGABYTE: usize = 1 << 20;

/// Prints what each costs.
pub fn table(rounds: usize) {
    for (name, condition, payload) in cases() {
        let alert = alert(&payload);
        let view = AlertView::new(&alert);
        let index = index(&condition);
        let matched = || cpu::spent(|| drop(black_box(index.matching(black_box(&view)))));
        let mut times: Vec<f64> = (0..rounds).map(|_| matched()).collect();
        times.sort_by(f64::total_cmp);
        let [least, median, most] = [0, rounds / 2, rounds - 1].map(|at| times[at] / 1e6);
        println!("{name:<72} {median:>8.0} ms ({least:.0} to {most:.0})");
    }
    println!();
}

fn cases() -> Vec<(&'static str, String, String)> {
    let tiny = object(&format!("{},\"w\"", list(|number| format!("\"v{number}\""))));
    let dates = object(&list(|_| "\"2026-01-01T01:02:03Z\"".to_owned()));
    let beginnings = object(&format!(
        "{},{}",
        some(500, |number| format!("\"{number}\",\"w\"")),
        list(|number| format!("\"abcd{}\"", number % 10))
    ));
    let maps = object(&list(|number| format!("{{\"x\":1,\"y\":{}}}", number % 500)));
    let letters = object(&format!("\"{}\"", letters()));
    let others = some(100, |number| format!("\"b{number}\":[\"w{number}\"]"));
    let others = format!("{{{others},\"a\":[{}]}}", list(|number| format!("\"v{number}\"")));
    let any = |modifiers: &str, values: String| format!("{{raw.a{modifiers}: [{values}]}}");
    vec![
        ("500 patterns that fit nothing, tiny texts", any("", some(500, |n| format!("'*v*{n}*w'"))), tiny.clone()),
        (
            "500 patterns whose longest part stands in each text",
            any("", some(500, |n| format!("'*abcd*{n}*w'"))),
            beginnings,
        ),
        ("500 patterns of `?` alone", any("", some(500, |n| format!("'{}'", "?".repeat(20 + n)))), tiny.clone()),
        ("10,000 parts of texts with case", any("|contains|cased", some(10_000, |n| format!("V{n}"))), tiny.clone()),
        ("100 expressions, tiny texts", any("|re", some(100, |n| format!("'v.{n}$'"))), tiny.clone()),
        ("an expression of 1,000 states, one text", any("|re", "'[ab]*a[ab]{996}c'".to_owned()), letters),
        (
            "an expression of 49 words' edges, not ASCII",
            any("|re", format!("'{}\\d\\D\\d\\D'", r"(?:\b|\B)".repeat(49))),
            object(&format!("\"{}\"", "é !".repeat(MEGABYTE / "é !".len()))),
        ),
        ("57 minutes, dates", any("|minute|gt", some(57, |n| (n + 2).to_string())), dates),
        (
            "500 blocks, a list of maps",
            format!("[{}]", some(500, |n| format!("{{raw.a: {{x|neq: 1, y: {n}}}}}"))),
            maps,
        ),
        ("100 other fields", any("|fieldref", some(100, |n| format!("raw.b{n}"))), others),
        (
            "500 keywords of signs, tiny texts",
            format!("{{k: [{}], condition: k}}", some(500, |n| format!("'@?{n}'"))),
            tiny,
        ),
    ]
}

fn object(list: &str) -> String {
    format!("{{\"a\":[{list}]}}")
}

fn some(count: usize, made: impl Fn(usize) -> String) -> String {
    (0..count).map(made).collect::<Vec<_>>().join(",")
}

/// A list that fills an alert.
fn list(made: impl Fn(usize) -> String) -> String {
    // What stands beside it takes less.
    let bytes = MEGABYTE - 16_384;
    let mut list = made(0);
    for number in 1.. {
        let next = made(number);
        if list.len() + next.len() >= bytes {
            break;
        }
        list.push(',');
        list.push_str(&next);
    }
    list
}

/// Two letters in no order, which no automaton of few states tells apart.
fn letters() -> String {
    let mut random = fastrand::Rng::with_seed(5);
    (0..MEGABYTE - 64).map(|_| if random.bool() { 'a' } else { 'b' }).collect()
}

fn index(condition: &str) -> Index<()> {
    let file: Arc<Path> = Path::new("condition").into();
    let mut found = quell::diag::Diagnostics::new();
    let nodes = yaml::parse(condition, &file, Limits::RULE_FILE, &mut found);
    let condition = nodes.first().and_then(|node| compile(node, &file, &mut found));
    Index::build(vec![((), Arc::new(condition.unwrap_or_else(|| panic!("it is within all limits: {found:?}"))))])
}

fn alert(payload: &str) -> Alert {
    let mut alert = read(&Generator::new(1).alert(0));
    alert.raw =
        quell::alert::Raw::new(serde_json::value::RawValue::from_string(payload.to_owned()).expect("it is JSON"));
    alert
}
