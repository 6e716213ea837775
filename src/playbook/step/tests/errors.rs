//! How a run ends when its script does: every ending named, placed and short.

use super::harness::{activate, body, error, outcome, program, value};
use crate::playbook::Outcome;
use serde_json::json;

#[test]
fn fail_and_exit_pass_every_catch() {
    let error = error("let x = 1;\ntry { [1].map(|x| fail(\"no luck\")) } catch {}\n5");
    assert_eq!((error.kind.as_str(), error.message.as_str(), error.line), ("fail", "no luck", 3));
    assert_eq!(value("try { [1].map(|x| exit(#{ a: x })) } catch {} 5"), json!({"a": 1}));
    assert_eq!(value("exit(); 5"), json!(null));
}

#[test]
fn a_script_error_is_placed_and_says_what_happened() {
    let cases = [
        ("let a = 1;\nlet b = a / 0;", "Division by zero: 1 / 0", 3, 11),
        ("throw \"because\";", "because", 2, 1),
        ("throw #{ message: \"mapped\", code: 7 };", "mapped", 2, 1),
        ("throw 7;", "7", 2, 1),
        ("nope(1);", "Function not found: nope (i64)", 2, 1),
        ("[1, 2].map(|x| x.y.z)", "Unknown property 'y'", 2, 0),
    ];
    for (script, message, line, column) in cases {
        let error = error(script);
        assert_eq!(error.kind, "script", "{script}");
        assert!(error.message.contains(message), "{script}: {}", error.message);
        assert_eq!(error.line, line, "{script}: {error:?}");
        assert!(column == 0 || error.column == column, "{script}: {error:?}");
    }
}

/// Rhai would look for such a function for seconds that nothing counts.
#[test]
fn a_call_with_very_many_arguments_is_refused_before_anything_runs() {
    let call = |count: usize| format!("log.info(\"begun\");\n[0].map(|x| nope(x{}))", ", 1".repeat(count - 1));
    assert!(error(&call(64)).message.contains("Function not found: nope"));
    let refused = error(&call(65));
    assert_eq!(refused.message, "`nope` is called with 65 arguments; no call has more than 64");
    assert_eq!((refused.kind.as_str(), refused.line, refused.column), ("script", 3, 13));
}

#[test]
fn an_error_in_a_module_names_both_places() {
    let mut program = program("import \"lib/net\" as net;\nfn on_alert(alert) {\n    net::half(0)\n}");
    program.modules.insert("lib/net".into(), "fn half(x) {\n    let y = 1;\n    y / x\n}".into());
    let Outcome::Failed { error } = activate(&program, Vec::new()).outcome else { panic!() };
    assert_eq!(error.message, "Division by zero: 1 / 0 (in `lib/net`, line 3, column 7)");
    assert_eq!((error.line, error.column), (3, 10));
}

#[test]
fn messages_are_short_and_inert() {
    let error = error("throw \"x\\u001b[2J\\ny\\u202e\" + \"z\"");
    assert_eq!(error.message, "x\\u{1b}[2J\\ny\\u{202e}z");
    let long = super::harness::error("let s = \"ab\"; while s.len() < 60000 { s += s; } throw s;");
    assert!(long.message.len() <= 1024 && long.message.ends_with('…'));
}

#[test]
fn results_that_are_not_data_are_no_failure_and_results_without_measure_are() {
    assert_eq!(value("|x| x"), json!(null));
    let error = error("let s = \"a\"; while s.len() < 200000 { s += s; } [s, 1]");
    assert_eq!((error.kind.as_str(), error.limit.as_deref()), ("limit", Some("size")));
}

#[test]
fn prints_are_logs_and_logs_are_bounded() {
    let activation = activate(&program(&body("for i in 0..300 { print(`line ${i}\u{1b}`); } debug(1);")), Vec::new());
    assert_eq!(activation.logs.len(), 101);
    assert_eq!(activation.logs[0].message, "line 0\\u{1b}");
    assert_eq!(activation.logs[100].message, "more lines were dropped");
    let fields = |length: usize| {
        let script = format!("let s = \"\"; s.pad({length}, 'x'); log.info(\"m\", #{{ s: s }});");
        activate(&program(&body(&script)), Vec::new()).logs[0].fields.clone()
    };
    assert_eq!(fields(1000)["s"].as_str().map(str::len), Some(1000));
    assert_eq!(fields(1100), json!({"dropped": "a value of more than 1024 bytes"}));
    assert!(matches!(outcome("print(alert)"), Outcome::Done { .. }));
}
