//! Scripts that want to hurt: each ends in its named limit, in this very process.

use super::harness::{activate, body, outcome, program};
use crate::clock::Stopwatch;
use crate::playbook::Outcome;
use std::time::Duration;

/// How a hostile script ends: the limit it breaks, `script` for an ordinary error, `done` for harmless.
fn ending(outcome: Outcome) -> String {
    match outcome {
        Outcome::Done { .. } => "done".to_owned(),
        Outcome::Failed { error } => error.limit.unwrap_or(error.kind),
        Outcome::Suspended => "suspended".to_owned(),
    }
}

#[test]
fn every_hostile_script_ends_in_its_limit() {
    let scripts = [
        ("operations", "loop {}"),
        ("operations", "loop { try { throw 1; } catch {} }"),
        ("operations", "let a = []; a.pad(4000, 0); loop { a.map(|x| x + 1); }"),
        ("operations", "let a = []; a.pad(4000, 0); loop { try { a.map(|x| x + 1); } catch {} }"),
        ("operations", "for i in 0..1000000000000 {}"),
        ("operations", "let n = 0; while n < 9 { [1].sort(|a, b| 0); }"),
        ("operations", "let a = []; loop { a.push(1); if a.len() > 100 { a.clear(); } }"),
        ("operations", "loop { sha256(\"x\"); }"),
        ("operations", "loop { regex_test(\"(a|b|c|d|e)+[x-z]{50}\", \"x\"); }"),
        ("call_depth", "fn f(n) { f(n + 1) } f(0)"),
        ("size", "let s = \"ab\"; loop { s += s; }"),
        ("size", "let s = \"a\"; s.pad(100000000, \"b\");"),
        ("size", "let s = \"a\"; s.pad(100000000, 'b');"),
        ("size", "let a = []; a.pad(1000000000, 0);"),
        ("size", "let a = [1]; loop { a = [a, a]; }"),
        ("size", "let a = [1]; loop { a += a; }"),
        ("operations", "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }"),
        ("size", "let s = \"a\"; s.pad(32000, \"a\"); s.replace(\"a\", s);"),
        ("size", "let s = \"a\"; s.pad(32000, \"a\"); s.replace('a', s);"),
        ("size", "let s = \"a\"; s.pad(32000, \"a\"); s.replace(\"\", s);"),
        ("size", "let s = \"\"; s.pad(250000, \"a\"); s.split(\"\")"),
        ("depth", "let a = []; for i in 0..1500 { a = [a]; } a"),
        ("depth", "let a = []; for i in 0..1500 { a = #{ a: a }; } connection(\"a\").post(a)"),
        ("steps", "for i in 0..300 { tag(`t${i}`); }"),
        ("steps", "for i in 0..300 { try { [1].map(|x| tag(`t${i}`)); } catch {} }"),
        ("done", "let a = []; for i in 0..1500 { a = [a]; } a.to_string().len()"),
        ("done", "let a = []; for i in 0..1500 { a = [a]; } let b = a; a == b"),
        ("done", "let s = \"a\"; s.pad(10, \"\"); s.len()"),
        ("done", "let a = [3, 1, 2]; a.sort(|x, y| if random(0, 1) == 0 { 1 } else { -1 }); 1"),
        ("done", "[1 << 70, 1 << -70]"),
        ("script", "sleep(100000)"),
        ("script", "sleep(1e9)"),
        ("script", "Fn(\"sleep\").call(100000)"),
        ("script", "[100000].map(\"sleep\")"),
        ("script", "100000.sleep()"),
        ("script", "timestamp()"),
        ("script", "Fn(\"eval\").call(\"1\")"),
        ("script", "parse_json(\"[]\")"),
        ("script", "blob(1000000000)"),
        ("script", "import \"/etc/passwd\" as p; p::x()"),
        ("script", "9223372036854775807 + 1"),
        ("script", "let a = []; a[0]"),
    ];
    for (expected, script) in scripts {
        // A function cannot be defined inside another.
        let source = match script.strip_prefix("fn f(n) { f(n + 1) } ") {
            Some(rest) => format!("fn f(n) {{ f(n + 1) }} {}", body(rest)),
            None => body(script),
        };
        let watch = Stopwatch::start();
        let outcome = activate(&program(&source), Vec::new()).outcome;
        assert_eq!(ending(outcome.clone()), expected, "{script}: {outcome:?}");
        assert!(watch.elapsed() < Duration::from_secs(20), "{script}: {:?}", watch.elapsed());
    }
}

#[test]
fn the_parser_refuses_what_would_exhaust_it() {
    for source in [
        format!("fn on_alert(a) {{ {} }}", "(".repeat(20_000)),
        format!("fn on_alert(a) {{ {}1{} }}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("fn on_alert(a) {{ let x = {}1; }}", "!".repeat(20_000)),
        format!("fn on_alert(a) {{ a{} }}", ".a".repeat(20_000)),
        format!("fn on_alert(a) {{ 1{} }}", "+1".repeat(20_000)),
        format!("fn on_alert(a) {{ {} }}", "{".repeat(20_000)),
        format!("fn on_alert(a) {{ {} }}", "if a {} else ".repeat(4_000)),
        format!("fn on_alert(a) {{ {}", "`${".repeat(10_000)),
        format!("fn on_alert(a) {{ {}", "|x| ".repeat(10_000)),
        "fn on_alert(a) { eval(\"1\") }".to_owned(),
        "fn on_alert(a) { let c = |x| x; for i in 0..100000 { c = c.curry(c); } }".to_owned(),
    ] {
        let outcome = activate(&program(&source), Vec::new()).outcome;
        assert_eq!(ending(outcome), "script", "{}", &source[..40]);
    }
}

#[test]
fn a_loop_that_is_cheap_in_operations_ends_with_its_time() {
    // Comparing two long texts is one operation.
    let script = "let s = \"\"; s.pad(250000, \"a\"); let t = s + \"b\"; let n = 0; loop { if t.contains(s + \"c\") { n += 1; } }";
    assert!(["time", "operations"].contains(&ending(outcome(script)).as_str()));
}

#[test]
fn a_closure_may_capture_itself_and_nothing_leaks_out() {
    for script in [
        "let m = #{}; loop { let n = #{}; n[\"a\"] = m; m = n; }",
        "let a = []; loop { let b = []; b.push(a); a = b; }",
        "let f = || 1; for i in 0..3000 { let g = f; f = || g; } 1",
        "let a = []; a.push(|| a); a.push(a); 1",
        "let a = #{}; a.g = || a; a",
    ] {
        let ending = ending(outcome(script));
        assert!(
            ["done", "script", "depth", "operations", "size", "time"].contains(&ending.as_str()),
            "{script}: {ending}"
        );
    }
}
