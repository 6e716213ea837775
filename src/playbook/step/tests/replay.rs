//! A run is its journal: the same journal gives the same script, whatever crashed in between.

use super::harness::{
    World, activate, activate_with, body, echo, input, program, time, unavailable, value, with_stack,
};
use crate::alert::Status;
use crate::playbook::{AlertChange, Effect, Outcome, StepInput, StepLimits, load, step};
use serde_json::json;

const LONG: &str = r#"
fn on_alert(alert) {
    log.info("begin");
    let first = connection("a").get("/one");
    let id = uuid();
    set_status("in_progress", "looking");
    log.info(`after ${first.body.echo?.path ?? "nothing"}`);
    let second = connection("b").post(#{ n: random(1, 6), at: now(), id: id });
    tag("seen");
    sleep("10m");
    let third = connection("a").send(#{ method: "PUT", path: "/x", body: [second.status] });
    log.warn("end", #{ n: 3 });
    #{ id: id, at: now(), same: uuid() != id, key: third.headers["x-step"] }
}"#;

#[test]
fn a_run_goes_step_by_step_to_its_end() {
    let mut world = World::new(LONG, echo);
    let end = world.run();
    let keys: Vec<&str> = world.journal.iter().map(|entry| entry.key.0.as_str()).collect();
    let calls: Vec<&str> = world.journal.iter().map(|entry| entry.call.as_str()).collect();
    assert_eq!(keys, ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(calls, ["connection.get", "set_status", "connection.post", "tag", "sleep", "connection.send"]);
    assert_eq!(world.journal.iter().map(|entry| entry.line).collect::<Vec<_>>(), [4, 6, 8, 9, 10, 11]);
    let Outcome::Done { value } = end else { panic!("{end:?}") };
    assert_eq!((&value["key"], &value["same"]), (&json!("5"), &json!(true)));
    assert_eq!(world.activations, 5, "an immediate step costs no activation of its own");
}

#[test]
fn every_prefix_of_the_journal_leads_to_the_same_trace() {
    let mut whole = World::new(LONG, echo);
    let end = whole.run();
    for crash_after in 0..whole.journal.len() {
        let mut world = World::new(LONG, echo);
        world.journal = whole.journal[..crash_after].to_vec();
        // Steps recorded in one commit are recorded together; the rest is what a crash may have kept.
        let again = world.run();
        assert_eq!(again, end, "after {crash_after}");
        assert_eq!(world.journal.len(), whole.journal.len());
        for (one, other) in world.journal.iter().zip(&whole.journal) {
            assert_eq!((&one.key, &one.call, one.hash), (&other.key, &other.call, other.hash), "after {crash_after}");
        }
    }
}

#[test]
fn a_step_in_flight_is_waited_for_and_not_asked_for_again() {
    let mut world = World::new(LONG, echo);
    world.advance();
    world.journal[0].settled = None;
    let logged = [(String::new(), world.logs.len() as u32)].into();
    let activation = activate_with(&world.program, StepInput { logged, ..input(world.journal.clone()) });
    assert_eq!((activation.outcome, activation.new_steps.len()), (Outcome::Suspended, 0));
    assert!(activation.logs.is_empty(), "what was logged before it is not logged again");
}

#[test]
fn logs_are_kept_once() {
    let mut world = World::new(LONG, echo);
    world.run();
    assert_eq!(world.logs, ["begin", "after /one", "end"]);
}

#[test]
fn the_limit_of_log_lines_is_that_of_the_whole_run() {
    let script =
        "for step in 0..20 { for line in 0..30 { log.info(`${step}.${line}`); } connection(\"a\").get(\"/\"); }";
    let mut world = World::new(&body(script), echo);
    assert!(matches!(world.run(), Outcome::Done { .. }));
    assert_eq!((world.activations, world.logs.len()), (21, 101));
    assert_eq!(world.logs[99..], ["3.9", "more lines were dropped"]);
}

#[test]
fn effects_are_what_the_script_described() {
    let mut world = World::new(LONG, echo);
    world.run();
    let Effect::Request(get) = &world.effects[0].1 else { panic!() };
    assert_eq!((get.method.as_str(), get.path.as_deref(), &get.body), ("GET", Some("/one"), &None));
    let change = AlertChange::Status { status: Status::InProgress, why: "looking".into() };
    assert_eq!(world.effects[1].1, Effect::Change(change));
    let Effect::Request(post) = &world.effects[2].1 else { panic!() };
    let sent: serde_json::Value = serde_json::from_str(post.body.as_deref().unwrap()).unwrap();
    assert_eq!(sent["at"], "2027-01-15T08:01:40.000Z", "the time of the first answer, not of the change after it");
    // The sleep counts from the last result its strand has seen: the answer to the post, 102 seconds in.
    assert_eq!(world.effects[4].1, Effect::Sleep { until: time(102 + 600) });
}

#[test]
fn a_swallowed_suspension_still_suspends() {
    for script in [
        r#"try { [1].map(|x| connection("a").get("/")); } catch { } "done""#,
        r#"let seen = []; try { [1, 2].for_each(|| { seen.push(1); connection("a").get("/"); }); } catch (e) { tag("x"); } seen"#,
        r#"try { [1].filter(|x| { connection("a").get("/"); true }); } catch { connection("b").get("/never"); }"#,
        r#"try { connection("a").get("/"); } catch { connection("b").get("/never"); }"#,
    ] {
        let activation = activate(&program(&body(script)), Vec::new());
        assert_eq!(activation.outcome, Outcome::Suspended, "{script}");
        assert_eq!(activation.new_steps.len(), 1, "nothing after the suspension counts: {script}");
    }
}

#[test]
fn steps_inside_callbacks_and_functions_keep_their_order() {
    let source = "fn ask(x) { connection(\"a\").get(`/${x}`).body.echo.path }\n\
                  fn on_alert(alert) { [\"p\", \"q\"].map(|x| ask(x)) }";
    let mut world = World::new(source, echo);
    assert_eq!(world.run(), Outcome::Done { value: json!(["/p", "/q"]) });
}

#[test]
fn a_failed_step_is_caught_as_a_map() {
    let script = r#"
        try { connection("a").get("/x"); }
        catch (e) { return [e.kind, e.status, e.body.reason, e.attempts, e.message, e.step]; }"#;
    let mut world = World::new(&body(script), unavailable);
    let value = json!(["http", 503, "busy", 4, "the endpoint answered 503", "0"]);
    assert_eq!(world.run(), Outcome::Done { value });
}

#[test]
fn a_failed_step_that_nobody_catches_fails_the_run_at_its_place() {
    for script in [
        r#"let x = 1; connection("a").get("/x");"#,
        r#"let x = 1; try { connection("a").get("/x"); } catch (e) { throw e; }"#,
    ] {
        let mut world = World::new(&body(script), unavailable);
        let Outcome::Failed { error } = world.run() else { panic!() };
        assert_eq!((error.kind.as_str(), error.line), ("step", 2));
        assert_eq!(error.message, "step 0 failed: the endpoint answered 503");
    }
}

#[test]
fn another_script_on_the_same_journal_diverges_with_both_calls() {
    let mut world = World::new(&body("connection(\"a\").get(\"/1\");\nconnection(\"a\").get(\"/2\");"), echo);
    world.advance();
    let diverged = |script: &str| match activate(&program(&body(script)), world.journal.clone()).outcome {
        Outcome::Failed { error } => (error.kind, error.message),
        other => panic!("{other:?}"),
    };
    let (kind, message) = diverged("connection(\"a\").get(\"/other\")");
    assert_eq!(kind, "diverged");
    assert_eq!(
        message,
        "step 0 diverged: the journal holds `connection.get` from line 2, and the script now asks for \
         `connection.get` with other arguments in line 2; a playbook may depend only on the alert and on results of \
         steps"
    );
    let (_, message) = diverged("try { [1].map(|x| sleep(\"1h\")) } catch {} 5");
    assert!(message.starts_with("step 0 diverged: the journal holds `connection.get` from line 2, and the script now asks for `sleep` in line 2"), "{message}");
    let (kind, message) = diverged("7");
    assert_eq!(kind, "diverged");
    assert_eq!(message, "the run diverged: the script ended with 1 of 1 recorded steps not reached");
    let (kind, message) = diverged("throw \"no\"");
    assert_eq!(kind, "diverged");
    assert_eq!(message, "the run diverged: the script ended with \"no\" with 1 of 1 recorded steps not reached");
}

#[test]
fn audit_mode_records_every_step_and_asks_for_none() {
    let mut world = World::new(LONG, |_| panic!("nothing is sent"));
    world.program.audit = true;
    let Outcome::Done { .. } = world.advance() else { panic!() };
    assert_eq!(world.activations, 1);
    assert_eq!(world.effects.len(), 6);
    assert!(world.effects.iter().all(|(_, effect)| *effect == Effect::Audited));
    // Stepped again, for whatever reason, it says the same.
    let Outcome::Done { value } = world.advance() else { panic!() };
    assert_eq!((world.effects.len(), &value["key"]), (6, &json!(null)));
}

#[test]
fn random_values_differ_between_runs_and_draws_only() {
    let script = "[uuid(), uuid(), random(1, 6), run.id]";
    let first = value(script);
    assert_eq!(first, value(script));
    assert_ne!(first[0], first[1]);
    assert_eq!(first[3], json!(input(Vec::new()).run));
    assert!((1..=6).contains(&first[2].as_i64().unwrap()));
    let other = with_stack(move || {
        let mut input = input(Vec::new());
        input.run = crate::id::RunId::from_bytes([8; 16]);
        step(&load(&program(&body(script))).unwrap(), input, &StepLimits::default()).outcome
    });
    let Outcome::Done { value: other } = other else { panic!() };
    assert_ne!(first[0], other[0]);
}

#[test]
fn a_program_is_loaded_once_and_stepped_often() {
    let outcomes = with_stack(|| {
        let compiled = load(&program(&body("let n = 0; for e in alert.entities { n += 1; } n"))).unwrap();
        let panics = load(&program(&body("loop {}"))).unwrap();
        let step = |compiled| step(compiled, input(Vec::new()), &StepLimits::default()).outcome;
        [step(&compiled), step(&panics), step(&compiled)]
    });
    assert_eq!(outcomes[0], Outcome::Done { value: json!(2) });
    assert!(matches!(outcomes[1], Outcome::Failed { .. }));
    assert_eq!(outcomes[2], outcomes[0]);
}

#[test]
fn modules_come_from_the_program_alone() {
    let mut program = program(
        "import \"lib/net\" as net;\nfn on_alert(alert) { [net::double(21), net::LIMIT, net::ask(\"/m\").status] }",
    );
    let module = "import \"lib/deep\" as deep;\nexport const LIMIT = 3;\nfn double(x) { deep::times(x, 2) }\n\
                  fn ask(path) { connection(\"a\").get(path) }";
    program.modules.insert("lib/net".into(), module.into());
    program.modules.insert("lib/deep".into(), "fn times(a, b) { a * b }".into());
    let mut world = World::new("", echo);
    world.program = program;
    assert_eq!(world.run(), Outcome::Done { value: json!([42, 3, 200]) });
}

#[test]
fn constants_closures_and_early_returns_work_as_in_any_script() {
    let source = r#"
const ONE = 1;
const TWO = global::ONE + 1;
fn helper(n) { n + global::TWO }
fn on_alert(the_alert) {
    let three = 3;
    let add = |x| x + three + helper(0);
    for e in the_alert.entities { if e.type == "host" { return [e.name, add.call(1), the_alert.title]; } }
    "never"
}"#;
    let outcome = activate(&program(source), Vec::new()).outcome;
    assert_eq!(outcome, Outcome::Done { value: json!(["web-1", 6, "Brute force"]) });
}

/// The world steps each activation anew and by what is kept of the one before, and compares.
#[test]
fn what_a_script_does_to_answers_and_what_it_calls_by_one_name_is_not_kept() {
    let script = body(
        r#"let a = connection("a").get("/x");
        let kinds = [];
        for value in [1, "two", a.body, a, [3], 'c', 4.5, ()] { kinds.push(kind(value)); }
        a.status = 500; a.headers = (); a.seen = true; a.body = a.body.echo;
        let b = connection("a").post(a);
        b.body = #{ list: [b.status] }; b.body.list.push(kinds.len());
        let c = connection("a").post([a, b, kinds]);
        [a.status, b.body.list, c.body.echo]"#,
    );
    let kinds = "fn kind(value) { type_of(value) }\nfn kind(value, other) { other }\n";
    let mut world = World::new(&format!("{kinds}{script}"), echo);
    let Outcome::Done { value } = world.run() else { panic!("it ends") };
    assert_eq!(value[0], json!(500));
    assert_eq!(value[1], json!([200, 8]));
    assert!(value[2].to_string().contains("\"seen\":true"), "{value}");
    assert_eq!(world.activations, 4);
}
