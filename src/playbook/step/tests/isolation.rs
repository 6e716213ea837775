//! Nothing a script makes outlives its activation: two runs of one loaded program never see each other.

use super::harness::{World, activate, body, input, program, with_stack};
use crate::clock::Stopwatch;
use crate::playbook::{Outcome, Program, StepLimits, load, step};
use serde_json::json;
use serde_json::value::to_raw_value;

/// What a program says of two alerts, one after the other, loaded once.
fn of_two_alerts(program: Program) -> [Outcome; 2] {
    with_stack(move || {
        let compiled = load(&program).unwrap();
        ["first", "second"].map(|title| {
            let mut input = input(Vec::new());
            input.alert = to_raw_value(&json!({"title": title})).unwrap();
            step(&compiled, input, &StepLimits::default()).outcome
        })
    })
}

fn with_modules(source: &str, modules: &[(&str, &str)]) -> Program {
    let mut program = program(source);
    program.modules = modules.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect();
    program
}

#[test]
fn no_state_survives_from_one_run_to_the_next() {
    let apply = "fn apply_it(f, x) { f.call(x) }";
    let import = "import \"lib/st\" as s;\nfn on_alert(alert) { s::apply_it(s::F, alert.title) }";
    let cases = [
        (import, format!("let n = []; let f = |x| {{ n.push(x); n }}; export f as F; {apply}")),
        (
            import,
            "let n = []; let f = [|x| { n.push(x); n }]; export f as F; fn apply_it(f, x) { f[0].call(x) }".into(),
        ),
        (
            import,
            "let n = []; let f = #{ g: |x| { n.push(x); n } }; export f as F; fn apply_it(f, x) { f.g.call(x) }".into(),
        ),
        (
            import,
            "let n = #{ seen: [] }; let f = |x| { n.seen.push(x); n.seen }; let h = || f; export h as F; \
                  fn apply_it(h, x) { h.call().call(x) }"
                .into(),
        ),
        (
            import,
            "let n = []; let f = |x| { n.push(x); n }; export n as F; export f as G; \
                  fn apply_it(n, x) { n.push(x); n }"
                .into(),
        ),
        (import, "export const F = []; fn apply_it(f, x) { f.push(x); f }".into()),
        (import, "const N = []; export const F = 1; fn apply_it(f, x) { let n = global::N; n.push(x); n }".into()),
        (
            "const N = [];\nfn add(x) { let n = global::N; n.push(x); n }\nfn on_alert(alert) { add(alert.title) }",
            apply.into(),
        ),
        (
            "let n = []; let f = |x| { n.push(x); n };\nconst F = f;\nfn on_alert(alert) { global::F.call(alert.title) }",
            apply.into(),
        ),
        (
            "const N = []; const F = |x| { let n = N; n.push(x); n };\nfn on_alert(alert) { global::F.call(alert.title) }",
            apply.into(),
        ),
    ];
    for (source, module) in cases {
        let [_, second] = of_two_alerts(with_modules(source, &[("lib/st", &module)]));
        assert_eq!(second, Outcome::Done { value: json!(["second"]) }, "{source}\n{module}");
    }
}

#[test]
fn a_module_that_two_others_import_keeps_nothing_either() {
    let state = "let n = []; let f = |x| { n.push(x); n }; export f as F; fn apply_it(f, x) { f.call(x) }";
    let one = "import \"lib/state\" as s; fn add(x) { s::apply_it(s::F, x) }";
    let source = "import \"lib/one\" as one; import \"lib/state\" as s;\n\
                  fn on_alert(alert) { one::add(alert.title); s::apply_it(s::F, alert.title) }";
    let [first, second] = of_two_alerts(with_modules(source, &[("lib/state", state), ("lib/one", one)]));
    assert_eq!(first, Outcome::Done { value: json!(["first", "first"]) });
    assert_eq!(second, Outcome::Done { value: json!(["second", "second"]) });
}

#[test]
fn a_fault_in_a_modules_constants_names_the_module() {
    let program = with_modules("import \"lib/st\" as s;\nfn on_alert(alert) { 1 }", &[("lib/st", "const A = 1 / 0;")]);
    let Outcome::Failed { error } = activate(&program, Vec::new()).outcome else { panic!() };
    assert_eq!(error.message, "Division by zero: 1 / 0 (in `lib/st`, line 1, column 13)");
    assert_eq!((error.line, error.column), (0, 0));
}

#[test]
fn evaluating_modules_anew_costs_little() {
    let function = |n: usize| format!("fn f{n}(x) {{ let y = x + {n}; if y > 3 {{ y }} else {{ f{n}(y) }} }}\n");
    let module: String = (0..20).map(function).chain(["export const LIMIT = 3;".to_owned()]).collect();
    let source =
        "import \"lib/a\" as a; import \"lib/b\" as b; import \"lib/c\" as c;\nfn on_alert(alert) { a::f9(a::LIMIT) }";
    let program = with_modules(source, &[("lib/a", &module), ("lib/b", &module), ("lib/c", &module)]);
    let fastest = with_stack(move || {
        let compiled = load(&program).unwrap();
        let activations = (0..50).map(|_| {
            let watch = Stopwatch::start();
            let outcome = step(&compiled, input(Vec::new()), &StepLimits::default()).outcome;
            assert_eq!(outcome, Outcome::Done { value: json!(12) });
            watch.elapsed()
        });
        activations.min().unwrap()
    });
    eprintln!("an activation with three modules of twenty functions: {fastest:?}");
    // Unoptimised, and other tests run beside it.
    assert!(fastest.as_millis() < 100, "{fastest:?}");
}

#[test]
fn a_journal_has_a_limit_with_a_place() {
    let script = r#"
        let all = [];
        for n in 0..100 {
            connection("a").get(`/${n}`);
        }"#;
    let large = |step: &crate::playbook::NewStep| Ok(json!({"body": "x".repeat(60_000), "path": step.input}));
    let mut world = World::new(&body(script), large);
    let Outcome::Failed { error } = world.run() else { panic!() };
    assert_eq!((error.limit.as_deref(), error.line), (Some("journal"), 5));
    assert!((15..20).contains(&world.journal.len()), "{} steps", world.journal.len());
}
