//! `parallel`: branches whose steps are in flight together, whatever order they end in.

use super::harness::{World, body, echo, input, outcome, program, time, unavailable};
use super::harness::{activate_with, error};
use crate::playbook::{Effect, Entry, NewStep, Outcome, Settled, StepInput};
use serde_json::{Value, json};

const TWO: &str = r#"
    let found = parallel([
        || { let x = connection("a").get("/1").body.echo.path; log.info("a1"); connection("a").post(x); x },
        || { log.info("b0"); let y = connection("b").get("/2").body.echo.path; log.info("b1"); y },
    ]);
    log.info("after");
    connection("b").post(found);
    found"#;

fn keys(world: &World) -> Vec<String> {
    world.effects.iter().map(|(key, _)| key.to_string()).collect()
}

#[test]
fn the_first_steps_of_all_branches_are_asked_for_at_once() {
    let mut world = World::new(&body(TWO), echo);
    assert_eq!(world.advance(), Outcome::Suspended);
    assert_eq!(keys(&world), ["0.0.0", "0.1.0"]);
    let Outcome::Done { value } = world.run() else { panic!() };
    assert_eq!(value, json!(["/1", "/2"]));
    assert_eq!(keys(&world), ["0.0.0", "0.1.0", "0.0.1", "1"]);
    assert_eq!(world.logs, ["b0", "a1", "b1", "after"]);
}

/// Every order in which the steps can end gives the same result, the same keys and every line once.
#[test]
fn the_order_in_which_steps_end_changes_nothing() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let program = program(&body(TWO));
        let (mut journal, mut lines, mut logged) = (Vec::<Entry>::new(), Vec::new(), std::collections::BTreeMap::new());
        let mut inputs: Vec<(usize, NewStep)> = Vec::new();
        let value = loop {
            let given = StepInput { logged: std::collections::BTreeMap::clone(&logged), ..input(journal.clone()) };
            let activation = activate_with(&program, given);
            for line in activation.logs {
                *logged.entry(line.strand.clone()).or_default() += 1;
                lines.push(line.message);
            }
            for new in activation.new_steps {
                let NewStep { key, call, hash, line, .. } = new.clone();
                inputs.push((journal.len(), new));
                journal.push(Entry { key, call, hash, line, asked: 0, settled: None });
            }
            if let Outcome::Done { value } = activation.outcome {
                break value;
            }
            assert_eq!(activation.outcome, Outcome::Suspended);
            // One of those in flight, whichever, gets its answer.
            let at = random.usize(..inputs.len());
            let (index, new) = inputs.swap_remove(at);
            journal[index].settled = Some(Settled::Done { value: echo(&new).unwrap().into(), at: time(index as i64) });
        };
        assert_eq!(value, json!(["/1", "/2"]), "{seed}");
        let mut keys: Vec<_> = journal.iter().map(|entry| entry.key.to_string()).collect();
        keys.sort();
        assert_eq!(keys, ["0.0.0", "0.0.1", "0.1.0", "1"], "{seed}");
        lines.sort();
        assert_eq!(lines, ["a1", "after", "b0", "b1"], "{seed}");
    }
}

#[test]
fn a_failure_of_one_branch_waits_for_the_others_and_can_be_caught() {
    let script = r#"
        try {
            parallel([|| { connection("a").get("/1"); sleep("1m"); tag("never") }, || { sleep("1h"); tag("slept") }]);
        } catch (e) { return [e.kind, e.step]; }"#;
    let mut world = World::new(&body(script), unavailable);
    assert_eq!(world.run(), Outcome::Done { value: json!(["http", "0.0.0"]) });
    assert_eq!(keys(&world), ["0.0.0", "0.1.0", "0.1.1"]);
}

#[test]
fn branches_nest_and_keep_their_own_chance_and_time() {
    let script = r#"
        let drawn = parallel([
            || { sleep("1h"); [now(), uuid(), parallel([|| { sleep("2h"); now() }, || now()])] },
            || { [now(), uuid(), []] },
        ]);
        drawn + [now()]"#;
    let mut world = World::new(&body(script), echo);
    let Outcome::Done { value } = world.run() else { panic!() };
    assert_eq!(keys(&world), ["0.0.0", "0.0.1.0.0"]);
    let hours = |index: &Value| index.as_str().unwrap()[11..16].to_owned();
    let (slept, other) = (&value[0], &value[1]);
    assert_ne!(slept[1], other[1]);
    assert_eq!(hours(&slept[0]), "09:00");
    assert_eq!([hours(&slept[2][0]), hours(&slept[2][1]), hours(&other[0])], ["11:00", "09:00", "08:00"]);
    assert_eq!(hours(&value[2]), "11:00");
}

#[test]
fn nothing_goes_on_in_a_branch_that_waits() {
    let script = r#"
        parallel([
            || { try { [1, 2].map(|x| connection("a").get(`/${x}`)); } catch (e) { tag("caught"); } tag("ran on"); },
            || { tag("other") },
        ])"#;
    let mut world = World::new(&body(script), echo);
    assert_eq!(world.advance(), Outcome::Suspended);
    assert_eq!(keys(&world), ["0.0.0", "0.1.0"]);
}

#[test]
fn an_end_in_a_branch_ends_the_run() {
    assert_eq!(outcome(r#"parallel([|| 1, || exit(7), || tag("never")])"#), Outcome::Done { value: json!(7) });
    assert_eq!(error(r#"parallel([|| sleep("1h"), || fail("no")])"#).message, "no");
    assert_eq!(error("parallel([|| { loop {} }, || 1])").limit.as_deref(), Some("operations"));
    assert_eq!(error("parallel([|| sleep(\"1h\"), || { loop {} }])").limit.as_deref(), Some("operations"));
}

/// Whatever the other branches have recorded by then, before and behind the one that ends the run.
#[test]
fn an_end_after_a_wait_ends_the_run_in_every_branch() {
    let last = r#"|| { sleep("1s"); exit("enough") }"#;
    let other = r#"|| { sleep("20s"); connection("a").get("/1"); 2 }"#;
    for branches in [[last, other, other], [other, last, other], [other, other, last]] {
        let mut world = World::new(&body(&format!("parallel([{}])", branches.join(", "))), echo);
        assert_eq!(world.advance(), Outcome::Suspended);
        let at = branches.iter().position(|branch| *branch == last).unwrap();
        // Only that branch's sleep is over.
        for (index, entry) in world.journal.iter_mut().enumerate().filter(|(index, _)| *index != at) {
            assert_eq!(entry.key.to_string(), format!("0.{index}.0"));
            entry.settled = None;
        }
        assert_eq!(world.advance(), Outcome::Done { value: json!("enough") }, "{branches:?}");
    }
    let failing = r#"parallel([|| { sleep("1s"); fail("no") }, || { sleep("20s"); 2 }])"#;
    let mut world = World::new(&body(failing), echo);
    world.advance();
    world.journal[1].settled = None;
    assert!(matches!(world.advance(), Outcome::Failed { error } if error.message == "no"));
}

#[test]
fn wrong_arguments_are_named() {
    assert_eq!(
        error("parallel(5)").message,
        "`parallel` takes an array of functions such as `[|| …, || …]`, not a number"
    );
    assert!(error("parallel([5])").message.starts_with("`parallel` takes functions without parameters; number 0 is"));
    let many = format!("parallel([{}])", "|| 1, ".repeat(33));
    assert_eq!(error(&many).message, "`parallel` takes at most 32 branches; these are 33");
    let effect = |script: &str| {
        let mut world = World::new(&body(script), echo);
        world.advance();
        world.effects.pop().map(|(_, effect)| effect)
    };
    assert!(matches!(effect("parallel([|| 1]); sleep(\"1m\")"), Some(Effect::Sleep { .. })));
}
